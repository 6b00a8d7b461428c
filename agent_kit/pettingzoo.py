"""Games as PettingZoo's environments, whose agents are your own: one for each credentials file.

env = agent_kit.pettingzoo.aec_env("connect_four", ["one.creds", "other.creds"])
for agent in env.agent_iter(): ...

Two of them sit in one match where the platform pairs them, else each in a match of its own: the loop is the same.
docs/mounting.md says more. Needs the extra `gym`.
"""

import contextlib
import os
import weakref
from collections.abc import Sequence
from typing import Any, Unpack

try:
    from pettingzoo import AECEnv, ParallelEnv
except ImportError as error:
    raise ImportError("agent_kit.pettingzoo needs: pip install 'arena-platform[gym]'") from error

from agent_kit.bridge import Creds, Mounting
from agent_kit.seats import Seat, Seats
from agent_kit.spaces import Space

TOGETHER_S = 0.25  # how far apart the turns of one round arrive, at most: later ones are of the next

Several = Creds | Sequence[Creds]


def aec_env(
    game: str, creds: Several = None, *, timeout_s: float | None = None, **options: Unpack[Mounting]
) -> "ArenaAECEnv":
    """Your agents in matches of a game, as an `AECEnv`: `player_0` is the first credentials file, and so on.

    creds: one or several credentials files (default: environment variable ARENA_CREDS). timeout_s: how long `reset`
    waits for a match (default: as long as it takes). options: `url`, `instance`, `same_owner` (default: True where
    there are several) and `encoding` as for `agent_kit.run`. Raises CredentialsError, ConnectionFailed or Refused,
    here or later; Revoked, later.
    """
    return ArenaAECEnv(game, creds, timeout_s, options)


def parallel_env(
    game: str, creds: Several = None, *, timeout_s: float | None = None, **options: Unpack[Mounting]
) -> "ArenaParallelEnv":
    """As `aec_env`, as a `ParallelEnv`: for games in which all act at once."""
    return ArenaParallelEnv(game, creds, timeout_s, options)


class _Own:
    """What both kinds have: agents, their seats, their spaces."""

    def __init__(self, game: str, creds: Several, timeout_s: float | None, options: Mounting) -> None:
        players: list[Creds] = [creds] if creds is None or isinstance(creds, str | os.PathLike) else [*creds]
        self.metadata: dict[str, Any] = {"name": game, "render_modes": [], "is_parallelizable": True}
        self.render_mode = None
        self.possible_agents = [f"player_{number}" for number in range(len(players))]
        self.agents: list[str] = []
        own: Mounting = {"same_owner": len(players) > 1, **options}
        self._timeout_s = timeout_s
        self._table = Seats(game, players, own)
        self._seats = dict(zip(self.possible_agents, self._table.all, strict=True))
        weakref.finalize(self, self._table.bridge.stop).atexit = False  # the bridge itself sees to that

    def observation_space(self, agent: str) -> Space:
        """What the agent sees; where seats see different things, in the match in which it sits."""
        return self._table.spaces.with_mask(self._seats[agent].number)

    def action_space(self, agent: str) -> Space:
        """What the agent does; where seats do different things, in the match in which it sits."""
        return self._seats[agent].action_space

    def observe(self, agent: str) -> Any:
        """What the agent sees now or saw last, with its action mask, which is all 0 when it is not its turn."""
        seat = self._seats[agent]
        if not self._table.spaces.masked:
            return seat.observation
        return {"observation": seat.observation, "action_mask": seat.mask}

    def close(self) -> None:
        """Leave the platform: matches that run are played on at random, for ten seconds at most."""
        self._table.bridge.close()

    def _begin(self, options: dict[str, Any] | None) -> None:
        """Wait until somebody is asked; the others may sit in the same match, and wait for that move."""
        timeout_s = (options or {}).get("timeout_s", self._timeout_s)
        self._table.begin(self._table.all, timeout_s, lambda: any(seat.ready for seat in self._table.all))
        self.agents = self.possible_agents[:]

    def _ended(self) -> list[str]:
        """Agents whose match is over; whoever else sits in it is told a moment later, and waited for."""
        own = {agent: self._seats[agent] for agent in self.agents}
        over = {seat.match for seat in own.values() if seat.ended}
        self._table.wait(lambda: all(seat.ended for seat in own.values() if seat.match in over))
        return [agent for agent, seat in own.items() if seat.ended]


