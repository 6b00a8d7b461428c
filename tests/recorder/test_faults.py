"""The recorder's process under faults: whatever is killed, stopped or cut, the tables are the fold of the log."""

import asyncio
import random
import shutil
import signal
from collections.abc import AsyncIterator

import asyncpg
import msgspec
import pytest
import structlog

from arena.bus import Bus, connect
from arena.bus.provision import provision
from arena.games import load_catalogue
from arena.recorder.rebuild import rebuild
from arena.recorder.service import Recorder
from arena.stack.embedded import EmbeddedPostgres
from arena.store import recording as store
from arena.store.database import Database
from arena.store.migrate import migrate
from arena.store.recording import Taken, recording
from arena.wire.subjects import MATCHMAKER, RECORDER, RECORDER_CONSUMER, REGISTRAR, RUNNER, Role, inbox
from tests.core import matchlog
from tests.recorder.conftest import DEADLINE_S, Log, projections, rows
from tests.recorder.hole import open_hole
from tests.recorder.test_service import season
from tests.stage import Stage

MODELS = {game.name: game.rating for game in load_catalogue().values()}
STOPPED_S = 3.0


async def bus_as(stage: Stage, role: Role) -> Bus:
    bus = await connect(stage.settings.nats, stage.settings.creds(role), name=f"test-{role}", inbox=inbox(role))
    stage.stack.push_async_callback(bus.close)
    return bus


@pytest.fixture
async def recorded(stage: Stage, url: str) -> tuple[Stage, Log]:
    """A platform whose recorders write into `url`."""
    stage.settings = msgspec.structs.replace(stage.settings, database_url=url)
    return stage, Log(await bus_as(stage, MATCHMAKER), await bus_as(stage, RUNNER))


async def checkpoint(url: str) -> int:
    connection = await asyncpg.connect(url)
    try:
        return int(await connection.fetchval("SELECT last_seq FROM checkpoint") or 0)
    finally:
        await connection.close()


async def reach(url: str, seq: int) -> None:
    """Wait until the tables are so far."""
    async with asyncio.timeout(DEADLINE_S):
        while await checkpoint(url) < seq:
            pass


async def holder(url: str) -> int:
    """The server's process that has the active recorder's lock; 0: nobody."""
    connection = await asyncpg.connect(url)
    try:
        query = "SELECT pid FROM pg_locks JOIN pg_database d ON d.oid = database"
        where = "locktype = 'advisory' AND granted AND datname = current_database()"
        return int(await connection.fetchval(f"{query} WHERE {where}") or 0)
    finally:
        await connection.close()


async def assert_fold_of_the_log(stage: Stage, url: str, postgres: EmbeddedPostgres) -> None:
    """The tables are what another database gets from the stream alone."""
    other = "fold_" + url.partition("?")[0].rpartition("_")[2]
    await postgres.create(other)
    try:
        await migrate(postgres.url(other))
        database = Database(postgres.url(other), pool_size=1)
        await rebuild(database, MODELS, lambda *_: None, await bus_as(stage, REGISTRAR))
        await database.close()
        assert await rows(url, "events") == await rows(postgres.url(other), "events")
        assert await projections(url) == await projections(postgres.url(other))
    finally:
        await postgres.drop(other)


async def test_kill_9_in_the_middle_of_batches_with_a_rebuild_beside_it(
    recorded: tuple[Stage, Log], url: str, postgres: EmbeddedPostgres
) -> None:
    stage, log = recorded
    choice = random.Random(7)
    first = await log.write(season(700))
    process = await stage.spawn("recorder")
    writing = asyncio.create_task(log.write(season(700, first=700)))
    for _ in range(4):
        before = await checkpoint(url)
        async with asyncio.timeout(DEADLINE_S):
            while await checkpoint(url) == before and before < first:
                pass
            for _ in range(choice.randrange(8)):
                await checkpoint(url)
        process.kill()
        await process.wait()
        database = Database(url, pool_size=1, statement_s=None)
        rebuilding = asyncio.create_task(rebuild(database, MODELS, lambda *_: None))
        process = await stage.spawn("recorder")
        await rebuilding
        await database.close()
    last = await writing
    await reach(url, last)
    assert len(await rows(url, "matches")) == 1_400
    assert all(event["error"] is None for event in await rows(url, "events"))
    await assert_fold_of_the_log(stage, url, postgres)


