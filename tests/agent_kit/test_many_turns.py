"""Policies that take many turns at once, or that run in other processes; and thoughts that nobody waits for."""

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence

import pytest

import arena.matchmaker.service
import arena.runner.service
from agent_kit import Batch, PolicyError, Processes, Turn, play
from agent_kit.batch import BatchPolicy
from arena.wire.events import Faulted, Moved
from arena.wire.play import Turn as WireTurn
from arena.wire.subjects import Role
from tests.agent_kit.counterpart import DEADLINE_S, Counterpart
from tests.agent_kit.process_policy import Where, leave
from tests.stage import Stage, open_stage


def turn(number: int) -> Turn:
    return Turn(WireTurn(match=f"m{number}", game="g", seat=0, ply=number, observation=None, left_ms=1000))


async def answers(policy: BatchPolicy, count: int, size: int, wait_ms: float = 0.0) -> list[int]:
    batch = Batch(policy, size, wait_ms)
    try:
        async with asyncio.timeout(DEADLINE_S):
            return await asyncio.gather(*(batch(turn(number)) for number in range(count)))
    finally:
        batch.close()


async def test_turns_are_taken_together_up_to_the_size_and_each_gets_its_own_answer() -> None:
    calls: list[int] = []

    def policy(turns: Sequence[Turn]) -> list[int]:
        calls.append(len(turns))
        return [turn.ply * 10 for turn in turns]

    assert await answers(policy, 10, size=4, wait_ms=60_000 / 4) == [number * 10 for number in range(10)]
    assert calls == [4, 4, 2]


async def test_what_arrives_during_a_call_is_the_next_batch() -> None:
    calls: list[int] = []
    release, busy = asyncio.Event(), asyncio.Event()

    async def policy(turns: Sequence[Turn]) -> list[int]:
        calls.append(len(turns))
        busy.set()
        await release.wait()
        return [turn.ply for turn in turns]

    batch = Batch(policy, size=8, wait_ms=0)
    first = asyncio.create_task(batch(turn(1)))
    await busy.wait()
    others = [asyncio.create_task(batch(turn(number))) for number in range(2, 6)]
    asked = asyncio.Event()

    async def ask() -> None:
        asked.set()
        await batch(turn(6))

    given_up = asyncio.create_task(ask())
    await asked.wait()
    given_up.cancel()
    await asyncio.gather(given_up, return_exceptions=True)
    release.set()
    async with asyncio.timeout(DEADLINE_S):
        assert await asyncio.gather(first, *others) == [1, 2, 3, 4, 5]
    assert calls == [1, 4]
    batch.close()


async def test_a_batch_policy_that_fails_fails_each_of_its_turns() -> None:
    with pytest.raises(ValueError, match="the policy returned 1 actions for 3 turns"):
        await answers(lambda _: [0], 3, size=3)
    with pytest.raises(ValueError, match="expected size >= 1 and wait_ms >= 0, got size=0"):
        Batch(lambda _: [], size=0)


async def test_a_policy_that_cannot_be_sent_to_a_process_is_refused_at_once() -> None:
    with pytest.raises(TypeError, match=r"cannot be sent to another process.*\(no lambda\)"):
        Processes(lambda _: 0)


@pytest.fixture(scope="module")
async def running() -> AsyncIterator[Stage]:
    """A stage with a matchmaker and a runner."""
    async with open_stage() as stage:
        await stage.serve(Role.RUNNER, arena.runner.service.run)
        await stage.serve(Role.MATCHMAKER, arena.matchmaker.service.run)
        yield stage


async def test_matches_are_played_in_batches_and_in_other_processes(running: Stage) -> None:
    _, creds = await running.agent()
    sizes: list[int] = []

    def policy(turns: Sequence[Turn]) -> list[int]:
        sizes.append(len(turns))
        return [turn.ply % 2 for turn in turns]

    batch = Batch(policy, size=8, wait_ms=20)
    assert await play(batch, creds=creds, games=["cartpole"], slots=8, matches=8) == 8
    assert max(sizes) > 1
    before = len(running.log.of(Moved))
    assert await play(Processes(Where(), 1), creds=creds, games=["cartpole"], matches=1) == 1
    elsewhere = {move.action for moved in running.log.of(Moved)[before:] for move in moved.moves}
    assert elsewhere == {1}  # what Where says in any process but the one it was made in
    assert not running.log.of(Faulted)


async def test_a_worker_process_that_dies_is_a_policy_error(running: Stage) -> None:
    _, creds = await running.agent()
    with pytest.raises(PolicyError, match="BrokenProcessPool"):
        await play(Processes(leave, 1), creds=creds, games=["cartpole"], matches=1)


@pytest.mark.parametrize("is_async", [True, False])
async def test_a_thought_is_cancelled_when_its_match_is_over(bare: Stage, is_async: bool) -> None:
    agent, creds = await bare.agent()
    host, stop, loop = await Counterpart(agent).sit(bare), asyncio.Event(), asyncio.get_running_loop()
    ended: asyncio.Future[str] = loop.create_future()

    async def waits(_: Turn) -> int:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ended.set_result("cancelled")
            raise
        return 0

    def watches(turn: Turn) -> int:
        never = threading.Event()
        while not turn.cancelled:
            never.wait(0.01)  # it thinks
        loop.call_soon_threadsafe(ended.set_result, "told")
        raise RuntimeError("nothing to say any more")

    playing = asyncio.create_task(play(waits if is_async else watches, creds=creds, stop=stop))
    await host.until("hello", 1)
    await host.ask(WireTurn(match="m1", game="g", seat=0, ply=0, observation=[0], left_ms=20_000))
    await host.over("m1")
    async with asyncio.timeout(DEADLINE_S):
        assert await ended == ("cancelled" if is_async else "told")
    stop.set()
    assert await playing == 1  # and what it raised after the end is no failure of the agent
    assert not host.all("move")
