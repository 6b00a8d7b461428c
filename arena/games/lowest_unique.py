"""Lowest unique number, the Swedish lottery LUPI, as a PettingZoo Parallel environment.

In every round each agent picks a number from 1 to `numbers`; the lowest number that only one agent picked wins a
point. If no number is unique, nobody wins.  After `rounds` rounds the game is over.
(R. Ostling, J. Wang, E. Chou, C. Camerer: Testing Game Theory in the Field: Swedish LUPI Lottery Games, 2011.)

Observation of an agent, all int16, agents in the order of play with the observer first:
    counts  (players, numbers)  how often each agent picked each number so far
    last    (players,)          what each agent picked in the last round, 0 before the first
    scores  (players,)          points so far
    round   (1,)                rounds played
Action: the number itself.
"""

from collections import Counter
from typing import Any

import numpy as np
from gymnasium import spaces
from pettingzoo import ParallelEnv

PLAYERS_MIN = 3
DTYPE = np.int16


def parallel_env(**arguments: Any) -> "LowestUnique":
    """The environment. Arguments: players, numbers, rounds."""
    return LowestUnique(**arguments)


class LowestUnique(ParallelEnv):  # type: ignore[misc]
    """Nothing is random here but what the agents do."""

    metadata = {"name": "lowest_unique_v0", "render_modes": ["ansi"]}  # noqa: RUF012 - PettingZoo's way

    def __init__(self, players: int = 4, numbers: int = 6, rounds: int = 20) -> None:
        if players < PLAYERS_MIN or numbers < 2 or rounds < 1:
            raise ValueError(f"expected players >= {PLAYERS_MIN}, numbers >= 2, rounds >= 1")
        self.render_mode = "ansi"
        self.rounds = rounds
        self.numbers = numbers
        self.possible_agents = [f"player_{seat}" for seat in range(players)]
        self.agents: list[str] = []
        self._space = spaces.Dict(
            {
                "counts": spaces.Box(0, rounds, (players, numbers), DTYPE),
                "last": spaces.Box(0, numbers, (players,), DTYPE),
                "scores": spaces.Box(0, rounds, (players,), DTYPE),
                "round": spaces.Box(0, rounds, (1,), DTYPE),
            }
        )
        self._actions = {agent: spaces.Discrete(numbers, start=1) for agent in self.possible_agents}
        self._counts = np.zeros((players, numbers), DTYPE)
        self._last = np.zeros(players, DTYPE)
        self._scores = np.zeros(players, DTYPE)
        self._round = 0

    def observation_space(self, agent: str) -> spaces.Space[Any]:
        """The same space for every agent."""
        return self._space

    def action_space(self, agent: str) -> spaces.Space[Any]:
        """Numbers from 1."""
        return self._actions[agent]

    def reset(
        self,
        seed: int | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Begin with no round played."""
        self.agents = self.possible_agents[:]
        for array in (self._counts, self._last, self._scores):
            array[...] = 0
        self._round = 0
        return self._observations(), {agent: {} for agent in self.agents}

    def step(self, actions: dict[str, int]) -> tuple[dict[str, Any], ...]:
        """Play one round."""
        picks = [int(actions[agent]) for agent in self.agents]
        times = Counter(picks)
        unique = [pick for pick in picks if times[pick] == 1]
        winner = picks.index(min(unique)) if unique else None
        for seat, pick in enumerate(picks):
            self._counts[seat, pick - 1] += 1
            self._last[seat] = pick
        if winner is not None:
            self._scores[winner] += 1
        self._round += 1
        over = self._round >= self.rounds
        agents = self.agents
        results: tuple[dict[str, Any], ...] = (
            self._observations(),
            {agent: float(seat == winner) for seat, agent in enumerate(agents)},
            dict.fromkeys(agents, over),
            dict.fromkeys(agents, False),
            {agent: {} for agent in agents},
        )
        if over:
            self.agents = []
        return results

    def render(self) -> str:
        """The last picks and the points of every agent."""
        rows = [f"round {self._round} of {self.rounds}   picks  points  times picked 1..{self.numbers}"]
        for seat, agent in enumerate(self.possible_agents):
            counts = " ".join(f"{count:2d}" for count in self._counts[seat])
            rows.append(f"{agent:<17}{self._last[seat] or '-':>6}{self._scores[seat]:>8}  {counts}")
        return "\n".join(rows)

    def close(self) -> None:
        """Nothing is held."""

    def _observations(self) -> dict[str, Any]:
        return {
            agent: {
                "counts": np.roll(self._counts, -seat, axis=0),
                "last": np.roll(self._last, -seat),
                "scores": np.roll(self._scores, -seat),
                "round": np.array([self._round], DTYPE),
            }
            for seat, agent in enumerate(self.possible_agents)
        }
