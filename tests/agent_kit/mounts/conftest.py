"""A platform with house bots, for the mounts to play ranked matches on."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest

import arena.matchmaker.service
import arena.runner.service
from agent_kit import play
from arena.bots import POLICIES
from arena.wire.events import Created, Ended, Faulted, Moved
from arena.wire.subjects import Role
from tests.stage import Stage, open_stage

Find = Callable[[str], str]

PLAY_S = 120.0


@dataclass
class House:
    """A stage where a house bot waits in each game."""

    stage: Stage

    async def meet(self, policy: Any, *, bot: str = "random", game: str, matches: int = 1, **options: Any) -> "Played":
        """Matches of this policy, which is closed after them, against the game's house bot of this name."""
        agent, creds = await self.stage.agent()
        _, bot_creds = await self.stage.agent(house=True)
        stop = asyncio.Event()
        against = asyncio.create_task(
            play(POLICIES[game][bot](1), creds=bot_creds, games=[game], slots=matches, stop=stop)
        )
        try:
            async with asyncio.timeout(PLAY_S):
                assert await play(policy, creds=creds, matches=matches, **options) == matches
                await self.stage.log.until(lambda log: len(self._ended(agent)) == matches)
        finally:
            stop.set()
            await against
        return Played(self.stage, agent, self._ended(agent))

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

    @property
    def plies(self) -> int:
        """Of all matches."""
        return sum(len(self.stage.log.of(Moved, match)) for match in self.matches)


@pytest.fixture(scope="package")
async def house() -> AsyncIterator[House]:
    async with open_stage() as stage:
        (stage.settings.home / "games.toml").write_text("")  # the catalogue's clocks: models think on a busy machine
        await stage.serve(Role.RUNNER, arena.runner.service.run)
        await stage.serve(Role.MATCHMAKER, arena.matchmaker.service.run)
        yield House(stage)


@pytest.fixture(scope="session")
def program() -> Find:
    """A program of Debian's; where it is missing the test is skipped, but not in CI, which installs it."""

    def find(name: str) -> str:
        found = shutil.which(name) or shutil.which(name, path="/usr/games")
        if found is None and os.environ.get("CI"):
            pytest.fail(f"CI installs {name}, and it is missing")
        return found or pytest.skip(f"{name} is not installed")

    return find
