"""Checkpoints of Stable-Baselines3 and sb3-contrib, trained here for a moment (the extra `sb3`: not in CI)."""

from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from agent_kit import MountFailed, Turn
from agent_kit.mounts import sb3 as mounts
from tests.agent_kit.mounts.conftest import House
from tests.agent_kit.readings.test_readings import turns

sb3 = pytest.importorskip("stable_baselines3", reason="the extra `sb3` is not installed")
contrib = pytest.importorskip("sb3_contrib", reason="the extra `sb3` is not installed")

BOARD = spaces.Box(0, 1, (3, 3, 2), np.int8)
MASK = spaces.Box(0, 1, (9,), np.int8)


class Alone(gymnasium.Env):  # type: ignore[misc]
    """Tic-tac-toe's spaces, and a point for square 4. `seen` makes its observation of the board."""

    def __init__(self, space: spaces.Space[Any], actions: int = 9) -> None:
        self.observation_space = space
        self.action_space = spaces.Discrete(actions)
        self._steps = 0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed)
        self._steps = 0
        return self.observation_space.sample(), {}

    def step(self, action: int) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        self._steps += 1
        return self.observation_space.sample(), float(action == 4), self._steps >= 9, False, {}

    def action_masks(self) -> np.ndarray:
        return np.ones(int(self.action_space.n), bool)


def turn_of(game: str) -> Turn:
    turn, _, _ = next(turns(game, 1))
    return turn


def trained(algorithm: Any, space: spaces.Space[Any], **options: Any) -> Any:
    policy = "MultiInputPolicy" if isinstance(space, spaces.Dict) else "MlpPolicy"
    return algorithm(policy, Alone(space), device="cpu", seed=1, **options)


async def test_a_maskable_ppo_checkpoint_plays_ranked_matches(house: House, tmp_path: Path) -> None:
    model = trained(contrib.MaskablePPO, BOARD, n_steps=64, batch_size=32)
    model.learn(128)
    model.save(tmp_path / "model.zip")
    policy = mounts.mount(str(tmp_path / "model.zip"))
    played = await house.meet(policy, game="tictactoe", games=["tictactoe"], matches=2, slots=2)
    assert played.faults == []


@pytest.mark.parametrize(
    "space",
    [
        BOARD,
        spaces.Box(0, 1, (18,), np.float32),
        spaces.Box(0, 1, (27,), np.float32),
        spaces.Dict({"observation": BOARD, "action_mask": MASK}),
    ],
    ids=["as it is", "flattened", "flattened with its mask", "dict"],
)
async def test_observations_come_as_the_model_was_trained(space: spaces.Space[Any]) -> None:
    model = trained(contrib.MaskablePPO, space, n_steps=8, batch_size=8)
    turn = turn_of("tictactoe")
    turn.observation[0, 1, 1] = 1
    turn.legal = [0, 3, 4]
    nested = {"observation": turn.observation, "action_mask": turn.mask}
    flat = spaces.flatten(spaces.Dict({"observation": BOARD, "action_mask": MASK}), nested)
    seen = {(3, 3, 2): turn.observation, (18,): turn.observation.ravel(), (27,): flat, None: nested}[space.shape]
    expected, _ = model.predict(seen, action_masks=turn.mask, deterministic=True)
    policy = mounts.mount(model)
    assert await policy(turn) == expected
    policy.close()


@pytest.mark.parametrize("name", ["PPO", "A2C", "DQN", "QRDQN", "TRPO", "MaskablePPO"])
async def test_checkpoints_of_every_kind_play_legally(tmp_path: Path, name: str) -> None:
    algorithm = getattr(sb3, name, None) or getattr(contrib, name)
    model = trained(algorithm, BOARD)
    model.save(tmp_path / "model.zip")
    assert mounts._algorithm(tmp_path / "model.zip") == name
    policy = mounts.mount(tmp_path / "model.zip")
    turn = turn_of("tictactoe")
    free, _ = model.predict(turn.observation, deterministic=True)
    assert await policy(turn) == free
    turn.legal = [action for action in range(9) if action != free]
    assert await policy(turn) in turn.legal
    policy.close()
    drawing = mounts.mount(tmp_path / "model.zip", deterministic=False)
    assert len({await drawing(turn) for _ in range(40)}) > 1
    drawing.close()


async def test_continuous_actions_are_the_models_own() -> None:
    env = gymnasium.make("Pendulum-v1")
    model = sb3.SAC("MlpPolicy", env, device="cpu", seed=1)
    turn = turn_of("cartpole")
    turn.actions = range(0)
    policy = mounts.mount(model, observe=lambda turn: np.asarray(turn.observation[:3], np.float32))
    (force,) = await policy(turn)
    assert -2.0 <= force <= 2.0
    policy.close()
    env.close()


async def test_what_does_not_fit_is_named(tmp_path: Path) -> None:
    (tmp_path / "text.zip").write_text("hello")
    with pytest.raises(MountFailed, match=r"text\.zip is no checkpoint of Stable-Baselines3: File is not a zip file"):
        mounts.mount(tmp_path / "text.zip")
    with pytest.raises(MountFailed, match=r"nothing\.zip is no checkpoint .*No such file"):
        mounts.mount(tmp_path / "nothing.zip")
    model = trained(sb3.PPO, BOARD)
    model.save(tmp_path / "model.zip")
    with pytest.raises(MountFailed, match=r"unknown algorithm 'Alpha'; known: A2C, ARS"):
        mounts.mount(tmp_path / "model.zip", algorithm="Alpha")
    with pytest.raises(MountFailed, match=r"model\.zip cannot be read as a checkpoint of DQN"):
        mounts.mount(tmp_path / "model.zip", algorithm="DQN")
    policy = mounts.mount(model)
    with pytest.raises(MountFailed, match=r"acts in Discrete\(9\), and connect_four has 7 numbered actions: mount it"):
        await policy(turn_of("connect_four"))
    turn = turn_of("connect_four")
    turn.actions, turn.legal = range(9), [0]
    with pytest.raises(
        MountFailed, match=r"sees Box\(0, 1, \(3, 3, 2\), int8\), and a turn of .* shape \(6, 7, 2\): mo"
    ):
        await policy(turn)
    policy.close()
    recurrent = contrib.RecurrentPPO("MlpLstmPolicy", Alone(BOARD), device="cpu")
    recurrent.save(tmp_path / "recurrent.zip")
    for checkpoint in (recurrent, tmp_path / "recurrent.zip"):
        with pytest.raises(MountFailed, match="a recurrent policy keeps a state"):
            mounts.mount(checkpoint)
