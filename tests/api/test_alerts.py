"""What operators are to look at: each condition made on real servers, as far as it can be made in seconds."""

import signal
from typing import Any

import httpx
import msgspec
import pytest

from arena.api import alerts as module
from arena.api.alerts import Alert, Seen, alerts_of
from arena.api.dead_letters import DeadLetters
from arena.api.fleet import ConsumerShown, RunnerShown, StreamShown, StreamsShown
from arena.api.paging import Page
from arena.api.stamps import now_ms
from arena.bus import kv
from arena.bus.stream import Replica
from arena.stack.ports import free
from arena.store.migrate import migrate
from arena.wire.inquiry import GameQueue, QueueState
from arena.wire.registry import Quarantine
from arena.wire.subjects import API, QUARANTINE_BUCKET
from tests.api.conftest import Recorded, Web, serving
from tests.core import matchlog
from tests.eventually import eventually
from tests.recorder.conftest import Log
from tests.recorder.test_faults import bus_as
from tests.runner.test_matches import scripted
from tests.stage import Stage

PATH = "/api/fleet/alerts"
MACHINE = "disk_nearly_full"  # whether it is, is not for a test to say


async def told(operator: httpx.AsyncClient) -> dict[tuple[str, str], dict[str, Any]]:
    """By code and what it is about."""
    answer = await operator.get(PATH)
    assert answer.status_code == 200, answer.text
    return {(one["code"], one["about"]): one for one in answer.json() if one["code"] != MACHINE}


async def test_a_runner_that_hangs_one_that_drains_and_a_game_nobody_plays(stage: Stage, database_url: str) -> None:
    await migrate(database_url)
    stage.settings = msgspec.structs.replace(stage.settings, database_url=database_url)
    own = msgspec.structs.replace(stage.settings, api_port=free())
    async with serving(own, await bus_as(stage, API)) as web:
        operator = await web.operator()
        runner, *_ = [await stage.spawn(role) for role in ("runner", "matchmaker", "recorder")]

        async def until(*wanted: tuple[str, str]) -> Any:
            """The first answer in which these are told, and nothing else."""

            async def true() -> Any:
                found = await told(operator)
                return (found or True) if found.keys() == {*wanted} else None

            return await eventually(true)

        await until()
        (shown,) = (await operator.get("/api/fleet/runners")).json()
        silent = ("runner_silent", shown["id"])
        stopped_ms = now_ms()
        runner.send_signal(signal.SIGSTOP)
        try:
            alert = (await until(silent, ("no_runner", "")))[silent]
        finally:
            runner.send_signal(signal.SIGCONT)
        assert stopped_ms - 10_000 < alert["since_ms"] <= now_ms()
        assert (alert["severity"], alert["figures"]["capacity"]) == ("warning", shown["capacity"])
        await until()
        await scripted(stage, ["tictactoe"])
        assert (await operator.post(f"/api/fleet/runners/{shown['id']}/drain")).status_code == 202
        found = await until(("runner_draining", shown["id"]), ("no_runner", ""), ("game_unplayed", "tictactoe"))
        assert [one["severity"] for one in found.values()] == ["critical", "warning", "info"]
        assert found["game_unplayed", "tictactoe"]["figures"]["waiting"] >= 1


