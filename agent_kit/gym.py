"""Games as Gymnasium's environments: `reset()` waits for a match, `step(action)` plays a move in it.

env = agent_kit.gym.make("connect_four", "my-bot.creds")
observation, info = env.reset()

docs/mounting.md says what `info` has and how matches end. Needs the extra `gym`.
"""

import weakref
from typing import Any, Unpack

try:
    import gymnasium
    import numpy as np
    from gymnasium.vector import AutoresetMode, VectorEnv
    from gymnasium.vector.utils import batch_space, concatenate, create_empty_array, iterate
except ImportError as error:
    raise ImportError("agent_kit.gym needs: pip install 'arena-platform[gym]'") from error

from agent_kit.bridge import Creds, Mounting
from agent_kit.seats import Seat, Seats

ID = "Arena-v0"
Step = tuple[Any, float, bool, bool, dict[str, Any]]


def make(game: str, creds: Creds = None, *, timeout_s: float | None = None, **options: Unpack[Mounting]) -> "ArenaEnv":
    """One match after the other as a `gymnasium.Env`; as `gymnasium.make("agent_kit.gym:Arena-v0", game=...)`.

    creds: the credentials file (default: environment variable ARENA_CREDS). timeout_s: how long `reset` waits for a
    match (default: as long as it takes). options: `url`, `instance`, `same_owner` and `encoding` as for
    `agent_kit.run`. Raises CredentialsError, ConnectionFailed or Refused, here or later; Revoked, later.
    """
    env = gymnasium.make(ID, game=game, creds=creds, timeout_s=timeout_s, **options).unwrapped
    assert isinstance(env, ArenaEnv)  # noqa: S101 - registered below
    return env


def make_vec(
    game: str, num_envs: int, creds: Creds = None, *, timeout_s: float | None = None, **options: Unpack[Mounting]
) -> "ArenaVectorEnv":
    """Many matches at once as a `gymnasium.vector.VectorEnv`: `num_envs` slots of one instance. See `make`.

    Each step waits for all of them, while the clocks of those that are there run: have no more than there are
    opponents for. ValueError where the seats of the game see or do different things.
    """
    return ArenaVectorEnv(game, num_envs, creds, timeout_s=timeout_s, **options)


