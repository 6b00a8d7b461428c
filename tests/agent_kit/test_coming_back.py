"""Agents whose connection breaks: how soon they are back, and what becomes of answers given meanwhile."""

import asyncio
import os
import signal
import statistics
import sys
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest

import arena.matchmaker.service
import arena.runner.service
from agent_kit import Turn, play
from agent_kit.conform.cable import Cable
from arena.wire.events import Created, Ended
from arena.wire.play import Turn as WireTurn
from arena.wire.subjects import Role
from tests.agent_kit.counterpart import Counterpart, listen
from tests.eventually import within
from tests.stage import DEADLINE_S, Stage

# What was measured on two idle cores: 20 ms after a cut, 0.1 to 0.8 s after a restart. These allow for busy ones.
BACK_AFTER_CUT_S = 1.0
BACK_AFTER_RESTART_S = 2.0


@pytest.fixture
async def cable(bare: Stage) -> AsyncIterator[Cable]:
    line = Cable(urlsplit(bare.server.url).port or 0)
    yield line
    await line.close()


def turn(ply: int = 0, match: str = "m1") -> WireTurn:
    return WireTurn(match=match, game="g", seat=0, ply=ply, observation=[ply], left_ms=20_000)


async def test_a_cut_line_is_mended_at_once(bare: Stage, cable: Cable) -> None:
    agent, creds = await bare.agent()
    host, stop = await Counterpart(agent).sit(bare), asyncio.Event()
    playing = asyncio.create_task(play(lambda _: 0, creds=creds, url=await cable.open(), stop=stop))
    await host.until("hello", 1)
    took_s = []
    for number in range(2, 7):
        cut_s = time.monotonic()
        cable.cut()
        await host.until("hello", number)
        took_s.append(time.monotonic() - cut_s)
    assert statistics.median(took_s) < BACK_AFTER_CUT_S, took_s
    stop.set()
    assert await playing == 0


async def test_an_answer_given_while_the_line_is_cut_is_sent_when_it_is_asked_for_again(
    bare: Stage, cable: Cable, caplog: pytest.LogCaptureFixture
) -> None:
    agent, creds = await bare.agent()
    host, stop = await Counterpart(agent).sit(bare), asyncio.Event()
    asked, go, calls = asyncio.Event(), asyncio.Event(), []

    async def policy(turn: Turn) -> int:
        calls.append(turn.ply)
        asked.set()
        await go.wait()
        return 40 + len(calls)

    playing = asyncio.create_task(play(policy, creds=creds, url=await cable.open(), stop=stop))
    await host.until("hello", 1)
    await host.ask(turn(), sending=0)
    async with asyncio.timeout(DEADLINE_S):
        await asked.wait()
        cable.cut(down=True)
        await cable.refused.wait()  # the agent knows that it is cut off
    go.set()
    cable.down = False
    await host.until("hello", 2)
    await host.ask(turn(), sending=1)
    await host.ask(turn(), sending=2)  # by another runner, say
    await host.ask(turn(ply=1), sending=3)
    await host.until("move", 3)
    assert [(sending, move.ply, move.action) for sending, move in host.all("move")] == [
        (1, 0, 41), (2, 0, 41), (3, 1, 42)
    ]  # fmt: skip
    assert calls == [0, 1]
    assert "permission" not in caplog.text.lower()
    await host.over("m1")
    stop.set()
    assert await playing == 1


async def test_a_policy_that_thinks_through_a_cut_answers_the_turn_that_came_again(bare: Stage, cable: Cable) -> None:
    agent, creds = await bare.agent()
    host, stop = await Counterpart(agent).sit(bare), asyncio.Event()
    asked, thought, calls = threading.Event(), threading.Event(), []

    def policy(turn: Turn) -> int:
        calls.append(turn.ply)
        asked.set()
        assert thought.wait(DEADLINE_S)
        return 7

    playing = asyncio.create_task(play(policy, creds=creds, url=await cable.open(), stop=stop))
    await host.until("hello", 1)
    await host.ask(turn(), sending=0)
    await asyncio.to_thread(asked.wait, DEADLINE_S)
    cable.cut()
    await host.until("hello", 2)
    await host.ask(turn(), sending=1)
    await host.until("beat", len(host.all("beat")) + 2)  # it has got the turn, and is alive while it thinks
    thought.set()
    sending, move = await host.until("move", 1)
    assert (sending, move.action, calls) == (1, 7, [0])
    await host.over("m1")
    stop.set()
    assert await playing == 1


