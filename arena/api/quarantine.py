"""/api/quarantine: which games and agents get no new matches for a while, and why. Operators release them."""

import asyncio
import contextlib

import msgspec
from litestar import Controller, delete, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from arena.api.answers import problems_of
from arena.api.registrar import Unknown, now_ms
from arena.api.tokens import operators_only
from arena.bus import Bus, Unanswered, kv
from arena.wire.registry import Quarantine
from arena.wire.subjects import QUARANTINE_BUCKET

READ_S = 5.0  # for reading the whole bucket


class Quarantined(msgspec.Struct, frozen=True, kw_only=True):
    """No new matches until `until_ms`."""

    game: str
    agent: str | None  # id; null: the game itself, with all agents
    why: str
    matches: list[str]  # the evidence
    times: int  # how often in a row; each time is longer
    since_ms: int
    until_ms: int


class Quarantines:
    """A live copy of bucket QUARANTINE. `start` it in a process that stays; or `read` it once."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._mirror = kv.Mirror(bus, QUARANTINE_BUCKET, Quarantine)
        self._known = asyncio.Event()
        self._starting: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Follow the bucket from now on, as soon as the server lets us."""
        self._starting = asyncio.create_task(self._follow(), name="quarantines")

    async def stop(self) -> None:
        """Follow it no more."""
        if self._starting:
            self._starting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._starting
        await self._mirror.stop()

    async def read(self) -> None:
        """Wait until all that is stored is known. Raises Unanswered."""
        self.start()
        try:
            async with asyncio.timeout(READ_S):
                await self._known.wait()
        except TimeoutError as error:
            raise Unanswered(f"bucket {QUARANTINE_BUCKET} cannot be read: was `arena provision` run?") from error

    def all(self) -> list[Quarantined]:
        """Those in force, the newest first. Raises Unanswered while it is not known."""
        if not self._known.is_set() or not self._bus.connected:
            raise Unanswered("quarantines are not known now: no connection to NATS")
        return self._in_force()

    def of(self, agent: str) -> list[Quarantined]:
        """An agent's own, as far as they are known."""
        return [one for one in self._in_force() if one.agent == agent]

    async def release(self, game: str, agent: str = "") -> None:
        """End one early. Raises Unknown when there is none, and BusError."""
        key = f"{game}.{agent}" if agent else game
        self.all()
        if key not in self._mirror.records:
            raise Unknown(f"{f'agent {agent} in game' if agent else 'game'} {game} is not in quarantine")
        await kv.delete(self._bus, QUARANTINE_BUCKET, key)

    def _in_force(self) -> list[Quarantined]:
        now = now_ms()
        found = [_shown(record) for record in self._mirror.records.values() if record.until_ms > now]
        return sorted(found, key=lambda one: -one.since_ms)

    async def _follow(self) -> None:
        await self._mirror.start()
        self._known.set()


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