class ArenaEnv(gymnasium.Env[Any, Any]):
    """One seat in one match after the other.

    Observations are without the action mask, which is in `info["action_mask"]`, and in `action_masks()` for
    sb3-contrib. Where seats see different things, the spaces are those of the seat in the present match.
    """

    metadata: dict[str, Any] = {"render_modes": []}  # noqa: RUF012 - Gymnasium's way

    def __init__(
        self, game: str, creds: Creds = None, *, timeout_s: float | None = None, **options: Unpack[Mounting]
    ) -> None:
        self._timeout_s = timeout_s
        self._seats = Seats(game, [creds], options)
        (self._seat,) = self._seats.all
        self.observation_space = self._seat.observation_space
        self.action_space = self._seat.action_space
        weakref.finalize(self, self._seats.bridge.stop).atexit = False  # the bridge itself sees to that

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Wait for a match and for the first turn in it. Raises TimeoutError.

        A match in which you made no move yet goes on. One that you leave in the middle is played to its end by random
        moves, for its opponents wait, and counts. The platform draws the seeds of matches: `seed` seeds `np_random`
        alone. options: `timeout_s`, for this time.
        """
        super().reset(seed=seed)
        timeout_s = (options or {}).get("timeout_s", self._timeout_s)
        self._seats.begin([self._seat], timeout_s, lambda: self._seat.ready)
        self.observation_space = self._seat.observation_space
        self.action_space = self._seat.action_space
        return self._seat.observation, self._seat.info()

    def step(self, action: Any) -> Step:
        """Play a move, and wait until it is your turn again or the match is over.

        Raises InvalidAction for what is no action of this game. One that is not legal now is a fault: the same turn
        comes again (`info["fault"]` says why), until the match is forfeited.
        """
        self._seats.play(self._seat, action)
        self._seats.wait(lambda: self._seat.ready)
        return _position(self._seat)

    def action_masks(self) -> Any:
        """For sb3-contrib, what is legal now: a bool array; all true without a mask, and between matches."""
        return _mask(self._seat)

    def close(self) -> None:
        """Leave the platform: a match that runs is played on at random, for ten seconds at most."""
        self._seats.bridge.close()


class ArenaVectorEnv(VectorEnv[Any, Any, Any]):
    """Many seats, each in one match after the other. A seat whose match is over is in the next one a step later."""

    metadata: dict[str, Any] = {"autoreset_mode": AutoresetMode.NEXT_STEP, "render_modes": []}  # noqa: RUF012

    def __init__(
        self,
        game: str,
        num_envs: int,
        creds: Creds = None,
        *,
        timeout_s: float | None = None,
        **options: Unpack[Mounting],
    ) -> None:
        self.num_envs = num_envs
        self._timeout_s = timeout_s
        self._seats = Seats(game, [creds], options, num_envs)
        weakref.finalize(self, self._seats.bridge.stop).atexit = False
        if not self._seats.spaces.alike:
            self.close()
            raise ValueError(f"the seats of {game} see or do different things: make an environment for each match")
        self.single_observation_space = self._seats.spaces.observation(0)
        self.single_action_space = self._seats.spaces.action(0)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Wait until every seat has its turn in a match. As `ArenaEnv.reset`."""
        super().reset(seed=seed)
        timeout_s = (options or {}).get("timeout_s", self._timeout_s)
        self._seats.begin(self._seats.all, timeout_s, self._all_ready)
        observations, _, _, _, infos = self._positions()
        return observations, infos

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        """Play a move in every match, and wait until it is your turn again in all of them, or they are over.

        A match that was over before: its action is ignored, and the step is the beginning of the next one.
        """
        over = [seat for seat in self._seats.all if seat.ended]
        for seat, action in zip(self._seats.all, list(iterate(self.action_space, actions)), strict=True):
            if seat not in over:
                self._seats.play(seat, action)
        if over:
            self._seats.begin(over, self._timeout_s, self._all_ready)
        else:
            self._seats.wait(self._all_ready)
        return self._positions()

    def action_masks(self) -> Any:
        """What is legal now in each match: a bool array, num_envs x actions."""
        return np.stack([_mask(seat) for seat in self._seats.all])

    def close_extras(self, **_: Any) -> None:
        """Leave the platform, as `ArenaEnv.close`."""
        self._seats.bridge.close()

    def _all_ready(self) -> bool:
        return all(seat.ready for seat in self._seats.all)

    def _positions(self) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        found = [_position(seat) for seat in self._seats.all]
        infos: dict[str, Any] = {}
        for number, (*_, info) in enumerate(found):
            infos = self._add_info(infos, info, number)
        space = self.single_observation_space
        room = create_empty_array(space, self.num_envs)
        assert room is not None  # noqa: S101 - for `Graph` and the like alone
        observations = concatenate(space, [one[0] for one in found], room)
        rewards, terminated, truncated = (np.array([one[column] for one in found]) for column in (1, 2, 3))
        return observations, rewards, terminated, truncated, infos


def _position(seat: Seat) -> Step:
    return seat.observation, seat.reward, seat.finished, seat.ended and not seat.finished, seat.info()


def _mask(seat: Seat) -> Any:
    if not isinstance(seat.action_space, gymnasium.spaces.Discrete):
        raise TypeError(f"there are no masks for {seat.action_space}")
    mask = seat.asked and seat.asked.turn.mask
    return np.ones(int(seat.action_space.n), bool) if mask is None else np.asarray(mask, bool)


gymnasium.register(
    ID,
    entry_point="agent_kit.gym:ArenaEnv",
    vector_entry_point="agent_kit.gym:ArenaVectorEnv",
    nondeterministic=True,  # opponents play too
    order_enforce=False,  # both are checked here already
    disable_env_checker=True,
)
