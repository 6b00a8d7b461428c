"""Nim: two players take any number from one of some heaps, in turn; who takes the last one wins.

(C. L. Bouton: Nim, a game with a complete mathematical theory, 1901.)  How large the heaps are, the seed says.

Observation: int8 (heaps,), what is left. Action: heap * largest + number - 1; the mask says what may be taken.
"""

from typing import Any

import numpy as np
from gymnasium import spaces
from pettingzoo import AECEnv


def env(heaps: int = 3, largest: int = 7) -> "Nim":
    """The environment."""
    return Nim(heaps, largest)


class Nim(AECEnv):
    """One match."""

    metadata = {"name": "nim_v0", "is_parallelizable": False, "render_modes": ["ansi"]}  # noqa: RUF012

    def __init__(self, heaps: int, largest: int) -> None:
        super().__init__()
        self.render_mode = "ansi"
        self.largest = largest
        self.heaps = np.zeros(heaps, np.int8)
        self.possible_agents = ["player_0", "player_1"]
        seen = spaces.Box(0, largest, (heaps,), np.int8)
        mask = spaces.Box(0, 1, (heaps * largest,), np.int8)
        both = spaces.Dict({"observation": seen, "action_mask": mask})
        self.observation_spaces = dict.fromkeys(self.possible_agents, both)
        self.action_spaces = {agent: spaces.Discrete(heaps * largest) for agent in self.possible_agents}

    def observation_space(self, agent: str) -> spaces.Space:
        """The same for both."""
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> spaces.Space:
        """The same for both."""
        return self.action_spaces[agent]

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> None:
        """New heaps."""
        rng = np.random.default_rng(seed)
        self.heaps = rng.integers(1, self.largest + 1, len(self.heaps), np.int8)
        self.agents = self.possible_agents[:]
        self.rewards = dict.fromkeys(self.agents, 0.0)
        self._cumulative_rewards = dict.fromkeys(self.agents, 0.0)
        self.terminations = dict.fromkeys(self.agents, False)
        self.truncations = dict.fromkeys(self.agents, False)
        self.infos: dict[str, dict[str, Any]] = {agent: {} for agent in self.agents}
        self.agent_selection = self.agents[0]

    def observe(self, agent: str) -> dict[str, Any]:
        """The heaps, and what may be taken."""
        numbers = np.arange(1, self.largest + 1)
        mask = (numbers <= self.heaps[:, None]).astype(np.int8).ravel()
        return {"observation": self.heaps.copy(), "action_mask": mask}

    def step(self, action: Any) -> None:
        """Take some."""
        agent = self.agent_selection
        if self.terminations[agent]:
            self._was_dead_step(action)
            return
        self._cumulative_rewards[agent] = 0.0
        heap, number = divmod(int(action), self.largest)
        self.heaps[heap] -= number + 1
        other = self.possible_agents[1 - self.possible_agents.index(agent)]
        if not self.heaps.any():
            self.rewards = {agent: 1.0, other: -1.0}
            self.terminations = dict.fromkeys(self.agents, True)
        self.agent_selection = other
        self._accumulate_rewards()

    def render(self) -> str:
        """What is left."""
        return " ".join(map(str, self.heaps))

    def close(self) -> None:
        """Nothing is held."""
