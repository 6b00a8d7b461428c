"""What the log says of agents and games becomes a quarantine that holds, is told, and ends: on a real server."""

import asyncio
import sys
from collections.abc import AsyncIterator

import prometheus_client
import pytest

from agent_kit import play
from arena.bus.kv import Mirror, delete
from arena.core import conduct
from arena.matchmaker import service
from arena.runner.service import run as runner
from arena.service import steady_ms
from arena.wire import subjects
from arena.wire.events import Created, Ended, Faulted, Voided
from arena.wire.faults import AgentFault, EndCause, PlatformFault, Verdict
from arena.wire.registry import LogPosition, Quarantine
from arena.wire.subjects import Role
from tests.eventually import DEADLINE_S
from tests.matchmaker.company import RunnersVoice, Visitor, entry, matchmaker, stop
from tests.stage import Stage

LONG_BEAT_MS = 60_000


class Bucket:
    """The bucket as an operator sees it: `await bucket.until(lambda records: ...)`."""

    def __init__(self, stage: Stage) -> None:
        self._changed = asyncio.Event()
        self.mirror = Mirror(stage.registrar, subjects.QUARANTINE_BUCKET, Quarantine, lambda *_: self._changed.set())

    async def until(self, keys: set[str]) -> dict[str, Quarantine]:
        async with asyncio.timeout(DEADLINE_S):
            while {*self.mirror.records} != keys:
                self._changed.clear()
                await self._changed.wait()
        return self.mirror.records


@pytest.fixture
async def bucket(stage: Stage) -> AsyncIterator[Bucket]:
    found = Bucket(stage)
    await found.mirror.start()
    yield found
    await found.mirror.stop()


async def forfeit(stage: Stage, voice: RunnersVoice, match: str, agent: str) -> None:
    """A whole match in which this agent does not answer."""
    (created,) = stage.log.of(Created, match)
    seat = [seat.agent for seat in created.seats].index(agent)
    now_ms = steady_ms()
    faulted = Faulted(
        at_ms=now_ms, seat=seat, ply=0, cause=AgentFault.TIMEOUT, verdict=Verdict.FORFEITED, expected="an answer"
    )
    ended = Ended(at_ms=now_ms, results=[], cause=EndCause.FORFEIT, plies=0, digest="")
    await voice.claim(match, faulted, ended)


async def forfeit_all(stage: Stage, voice: RunnersVoice, loser: Visitor, *others: Visitor) -> None:
    agents = (loser.agent, *(other.agent for other in others))
    for _ in range(conduct.FORFEITS_MAX):
        await forfeit(stage, voice, await voice.match_of(*agents), loser.agent)


def gauge(what: str) -> float | None:
    return prometheus_client.REGISTRY.get_sample_value("arena_matchmaker_quarantined", {"what": what})


async def test_an_agent_is_quarantined_told_so_and_released(
    stage: Stage, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conduct, "AGENT_MS_FIRST", 600_000)  # it must not end by itself meanwhile
    voice = await RunnersVoice.open(stage)
    first = await matchmaker(stage, beat_ms=LONG_BEAT_MS)
    bad, good = await Visitor.arrive(stage), await Visitor.arrive(stage)
    await forfeit_all(stage, voice, bad, good)
    key = f"tictactoe.{bad.agent}"
    record = (await bucket.until({key}))[key]
    assert (record.game, record.agent, record.times) == ("tictactoe", bad.agent, 1)
    assert record.matches == [match for _, _, match, event in stage.log.events if isinstance(event, Ended)]
    assert (await bad.ear.notice("quarantined"))["message"] == record.why
    assert record.why.startswith("your last 5 matches of tictactoe were forfeited: timeout; no new ones until ")
    assert gauge("agent") == 1

    third = await Visitor.arrive(stage)  # who waits longest is left out
    match = await voice.match_of(good.agent, third.agent)
    await forfeit(stage, voice, match, third.agent)

    await stop(stage, first)  # what is quarantined stays so, and how often is known
    await matchmaker(stage, beat_ms=LONG_BEAT_MS)
    await bad.hello_until("welcome")
    assert (await bad.ear.notice("quarantined", times=2))["message"] == record.why
    await third.hello_until("welcome")
    await good.hello_until("welcome")
    match = await voice.match_of(good.agent, third.agent)
    await good.leave()  # or they would meet again at once
    await forfeit(stage, voice, match, third.agent)

    await delete(stage.registrar, subjects.QUARANTINE_BUCKET, key)
    await bucket.until(set())
    await forfeit_all(stage, voice, bad, third)  # free again, and counted anew: five more
    assert (await bucket.until({key}))[key].times == 2
    assert len((await bucket.until({key}))[key].matches) == conduct.FORFEITS_MAX


