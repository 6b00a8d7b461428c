"""The lobby: which instances are here, what they play, and how many of their slots are free. No I/O, no clock."""

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from arena.core.pairing import Waiting
from arena.wire.events import Seat
from arena.wire.lobby import Encoding, Hello
from arena.wire.registry import AgentRecord, RatingRecord

MISSED_BEATS_MAX = 3
SLOTS_PER_WAVE_MAX = 8  # of one instance and game; the others come with the next waves, which then weigh less
MU, SIGMA = 25.0, 25.0 / 3  # of an agent without a rating: OpenSkill's defaults


class Instance(msgspec.Struct):
    """One process of an agent, as its hello described it."""

    agent: str
    name: str
    session: str
    games: list[str]
    slots: int
    encoding: Encoding
    same_owner: bool
    heard_ms: int
    here: bool = True  # False: it took leave
    free_since_ms: list[int] = []  # one entry for each free slot, the longest free first


class Running(msgspec.Struct, frozen=True):
    """A match that was created and is not over."""

    game: str
    seq: int  # of its created event; 0 until the log has it
    seats: list[Seat]
    house_only: bool


class Lobby:
    """Everybody who is ready. Times in ms since the epoch, given by the caller."""

    def __init__(self, beat_ms: int) -> None:
        self.beat_ms = beat_ms
        self.agents: dict[str, AgentRecord] = {}
        self.ratings: dict[str, RatingRecord] = {}
        self.instances: dict[tuple[str, str], Instance] = {}
        self.running: dict[str, Running] = {}  # by match
        self._busy: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._house_running: defaultdict[str, int] = defaultdict(int)
        self._house_began_ms: dict[str, int] = {}
        self._seat_counts: dict[tuple[str, str], list[int]] = {}
        self._last_opponent: dict[tuple[str, str], str] = {}

    # Who is here

    def arrive(self, agent: str, hello: Hello, games: list[str], now_ms: int) -> None:
        """An accepted hello. A repeated one keeps the place in the queue."""
        key = (agent, hello.instance)
        before = self.instances.get(key)
        free = max(hello.slots - self._busy.get(key, 0), 0)
        kept = before.free_since_ms[:free] if before and before.here else []
        self.instances[key] = Instance(
            agent,
            hello.instance,
            hello.session,
            games,
            hello.slots,
            hello.encoding,
            hello.same_owner,
            now_ms,
            free_since_ms=kept + [now_ms] * (free - len(kept)),
        )

    def taken(self, agent: str, hello: Hello, now_ms: int) -> bool:
        """Whether another living process has this instance's name."""
        other = self.instances.get((agent, hello.instance))
        return (
            other is not None
            and other.here
            and bool(hello.session and other.session)
            and hello.session != other.session
            and now_ms - other.heard_ms < 2 * self.beat_ms
        )

    def heard(self, agent: str, instance: str, session: str, now_ms: int) -> bool:
        """A beat; False if this instance is unknown and must say hello."""
        found = self.instances.get((agent, instance))
        if found is None or not found.here:
            return False
        if not session or session == found.session:
            found.heard_ms = now_ms
        return True

    def depart(self, agent: str, instance: str, session: str) -> list[str]:
        """It took leave: no new matches. Returns those in which it still sits."""
        found = self.instances.get((agent, instance))
        if found and (not session or session == found.session):
            found.here = False
        return [match for match, it in self.running.items() if (agent, instance) in map(_who, it.seats)]

    def forget_silent(self, now_ms: int) -> list[Instance]:
        """Take those off the list that were not heard for too long, or left; returns the silent ones."""
        limit = MISSED_BEATS_MAX * self.beat_ms
        silent = [it for it in self.instances.values() if it.here and now_ms - it.heard_ms > limit]
        for instance in silent:
            instance.here = False
        for key in [key for key, it in self.instances.items() if not it.here and not self._busy.get(key)]:
            del self.instances[key]
        return silent

    # What runs

    def begun(self, game: str, match: str, seq: int, seats: list[Seat], at_ms: int) -> None:
        """A match was created. Hearing it twice changes nothing."""
        if match in self.running:
            self.running[match] = msgspec.structs.replace(self.running[match], seq=seq or self.running[match].seq)
            return
        house_only = all((record := self.agents.get(seat.agent)) is not None and record.house for seat in seats)
        self.running[match] = Running(game, seq, seats, house_only)
        if house_only:
            self._house_running[game] += 1
            self._house_began_ms[game] = at_ms
        for number, seat in enumerate(seats):
            self._busy[seat.agent, seat.instance] += 1
            instance = self.instances.get((seat.agent, seat.instance))
            if instance and instance.free_since_ms:
                instance.free_since_ms.pop(0)
            counts = self._seat_counts.setdefault((game, seat.agent), [0] * len(seats))
            if len(counts) == len(seats):
                counts[number] += 1
            if len(seats) == 2:
                self._last_opponent[game, seat.agent] = seats[1 - number].agent

    def over(self, match: str, now_ms: int) -> None:
        """A match ended or was voided: its slots are free again."""
        ended = self.running.pop(match, None)
        if ended is None:
            return
        self._house_running[ended.game] -= ended.house_only
        for seat in ended.seats:
            key = (seat.agent, seat.instance)
            self._busy[key] -= 1
            if self._busy[key] <= 0:
                del self._busy[key]
            instance = self.instances.get(key)
            if instance and len(instance.free_since_ms) + self._busy.get(key, 0) < instance.slots:
                instance.free_since_ms.append(now_ms)

    def first_running_seq(self, default: int) -> int:
        """Where a restart must begin to read the log to know all that runs."""
        return min((match.seq for match in self.running.values() if match.seq), default=default)

    # Who waits

    def games(self) -> set[str]:
        """Games that somebody here plays."""
        return {game for instance in self.instances.values() if instance.here for game in instance.games}

    def house_matches(self, game: str, at_once: int, interval_ms: int, now_ms: int) -> int:
        """How many matches among the platform's own agents may begin: few, lest an idle platform is a busy one."""
        began_ms = self._house_began_ms.get(game)
        if began_ms is not None and now_ms - began_ms < interval_ms:
            return 0
        return max(at_once - self._house_running[game], 0)

    def waiting(self, game: str) -> list[Waiting]:
        """The slots that wait for a match of this game, the longest waiting ones of each instance."""
        return [slot for instance in self.instances.values() for slot in self._slots(instance, game)]

    def seat(self, slot: Waiting, game: str) -> Seat:
        """The seat that a waiting slot takes: version, encoding and rating are pinned now."""
        instance = self.instances[slot.agent, slot.slot.split("/")[1]]
        rated = self.ratings.get(f"{game}.{slot.agent}")
        return Seat(
            agent=slot.agent,
            owner=slot.owner,
            version=self.agents[slot.agent].version,
            instance=instance.name,
            encoding=instance.encoding,
            mu=rated.mu if rated else None,
            sigma=rated.sigma if rated else None,
        )

    def _slots(self, instance: Instance, game: str) -> Iterable[Waiting]:
        record = self.agents.get(instance.agent)
        if not instance.here or record is None or record.paused or game not in instance.games:
            return
        rated = self.ratings.get(f"{game}.{instance.agent}")
        for number, since_ms in enumerate(instance.free_since_ms[:SLOTS_PER_WAVE_MAX]):
            yield Waiting(
                slot=f"{instance.agent}/{instance.name}/{number}",
                agent=instance.agent,
                owner=record.owner,
                mu=rated.mu if rated else MU,
                sigma=rated.sigma if rated else SIGMA,
                since_ms=since_ms,
                house=record.house,
                same_owner=instance.same_owner or record.house,
                other_games=len(instance.games) > 1,
                seat_counts=tuple(self._seat_counts.get((game, instance.agent), ())),
                last_opponent=self._last_opponent.get((game, instance.agent), ""),
            )


def _who(seat: Seat) -> tuple[str, str]:
    return seat.agent, seat.instance
