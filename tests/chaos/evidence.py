"""Evidence of a real run for the tests of the checker: played once, then told otherwise in many ways."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

import arena.matchmaker.service
import arena.recorder.service
import arena.runner.service
from agent_kit.credentials import read as read_creds
from arena.bus.rewind import read_events
from arena.core.records import Entry
from arena.games import Catalogue, load_catalogue
from arena.stack.embedded import EmbeddedPostgres
from arena.store.migrate import migrate
from arena.wire import codec, subjects
from arena.wire.events import Created, Ended, MatchEvent, Voided, kind
from arena.wire.subjects import Role
from chaos.agents import BEHAVIOURS, Setting
from chaos.agents.setting import pause
from chaos.invariants import Outage, Violation, check
from chaos.records import Record, Witness, read
from tests.eventually import DEADLINE_S
from tests.recorder.conftest import rows
from tests.stage import Stage

Play = Callable[[Setting], Awaitable[None]]


@dataclass(frozen=True)
class Evidence:
    """What `check` is given."""

    log: Sequence[Entry]
    url: str
    records: Sequence[Record]
    honest: set[str]
    games: Catalogue
    outages: Sequence[Outage] = ()

    async def check(self) -> list[Violation]:
        return await check(self.log, self.url, self.records, self.honest, self.outages, self.games)

    def without(self, seq: int) -> "Evidence":
        """The log without one event; those behind it move up, as if it had never been written."""
        log = [entry for entry in self.log if entry.seq != seq]
        return self.of(log)

    def of(self, log: Sequence[Entry], **changes: Any) -> "Evidence":
        """With another log, whose sequences have no gap, and without tables."""
        numbered = [entry._replace(seq=number) for number, entry in enumerate(log, 1)]
        return replace(self, log=numbered, url="", **changes)

    def changed(self, seq: int, **fields: Any) -> "Evidence":
        """With other fields in one event."""
        return self.of([said(entry, **fields) if entry.seq == seq else entry for entry in self.log])

    def find(self, kind: type, **fields: Any) -> tuple[Entry, Any]:
        """The first event of a kind with these fields."""
        for entry in self.log:
            event = codec.decode_event(entry.payload)
            if isinstance(event, kind) and all(getattr(event, name) == value for name, value in fields.items()):
                return entry, event
        raise AssertionError(f"no {kind.__name__} with {fields} in the log")


def said(entry: Entry, **fields: Any) -> Entry:
    """The same event with other fields."""
    return entry._replace(
        payload=codec.encode_json(msgspec.structs.replace(codec.decode_event(entry.payload), **fields))
    )


def entry(like: Entry, event: MatchEvent) -> Entry:
    """Another event of the same match."""
    game, match, _ = subjects.split_event(like.subject)
    return like._replace(subject=subjects.event(game, match, kind(event)), payload=codec.encode_json(event))


@contextlib.asynccontextmanager
async def database(stage: Stage, postgres: EmbeddedPostgres, name: str) -> AsyncIterator[str]:
    """A migrated database that the stage's services are told of."""
    await postgres.drop(name)
    await postgres.create(name)
    await migrate(postgres.url(name))
    stage.settings = msgspec.structs.replace(stage.settings, database_url=postgres.url(name))
    yield postgres.url(name)
    await postgres.drop(name)


def setting(stage: Stage, creds: Path, behaviour: str, games: list[str], stop: asyncio.Event, **more: Any) -> Setting:
    """What an agent in this process is given."""
    identity = read_creds(creds, None)
    records = stage.settings.home / "records"
    values = {"slots": 2, "seed": 1, "name": behaviour, **more}
    name = f"{values['name']}-{identity.agent[-4:]}"
    witness = Witness(records, name, identity.agent)
    rng = random.Random(values["seed"])
    return Setting(
        creds, stage.settings.nats, games, values["slots"], behaviour, values["seed"], records, name, witness, rng, stop
    )


class Cast:
    """Agents of `chaos.agents`, or of a test's own, as tasks of this process."""

    def __init__(self, stage: Stage, games: list[str], slots: int = 2) -> None:
        self.stage = stage
        self.games = games
        self.slots = slots
        self.stop = asyncio.Event()
        self.honest: set[str] = set()
        self._tasks: list[asyncio.Task[Any]] = []
        self._witnesses: list[Witness] = []

    async def add(self, behaviour: str, play: Play | None = None, **more: Any) -> str:
        """One more. play: what it does, if that is no behaviour of BEHAVIOURS; it is honest then."""
        agent, creds = await self.stage.agent()
        given = setting(self.stage, creds, behaviour, self.games, self.stop, **{"slots": self.slots, **more})
        if play or BEHAVIOURS[behaviour].honest:
            self.honest.add(agent)
        self._witnesses.append(given.witness)
        self._tasks.append(asyncio.create_task((play or BEHAVIOURS[behaviour].play)(given)))
        return agent

    async def leave(self) -> None:
        """All of them, in order."""
        self.stop.set()
        async with asyncio.timeout(DEADLINE_S):
            await asyncio.gather(*self._tasks)
        for witness in self._witnesses:
            witness.close()


async def collect(stage: Stage, honest: set[str], outages: Sequence[Outage] = (), patience_s: float = 30.0) -> Evidence:
    """When every match is over and the tables have the last event: everything there is."""
    await stage.log.until(
        lambda log: len(log.of(Created)) == len({of for _, _, of, event in log.events if over(event)})
    )
    url = stage.settings.database_url
    log: list[Entry] = []
    while found := await read_events(stage.registrar, log[-1].seq if log else 0):
        log += [Entry(one.seq, one.subject, one.at_ms, one.payload) for one in found]
    if url:
        with contextlib.suppress(TimeoutError):  # then the tables are behind, and the checker says so
            await recorded(url, log[-1].seq, patience_s)
    records = read(stage.settings.home / "records")
    return Evidence(log, url, records, honest, load_catalogue(stage.settings.games_file), outages)


def over(event: MatchEvent) -> bool:
    return isinstance(event, Ended | Voided)


async def recorded(url: str, seq: int, timeout_s: float = DEADLINE_S) -> None:
    """Wait until the tables have everything up to `seq`."""
    async with asyncio.timeout(timeout_s):
        at = 0
        while at < seq:
            at = sum([row["last_seq"] for row in await rows(url, "checkpoint")])
            await pause(asyncio.Event(), 0.02)


async def serve(stage: Stage) -> None:
    """All services that matches and tables need, in this process."""
    await stage.serve(Role.RECORDER, arena.recorder.service.run)
    await stage.serve(Role.RUNNER, arena.runner.service.run)
    await stage.serve(Role.MATCHMAKER, arena.matchmaker.service.run)
