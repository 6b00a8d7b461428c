"""What the platform does to a runner is not charged to its agents."""

import asyncio
import signal
from urllib.parse import urlsplit

import msgspec
import pytest

import arena.matchmaker.service
import arena.runner.service
from arena.wire.events import Claimed, Faulted, Moved, Voided
from arena.wire.faults import PlatformFault
from arena.wire.subjects import Role
from chaos.proxy import Proxy
from tests.core import matchlog
from tests.runner.test_matches import Scripted, playing, scripted
from tests.runner.test_take import hold, write
from tests.stage import Stage

CLOCK_S = 3.0  # for a move on a stage


async def answer(seat: Scripted, turn: dict[str, object], reply: str) -> None:
    move = msgspec.json.encode({"ply": turn["ply"], "action": turn["legal"][0], "think_ms": 1})  # type: ignore[index]
    await seat.bus.publish(reply, move)
    await seat.bus.barrier()


async def answer_all(seat: Scripted) -> None:
    while True:
        turn, request = await seat.turns.get()
        await answer(seat, turn, request.reply)


def forgiven_ms(stage: Stage, turn: dict[str, object]) -> list[float]:
    """What the seat's move of this turn says, as soon as there is one."""
    moved = [event for event in stage.log.of(Moved, str(turn["match"])) if event.ply == turn["ply"]]
    return [move.forgiven_ms for event in moved for move in event.moves if move.seat == turn["seat"]]


async def test_a_connection_that_is_open_but_dead_costs_no_agent_its_clock(stage: Stage) -> None:
    address = urlsplit(stage.settings.nats_url)
    assert address.hostname
    assert address.port
    proxy = Proxy(address.hostname, address.port)
    await proxy.start()
    stage.stack.push_async_callback(proxy.stop)
    await stage.serve(Role.RUNNER, arena.runner.service.run, nats_url=proxy.url)
    await stage.serve(Role.MATCHMAKER, arena.matchmaker.service.run)
    _, opponent = await stage.agent()
    seat = await scripted(stage, ["tictactoe"])
    async with playing(opponent, games=["tictactoe"], matches=1):
        turn, request = await seat.turn()
        proxy.blackhole(True)
        await answer(seat, turn, request.reply)
        asyncio.get_running_loop().call_later(2 * CLOCK_S, proxy.heal)
        answering = asyncio.create_task(answer_all(seat))  # the turn is sent again when the runner is back
        await stage.log.until(lambda log: forgiven_ms(stage, turn))
        answering.cancel()
        assert forgiven_ms(stage, turn)[0] >= CLOCK_S * 1000
        assert stage.log.of(Faulted) == []


async def test_a_runner_that_was_stopped_takes_what_came_meanwhile(stage: Stage) -> None:
    runner = await stage.spawn("runner")
    await stage.serve(Role.MATCHMAKER, arena.matchmaker.service.run)
    _, opponent = await stage.agent()
    seat = await scripted(stage, ["tictactoe"])
    async with playing(opponent, games=["tictactoe"], matches=1):
        turn, request = await seat.turn()
        runner.send_signal(signal.SIGSTOP)
        await answer(seat, turn, request.reply)
        asyncio.get_running_loop().call_later(CLOCK_S + 1, runner.send_signal, signal.SIGCONT)
        await stage.log.until(lambda _: forgiven_ms(stage, turn))
        assert forgiven_ms(stage, turn)[0] >= CLOCK_S * 1000
        assert stage.log.of(Faulted) == []


async def test_what_one_runner_after_the_other_fails_at_is_void(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("arena.runner.take.STALLED_DELAY", 100)  # it is not to wait
    lines = [matchlog.created("m", ["a", "b"], game="tictactoe")]
    lines += [matchlog.claimed("m", game="tictactoe") for _ in range(11)]
    await write(stage, lines)
    await hold(stage)
    await stage.serve(Role.RUNNER, arena.runner.service.run)
    await stage.log.until(lambda log: log.of(Voided))
    (voided,) = stage.log.of(Voided)
    assert voided.cause is PlatformFault.UNPLAYABLE
    assert "10 runners in a row" in voided.detail
    assert len(stage.log.of(Claimed)) == 12


async def test_a_match_that_nobody_played_for_long_is_void_and_charged_to_nobody(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("arena.runner.take.ABANDONED_MS", -60_000)
    await write(stage, [matchlog.created("m", ["a", "b"], game="tictactoe"), matchlog.claimed("m", game="tictactoe")])
    await hold(stage)
    await stage.serve(Role.RUNNER, arena.runner.service.run)
    await stage.log.until(lambda log: log.of(Voided))
    (voided,) = stage.log.of(Voided)
    assert voided.cause is PlatformFault.ABANDONED
