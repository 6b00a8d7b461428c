"""Gymnasium environments: games of one seat."""

from collections.abc import Mapping
from typing import Any

from gymnasium import spaces

from arena.games.adapter import Adapter
from arena.games.environment import People


class Gym(Adapter):
    """The one seat acts until the environment terminates or truncates.

    An action mask in `info` is no rule here but a hint (Taxi's marks moves that change nothing): the environment takes
    every action of its space, and so do we.
    """

    def __init__(self, env: Any, plies_max: int, people: People) -> None:
        super().__init__(env, ["agent_0"], plies_max, people)
        self._observation: Any = None

    def _spaces(self, agent: str) -> tuple[spaces.Space[Any], spaces.Space[Any]]:
        return self._env.observation_space, self._env.action_space

    def _begin(self, seed: int) -> None:
        self._observation, _ = self._env.reset(seed=seed)
        self.over, self.to_act = False, (0,)

    def _seen(self, seat: int) -> tuple[Any, Mapping[str, Any]]:
        return self._observation, {}

    def _advance(self, actions: Mapping[int, Any]) -> list[float]:
        self._observation, reward, terminated, truncated, _ = self._env.step(actions[0])
        if terminated or truncated:
            self.over, self.to_act = True, ()
        return [float(reward)]
