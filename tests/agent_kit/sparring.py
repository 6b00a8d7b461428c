"""A stage with somebody to play against: agents of other owners that move at random."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator

import arena.matchmaker.service
import arena.runner.service
from agent_kit import Turn, play
from arena.bots import POLICIES
from arena.wire.events import Created
from arena.wire.subjects import Role
from tests.stage import Stage, open_stage

GAMES = ("tictactoe", "connect_four", "rock_paper_scissors")
HOUSE_GAME = "leduc_holdem"  # where only a house bot waits


def at_random(turn: Turn) -> int:
    return random.choice(turn.legal or turn.actions)


@contextlib.asynccontextmanager
async def open_sparring(slots: int) -> AsyncIterator[Stage]:
    """A matchmaker, a runner, one opponent with so many slots, and a house bot."""
    async with open_stage() as stage:
        if stage.settings.games_file:
            stage.settings.games_file.write_text("")  # the games' own clocks: loops may be slow
        (_, creds), (_, bot) = await stage.agent(), await stage.agent(house=True)
        await stage.serve(Role.RUNNER, arena.runner.service.run)
        await stage.serve(Role.MATCHMAKER, arena.matchmaker.service.run)
        stop = asyncio.Event()
        policy = POLICIES[HOUSE_GAME]["table"](1)
        playing = [
            asyncio.create_task(play(at_random, creds=creds, games=GAMES, slots=slots, stop=stop)),
            asyncio.create_task(play(policy, creds=bot, games=[HOUSE_GAME], stop=stop)),
        ]
        try:
            yield stage
        finally:
            stop.set()
            await asyncio.gather(*playing)


def matches_of(stage: Stage, agent: str) -> list[str]:
    """Its matches, in the order in which they were made."""
    return [
        match
        for _, _, match, event in stage.log.events
        if isinstance(event, Created) and agent in {seat.agent for seat in event.seats}
    ]