async def test_who_is_told_to_stop_before_it_is_welcomed_plays_what_was_made_for_it_to_the_end(
    bare: Stage, cable: Cable
) -> None:
    """The lobby heard its hello and made a match, and then the server died: the welcome never came."""
    agent, creds = await bare.agent()
    host, stop = Counterpart(agent), asyncio.Event()
    host.unanswered, host.playing = 1_000, ["m1"]
    await host.sit(bare)
    asked, go = asyncio.Event(), asyncio.Event()

    async def policy(_: Turn) -> int:
        asked.set()
        await go.wait()
        return 7

    playing = asyncio.create_task(play(policy, creds=creds, url=await cable.open(), stop=stop))
    await host.until("hello", 1)
    cable.cut()
    await host.until("hello", 2)
    await host.ask(turn())
    async with asyncio.timeout(DEADLINE_S):
        await asked.wait()
        stop.set()
        await host.until("leave", 1)
        go.set()
        assert (await host.until("move", 1))[1].action == 7
        await host.over("m1")
        assert await playing == 1


async def test_a_restarted_server_sees_its_agents_again_soon(stage: Stage) -> None:
    agent, creds = await stage.agent()
    host, stop = await Counterpart(agent).sit(stage), asyncio.Event()
    playing = asyncio.create_task(play(lambda _: 0, creds=creds, stop=stop))
    first = await host.until("hello", 1)

    async def back() -> float:
        hellos = len(host.all("hello"))
        await stage.server.kill()
        for bus in host.buses:
            await bus.close()
        await stage.server.start()
        began_s = time.monotonic()
        await host.sit(stage)
        again = await host.until("hello", hellos + 1)
        assert (again.instance, again.session) == (first.instance, first.session)
        return time.monotonic() - began_s

    await within(BACK_AFTER_RESTART_S, back)
    stop.set()
    assert await playing == 0


AGENT = "policy = lambda turn: 0\n"


async def mount(creds: Path, *options: str) -> asyncio.subprocess.Process:
    """An agent in a process of its own."""
    (creds.parent / "still.py").write_text(AGENT)
    words = ("-m", "agent_kit", "run", f"{creds.parent}/still.py:policy", "--creds", str(creds), *options)
    return await asyncio.create_subprocess_exec(sys.executable, *words, env=dict(os.environ))


async def test_a_stopped_process_that_is_continued_comes_back_by_itself(stage: Stage) -> None:
    await stage.serve(Role.RUNNER, arena.runner.service.run)
    await stage.serve(Role.MATCHMAKER, arena.matchmaker.service.run)
    (agent, creds), (clock, its_creds) = await stage.agent(), await stage.agent()
    lobby, ticks, stop = await listen(stage, agent), await listen(stage, clock), asyncio.Event()
    ticking = asyncio.create_task(play(lambda _: 0, creds=its_creds, games=["taxi"], stop=stop))
    process = await mount(creds, "--games", "cartpole", "--stateless", "--instance", "child")
    try:
        await stage.log.until(lambda log: seated(log, agent))
        assert msgspec.json.decode(lobby.messages[0])["stateless"] is True
        process.send_signal(signal.SIGSTOP)
        await ticks.until("beat", ticks.heard.count("beat") + 6)  # more than three of its own are missed by then
        before, matches = lobby.heard.count("hello"), len(seated(stage.log, agent))
        process.send_signal(signal.SIGCONT)
        await lobby.until("hello", before + 1)
        await stage.log.until(lambda log: len(seated(log, agent)) > matches)
    finally:
        process.send_signal(signal.SIGCONT)
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(DEADLINE_S):
            assert await process.wait() == 0
    stop.set()
    await ticking
    await stage.log.until(lambda log: len(log.of(Ended)) == len(log.of(Created)))


def seated(log: Any, agent: str) -> list[Created]:
    return [created for created in log.of(Created) if any(seat.agent == agent for seat in created.seats)]
