"""A platform with house bots, for the mounts to play ranked matches on."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import arena.matchmaker.service
import arena.runner.service
from agent_kit import play
from arena.bots import POLICIES
from arena.bots.guest import anything
from arena.games import load_catalogue
from arena.wire.events import Created, Ended, Faulted
from arena.wire.subjects import Role
from tests.stage import Stage, open_stage

CATALOGUE = load_catalogue()
PLAY_S = 60.0
TESTS_MAX = 24  # that play


@dataclass
class House:
    """A stage with agents that have not played yet, of users and of the house.

    The matchmaker knows them from its start: one who is made and says hello while this process is busy with something
    else, as training a model, may be heard before it is known.
    """

    stage: Stage
    users: list[tuple[str, Path]]
    bots: list[tuple[str, Path]]

    async def meet(self, policy: Any, *, game: str, matches: int = 1, **options: Any) -> "Played":
        """Matches of this policy, which is closed after them, against the game's random house bot, or a guest."""
        agent, creds = self.users.pop()
        async with self._bot(game, matches):
            assert await play(policy, creds=creds, matches=matches, **options) == matches
            await self.stage.log.until(lambda log: len(self._ended(agent)) == matches)
        return Played(self.stage, agent, self._ended(agent))

    async def meet_command(self, *arguments: str, game: str) -> "Played":
        """A match of `agent-kit run` with these arguments against the game's random house bot, or a guest."""
        agent, creds = self.users.pop()
        async with self._bot(game, 1):
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-X", "faulthandler", "-m", "agent_kit", "run", *arguments),
                *("--creds", str(creds), "--matches", "1"),
                stderr=asyncio.subprocess.PIPE,
            )
            try:
                async with asyncio.timeout(PLAY_S):
                    _, said = await process.communicate()
            except TimeoutError:
                process.send_signal(signal.SIGABRT)  # the traceback of every thread
                _, said = await process.communicate()
            assert process.returncode == 0, said.decode()
            await self.stage.log.until(lambda log: len(self._ended(agent)) == 1)
        return Played(self.stage, agent, self._ended(agent))

    @contextlib.asynccontextmanager
    async def _bot(self, game: str, slots: int) -> AsyncIterator[None]:
        _, creds = self.bots.pop()
        stop = asyncio.Event()
        policy = POLICIES[game]["random"] if game in POLICIES else anything({game: CATALOGUE[game]})
        playing = asyncio.create_task(play(policy(1), creds=creds, games=[game], slots=slots, stop=stop))
        try:
            async with asyncio.timeout(2 * PLAY_S):
                yield
        finally:
            stop.set()
            await playing

    def _ended(self, agent: str) -> list[str]:
        log = self.stage.log
        ours = {
            match
            for _, _, match, event in log.events
            if isinstance(event, Created) and any(seat.agent == agent for seat in event.seats)
        }
        return [match for _, _, match, event in log.events if isinstance(event, Ended) and match in ours]


@dataclass
class Played:
    """What the log says of the matches."""

    stage: Stage
    agent: str
    matches: list[str]

    @property
    def faults(self) -> list[Faulted]:
        """Of anybody."""
        return [fault for match in self.matches for fault in self.stage.log.of(Faulted, match)]

    @property
    def placements(self) -> list[int]:
        """Ours: 1 is best."""
        found = []
        for match in self.matches:
            (created,) = self.stage.log.of(Created, match)
            (ended,) = self.stage.log.of(Ended, match)
            (seat,) = [number for number, seat in enumerate(created.seats) if seat.agent == self.agent]
            found.append(ended.results[seat].placement)
        return found


@pytest.fixture(scope="package")
async def house() -> AsyncIterator[House]:
    async with open_stage() as stage:
        (stage.settings.home / "games.toml").write_text("")  # the catalogue's clocks: models think on a busy machine
        house = House(
            stage,
            [await stage.agent() for _ in range(TESTS_MAX)],
            [await stage.agent(house=True) for _ in range(TESTS_MAX)],
        )
        await stage.serve(Role.RUNNER, arena.runner.service.run)
        await stage.serve(Role.MATCHMAKER, arena.matchmaker.service.run)
        yield house
