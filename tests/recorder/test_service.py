import asyncio
import contextlib

import asyncpg
import pytest
import structlog

from arena.bus import kv
from arena.bus.pull import Delivery
from arena.games import load_catalogue
from arena.recorder.intake import Intake
from arena.recorder.service import Recorder, game_type
from arena.stack.embedded import EmbeddedPostgres
from arena.store.database import Database
from arena.wire.registry import RatingRecord
from arena.wire.subjects import MATCHMAKER, RATINGS_BUCKET, RECORDER, RECORDER_CONSUMER, REGISTRAR
from tests.conftest import BusFor
from tests.core import matchlog
from tests.recorder.conftest import DEADLINE_S, Log, Recorders, projections, rows

AGENTS = ["a", "b", "c"]


def season(matches: int, first: int = 0) -> list[matchlog.Line]:
    """Matches among three agents, one after the other."""
    log = []
    for number in range(first, first + matches):
        pair = [AGENTS[number % 3], AGENTS[(number + 1) % 3]]
        log += matchlog.whole(f"m{number:04}", pair, [[1, 2], [2, 1], [1, 1]][number % 3])
    return log


async def test_the_log_is_in_the_tables(log: Log, url: str, recorders: Recorders) -> None:
    running = await recorders.start(url)
    last = await log.write([*season(20), matchlog.created("m9", ["a", "b"]), matchlog.faulted("m9", 1)])
    await running.reach(last)
    events = await rows(url, "events")
    assert [row["seq"] for row in sorted(events, key=lambda row: row["seq"])] == list(range(1, last + 1))
    assert all(row["error"] is None for row in events)
    tables = await projections(url)
    assert len(tables["matches"]) == 21
    assert len(tables["turns"]) == 60
    assert len(tables["rating_history"]) == 40
    assert {row["agent"] for row in tables["ratings"]} == set(AGENTS)
    assert [(row["agent"], row["faults"]) for row in tables["participations"] if row["match"] == "m9"] == [
        ("a", 0),
        ("b", 1),
    ]
    assert tables["checkpoint"] == [{"one": True, "last_seq": last}]


async def test_a_restart_goes_on_where_it_was(log: Log, url: str, recorders: Recorders) -> None:
    first = await recorders.start(url)
    await first.reach(await log.write(season(5)))
    await first.end()
    last = await log.write(season(5, first=5))
    await (await recorders.start(url)).reach(last)
    assert len(await rows(url, "events")) == last
    assert len(await rows(url, "matches")) == 10


class DiesBeforeAck(Intake):
    """A recorder that dies between commit and acknowledgement."""

    async def ack(self, last: Delivery) -> None:
        raise asyncio.CancelledError