async def test_who_is_missing_and_how_far_the_log_is_ahead(web: Web, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    operator = await web.operator()
    await log.write(matchlog.whole("al1", ["x", "y"], [1, 2]))
    monkeypatch.setattr(module, "LAG_EVENTS_MAX", 3)

    async def lagging() -> Any:
        found = await told(operator)
        return found if ("recorder_lagging", "EVENTS") in found else None

    found = await eventually(lagging)
    assert found["recorder_lagging", "EVENTS"]["figures"]["pending"] > 3
    assert {("no_matchmaker", ""), ("no_recorder", ""), ("no_runner", "")} <= found.keys()
    monkeypatch.setattr(module, "DISK_WARNING", 0.0)
    assert MACHINE in {one["code"] for one in (await operator.get(PATH)).json()}


async def test_dead_letters_of_the_last_day_and_games_that_rest(web: Web, recorded: Recorded) -> None:
    operator = await web.operator()
    before_ms = now_ms()
    await recorded.write([("arena.event.connect_four.al2.moved", b"?")])
    record = Quarantine(
        game="go_9x9", agent="", why="it crashed", matches=["m"], since_ms=7, until_ms=now_ms() + 60_000
    )
    await kv.put(web.bus, QUARANTINE_BUCKET, "go_9x9", record, {"Nats-TTL": "60s"})

    async def both() -> Any:
        found = await told(operator)
        return found if {("dead_letters", ""), ("game_quarantined", "go_9x9")} <= found.keys() else None

    found = await eventually(both)
    letters = found["dead_letters", ""]
    assert (letters["figures"]["events"], letters["figures"]["claims"]) == (1, 0)
    assert before_ms - 10_000 < letters["since_ms"] <= now_ms()
    resting = found["game_quarantined", "go_9x9"]
    assert (resting["since_ms"], resting["figures"]["until_ms"]) == (7, record.until_ms)
    assert "it crashed" in resting["text"]
    await kv.delete(web.bus, QUARANTINE_BUCKET, "go_9x9")


NOW_MS = 1_700_000_000_000
RUNNER = RunnerShown(
    id="r1",
    state="playing",
    games=["chess"],
    capacity=4,
    playing=1,
    host="h",
    version="1",
    started="",
    beat_age_ms=500,
    figures={},
)
QUEUE = GameQueue(
    game="chess", waiting=2, agents=2, oldest_ms=1_000, matches_per_minute=3, estimated_ms=900, playable=True
)
WELL = Seen(
    at_ms=NOW_MS,
    runners=[RUNNER],
    services=frozenset({"arena-recorder", "arena-runner"}),
    streams=StreamsShown(streams=[], consumers=[]),
    letters=DeadLetters(events=Page(items=[], next=None), claims=Page(items=[], next=None)),
    queue=QueueState(at_ms=NOW_MS, games=[QUEUE], running=1, room=3),
    quarantined=[],
    disk_used=0.5,
)


def changed(**values: Any) -> list[Alert]:
    return alerts_of(msgspec.structs.replace(WELL, **values))


def test_where_all_is_well_nothing_is_told() -> None:
    assert alerts_of(WELL) == []


def test_a_wait_is_unusual_by_what_is_usual_and_never_below_half_a_minute() -> None:
    def waiting(oldest_ms: int, usual_ms: int | None) -> list[Alert]:
        game = msgspec.structs.replace(QUEUE, oldest_ms=oldest_ms, estimated_ms=usual_ms)
        return changed(queue=msgspec.structs.replace(WELL.queue, games=[game]))

    (alert,) = waiting(40_000, 10_000)
    assert (alert.code, alert.about, alert.since_ms) == ("queue_slow", "chess", NOW_MS - 40_000)
    assert alert.figures == {"waiting": 2, "oldest_ms": 40_000, "usual_ms": 10_000}
    assert waiting(29_000, 1_000) == waiting(40_000, 20_000) == waiting(40_000, None) == []


def test_a_server_that_lacks_a_part_of_a_stream_and_a_recorder_far_behind() -> None:
    replicas = [Replica(name="n2", current=True), Replica(name="n3", offline=True, lag=9)]
    figures = {"messages": 9, "bytes": 9, "first_seq": 1, "last_seq": 9}
    stream = StreamShown(name="EVENTS", leader="n1", replicas=replicas, **figures)
    consumer = ConsumerShown(
        name="recorder", pending=200_000, unacknowledged=1, redelivered=0, waiting=0, acknowledged=5
    )
    lagging, behind = changed(streams=StreamsShown(streams=[stream], consumers=[consumer]))
    assert (lagging.code, lagging.severity) == ("recorder_lagging", "critical")
    assert (behind.code, behind.about, behind.figures) == ("replica_behind", "EVENTS", {"replicas": 1, "lag": 9})
    assert "n3" in behind.text


@pytest.mark.parametrize(
    ("values", "code", "severity"),
    [
        ({"disk_used": 0.86}, "disk_nearly_full", "warning"),
        ({"disk_used": 0.96}, "disk_nearly_full", "critical"),
        ({"letters": None}, "database_down", "critical"),
        ({"queue": None}, "no_matchmaker", "critical"),
        ({"services": frozenset()}, "no_recorder", "critical"),
        ({"runners": []}, "no_runner", "critical"),
    ],
)
def test_codes_and_severities(values: dict[str, Any], code: str, severity: str) -> None:
    (alert,) = changed(**values)
    assert (alert.code, alert.severity) == (code, severity)
