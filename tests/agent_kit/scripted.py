"""A platform that says what a test wants, and an environment on the other side of it, whose calls block."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np

from agent_kit import gym
from arena.wire.lobby import GameInfo, SeatSpaces
from arena.wire.play import Turn
from arena.wire.spaces import Box, Discrete
from tests.agent_kit.counterpart import Counterpart
from tests.eventually import DEADLINE_S
from tests.stage import Stage

T = TypeVar("T")
SEAT = SeatSpaces(observation=Box(shape=[1], dtype="int8", low=0, high=99), action=Discrete(n=3))
MASKED = "Dict('action_mask': Box(0, 1, (3,), int8), 'observation': Box(0, 99, (1,), int8))"
GAME = GameInfo(
    name="g",
    title="G",
    seats=2,
    observation_space=MASKED,
    action_space="Discrete(3)",
    actions=3,
    move_ms=20_000,
    bank_ms=0,
    increment_ms=0,
    spaces=[SEAT],
)


async def own(bare: Stage, *spaces: SeatSpaces) -> tuple[Counterpart, Path]:
    """A new agent and its counterpart, which has one game."""
    agent, creds = await bare.agent()
    host = await Counterpart(agent).sit(bare)
    host.games = [msgspec.structs.replace(GAME, spaces=list(spaces))] if spaces else [GAME]
    return host, creds


@contextlib.asynccontextmanager
async def closing(env: T, *hosts: Counterpart) -> AsyncIterator[T]:
    """Close an environment as its user would, where it may block; nobody waits for the end of its matches."""
    try:
        yield env
    finally:
        for host in hosts:
            host.playing.clear()
        await asyncio.to_thread(env.close)  # type: ignore[attr-defined]


def turn(ply: int = 0, match: str = "m1", **more: Any) -> Turn:
    usual = {"seat": 0, "legal": [0, 2], "left_ms": 20_000, "actions": (0, 3)}
    return Turn(match=match, game="g", ply=ply, observation=np.array([ply], "int8"), **{**usual, **more})


async def asked(host: Counterpart, call: Callable[[], T], *turns: Turn) -> T:
    """Let a user's call block while the platform asks, and return what it returned."""
    hellos = len(host.all("hello"))
    calling = asyncio.create_task(asyncio.to_thread(call))
    await host.until("hello", hellos + 1)
    for one in turns:
        host.playing.append(one.match)
        await host.ask(one)
    async with asyncio.timeout(DEADLINE_S):
        return await calling


async def stepped(host: Counterpart, call: Callable[[], T], then: Callable[[], Any]) -> T:
    """Let a user's move block; once it is heard, the platform does something. Returns what the call returned."""
    moves = len(host.all("move"))
    calling = asyncio.create_task(asyncio.to_thread(call))
    await host.until("move", moves + 1)
    await then()
    async with asyncio.timeout(DEADLINE_S):
        return await calling


async def made(host: Counterpart, creds: Path, **options: Any) -> gym.ArenaEnv:
    """An environment that is connected, and rests."""
    env = await asyncio.to_thread(lambda: gym.make("g", creds, **options))
    await host.until("leave", 1)
    return env
