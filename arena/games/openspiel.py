"""OpenSpiel's games as PettingZoo environments: `env` where seats take turns, `parallel_env` where all act at once.

Shimmy has such a wrapper too; it makes games in which all act at once into turns, so that the second seat sees more,
and leaves rewards standing that were counted already.  Here chance is drawn from the match's seed by a generator of its
own, and everything that happens is in the state.

Observation of an agent, with its mask of legal actions:
    observation  float32, the game's own tensor: what the seat sees now (view = "observation"), or all it has seen and
                 done since the beginning (view = "information_state")
    action_mask  int8, one for each of the game's distinct actions

(M. Lanctot et al.: OpenSpiel: A Framework for Reinforcement Learning in Games, 2019, arXiv:1908.09453.)
"""

import random
from typing import Any, Literal

import numpy as np
import pyspiel
from gymnasium import spaces
from pettingzoo import AECEnv, ParallelEnv

Look = Literal["observation", "information_state"]
CHANCE_MAX = 10_000  # moves of chance in a row; more is a game without an end


def env(game: str, view: Look = "observation", **parameters: Any) -> "Turns":
    """A game of turns. Arguments: OpenSpiel's name of it, what seats see, and the game's own parameters."""
    return Turns(Table(game, view, parameters))


def parallel_env(game: str, view: Look = "observation", **parameters: Any) -> "Rounds":
    """A game in which all act at once. Arguments as of `env`."""
    return Rounds(Table(game, view, parameters))


class Table:
    """One game of OpenSpiel and its position: what turns and rounds have in common."""

    def __init__(self, game: str, view: Look, parameters: dict[str, Any]) -> None:
        self.game = pyspiel.load_game(game, parameters)
        self.state = self.game.new_initial_state()
        self.agents = [f"player_{seat}" for seat in range(self.game.num_players())]
        self.last_action: int | None = None  # of a player, not of chance
        self._whole = view == "information_state"
        kind = self.game.information_state_tensor_shape if self._whole else self.game.observation_tensor_shape
        self._shape = tuple(kind())
        self._actions = self.game.num_distinct_actions()
        self._random = random.Random()
        self._counted = [0.0] * len(self.agents)
        seen = spaces.Box(-np.inf, np.inf, self._shape, np.float32)
        mask = spaces.Box(0, 1, (self._actions,), np.int8)
        self.observation_spaces = {
            agent: spaces.Dict({"observation": seen, "action_mask": mask}) for agent in self.agents
        }
        self.action_spaces = {agent: spaces.Discrete(self._actions) for agent in self.agents}

    def begin(self, seed: int | None) -> None:
        """Set the game up."""
        self._random.seed(seed)
        self.state = self.game.new_initial_state()
        self.last_action = None
        self._counted = [0.0] * len(self.agents)
        self._chance()

    def move(self, actions: list[int]) -> list[float]:
        """Apply one action, or one of each player where all act at once; what every player gained."""
        state = self.state
        if state.is_simultaneous_node():
            state.apply_actions(actions)
        else:
            (self.last_action,) = actions
            state.apply_action(actions[0])
        self._chance()
        return self._gained()

    def seen(self, seat: int) -> dict[str, Any]:
        """A player's observation. At the end nothing is left to see, and nothing to do."""
        mask = np.zeros(self._actions, np.int8)
        state = self.state
        if state.is_terminal():
            return {"observation": np.zeros(self._shape, np.float32), "action_mask": mask}
        mask[state.legal_actions(seat)] = 1
        tensor = state.information_state_tensor(seat) if self._whole else state.observation_tensor(seat)
        return {"observation": np.asarray(tensor, np.float32).reshape(self._shape), "action_mask": mask}

    def _chance(self) -> None:
        """Let chance move until players are to act, or nobody is."""
        for _ in range(CHANCE_MAX):
            if not self.state.is_chance_node():
                return
            outcomes = self.state.chance_outcomes()
            actions = [action for action, _ in outcomes]
            self.state.apply_action(self._random.choices(actions, [chance for _, chance in outcomes])[0])
        raise RuntimeError(f"chance moved {CHANCE_MAX} times in a row")

    def _gained(self) -> list[float]:
        """What the players' returns grew by. Games that reward only the end may say nothing useful before."""
        if self.game.get_type().reward_model == pyspiel.GameType.RewardModel.TERMINAL and not self.state.is_terminal():
            return [0.0] * len(self.agents)
        returns = self.state.returns()
        gained = [now - before for now, before in zip(returns, self._counted, strict=True)]
        self._counted = returns
        return gained


