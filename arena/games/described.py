"""Gymnasium's spaces as data, for agents in any language (arena.wire.spaces)."""

from functools import singledispatch
from typing import Any

import numpy as np
from gymnasium import spaces

from arena.games.spaces import Utterance
from arena.wire import spaces as wire


@singledispatch
def described(space: spaces.Space[Any]) -> wire.AnySpace:
    """The space as data; `Other` for one that Gymnasium's own seven kinds do not make up."""
    return wire.Other(text=str(space))


def unmasked(space: spaces.Space[Any]) -> spaces.Space[Any]:
    """An observation's space without the action mask, as `View` takes it out."""
    if not isinstance(space, spaces.Dict) or "action_mask" not in space.spaces:
        return space
    rest = {key: part for key, part in space.spaces.items() if key != "action_mask"}
    return rest["observation"] if rest.keys() == {"observation"} else spaces.Dict(rest)


@described.register
def _(space: spaces.Discrete) -> wire.AnySpace:
    return wire.Discrete(n=int(space.n), start=int(space.start))


@described.register
def _(space: spaces.Box) -> wire.AnySpace:
    return wire.Box(shape=list(space.shape), dtype=str(space.dtype), low=_bound(space.low), high=_bound(space.high))


@described.register
def _(space: spaces.MultiDiscrete) -> wire.AnySpace:
    start = [int(first) for first in space.start.flat]
    sizes = [int(size) for size in space.nvec.flat]
    return wire.MultiDiscrete(shape=list(space.shape), n=sizes, start=start if any(start) else [])


@described.register
def _(space: spaces.MultiBinary) -> wire.AnySpace:
    return wire.MultiBinary(shape=list(space.shape))


@described.register
def _(space: spaces.Text) -> wire.AnySpace:
    characters = "" if isinstance(space, Utterance) else "".join(sorted(space.character_set))
    return wire.Text(min=space.min_length, max=space.max_length, characters=characters)


@described.register(spaces.Tuple)
def _(space: spaces.Tuple[Any]) -> wire.AnySpace:
    return wire.Tuple(parts=[described(part) for part in space.spaces])


@described.register
def _(space: spaces.Dict) -> wire.AnySpace:
    return wire.Dict(parts={str(key): described(part) for key, part in space.spaces.items()})


def _bound(bounds: np.ndarray[Any, Any]) -> float | list[float | None] | None:
    numbers = [float(number) if np.isfinite(number) else None for number in bounds.flat]
    return numbers[0] if numbers and len(set(numbers)) == 1 else numbers
