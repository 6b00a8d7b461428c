"""PettingZoo's AEC interface, tried on games of words.

PettingZoo's own `api_test` takes arrays only; this one asks the same of games whose observations or actions are text:
spaces that contain what is seen, rewards and ends for exactly the agents that are left, the dead stepped with None.
"""

from typing import Any

from gymnasium import spaces

EPISODES = 3
STEPS_MAX = 5_000


def speaks(environment: Any) -> bool:
    """Whether what agents see or do is text."""
    agents = environment.possible_agents
    found = [space(agent) for agent in agents for space in (environment.observation_space, environment.action_space)]
    return any(isinstance(space, spaces.Text) for space in found)


def talk_test(environment: Any) -> None:
    """Whole episodes of actions that the spaces sample. Raises AssertionError that says what was expected."""
    for episode in range(EPISODES):
        environment.reset(seed=episode)
        _expect(environment.agents == environment.possible_agents, "all possible_agents after reset")
        for steps, agent in enumerate(environment.agent_iter()):
            _expect(steps < STEPS_MAX, f"an end within {STEPS_MAX} steps")
            seen, reward, terminated, truncated, info = environment.last()
            space = environment.observation_space(agent)
            _expect(space is environment.observation_space(agent), "the same space object at each call")
            _expect(space.contains(seen), f"an observation of {agent} within {space}, not {str(seen)[:100]!r}")
            _expect(isinstance(float(reward), float) and isinstance(info, dict), "a number as reward, a dict as info")
            for name in ("rewards", "terminations", "truncations", "infos"):
                _expect(set(getattr(environment, name)) >= set(environment.agents), f"every agent in {name}")
            sampler = environment.action_space(agent)
            sampler.seed(steps)
            environment.step(None if terminated or truncated else sampler.sample())
        _expect(not environment.agents, "no agents at the end")


def _expect(holds: bool, expected: str) -> None:
    if not holds:
        raise AssertionError(f"expected {expected}")
