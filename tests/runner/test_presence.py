"""Agents that die, hang, come back or are stood in for: who notices, when, and what it costs whom."""

import asyncio
import time
from typing import Any

import msgspec
import pytest

import arena.matchmaker.service
import arena.runner.service
from arena.bus import connect
from arena.wire import subjects
from arena.wire.events import Ended, Faulted, MatchEvent, Moved, Reseated
from arena.wire.faults import AgentFault, Connection
from arena.wire.subjects import Role
from tests.eventually import within
from tests.runner.test_matches import Scripted, playing, scripted
from tests.stage import GRACE_S, Stage, open_stage


@pytest.fixture
async def busy() -> Stage:
    """A stage with a matchmaker and a runner."""
    async with open_stage() as stage:
        await stage.serve(Role.RUNNER, arena.runner.service.run)
        await stage.serve(Role.MATCHMAKER, arena.matchmaker.service.run)
        yield stage


async def second_instance(stage: Stage, first: Scripted, games: list[str], **hello: object) -> Scripted:
    """Another process of the same agent."""
    creds = stage.settings.home / "agents" / f"{first.agent}.creds"
    bus = await connect(stage.settings.nats, creds, name="second", inbox=subjects.inbox(first.agent))
    stage.stack.push_async_callback(bus.close)
    return Scripted(bus, first.agent, games, **{"instance": "second", **hello})


async def answer(seat: Scripted, turn: dict[str, Any], reply: str) -> None:
    await seat.bus.publish(reply, msgspec.json.encode({"ply": turn["ply"], "action": turn["legal"][0]}))


async def play_on(seat: Scripted) -> None:
    while True:
        turn, request = await seat.turns.get()
        await answer(seat, turn, request.reply)


def of(stage: Stage, kind: type[MatchEvent], match: object) -> list[MatchEvent]:
    return stage.log.of(kind, str(match))


async def test_a_dead_process_is_noticed_within_a_second_and_gone_after_the_grace_time(busy: Stage) -> None:

    async def dies() -> float:
        _, opponent = await busy.agent()
        dying = await scripted(busy, ["tictactoe"])
        async with playing(opponent, games=["tictactoe"], matches=1):
            turn, _ = await dying.turn()
            died_s = time.time()
            await dying.bus.close()
            await busy.log.until(lambda log: log.of(Ended, turn["match"]))
        (fault,) = of(busy, Faulted, turn["match"])
        assert isinstance(fault, Faulted)
        assert (fault.cause, fault.connection, fault.sent > 1) == (AgentFault.GONE, Connection.ABSENT, True)
        assert fault.elapsed_ms < 3_000  # the clock had not run out
        return fault.at_ms / 1000 - died_s

    await within(GRACE_S + 1, dies)


async def test_an_instance_that_hangs_is_gone_after_missed_beats_and_the_grace_time(busy: Stage) -> None:
    _, opponent = await busy.agent()
    hanging = await scripted(busy, ["tictactoe"])
    async with playing(opponent, games=["tictactoe"], matches=1):
        turn, _ = await hanging.turn()
        assert hanging.beating
        hanging.beating.cancel()
        await busy.log.until(lambda log: log.of(Ended, turn["match"]))
    (fault,) = of(busy, Faulted, turn["match"])
    assert isinstance(fault, Faulted)
    assert (fault.cause, fault.connection) == (AgentFault.GONE, Connection.SILENT)
    assert "beat" in fault.evidence


async def test_an_instance_that_is_heard_again_in_time_thinks_on(busy: Stage) -> None:
    """Here its silence is the matchmaker's word alone; a hello makes it void."""
    _, opponent = await busy.agent()
    quiet = await scripted(busy, ["tictactoe"])
    async with playing(opponent, games=["tictactoe"], matches=1):
        turn, request = await quiet.turn()
        creds = busy.settings.creds(Role.MATCHMAKER)
        matchmaker = await connect(busy.settings.nats, creds, name="m", inbox=subjects.inbox(Role.MATCHMAKER))
        busy.stack.push_async_callback(matchmaker.close)
        await matchmaker.publish(
            subjects.SILENT.at(agent=quiet.agent), msgspec.json.encode({"instance": "scripted", "silent_ms": 1_500})
        )
        await matchmaker.barrier()
        hello = msgspec.json.encode(quiet.hello)
        await quiet.bus.request(subjects.HELLO.at(agent=quiet.agent), hello)
        await quiet.turn()  # it is sent what waits for it
        with pytest.raises(AssertionError, match="not within"):
            await busy.log.until(lambda log: log.of(Faulted, turn["match"]), timeout_s=3 * GRACE_S)
        await answer(quiet, turn, request.reply)
        await busy.log.until(lambda log: any(move.seat == turn["seat"] for it in log.of(Moved) for move in it.moves))


@pytest.mark.parametrize("there_before", [True, False], ids=["sibling-waits", "sibling-comes-later"])
async def test_another_instance_of_a_stateless_agent_takes_over(busy: Stage, there_before: bool) -> None:
    games = ["leduc_holdem"]
    _, opponent = await busy.agent()
    first = await scripted(busy, games, stateless=True)
    async with playing(opponent, policy=lambda turn: turn.legal[0], games=games, matches=1):  # it never folds
        seen = [await first.turn()]
        await answer(first, seen[0][0], seen[0][1].reply)
        seen.append(await first.turn())
        pending, _ = seen[-1]
        second = await second_instance(busy, first, games, stateless=True)
        if there_before:
            await second.arrive()
        await first.bus.close()
        if not there_before:
            await second.arrive()
        taken, request = await second.turn()
        while taken["match"] != pending["match"]:
            taken, request = await second.turn()
        assert (taken["ply"], taken["observation"]) == (pending["ply"], pending["observation"])
        assert [past["ply"] for past in taken.get("history", [])] == [turn["ply"] for turn, _ in seen[:-1]]
        assert [past["observation"] for past in taken.get("history", [])] == [
            turn["observation"] for turn, _ in seen[:-1]
        ]
        await answer(second, taken, request.reply)
        playing_on = asyncio.create_task(play_on(second))
        await busy.log.until(lambda log: log.of(Ended, pending["match"]))
        playing_on.cancel()
    (reseated,) = of(busy, Reseated, pending["match"])
    assert isinstance(reseated, Reseated)
    assert reseated.instance == "second"
    assert of(busy, Faulted, pending["match"]) == []
    assert busy.log.verify(str(pending["match"])) == []
