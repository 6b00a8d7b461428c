import asyncio

import asyncpg
import pytest

from arena.core.rating import STALE_MS
from arena.recorder.rebuild import rebuild
from arena.store.database import Database
from arena.wire.subjects import REGISTRAR
from tests.conftest import BusFor
from tests.core import matchlog
from tests.recorder.conftest import DEADLINE_S, MODELS, Log, Recorders, projections, rows
from tests.recorder.test_service import season


def silent(_what: str, _done: int, _count: int) -> None:
    pass


@pytest.fixture
async def recorded(log: Log, url: str, recorders: Recorders) -> str:
    """A database with a season in it, nonsense among it."""
    nonsense = [
        ("arena.event.connect_four.m0001.moved", b"{"),
        matchlog.moved("m0001", 0),
        matchlog.ended("m0001", [1, 2]),
        matchlog.faulted("m0019", 0),
    ]
    running = await recorders.start(url)
    await running.reach(await log.write([*season(19), *nonsense, *season(1, first=19)[:3], *nonsense[3:]]))
    await running.end()
    return url


async def test_a_rebuild_gives_identical_rows(recorded: str) -> None:
    before, events = await projections(recorded), await rows(recorded, "events")
    database = Database(recorded)
    seen: list[tuple[str, int, int]] = []
    count = await rebuild(database, MODELS, lambda *progress: seen.append(progress))
    await database.close()
    assert await projections(recorded) == before
    assert await rows(recorded, "events") == events
    assert seen[-1] == ("folding", count, count) == ("folding", len(events), len(events))


async def test_versions_and_their_wider_sigma_are_folded_again(log: Log, url: str, recorders: Recorders) -> None:
    running = await recorders.start(url)
    for number, version in enumerate((1, 1, 2, 1, 3)):
        created = matchlog.created(f"ver{number}", ["versed", "other"], versions=(version, 1))
        lines = [created, *matchlog.whole(f"ver{number}", ["versed", "other"], [1, 2])[1:]]
        await running.reach(await log.write(lines))  # a batch for each, where the rebuild has one for all
    await running.end()
    before = await projections(url)
    assert {row["agent"]: row["version"] for row in before["ratings"]} == {"versed": 3, "other": 1}
    seats = {row["match"]: row for row in before["participations"] if row["agent"] == "versed"}
    assert seats["ver2"]["sigma_before"] > seats["ver1"]["sigma_after"]
    assert seats["ver3"]["sigma_before"] == seats["ver2"]["sigma_after"]
    database = Database(url)
    await rebuild(database, MODELS, silent)
    await database.close()
    assert await projections(url) == before


async def test_who_was_away_is_folded_again_as_less_sure(log: Log, url: str, recorders: Recorders) -> None:
    running = await recorders.start(url)
    for number in range(3):
        lines = matchlog.whole(f"away{number}", ["away", "other"], [1, 2])
        await running.reach(await log.write(matchlog.later(lines, number * STALE_MS)))  # a batch for each
    await running.end()
    before = await projections(url)
    seats = {row["match"]: row for row in before["participations"] if row["agent"] == "away"}
    assert seats["away1"]["sigma_before"] > seats["away0"]["sigma_after"] + 1e-3
    assert {row["rated_ms"] for row in before["ratings"]} == {max(row["ended_ms"] for row in before["matches"])}
    database = Database(url)
    await rebuild(database, MODELS, silent)
    await database.close()
    assert await projections(url) == before


async def test_a_rebuild_repairs_what_was_changed_by_hand(recorded: str) -> None:
    before = await projections(recorded)
    connection = await asyncpg.connect(recorded)
    await connection.execute("UPDATE ratings SET mu = 0; DELETE FROM turns; UPDATE matches SET status = 'voided'")
    await connection.close()
    database = Database(recorded)
    await rebuild(database, MODELS, silent)
    await database.close()
    assert await projections(recorded) == before


async def test_lost_raw_events_come_back_from_the_log(recorded: str, bus_for: BusFor) -> None:
    before, events = await projections(recorded), await rows(recorded, "events")
    connection = await asyncpg.connect(recorded)
    await connection.execute("DELETE FROM events WHERE seq % 3 = 0; UPDATE checkpoint SET last_seq = 0")
    await connection.close()
    database = Database(recorded)
    await rebuild(database, MODELS, silent, await bus_for(REGISTRAR))
    await database.close()
    assert await rows(recorded, "events") == events
    assert await projections(recorded) == before


async def test_a_running_recorder_waits_and_goes_on(log: Log, recorded: str, recorders: Recorders) -> None:
    running = await recorders.start(recorded)
    async with asyncio.timeout(DEADLINE_S):
        await running.recorder.active.wait()
    database = Database(recorded)
    rebuilding = asyncio.create_task(rebuild(database, MODELS, silent))
    last = await log.write(season(10, first=30))
    await rebuilding
    await running.reach(last)
    await running.end()
    live = await projections(recorded)
    assert len(live["matches"]) == 30
    await rebuild(database, MODELS, silent)
    await database.close()
    assert await projections(recorded) == live
