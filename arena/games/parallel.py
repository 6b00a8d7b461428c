"""PettingZoo's Parallel environments: all agents act at once."""

from collections.abc import Mapping
from typing import Any

from gymnasium import spaces
from pettingzoo.utils.conversions import aec_to_parallel_wrapper

from arena.games.adapter import Adapter
from arena.games.aec import peeled
from arena.games.environment import People, Unplayable


class Parallel(Adapter):
    """Seats whose agents have finished act no more; the others play on."""

    def __init__(self, env: Any, plies_max: int, people: People) -> None:
        agents = getattr(env, "possible_agents", None)
        if not agents:
            raise Unplayable("a Parallel environment needs possible_agents, for its seats are these agents in order")
        if type(env) is aec_to_parallel_wrapper:
            env.aec_env = peeled(env.aec_env)
        super().__init__(env, agents, plies_max, people)
        self._observations: dict[str, Any] = {}
        self._infos: dict[str, Any] = {}

    def _spaces(self, agent: str) -> tuple[spaces.Space[Any], spaces.Space[Any]]:
        return self._env.observation_space(agent), self._env.action_space(agent)

    def _begin(self, seed: int) -> None:
        self._observations, self._infos = self._env.reset(seed=seed)
        self._go_on({})

    def _seen(self, seat: int) -> tuple[Any, Mapping[str, Any]]:
        agent = self._agents[seat]
        return self._observations[agent], self._infos.get(agent, {})

    def _advance(self, actions: Mapping[int, Any]) -> list[float]:
        chosen = {self._agents[seat]: actions[seat] for seat in self.to_act}
        self._observations, rewards, terminated, truncated, self._infos = self._env.step(chosen)
        self._go_on({agent for ends in (terminated, truncated) for agent, ended in ends.items() if ended})
        return [float(rewards.get(agent, 0.0)) for agent in self._agents]

    def _go_on(self, ended: Any) -> None:
        live = set(self._env.agents).difference(ended)
        self.to_act = tuple(seat for seat, agent in enumerate(self._agents) if agent in live)
        self.over = not self.to_act
