"""A stateless agent's match goes on with another instance when the one that played it dies, end to end."""

import asyncio
import os
import signal
import sys
from typing import Any

import arena.matchmaker.service
import arena.runner.service
from agent_kit import Turn, play
from arena.wire.events import Created, Ended, Faulted, Moved, Reseated
from arena.wire.subjects import Role
from tests.agent_kit.counterpart import listen
from tests.stage import DEADLINE_S, Stage

GAME = "rock_paper_scissors"
MOVES_FIRST = 3  # then the first instance thinks for ever
DOOMED = f"""
import threading

def policy(turn):
    if turn.ply >= {MOVES_FIRST}:
        threading.Event().wait()
    return turn.ply % 3
"""


async def test_another_instance_goes_on_with_the_history(stage: Stage) -> None:
    await stage.serve(Role.RUNNER, arena.runner.service.run)
    await stage.serve(Role.MATCHMAKER, arena.matchmaker.service.run)
    (agent, creds), (_, other) = await stage.agent(), await stage.agent()
    lobby, stop, turns = await listen(stage, agent), asyncio.Event(), {}
    (creds.parent / "doomed.py").write_text(DOOMED)
    words = ("-m", "agent_kit", "run", f"{creds.parent}/doomed.py:policy", "--creds", str(creds), "--games", GAME)
    doomed = await asyncio.create_subprocess_exec(
        sys.executable, *words, "--stateless", "--instance", "first", env=dict(os.environ)
    )

    def policy(turn: Turn) -> int:
        turns[turn.match, turn.ply] = turn
        return 0

    opponent = asyncio.create_task(play(lambda _: 1, creds=other, games=[GAME], slots=4, stop=stop))
    try:
        await stage.log.until(lambda log: len(log.of(Moved)) == MOVES_FIRST)
        (match,) = [match for _, _, match, event in stage.log.events if isinstance(event, Created)]
        heir = asyncio.create_task(play(policy, creds=creds, games=[GAME], stateless=True, instance="heir", stop=stop))
        await lobby.until("hello", 2)
    finally:
        doomed.send_signal(signal.SIGKILL)
        await doomed.wait()
    await stage.log.until(lambda log: log.of(Ended, match))
    stop.set()
    async with asyncio.timeout(DEADLINE_S):
        await asyncio.gather(heir, opponent)
    assert [(moved.seat, moved.instance) for moved in stage.log.of(Reseated, match)] == [
        (seat_of(stage, agent), "heir")
    ]
    assert stage.log.of(Faulted, match) == []
    assert stage.log.verify(match) == []
    first = turns[match, MOVES_FIRST]
    assert (match, MOVES_FIRST - 1) not in turns
    assert [(past.ply, past.action) for past in first.history] == [(0, 0), (1, 1), (2, 2)]
    last = turns[match, 24]
    assert [past.observation for past in last.history][MOVES_FIRST:] == [
        turns[match, ply].observation for ply in range(MOVES_FIRST, 24)
    ]


def seat_of(stage: Stage, agent: str) -> Any:
    created: Created = stage.log.of(Created)[0]
    return [seat.agent for seat in created.seats].index(agent)
