"""A turn's observation as an element of the space that a model was trained on."""

import math
from typing import Any

from agent_kit.errors import MountFailed
from agent_kit.extras import need
from agent_kit.turn import Turn

MASK = "action_mask"  # PettingZoo's name for it in a dict of observations
SEEN = "observation"


def fitted(space: Any, turn: Turn) -> Any:
    """The observation as the space wants it: as it is, flattened, or in a dict beside the action mask.

    Flattened is what Gymnasium's FlattenObservation makes of it: one row, a single whole number as one-hot, and of
    PettingZoo's dict the mask first. Raises MountFailed where none of these fits, naming both shapes.
    """
    numpy, spaces = need("numpy", "sb3"), need("gymnasium.spaces", "sb3")
    seen = turn.observation
    if isinstance(space, spaces.Dict):
        parts = seen if isinstance(seen, dict) else {SEEN: seen}
        if turn.mask is not None:
            parts = {**parts, MASK: turn.mask}
        if missing := set(space.spaces) - set(parts):
            raise _misfit(space, turn, f"no {', '.join(sorted(missing))}")
        return {key: _box(numpy, part, parts[key], turn, space) for key, part in space.spaces.items()}
    if isinstance(space, spaces.Discrete):
        if numpy.ndim(seen) != 0:
            raise _misfit(space, turn, f"shape {numpy.shape(seen)}")
        return numpy.asarray(seen, space.dtype)
    if isinstance(seen, dict):
        raise _misfit(space, turn, f"a dict of {', '.join(sorted(seen))}")
    return _box(numpy, space, seen, turn, space)


def _box(numpy: Any, space: Any, seen: Any, turn: Turn, whole: Any) -> Any:
    """One array."""
    array, shape = numpy.asarray(seen), space.shape
    if array.shape == shape:
        return array.astype(space.dtype)
    row = len(shape) == 1
    if row and array.ndim == 0:
        return numpy.eye(shape[0], dtype=space.dtype)[int(array)]
    if row and array.size == math.prod(shape):
        return array.ravel().astype(space.dtype)
    if row and turn.mask is not None and array.size + len(turn.mask) == math.prod(shape):
        return numpy.concatenate([turn.mask, array.ravel()]).astype(space.dtype)
    if len(shape) == 3 and array.shape == (*shape[1:], shape[0]):  # trained on images, whose channels come first
        return numpy.moveaxis(array, -1, 0).astype(space.dtype)
    raise _misfit(whole, turn, f"shape {array.shape}")


def _misfit(space: Any, turn: Turn, has: str) -> MountFailed:
    return MountFailed(
        f"the model sees {space}, and a turn of {turn.game} has {has}: mount it with games=[...], those that it was "
        "trained for, or say by observe=... what it sees of a turn"
    )