async def test_a_crash_between_commit_and_acknowledgement_repeats_nothing(
    log: Log, url: str, recorders: Recorders, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = await log.write(season(5))
    monkeypatch.setattr("arena.recorder.service.Intake", DiesBeforeAck)
    first = await recorders.start(url)
    with contextlib.suppress(asyncio.CancelledError):
        async with asyncio.timeout(DEADLINE_S):
            await first.task
    assert first.recorder.last_seq == last
    before = await projections(url)
    monkeypatch.undo()
    second = await recorders.start(url)
    last = await log.write(season(1, first=5))
    await second.reach(last)
    after = await projections(url)
    assert before["turns"] == [row for row in after["turns"] if row["match"] != "m0005"]
    assert len(await rows(url, "events")) == last


async def test_what_is_delivered_again_changes_nothing(
    log: Log, url: str, recorders: Recorders, bus_for: BusFor
) -> None:
    running = await recorders.start(url)
    last = await log.write(season(5))
    await running.reach(last)
    before = await projections(url)
    # Set back behind the active recorder's back: it gets all events once more.
    registrar = await bus_for(REGISTRAR)
    await registrar.request(f"$JS.API.CONSUMER.RESET.EVENTS.{RECORDER_CONSUMER}", b'{"seq":1}')
    last = await log.write([matchlog.created("m9", ["a", "b"])])
    await running.reach(last)
    after = await projections(url)
    assert before["turns"] == after["turns"]
    assert before["ratings"] == after["ratings"]
    assert len(after["matches"]) == len(before["matches"]) + 1


async def test_a_gap_is_read_again_from_the_checkpoint(
    log: Log, url: str, recorders: Recorders, bus_for: BusFor
) -> None:
    running = await recorders.start(url)
    await running.reach(await log.write(season(1)))
    # Somebody else takes messages from the durable consumer: the recorder sees a gap.
    thief = await bus_for(RECORDER)
    stolen = asyncio.Event()
    inbox = thief.new_inbox()
    await thief.subscribe(inbox, lambda _: stolen.set())
    await thief.publish(f"$JS.API.CONSUMER.MSG.NEXT.EVENTS.{RECORDER_CONSUMER}", b'{"batch":500}', reply=inbox)
    await thief.barrier()
    last = await log.write(season(200, first=1))
    await running.reach(last)
    assert stolen.is_set()
    assert len(await rows(url, "events")) == last
    assert len(await rows(url, "matches")) == 201


async def test_what_cannot_be_understood_never_stops_the_log(log: Log, url: str, recorders: Recorders) -> None:
    running = await recorders.start(url)
    game = matchlog.whole("m1", ["a", "b"], [1, 2])
    nonsense = [
        ("arena.event.connect_four.m1.moved", b"\xff{]"),
        ("arena.event.connect_four.m1.moved", b'{"kind":"flown","at_ms":1}'),
        matchlog.ended("m7", [1, 2]),
        matchlog.moved("m1", 0),  # that ply is there already: PostgreSQL refuses it
        matchlog.moved("m1", 2**70),  # no bigint
        matchlog.faulted("m1", 0, evidence="\0"),  # made acceptable, not refused
    ]
    last = await log.write([*game[:3], *nonsense, *game[3:]])
    await running.reach(last)
    events = await rows(url, "events")
    assert len(events) == last
    assert len([row for row in events if row["error"]]) == 5
    tables = await projections(url)
    assert [row["status"] for row in tables["matches"]] == ["ended"]
    assert len(tables["turns"]) == 3
    assert tables["faults"][0]["evidence"] == "\ufffd"


async def test_two_recorders_write_everything_once(log: Log, url: str, recorders: Recorders) -> None:
    one, other = await recorders.start(url), await recorders.start(url)
    async with asyncio.timeout(DEADLINE_S):
        await asyncio.wait(
            [asyncio.create_task(one.recorder.active.wait()), asyncio.create_task(other.recorder.active.wait())],
            return_when=asyncio.FIRST_COMPLETED,
        )
    active, standby = (one, other) if one.recorder.active.is_set() else (other, one)
    await active.reach(await log.write(season(10)))
    assert not standby.recorder.active.is_set()
    await active.die()
    last = await log.write(season(10, first=10))
    await standby.reach(last)
    assert len(await rows(url, "events")) == last
    assert len(await rows(url, "matches")) == 20


async def test_postgresql_goes_away_and_comes_back(
    log: Log, own_postgres: EmbeddedPostgres, recorders: Recorders
) -> None:
    running = await recorders.start(own_postgres.url())
    await running.reach(await log.write(season(5)))
    await own_postgres.stop()
    last = await log.write(season(300, first=5))
    assert running.recorder.last_seq < last
    await own_postgres.start()
    await running.reach(last)
    assert len(await rows(own_postgres.url(), "events")) == last
    assert len(await rows(own_postgres.url(), "matches")) == 305


async def test_ratings_reach_the_bucket_and_are_brought_into_step_at_the_start(
    log: Log, url: str, recorders: Recorders, bus_for: BusFor
) -> None:
    last = await log.write(season(9))
    running = await recorders.start(url)
    await running.reach(last)
    await running.end()
    expected = {
        f"connect_four.{row['agent']}": RatingRecord(
            **{name: row[name] for name in ("mu", "sigma", "played", "seq", "version", "rated_ms")}
        )
        for row in await rows(url, "ratings")
    }
    assert await ratings(bus_for) == expected
    recorder = await bus_for(RECORDER)
    wrong = RatingRecord(mu=1, sigma=1, played=1, seq=1)
    await kv.put(recorder, RATINGS_BUCKET, "connect_four.a", wrong)  # as if it had died before publishing
    await kv.put(recorder, RATINGS_BUCKET, "connect_four.ghost", wrong)
    again = await recorders.start(url)
    await again.reach(await log.write([matchlog.created("m9", ["a", "b"])]))
    await again.end()
    assert await ratings(bus_for) == expected


async def test_what_an_earlier_term_did_not_publish_is_forgotten(
    log: Log, url: str, recorders: Recorders, bus_for: BusFor
) -> None:
    running = await recorders.start(url)
    await running.reach(await log.write(season(9)))
    await running.recorder._feed.flush()
    right = await ratings(bus_for)
    old = RatingRecord(mu=1, sigma=1, played=1, seq=1)
    running.recorder._feed._changed["connect_four.a"] = old  # by now another one may have been active, and gone again
    connection = await asyncpg.connect(url)
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    await connection.close()
    await running.reach(await log.write([matchlog.created("m9", ["a", "b"])]))
    await running.end()
    assert await ratings(bus_for) == right


async def ratings(bus_for: BusFor) -> dict[str, RatingRecord]:
    mirror = kv.Mirror(await bus_for(MATCHMAKER), RATINGS_BUCKET, RatingRecord)
    await mirror.start()
    await mirror.stop()
    return mirror.records


async def test_games_are_written_for_the_api(log: Log, url: str, bus_for: BusFor) -> None:

    database = Database(url, pool_size=2)
    stop = asyncio.Event()
    recorder = Recorder(await bus_for(RECORDER), database, {}, structlog.get_logger())
    task = asyncio.create_task(recorder.run(stop, [game_type(game) for game in load_catalogue().values()]))
    async with asyncio.timeout(DEADLINE_S):
        await recorder.active.wait()
    stop.set()
    await task
    await database.close()
    assert {row["name"] for row in await rows(url, "game_types")} == set(load_catalogue())
