"""Environments with something wrong or unusual about them, and rows for them, as a third party might bring."""

import random
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from pettingzoo import AECEnv, ParallelEnv

from arena.games import Game
from arena.games.catalogue import resolve


def row(environment: str, kind: str, seats: int = 2, **fields: Any) -> dict[str, Any]:
    name = environment.lower()
    path = f"tests.games.strange:{environment}"
    return {"name": name, "title": environment, "environment": path, "kind": kind, "seats": seats, **fields}


def game(environment: str, kind: str, seats: int = 2, **fields: Any) -> Game:
    """A row, not checked as the catalogue does."""
    made = row(environment, kind, seats, version="0", **fields)
    assert resolve(made["environment"])
    return Game(**made)


class Dice(ParallelEnv):
    """Draws from a global generator after seeding it: deterministic only for who plays one match at a time."""

    metadata = {"name": "dice_v0", "render_modes": []}  # noqa: RUF012
    render_mode = None
    rounds = 5

    def __init__(self) -> None:
        self.possible_agents = ["player_0", "player_1"]
        self._observations = dict.fromkeys(self.possible_agents, spaces.Discrete(100))
        self._actions = dict.fromkeys(self.possible_agents, spaces.Discrete(2))

    def observation_space(self, agent: str) -> spaces.Space[Any]:
        return self._observations[agent]

    def action_space(self, agent: str) -> spaces.Space[Any]:
        return self._actions[agent]

    def reset(self, seed: int | None = None, options: Any = None) -> Any:
        self.agents = self.possible_agents[:]
        self._round = 0
        self.seed(seed)
        return {agent: np.int64(self.draw()) for agent in self.agents}, {agent: {} for agent in self.agents}

    def step(self, actions: dict[str, Any]) -> Any:
        self._round += 1
        agents, over = self.agents, self._round == self.rounds
        drawn = {agent: np.int64(self.draw()) for agent in agents}
        if over:
            self.agents = []
        nothing: dict[str, Any] = {agent: {} for agent in agents}
        return drawn, dict.fromkeys(agents, 0.0), dict.fromkeys(agents, over), dict.fromkeys(agents, False), nothing

    def seed(self, seed: int | None) -> None:
        random.seed(seed)

    def draw(self) -> int:
        return random.randrange(100)


class NumpyDice(Dice):
    """The same with NumPy's global generator."""

    def seed(self, seed: int | None) -> None:
        np.random.seed(seed)

    def draw(self) -> int:
        return int(np.random.randint(100))


class HashDice(Dice):
    """What it shows depends on the order of a set of strings: the same within one process, not in two."""

    def seed(self, seed: int | None) -> None:
        self._names = [f"{seed}-{number}" for number in range(100)]

    def draw(self) -> int:
        return self._names.index(next(iter(set(self._names))))


class Endless(Dice):
    """Never over."""

    rounds = -1

    def seed(self, seed: int | None) -> None:
        self._seed = seed or 0

    def draw(self) -> int:
        return self._seed % 100


class Boundless(Endless):
    """Gives rewards that are no numbers."""

    def step(self, actions: dict[str, Any]) -> Any:
        seen, rewards, *rest = super().step(actions)
        return seen, dict.fromkeys(rewards, float("nan")), *rest


class Crash(Endless):
    """Raises after a while."""

    def draw(self) -> int:
        if self._round == 3:
            raise RuntimeError("out of cards")
        return 0


