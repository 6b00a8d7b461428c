"""One process of an agent, as its hello described it, and as the lobby has heard of it since."""

import math

import msgspec

from arena.wire.lobby import Encoding, Hello, Opponents


class Instance(msgspec.Struct):
    """One process of an agent, as its hello described it."""

    agent: str
    name: str
    session: str
    games: list[str]
    slots: int
    encoding: Encoding
    same_owner: bool
    stateless: bool
    heard_ms: int
    ladder: bool = True  # False: only for matches that are asked for
    opponents: Opponents = Opponents()
    unrated: bool = True
    patient: bool = True
    here: bool = True  # False: it took leave, was paused, or is lost
    left: bool = False  # it took leave, and plays what it has to the end
    lost: bool = False  # nobody is subscribed, or its beats were missed
    doubted: bool = False  # a connection of its agent ended, or may have, and it was not heard since
    free_since_ms: list[int] = []  # one entry for each free slot, the longest free first

    @classmethod
    def of(cls, agent: str, hello: Hello, games: list[str], now_ms: int, free_since_ms: list[int]) -> "Instance":
        """As it says hello. games: what it plays, by name."""
        return cls(
            agent,
            hello.instance,
            hello.session,
            games,
            hello.slots,
            hello.encoding,
            hello.same_owner,
            hello.stateless,
            now_ms,
            ladder=hello.ladder,
            opponents=hello.opponents,
            unrated=hello.unrated,
            patient=hello.patient,
            free_since_ms=free_since_ms,
        )

    def wanted(self, mu: float) -> tuple[float, float]:
        """The ratings from and to which it wants to meet others, having this one."""
        wanted = self.opponents
        within = math.inf if wanted.within is None else wanted.within
        low = -math.inf if wanted.mu_min is None else wanted.mu_min
        high = math.inf if wanted.mu_max is None else wanted.mu_max
        return max(low, mu - within), min(high, mu + within)