async def test_forfeits_outlast_a_restart_of_all(stage: Stage, bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "CHECKPOINT_S", 0.1)
    voice = await RunnersVoice.open(stage)
    first = await matchmaker(stage, beat_ms=LONG_BEAT_MS)
    bad, good = await Visitor.arrive(stage), await Visitor.arrive(stage)
    for _ in range(conduct.FORFEITS_MAX - 1):
        await forfeit(stage, voice, await voice.match_of(bad.agent, good.agent), bad.agent)
    last = max(seq for seq, _, _, event in stage.log.events if isinstance(event, Ended))

    def far_enough(position: LogPosition) -> bool:
        return position.counts.seq >= last < position.seq  # none of them is read again

    await entry(stage, subjects.LEASES_BUCKET, LogPosition, service.CHECKPOINT_KEY, far_enough)
    await stop(stage, first)
    await matchmaker(stage, beat_ms=LONG_BEAT_MS)
    await bad.hello_until("welcome")
    await good.hello_until("welcome")
    await forfeit(stage, voice, await voice.match_of(bad.agent, good.agent), bad.agent)
    key = f"tictactoe.{bad.agent}"
    record = (await bucket.until({key}))[key]
    assert record.matches == [match for _, _, match, event in stage.log.events if isinstance(event, Ended)]


async def test_an_owner_reads_it_where_the_agent_runs(stage: Stage) -> None:
    await stage.serve(Role.RUNNER, runner)
    await matchmaker(stage)
    (_, bad), (_, good) = await stage.agent(), await stage.agent()
    policy = bad.parent / "always_wrong.py"
    policy.write_text("def policy(turn):\n    return 99\n")
    stop = asyncio.Event()
    playing = asyncio.create_task(play(lambda turn: turn.legal[0], creds=good, games=["tictactoe"], stop=stop))
    words = ("-m", "agent_kit", "run", f"{policy}:policy", "--creds", str(bad), "--games", "tictactoe")
    process = await asyncio.create_subprocess_exec(sys.executable, *words, stderr=asyncio.subprocess.PIPE)
    assert process.stderr
    printed = ""
    async with asyncio.timeout(60):
        while "quarantined: " not in printed:
            printed = (await process.stderr.readline()).decode()
            assert printed
    process.terminate()
    await process.communicate()
    stop.set()
    await playing
    assert "your last 5 matches of tictactoe were forfeited: malformed; no new ones until" in printed
    assert "each of these matches shows what was expected and what came" in printed


async def test_a_quarantine_ends_by_time(stage: Stage, bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conduct, "AGENT_MS_FIRST", 2_000)
    voice = await RunnersVoice.open(stage)
    await matchmaker(stage, beat_ms=LONG_BEAT_MS)
    bad, good = await Visitor.arrive(stage), await Visitor.arrive(stage)
    await forfeit_all(stage, voice, bad, good)
    await bucket.until({f"tictactoe.{bad.agent}"})
    await bucket.until(set())
    await voice.match_of(bad.agent, good.agent)
    assert gauge("agent") == 0


async def test_a_game_that_breaks_makes_no_matches(stage: Stage, bucket: Bucket) -> None:
    voice = await RunnersVoice.open(stage)
    await matchmaker(stage, beat_ms=LONG_BEAT_MS)
    for _ in range(conduct.ROW_MAX):
        pair = [await Visitor.arrive(stage) for _ in range(2)]
        match = await voice.match_of(*(one.agent for one in pair))
        for one in pair:
            await one.leave()
        await voice.claim(match, Voided(at_ms=steady_ms(), cause=PlatformFault.CRASHED))
    record = (await bucket.until({"tictactoe"}))["tictactoe"]
    assert (record.agent, len(record.matches)) == ("", conduct.ROW_MAX)
    assert gauge("game") == 1
    games = {"games": ["tictactoe", "connect_four"], "slots": 1}
    one, two = await Visitor.arrive(stage, **games), await Visitor.arrive(stage, **games)
    assert (await one.ear.notice("quarantined"))["message"] == record.why
    match = await voice.match_of(one.agent, two.agent)
    assert next(game for _, game, of, _ in stage.log.events if of == match) == "connect_four"  # the other one goes on