async def test_a_recorder_that_was_stopped_for_a_moment_goes_on(
    recorded: tuple[Stage, Log], url: str, postgres: EmbeddedPostgres
) -> None:
    stage, log = recorded
    process = await stage.spawn("recorder")
    await reach(url, await log.write(season(20)))
    process.send_signal(signal.SIGSTOP)
    last = await log.write(season(200, first=20))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(STOPPED_S):
            await process.wait()
    process.send_signal(signal.SIGCONT)
    await reach(url, last)
    await assert_fold_of_the_log(stage, url, postgres)


async def test_a_zombie_loses_its_place_and_writes_nothing_when_it_wakes(
    recorded: tuple[Stage, Log], url: str, postgres: EmbeddedPostgres
) -> None:
    stage, log = recorded
    zombie = await stage.spawn("recorder")
    await reach(url, await log.write(season(20)))
    active = await holder(url)
    assert active
    standby = await stage.spawn("recorder")
    zombie.send_signal(signal.SIGSTOP)
    last = await log.write(season(20, first=20))
    try:
        await reach(url, last)  # by the standby: the server ended the stopped one's session
        assert await holder(url) not in {0, active}
    finally:
        zombie.send_signal(signal.SIGCONT)
    await reach(url, await log.write(season(20, first=40)))
    standby.kill()
    await standby.wait()
    await reach(url, await log.write(season(20, first=60)))  # by the former zombie, in order again
    await assert_fold_of_the_log(stage, url, postgres)


async def test_who_stops_in_the_middle_of_a_copy_loses_its_place(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "STUCK_S", 0.2)
    frozen, standby = Database(url, pool_size=1), Database(url, pool_size=1)
    begun = asyncio.Event()

    async def rows_that_do_not_come() -> AsyncIterator[bytes]:
        yield b"1\tarena.event.g.m.created\tm\t0\t\\\\x00\t\\N\n"
        begun.set()
        await asyncio.Event().wait()

    async def stop_in_a_copy() -> None:
        async with recording(frozen) as tables:
            await tables.become_active()
            async with tables.transaction():
                await tables._driver.copy_to_table("events", source=rows_that_do_not_come())

    copying = asyncio.create_task(stop_in_a_copy())
    async with asyncio.timeout(DEADLINE_S), recording(standby) as tables:
        await begun.wait()
        while True:
            try:
                await tables.become_active()
                break
            except Taken:
                continue
        assert await tables.checkpoint() == 0
    copying.cancel()
    await asyncio.gather(copying, return_exceptions=True)
    assert await rows(url, "events") == []
    await frozen.close()
    await standby.close()


async def test_nats_is_killed_and_the_consumer_lost(
    recorded: tuple[Stage, Log], url: str, postgres: EmbeddedPostgres
) -> None:
    stage, log = recorded
    await stage.spawn("recorder")
    await reach(url, await log.write(season(20)))
    back = asyncio.Event()
    stage.registrar.on_up.append(back.set)
    assert stage.server.process
    stage.server.process.kill()
    await stage.server.process.wait()
    await stage.server.start()
    async with asyncio.timeout(DEADLINE_S):
        await back.wait()
    await reach(url, await write_again(log, season(20, first=20)))
    await stage.registrar.request(f"$JS.API.CONSUMER.DELETE.EVENTS.{RECORDER_CONSUMER}")
    await reach(url, await log.write(season(20, first=40)))  # it makes its consumer again
    await assert_fold_of_the_log(stage, url, postgres)


