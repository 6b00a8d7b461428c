"""A game's spaces, which the welcome brings as data (arena.wire.spaces), as Gymnasium's; and elements of them."""

from functools import singledispatch
from typing import Any

import numpy as np
from gymnasium import spaces

from agent_kit.turn import Turn
from arena.wire import spaces as wire
from arena.wire.lobby import GameInfo

Space = spaces.Space[Any]
_ASCII = "".join(map(chr, range(32, 127)))


class GameSpaces:
    """The spaces of one game, by seat. Each one is the same object every time, as seeding it demands."""

    def __init__(self, info: GameInfo) -> None:
        self.alike = len(info.spaces) == 1  # what every seat sees and does
        # This text is of the environment's own space: PettingZoo's games have their masks there.
        self.masked = "'action_mask'" in info.observation_space
        self._spaces = [(space(one.observation), space(one.action)) for one in info.spaces]
        self._with_masks = [_with_mask(*pair) if self.masked else pair[0] for pair in self._spaces]
        self._spare = [space(one.action) for one in info.spaces]  # drawn from in another thread

    def observation(self, seat: int) -> Space:
        """What a seat sees, without the action mask."""
        return self._spaces[0 if self.alike else seat][0]

    def action(self, seat: int) -> Space:
        """What a seat does."""
        return self._spaces[0 if self.alike else seat][1]

    def with_mask(self, seat: int) -> Space:
        """What a seat sees, as PettingZoo's games have it: where there is a mask, it is a part of the observation."""
        return self._with_masks[0 if self.alike else seat]

    def spare(self, turn: Turn) -> Any:
        """Any legal action, for a match that is not played by its player any more."""
        own = self._spare[0 if self.alike else turn.seat]
        return own.sample() if turn.legal is None else own.sample(turn.mask)


@singledispatch
def space(described: wire.Space) -> Space:
    """Gymnasium's space of this description. Raises TypeError where there is none."""
    raise TypeError(f"this game's spaces cannot be described: {described}; `agent_kit.run` plays it all the same")


def element(of: Space, value: Any) -> Any:
    """What came in a turn, as an element of the space: arrays in its dtype, tuples for lists."""
    match of:
        case spaces.Box() | spaces.MultiDiscrete() | spaces.MultiBinary():
            return np.asarray(value, of.dtype).reshape(of.shape)
        case spaces.Discrete():
            return int(value)
        case spaces.Tuple():
            return tuple(element(part, item) for part, item in zip(of.spaces, value, strict=True))
        case spaces.Dict():
            return {key: element(part, value[key]) for key, part in of.spaces.items()}
    return value


def blank(of: Space) -> Any:
    """What stands for an observation where there is none: zeros, or what is nearest to them in the space."""
    match of:
        case spaces.Box():
            return np.asarray(np.clip(np.zeros(of.shape, of.dtype), of.low, of.high))
        case spaces.MultiDiscrete():
            return np.clip(np.zeros(of.shape, of.dtype), of.start, of.start + of.nvec - 1)
        case spaces.MultiBinary():
            return np.zeros(of.shape, of.dtype)
        case spaces.Discrete():
            return int(np.clip(0, of.start, of.start + of.n - 1))
        case spaces.Tuple():
            return tuple(blank(part) for part in of.spaces)
        case spaces.Dict():
            return {key: blank(part) for key, part in of.spaces.items()}
    return of.sample()


def _with_mask(observation: Space, action: Space) -> Space:
    assert isinstance(action, spaces.Discrete)  # noqa: S101 - the platform knows no other masks
    return spaces.Dict({"observation": observation, "action_mask": spaces.Box(0, 1, (int(action.n),), np.int8)})


class _AnyText(spaces.Text):
    """Text in any language: all that can be printed, and line breaks. What it samples is ASCII."""

    def contains(self, x: Any) -> bool:
        return (
            isinstance(x, str)
            and self.min_length <= len(x) <= self.max_length
            and all(character.isprintable() or character == "\n" for character in x)
        )


@space.register
def _(described: wire.Discrete) -> Space:
    return spaces.Discrete(described.n, start=described.start)


@space.register
def _(described: wire.Box) -> Space:
    dtype, shape = np.dtype(described.dtype), tuple(described.shape)
    low, high = _bound(described.low, -np.inf, dtype, shape), _bound(described.high, np.inf, dtype, shape)
    return spaces.Box(low, high, shape, dtype.type)


@space.register
def _(described: wire.MultiDiscrete) -> Space:
    sizes = np.array(described.n).reshape(described.shape)
    start = np.array(described.start).reshape(described.shape) if described.start else None
    return spaces.MultiDiscrete(sizes, start=start)


@space.register
def _(described: wire.MultiBinary) -> Space:
    return spaces.MultiBinary(described.shape[0] if len(described.shape) == 1 else described.shape)


@space.register
def _(described: wire.Text) -> Space:
    kind = spaces.Text if described.characters else _AnyText
    return kind(described.max, min_length=described.min, charset=described.characters or _ASCII)


@space.register
def _(described: wire.Tuple) -> Space:
    return spaces.Tuple([space(part) for part in described.parts])


@space.register
def _(described: wire.Dict) -> Space:
    return spaces.Dict({key: space(part) for key, part in described.parts.items()})


def _bound(given: Any, none: float, dtype: Any, shape: tuple[int, ...]) -> Any:
    """One bound, or an array of them; as data, whole numbers of 64 bits may have been rounded out of their range."""
    numbers = [none if number is None else number for number in (given if isinstance(given, list) else [given])]
    if dtype.kind in "iu":
        least, most = int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)
        numbers = [min(max(int(number), least), most) for number in numbers]
    return np.broadcast_to(np.array(numbers, dtype).reshape(shape if isinstance(given, list) else ()), shape)