class Turns(AECEnv):
    """Three agents act in turn; player_1 is out after its first turn; the ends bring rewards.

    stale: rewards are left standing when a dead agent is stepped, as Shimmy's OpenSpiel wrapper does.
    late: a reward of 5 comes with the first dead step at the end.
    """

    metadata = {"name": "turns_v0", "is_parallelizable": False, "render_modes": ["ansi"]}  # noqa: RUF012
    render_mode = "ansi"

    def __init__(
        self, stale: bool = False, late: bool = False, mask_in_info: bool = False, undying: bool = False
    ) -> None:
        self.possible_agents = ["player_0", "player_1", "player_2"]
        self._stale, self._late, self._mask_in_info, self._undying = stale, late, mask_in_info, undying
        self._observations = dict.fromkeys(self.possible_agents, spaces.Box(0, 100, (1,), np.int64))
        self._actions = dict.fromkeys(self.possible_agents, spaces.Discrete(3, start=1))

    def observation_space(self, agent: str) -> spaces.Space[Any]:
        return self._observations[agent]

    def action_space(self, agent: str) -> spaces.Space[Any]:
        return self._actions[agent]

    def reset(self, seed: int | None = None, options: Any = None) -> None:
        self.agents = self.possible_agents[:]
        self.rewards: dict[str, float] = dict.fromkeys(self.agents, 0.0)
        self._cumulative_rewards = dict.fromkeys(self.agents, 0.0)
        self.terminations = dict.fromkeys(self.agents, False)
        self.truncations = dict.fromkeys(self.agents, False)
        info: dict[str, Any] = {"action_mask": np.array([0, 1, 1], np.int8)} if self._mask_in_info else {}
        self.infos = dict.fromkeys(self.agents, info)
        self.agent_selection = "player_0"
        self.turn = 0

    def observe(self, agent: str) -> np.ndarray:
        return np.array([self.turn])

    def step(self, action: Any) -> None:
        agent = self.agent_selection
        if self.terminations[agent] or self.truncations[agent]:
            self._step_dead(action)
            return
        assert action in {1, 2, 3}
        self.turn += 1
        self.rewards = dict.fromkeys(self.agents, 0.0)
        self.rewards[agent] = 1.0
        following = self.agents[(self.agents.index(agent) + 1) % len(self.agents)]
        if agent == "player_1":
            self.terminations[agent] = True
        if self.turn == 6:
            self.terminations = dict.fromkeys(self.agents, True)
            self.rewards = dict.fromkeys(self.agents, 10.0)
        self.agent_selection = following
        self._deads_step_first()

    def _step_dead(self, action: Any) -> None:
        if self._undying:
            return
        kept = dict(self.rewards)
        self._was_dead_step(action)
        if self._stale:
            self.rewards = {agent: kept[agent] for agent in self.agents}
        if self._late and self.turn == 6 and len(self.agents) == 1:
            self.rewards[self.agents[0]] += 5.0

    def render(self) -> str:
        return f"turn {self.turn} of 6"

    def close(self) -> None:
        """Nothing is held."""


class Arm(gymnasium.Env[Any, Any]):
    """Every kind of space there is, in one action; the reward is the sum of the box."""

    metadata = {"render_modes": []}  # noqa: RUF012

    def __init__(self) -> None:
        self.observation_space = spaces.Dict({"ply": spaces.Discrete(10), "note": spaces.Text(20)})
        self.action_space = spaces.Dict(
            {
                "reach": spaces.Box(np.float32(-1), np.float32(1), (2, 2), np.float32),
                "fingers": spaces.MultiBinary(3),
                "joints": spaces.Tuple([spaces.Discrete(3, start=-1), spaces.MultiDiscrete([2, 5])]),
                "word": spaces.Text(4, charset="abc"),
            }
        )

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        super().reset(seed=seed)
        self._ply = 0
        return {"ply": np.int64(0), "note": "begin"}, {}

    def step(self, action: Any) -> Any:
        assert self.action_space.contains(action), action
        self._ply += 1
        seen = {"ply": np.int64(self._ply), "note": "on"}
        return seen, float(action["reach"].sum()), self._ply == 4, False, {}


def rows() -> list[dict[str, Any]]:
    """What an entry point of the group `arena.games` may name."""
    return [row("Turns", "aec", 3), row("Arm", "gymnasium", 1, rating="score")]


ONE_GAME = Game(**row("Endless", "parallel", plies_max=7))
WRONG_ROWS = [row("Crash", "parallel"), {**row("Dice", "parallel"), "name": "dice_of_two", "seats": "two"}]


def broken() -> Any:
    raise RuntimeError("this package is broken")