class ArenaAECEnv(_Own, AECEnv):  # type: ignore[misc]  # PettingZoo has no types
    """The agent that is asked first acts first."""

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> None:
        """Wait for a match, and for the first turn in it. Raises TimeoutError.

        Matches in which nobody moved yet go on; others are played to their end by random moves. The platform draws
        the seeds of matches: `seed` changes nothing. options: `timeout_s`, for this time.
        """
        self._begin(options)
        self.rewards: dict[str, float] = dict.fromkeys(self.agents, 0.0)
        self._cumulative_rewards: dict[str, float] = dict.fromkeys(self.agents, 0.0)
        self.terminations = dict.fromkeys(self.agents, False)
        self.truncations = dict.fromkeys(self.agents, False)
        self.infos = {agent: self._seats[agent].info() for agent in self.agents}
        self._skip_agent_selection = None
        self._go_on()

    def step(self, action: Any) -> None:
        """Play the selected agent's move, and wait until any agent is asked or its match is over.

        Raises InvalidAction for what is no action of this game. One that is not legal now is a fault: the same agent
        is asked again, until its match is forfeited.
        """
        agent = self.agent_selection
        if self._is_dead(agent):
            self._was_dead_step(action)
        else:
            self._table.play(self._seats[agent], action)
            self._cumulative_rewards[agent] = 0.0
            self._clear_rewards()
        if self.agents and not any(map(self._is_dead, self.agents)):
            self._go_on()

    def _go_on(self) -> None:
        """Select who is asked, or whose match is over."""
        own = [self._seats[agent] for agent in self.agents]
        self._table.wait(lambda: any(seat.ready for seat in own))
        ended = self._ended()
        for agent in ended:
            seat = self._seats[agent]
            self.terminations[agent], self.truncations[agent] = seat.finished, not seat.finished
        asked = [agent for agent in self.agents if self._seats[agent].asked]
        self.agent_selection = ended[0] if ended else min(asked, key=lambda agent: self._seats[agent].came_s)
        for agent in ended or [self.agent_selection]:
            self.rewards[agent] = self._seats[agent].reward
            self.infos[agent] = self._seats[agent].info()
        self._accumulate_rewards()

    def _is_dead(self, agent: str) -> bool:
        return self.terminations[agent] or self.truncations[agent]


class ArenaParallelEnv(_Own, ParallelEnv):  # type: ignore[misc]
    """All agents that are asked act at once. `info["asked"]` is false for those whose action is ignored."""

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        """Wait for matches, and for the first turns in them. As `ArenaAECEnv.reset`."""
        self._begin(options)
        self._gather()
        return {agent: self.observe(agent) for agent in self.agents}, self._infos()

    def step(
        self, actions: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[str, float], dict[str, bool], dict[str, bool], dict[str, dict[str, Any]]]:
        """Play the moves of all agents that are asked, and wait for their next turns."""
        asked = [agent for agent in self.agents if self._seats[agent].asked]
        for agent in asked:
            self._table.play(self._seats[agent], actions[agent])
        self._gather()
        self._ended()
        seats = {agent: self._seats[agent] for agent in self.agents}
        observations = {agent: self.observe(agent) for agent in self.agents}
        rewards = {agent: seat.reward if seat.ready else 0.0 for agent, seat in seats.items()}
        terminations = {agent: seat.finished for agent, seat in seats.items()}
        truncations = {agent: seat.ended and not seat.finished for agent, seat in seats.items()}
        infos = self._infos()
        self.agents = [agent for agent in self.agents if not seats[agent].ended]
        return observations, rewards, terminations, truncations, infos

    def _gather(self) -> None:
        """Wait for somebody's turn, and a moment longer for those of the others."""
        own: list[Seat] = [self._seats[agent] for agent in self.agents]
        self._table.wait(lambda: any(seat.ready for seat in own))
        with contextlib.suppress(TimeoutError):
            self._table.wait(lambda: all(seat.ready for seat in own), TOGETHER_S)

    def _infos(self) -> dict[str, dict[str, Any]]:
        seats = {agent: self._seats[agent] for agent in self.agents}
        return {agent: seat.info() | {"asked": seat.asked is not None} for agent, seat in seats.items()}
