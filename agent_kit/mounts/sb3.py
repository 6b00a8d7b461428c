"""A checkpoint of Stable-Baselines3 or sb3-contrib: `run(sb3.mount("model.zip"))`, or `agent-kit run sb3:model.zip`.

Reading a checkpoint runs what is pickled in it: mount only files that you trust.
"""

import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from agent_kit.batch import SIZE, WAIT_MS, Batch
from agent_kit.errors import MountFailed
from agent_kit.extras import need
from agent_kit.mounts.fit import fitted
from agent_kit.mounts.torch import by_game, chosen
from agent_kit.turn import Turn

MODULES = {
    **dict.fromkeys(("A2C", "DDPG", "DQN", "PPO", "SAC", "TD3"), "stable_baselines3"),
    **dict.fromkeys(("ARS", "CrossQ", "MaskablePPO", "QRDQN", "TQC", "TRPO"), "sb3_contrib"),
}
# What only one algorithm's checkpoint holds, or the module of its policy; in this order.
_SIGNS = {
    "sb3_contrib.common.maskable": "MaskablePPO",
    "sb3_contrib.qrdqn": "QRDQN",
    "sb3_contrib.tqc": "TQC",
    "sb3_contrib.crossq": "CrossQ",
    "sb3_contrib.ars": "ARS",
    "stable_baselines3.dqn": "DQN",
    "stable_baselines3.sac": "SAC",
    "stable_baselines3.td3": "TD3",
    "cg_max_steps": "TRPO",
    "clip_range": "PPO",
}


def mount(
    checkpoint: Any,
    *,
    algorithm: str = "",
    deterministic: bool = True,
    device: str = "cpu",
    size: int = SIZE,
    wait_ms: float = WAIT_MS,
    observe: Callable[[Turn], Any] | None = None,
) -> Batch:
    """A policy that is a trained model, called for many turns at once.

    checkpoint: path of a .zip, or a model. algorithm: its class, as MaskablePPO, where the file does not tell.
    deterministic: the best action instead of one drawn. size, wait_ms: as of `Batch`. observe: an observation as the
    model was trained on, where that is not what the turn has, flattened, or in a dict with the action mask.
    Raises MountFailed for a file that is none, and when the model's spaces do not fit a game.
    """
    library = need("torch", "sb3")
    if isinstance(checkpoint, str | Path):
        checkpoint = _load(Path(checkpoint), algorithm, device)
    if hasattr(checkpoint.policy, "lstm_actor"):
        raise MountFailed("a recurrent policy keeps a state from move to move, which a batch has no place for")
    return Batch(Model(library, checkpoint, deterministic, observe), size, wait_ms)


class Model:
    """Turns -> actions by one call of the model for each game that is among the turns."""

    def __init__(self, library: Any, model: Any, deterministic: bool, observe: Callable[[Turn], Any] | None) -> None:
        self._torch = library
        self._numpy = need("numpy", "sb3")
        self._spaces = need("gymnasium.spaces", "sb3")
        self._model = model
        self._deterministic = deterministic
        self._observe = observe

    def __call__(self, turns: Sequence[Turn]) -> list[Any]:
        """An action for each turn."""
        return by_game(turns, self._act)

    def _act(self, turns: Sequence[Turn]) -> list[Any]:
        model, space = self._model, self._model.action_space
        self._check_actions(turns[0])
        seen = self._stacked([self._seen(turn) for turn in turns])
        if not isinstance(space, self._spaces.Discrete):
            actions, _ = model.predict(seen, deterministic=self._deterministic)
            plain: list[Any] = actions.tolist()
            return plain
        with self._torch.inference_mode():
            return chosen(self._torch, self._preferences(seen), turns, sample=not self._deterministic)

    def _seen(self, turn: Turn) -> Any:
        if self._observe is not None:
            return self._observe(turn)
        return fitted(self._model.observation_space, turn)

    def _check_actions(self, turn: Turn) -> None:
        space = self._model.action_space
        wanted = int(space.n) if isinstance(space, self._spaces.Discrete) else 0
        if wanted != len(turn.actions):
            has = f"{len(turn.actions)} numbered actions" if turn.actions else "actions that are no numbered ones"
            raise MountFailed(
                f"the model acts in {space}, and {turn.game} has {has}: mount it with games=[...], those that it was "
                "trained for"
            )

    def _stacked(self, observations: list[Any]) -> Any:
        if isinstance(observations[0], Mapping):
            return {key: self._stacked([one[key] for one in observations]) for key in observations[0]}
        return self._numpy.stack(observations)

    def _preferences(self, seen: Any) -> Any:
        """Logits or values of the model's actions, (turns, actions), before any mask."""
        policy = self._model.policy
        policy.set_training_mode(False)
        tensor, _ = policy.obs_to_tensor(seen)
        if hasattr(policy, "get_distribution"):
            return policy.get_distribution(tensor).distribution.logits.clone()
        if hasattr(policy, "quantile_net"):
            return policy.quantile_net(tensor).mean(dim=1)
        if hasattr(policy, "q_net"):
            return policy.q_net(tensor)
        raise MountFailed(f"a {type(self._model).__name__} does not tell what it thinks of each action")


def _load(path: Path, algorithm: str, device: str) -> Any:
    name = algorithm or _algorithm(path)
    if name not in MODULES:
        raise MountFailed(f"unknown algorithm {name!r}; known: {', '.join(sorted(MODULES))}")
    try:
        return getattr(need(MODULES[name], "sb3"), name).load(path, device=device)
    except MountFailed:
        raise
    except Exception as error:  # the libraries raise of many kinds
        raise MountFailed(f"{path} cannot be read as a checkpoint of {name}: {error}") from error


def _algorithm(path: Path) -> str:
    """The algorithm's class, as far as the checkpoint tells: what differs between those left is not used here."""
    try:
        with zipfile.ZipFile(path) as archive:
            data = json.loads(archive.read("data"))
        policy = data["policy_class"]["__module__"]
    except (OSError, zipfile.BadZipFile, KeyError, TypeError, ValueError) as error:
        raise MountFailed(f"{path} is no checkpoint of Stable-Baselines3: {error}") from error
    if "sb3_contrib.common.recurrent" in policy:
        raise MountFailed("a recurrent policy keeps a state from move to move, which a batch has no place for")
    return next((name for sign, name in _SIGNS.items() if policy.startswith(sign) or sign in data), "A2C")
