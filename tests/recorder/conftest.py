"""A log to write to, a database to find it in, and recorders between them."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Sequence
from typing import Any

import asyncpg
import pytest
import structlog

from arena.bus import Bus
from arena.bus.provision import provision
from arena.recorder.service import Recorder
from arena.stack.embedded import EmbeddedPostgres
from arena.store.database import Database
from arena.store.migrate import migrate
from arena.store.schema import PROJECTIONS
from arena.wire.subjects import EVENTS_STREAM, MATCHMAKER, RATINGS_BUCKET, RECORDER, REGISTRAR, RUNNER
from tests.conftest import BusFor
from tests.core.matchlog import Line
from tests.eventually import DEADLINE_S

MODELS: dict[str, Any] = {"connect_four": "openskill"}


class Log:
    """The stream, as matchmaker and runners write it."""

    def __init__(self, matchmaker: Bus, runner: Bus) -> None:
        self._matchmaker = matchmaker
        self._runner = runner

    async def write(self, lines: Sequence[Line]) -> int:
        """Append; returns the last sequence."""
        last = 0
        for subject, payload in lines:
            bus = self._matchmaker if subject.endswith(".created") else self._runner
            last = (await bus.client.jetstream().publish(subject, payload)).seq
        return last


@pytest.fixture
async def log(bus_for: BusFor) -> Log:
    registrar = await bus_for(REGISTRAR)
    for stream in (EVENTS_STREAM, f"KV_{RATINGS_BUCKET}"):
        await registrar.request(f"$JS.API.STREAM.DELETE.{stream}")
    await provision(registrar, ["connect_four"], claim_lease_ms=2000)
    return Log(await bus_for(MATCHMAKER), await bus_for(RUNNER))


@pytest.fixture
async def url(postgres: EmbeddedPostgres) -> AsyncIterator[str]:
    """A migrated database for one test."""
    name = f"recorder_{secrets.token_hex(4)}"
    await postgres.create(name)
    await migrate(postgres.url(name))
    yield postgres.url(name)
    await postgres.drop(name)


class Running:
    """One recorder at work."""

    def __init__(self, recorder: Recorder, stop: asyncio.Event, task: "asyncio.Task[None]") -> None:
        self.recorder = recorder
        self.stop = stop
        self.task = task

    async def reach(self, seq: int) -> None:
        """Wait until everything up to `seq` is in the tables."""
        async with asyncio.timeout(DEADLINE_S):
            while self.recorder.last_seq < seq:
                self.recorder.advanced.clear()
                await self.recorder.advanced.wait()

    async def end(self) -> None:
        """In order."""
        self.stop.set()
        async with asyncio.timeout(DEADLINE_S):
            await self.task

    async def die(self) -> None:
        """At once."""
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.task


class Recorders:
    """Starts recorders; all end with the test."""

    def __init__(self, bus_for: BusFor, stack: contextlib.AsyncExitStack) -> None:
        self._bus_for = bus_for
        self._stack = stack

    async def start(self, url: str, kind: type[Recorder] = Recorder) -> Running:
        database = Database(url, pool_size=2)
        self._stack.push_async_callback(database.close)
        recorder = kind(await self._bus_for(RECORDER), database, MODELS, structlog.get_logger())
        stop = asyncio.Event()
        running = Running(recorder, stop, asyncio.create_task(recorder.run(stop)))
        self._stack.push_async_callback(running.die)
        return running


@pytest.fixture
async def recorders(bus_for: BusFor) -> AsyncIterator[Recorders]:
    async with contextlib.AsyncExitStack() as stack:
        yield Recorders(bus_for, stack)


async def rows(url: str, table: str) -> list[dict[str, Any]]:
    """All rows of a table, in a fixed order."""
    connection = await asyncpg.connect(url)
    try:
        return sorted((dict(row) for row in await connection.fetch(f"SELECT * FROM {table}")), key=repr)  # noqa: S608
    finally:
        await connection.close()


async def projections(url: str) -> dict[str, list[dict[str, Any]]]:
    """All rows of all projections, and the checkpoint."""
    return {name: await rows(url, name) for name in (*(table.name for table in PROJECTIONS), "checkpoint")}
