"""Games that fail: the match is void, the agent is not charged, and its slot is free again."""

import asyncio
import re
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

import arena.matchmaker.service
import arena.runner.service
from agent_kit import play
from arena.bus.provision import provision
from arena.games import load_catalogue
from arena.wire.events import Created, Ended, Faulted, Voided
from arena.wire.faults import PlatformFault
from arena.wire.subjects import Role
from tests.eventually import DEADLINE_S
from tests.stage import Stage


class Short(gymnasium.Env[Any, Any]):
    """One move."""

    observation_space = spaces.Box(0, 255, (4,), np.uint8)
    action_space = spaces.Discrete(2)

    def reset(self, **_: Any) -> Any:
        return np.zeros(self.observation_space.shape or (), np.uint8), {}

    def step(self, action: Any) -> Any:
        return np.zeros(self.observation_space.shape or (), np.uint8), 1.0, True, False, {}


class Bulky(Short):
    """A turn of it is larger than the server takes."""

    observation_space = spaces.Box(0, 255, (1_100_000,), np.uint8)


class Crashing(Short):
    """Its step raises."""

    def step(self, action: Any) -> Any:
        raise LookupError("no such square")


class Clinging(Short):
    """It cannot be closed once it was played."""

    played = False

    def step(self, action: Any) -> Any:
        self.played = True
        return super().step(action)

    def close(self) -> None:
        if self.played:
            raise OSError("still open")


def rows(folder: Path) -> Path:
    path = folder / "broken.toml"
    path.write_text(
        "".join(
            f'[[game]]\nname = "{kind.__name__.lower()}"\ntitle = "{kind.__name__}"\nkind = "gymnasium"\nseats = 1\n'
            f'environment = "{__name__}:{kind.__name__}"\nrating = "score"\npackages = ["gymnasium"]\n'
            for kind in (Bulky, Crashing, Clinging)
        )
    )
    return path


@pytest.mark.parametrize(
    ("game", "said"),
    [("bulky", "TooLarge: 1,1.* bytes for arena.agent.*"), ("crashing", "LookupError: no such square")],
)
async def test_a_match_of_a_game_that_fails_is_void(stage: Stage, tmp_path: Path, game: str, said: str) -> None:
    await open_with(stage, tmp_path)
    _, creds = await stage.agent()
    stop = asyncio.Event()
    playing = asyncio.create_task(play(lambda _: 0, creds=creds, games=[game], stop=stop))
    await stage.log.until(lambda log: len(log.of(Voided)) >= 2)  # the slot was free again
    stop.set()
    assert await playing == 0
    for voided in stage.log.of(Voided):
        assert voided.cause is PlatformFault.CRASHED
        assert re.match(said, voided.detail)
    assert stage.log.of(Ended) == stage.log.of(Faulted) == []


async def test_a_game_that_cannot_be_closed_ends_all_the_same(stage: Stage, tmp_path: Path) -> None:
    await open_with(stage, tmp_path, runner_slots=1)
    _, creds = await stage.agent()
    async with asyncio.timeout(DEADLINE_S):  # a slot that is not free again ends nothing else
        assert await play(lambda _: 0, creds=creds, games=["clinging"], matches=3) >= 3
    assert len(stage.log.of(Created)) >= 3
    assert stage.log.of(Voided) == []


async def open_with(stage: Stage, folder: Path, **settings: Any) -> None:
    games = stage.log.games_file = rows(folder)
    await provision(stage.registrar, load_catalogue(games), claim_lease_ms=1_000)
    await stage.serve(Role.RUNNER, arena.runner.service.run, games_file=games, **settings)
    await stage.serve(Role.MATCHMAKER, arena.matchmaker.service.run, games_file=games)