class Turns(AECEnv):  # type: ignore[misc]
    """Seats take turns; chance moves in between."""

    metadata = {"name": "openspiel_v0", "is_parallelizable": False, "render_modes": ["ansi"]}  # noqa: RUF012

    def __init__(self, table: Table) -> None:
        super().__init__()
        self.render_mode = "ansi"
        self.table = table
        self.possible_agents = table.agents[:]
        self.observation_spaces = table.observation_spaces
        self.action_spaces = table.action_spaces

    def observation_space(self, agent: str) -> spaces.Space[Any]:
        """The same for every agent."""
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> spaces.Space[Any]:
        """The game's distinct actions."""
        return self.action_spaces[agent]

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> None:
        """Begin anew."""
        self.table.begin(seed)
        self.agents = self.possible_agents[:]
        self.rewards: dict[str, float] = dict.fromkeys(self.agents, 0.0)
        self._cumulative_rewards: dict[str, float] = dict.fromkeys(self.agents, 0.0)
        self.terminations = dict.fromkeys(self.agents, False)
        self.truncations = dict.fromkeys(self.agents, False)
        self.infos: dict[str, dict[str, Any]] = {agent: {} for agent in self.agents}
        self._next()

    def observe(self, agent: str) -> dict[str, Any]:
        """What the agent sees."""
        return self.table.seen(self.possible_agents.index(agent))

    def step(self, action: Any) -> None:
        """Play the action of the agent whose turn it is."""
        if self.terminations[self.agent_selection]:
            self._was_dead_step(action)
            return
        self._cumulative_rewards[self.agent_selection] = 0.0
        self.rewards = dict(zip(self.possible_agents, self.table.move([int(action)]), strict=True))
        self._next()
        self._accumulate_rewards()

    def render(self) -> str:
        """The position in OpenSpiel's own words."""
        return str(self.table.state)

    def close(self) -> None:
        """Nothing is held."""

    def _next(self) -> None:
        if self.table.state.is_terminal():
            self.terminations = dict.fromkeys(self.agents, True)
        else:
            self.agent_selection = self.possible_agents[self.table.state.current_player()]


class Rounds(ParallelEnv):  # type: ignore[misc]
    """All seats act at once; chance moves in between."""

    metadata = {"name": "openspiel_v0", "render_modes": ["ansi"]}  # noqa: RUF012

    def __init__(self, table: Table) -> None:
        self.render_mode = "ansi"
        self.table = table
        self.possible_agents = table.agents[:]
        self.agents: list[str] = []
        self.observation_spaces = table.observation_spaces
        self.action_spaces = table.action_spaces

    def observation_space(self, agent: str) -> spaces.Space[Any]:
        """The same for every agent."""
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> spaces.Space[Any]:
        """The game's distinct actions."""
        return self.action_spaces[agent]

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Begin anew."""
        self.table.begin(seed)
        self.agents = self.possible_agents[:]
        return self._seen(), {agent: {} for agent in self.agents}

    def step(self, actions: dict[str, Any]) -> tuple[dict[str, Any], ...]:
        """Play one action of every agent."""
        agents = self.agents
        gained = self.table.move([int(actions[agent]) for agent in self.possible_agents])
        over = self.table.state.is_terminal()
        if over:
            self.agents = []
        nothing: dict[str, Any] = {agent: {} for agent in agents}
        rewards = dict(zip(self.possible_agents, gained, strict=True))
        return self._seen(), rewards, dict.fromkeys(agents, over), dict.fromkeys(agents, False), nothing

    def render(self) -> str:
        """The position in OpenSpiel's own words."""
        return str(self.table.state)

    def close(self) -> None:
        """Nothing is held."""

    def _seen(self) -> dict[str, Any]:
        return {agent: self.table.seen(seat) for seat, agent in enumerate(self.possible_agents)}
