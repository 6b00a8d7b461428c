"""PettingZoo's AEC environments: agents act one after the other."""

from collections.abc import Mapping
from typing import Any

from gymnasium import spaces
from pettingzoo.utils.wrappers import AssertOutOfBoundsWrapper, OrderEnforcingWrapper, TerminateIllegalWrapper

from arena.games.adapter import Adapter
from arena.games.environment import People, Unplayable

# These wrappers only check, and so do we: an action is legal and in its space before it gets to `step`.
_CHECKS = (OrderEnforcingWrapper, AssertOutOfBoundsWrapper, TerminateIllegalWrapper)


def peeled(env: Any) -> Any:
    """The environment without its outer wrappers that only check. Wrappers that change anything stay."""
    while type(env) in _CHECKS:
        env = env.env
    return env


class AEC(Adapter):
    """Agents that are terminated or truncated are stepped with None as the API demands; nobody sees those steps."""

    def __init__(self, env: Any, plies_max: int, people: People) -> None:
        agents = getattr(env, "possible_agents", None)
        if not agents:
            raise Unplayable("an AEC environment needs possible_agents, for its seats are these agents in order")
        super().__init__(peeled(env), agents, plies_max, people)
        self._turns = {agent: (seat,) for seat, agent in enumerate(self._agents)}

    def _spaces(self, agent: str) -> tuple[spaces.Space[Any], spaces.Space[Any]]:
        return self._env.observation_space(agent), self._env.action_space(agent)

    def _begin(self, seed: int) -> None:
        self._env.reset(seed=seed)
        self._go_on([0.0] * self.seats)

    def _seen(self, seat: int) -> tuple[Any, Mapping[str, Any]]:
        env, agent = self._env, self._agents[seat]
        return env.observe(agent), env.infos[agent]

    def _advance(self, actions: Mapping[int, Any]) -> list[float]:
        env = self._env
        env.step(actions[self.to_act[0]])
        rewards = env.rewards
        gained = [float(rewards[agent]) if agent in rewards else 0.0 for agent in self._agents]
        self._go_on(gained)
        return gained

    def _go_on(self, gained: list[float]) -> None:
        """Step the dead, adding what those steps bring, until someone alive is to act or nobody is left."""
        env = self._env
        for _ in range(self.seats + 1):
            if not env.agents:
                self.over, self.to_act = True, ()
                return
            agent = env.agent_selection
            if not (env.terminations[agent] or env.truncations[agent]):
                self.over, self.to_act = False, self._turns[agent]
                return
            counted = dict(env.rewards)
            env.step(None)
            for name, reward in env.rewards.items():
                # Some environments leave the last rewards standing after a dead step: those are counted already.
                if reward != counted.get(name):
                    gained[self._turns[name][0]] += float(reward)
        raise RuntimeError(f"agent {env.agent_selection} is dead, but stays among the agents after step(None)")
