"""/api/quarantine: which games and agents get no new matches for a while, and why. Operators release them."""

from collections.abc import Iterable

import msgspec
from litestar import Controller, delete, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from arena.api.acceptable import Unknown
from arena.api.answers import problems_of
from arena.api.buckets import LiveBucket
from arena.api.stamps import now_ms
from arena.api.tokens import operators_only
from arena.bus import Bus, kv
from arena.wire.registry import Quarantine
from arena.wire.subjects import QUARANTINE_BUCKET


class Quarantined(msgspec.Struct, frozen=True, kw_only=True):
    """No new matches until `until_ms`."""

    game: str
    agent: str | None  # id; null: the game itself, with all agents
    why: str
    matches: list[str]  # the evidence
    times: int  # how often in a row; each time is longer
    since_ms: int
    until_ms: int


class Quarantines(LiveBucket[Quarantine]):
    """Bucket QUARANTINE."""

    def __init__(self, bus: Bus) -> None:
        super().__init__(bus, QUARANTINE_BUCKET, Quarantine)

    def all(self) -> list[Quarantined]:
        """Those in force, the newest first. Raises Unanswered while it is not known."""
        return _in_force(self.records.values())

    def of(self, agent: str) -> list[Quarantined]:
        """An agent's own, as far as they are known."""
        return [one for one in _in_force(self.so_far.values()) if one.agent == agent]

    async def release(self, game: str, agent: str = "") -> None:
        """End one early. Raises Unknown when there is none, and BusError."""
        key = f"{game}.{agent}" if agent else game
        if key not in self.records:
            raise Unknown(f"{f'agent {agent} in game' if agent else 'game'} {game} is not in quarantine")
        await kv.delete(self.bus, self.bucket, key)


class QuarantineController(Controller):
    """For operators."""

    path = "/quarantine"
    tags = ("operation",)
    guards = (operators_only,)

    @get(responses=problems_of(401, 403, 503))
    async def list_all(self, quarantines: NamedDependency[Quarantines]) -> list[Quarantined]:
        """All that are in force, the newest first."""
        return quarantines.all()

    @delete("/{game:str}", responses=problems_of(400, 401, 403, 404, 503))
    async def release_game(self, game: FromPath[str], quarantines: NamedDependency[Quarantines]) -> None:
        """Let a game be played again."""
        await quarantines.release(game)

    @delete("/{game:str}/{agent_id:str}", responses=problems_of(400, 401, 403, 404, 503))
    async def release_agent(
        self, game: FromPath[str], agent_id: FromPath[str], quarantines: NamedDependency[Quarantines]
    ) -> None:
        """Let an agent be matched again."""
        await quarantines.release(game, agent_id)


def _in_force(records: Iterable[Quarantine]) -> list[Quarantined]:
    now = now_ms()
    return sorted((_shown(one) for one in records if one.until_ms > now), key=lambda one: -one.since_ms)


def _shown(record: Quarantine) -> Quarantined:
    return Quarantined(
        game=record.game,
        agent=record.agent or None,
        why=record.why,
        matches=record.matches,
        times=record.times,
        since_ms=record.since_ms,
        until_ms=record.until_ms,
    )