async def write_again(log: Log, lines: list[matchlog.Line]) -> int:
    """Write, by connections that may not be back yet."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            try:
                await log.write(lines[:1])
                break
            except Exception:  # noqa: BLE001, S112 - not back yet
                continue
    return await log.write(lines[1:])


async def test_postgresql_is_killed_in_the_middle_of_writing(
    recorded: tuple[Stage, Log], own_postgres: EmbeddedPostgres
) -> None:
    stage, log = recorded
    await stage.spawn("recorder", database_url=own_postgres.url())
    first = await log.write(season(300))
    async with asyncio.timeout(DEADLINE_S):
        while await checkpoint(own_postgres.url()) == 0:
            pass
    assert own_postgres.process
    own_postgres.process.kill()
    await own_postgres.process.wait()
    last = await log.write(season(100, first=300))
    assert last > first
    await own_postgres.start()
    await reach(own_postgres.url(), last)
    await assert_fold_of_the_log(stage, own_postgres.url(), own_postgres)


async def test_a_dead_connection_to_postgresql_is_given_up(recorded: tuple[Stage, Log], url: str) -> None:
    stage, log = recorded
    async with open_hole(url) as hole:
        database = Database(hole.url, pool_size=2, statement_s=1.0)
        recorder = Recorder(await bus_as(stage, RECORDER), database, MODELS, structlog.get_logger())
        stop = asyncio.Event()
        task = asyncio.create_task(recorder.run(stop))
        await reach(url, await log.write(season(5)))
        assert hole.swallow()
        await reach(url, await log.write(season(5, first=5)))
        stop.set()
        async with asyncio.timeout(DEADLINE_S):
            await task
        await database.close()


class Foreign:
    """A recorder in this process, its stream, and what can happen to that."""

    def __init__(self, stage: Stage, log: Log, recorder: Recorder) -> None:
        self.stage = stage
        self.log = log
        self.recorder = recorder
        self.jetstream = stage.settings.home / "nats" / "jetstream"
        self.copy = stage.settings.home / "copy"

    async def save(self) -> None:
        """A backup of the stream as it is now."""
        await self.stage.server.stop()
        shutil.copytree(self.jetstream, self.copy)
        await self.stage.server.start()

    async def restore(self) -> None:
        """The stream is what it was then."""
        await self.stage.server.stop()
        shutil.rmtree(self.jetstream)
        shutil.copytree(self.copy, self.jetstream)
        await self.stage.server.start()

    async def noticed(self) -> None:
        async with asyncio.timeout(DEADLINE_S):
            await self.recorder.foreign.wait()


@pytest.fixture
async def foreign(recorded: tuple[Stage, Log], url: str) -> AsyncIterator[Foreign]:
    stage, log = recorded
    database = Database(url, pool_size=2)
    recorder = Recorder(await bus_as(stage, RECORDER), database, MODELS, structlog.get_logger())
    stop = asyncio.Event()
    task = asyncio.create_task(recorder.run(stop))
    yield Foreign(stage, log, recorder)
    stop.set()
    async with asyncio.timeout(DEADLINE_S):
        await task
    await database.close()


async def test_a_log_that_lost_its_end_stops_the_recorder_until_it_is_restored(foreign: Foreign, url: str) -> None:
    await reach(url, await foreign.log.write(season(5)))
    await foreign.stage.server.stop()
    saved = foreign.stage.settings.home / "whole"
    await foreign.stage.server.start()
    await foreign.save()
    last = await write_again(foreign.log, season(5, first=5))
    await reach(url, last)
    before = await projections(url)
    await foreign.stage.server.stop()
    shutil.copytree(foreign.jetstream, saved)
    await foreign.stage.server.start()
    await foreign.restore()
    await foreign.noticed()
    # It grows past the tables' end again, with other events: still it is not theirs.
    assert await write_again(foreign.log, season(9, first=50)) > last
    assert await projections(url) == before
    assert not foreign.recorder.active.is_set()
    foreign.copy = saved
    await foreign.restore()
    await reach(url, await write_again(foreign.log, season(5, first=10)))
    assert not foreign.recorder.foreign.is_set()
    assert len(await rows(url, "matches")) == 15


async def test_a_new_log_beside_old_tables_is_not_mixed_in_and_may_replace_them(
    foreign: Foreign, url: str, postgres: EmbeddedPostgres
) -> None:
    stage = foreign.stage
    old = await foreign.log.write(season(9))
    await reach(url, old)
    before = await rows(url, "events")
    await stage.registrar.request("$JS.API.STREAM.DELETE.EVENTS")
    await provision(stage.registrar, ["connect_four"], claim_lease_ms=1_000)
    new = await foreign.log.write(season(5, first=100))
    await foreign.noticed()
    assert await rows(url, "events") == before

    registrar = await bus_as(stage, REGISTRAR)
    database = Database(url, pool_size=1, statement_s=None)
    with pytest.raises(Exception, match="--replace") as refused:
        await rebuild(database, MODELS, lambda *_: None, registrar)
    assert type(refused.value).__name__ == "ForeignLog"
    assert await rows(url, "events") == before
    removed: list[int] = []
    await rebuild(database, MODELS, lambda *_: None, registrar, lambda entry: removed.append(entry.seq))
    await database.close()
    assert sorted(removed) == list(range(1, old + 1))
    assert await checkpoint(url) == new
    await reach(url, await foreign.log.write(season(5, first=105)))
    await assert_fold_of_the_log(stage, url, postgres)
