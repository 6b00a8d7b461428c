"""Actions, checked against Gymnasium's spaces.

An agent's action arrives as JSON or msgpack: numbers, text, lists and maps; arrays in msgpack are
`{"dtype", "shape", "data"}`. `check` turns it into an element of the space. Its errors say what was expected, as a
noun phrase, and what came instead.
"""

import copy
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium import spaces

from arena.games.environment import Illegal, Malformed

SHOWN_MAX = 20  # legal actions that an error message lists
CHARS_MAX = 60  # of what came instead
_ASCII = "".join(map(chr, range(32, 127)))
_ARRAY = {"dtype", "shape", "data"}


class Utterance(spaces.Text):
    """Text in any language: every character that can be printed, and line breaks. What it samples is ASCII."""

    def __init__(self, max_length: int, *, min_length: int = 1, seed: int | None = None) -> None:
        super().__init__(max_length, min_length=min_length, charset=_ASCII, seed=seed)

    def contains(self, x: Any) -> bool:
        """Whether it is text of the right length without control characters."""
        return isinstance(x, str) and self.min_length <= len(x) <= self.max_length and not _unprintable(x)

    def __repr__(self) -> str:
        return f"Text({self.min_length}, {self.max_length})"

    def __eq__(self, other: object) -> bool:
        bounds = (self.min_length, self.max_length)
        return isinstance(other, Utterance) and bounds == (other.min_length, other.max_length)

    __hash__ = None  # type: ignore[assignment]


def check(space: spaces.Space[Any], value: Any, where: str = "") -> Any:
    """The value as an element of the space, with the space's dtype. Raises Malformed."""
    match space:
        case spaces.Discrete():
            return _discrete(space, value, where)
        case spaces.Box():
            return _box(space, value, where)
        case spaces.MultiDiscrete():
            first, last = space.start, space.start + space.nvec - 1
            return _within(_array(value, space.shape, where, "integers"), first, last, space.dtype, where)
        case spaces.MultiBinary():
            return _within(_array(value, space.shape, where, "0 or 1"), 0, 1, space.dtype, where)
        case spaces.Text():
            return _text(space, value, where)
        case spaces.Tuple():
            return _tuple(space, value, where)
        case spaces.Dict():
            return _dict(space, value, where)
    if not space.contains(value):
        raise _malformed(f"an element of {space}", value, where)
    return value


def check_legal(action: int, legal: Sequence[int]) -> int:
    """The action, if it is among the legal ones. Raises Illegal, naming them."""
    if action not in legal:
        shown = ", ".join(map(str, legal[:SHOWN_MAX]))
        more = f" and {len(legal) - SHOWN_MAX} more" if len(legal) > SHOWN_MAX else ""
        raise Illegal(f"one of the legal actions {shown}{more}, not {action}")
    return action


def choose(space: spaces.Space[Any], legal: Sequence[int] | None, salt: bytes) -> Any:
    """A legal action that depends on the salt alone."""
    number = int.from_bytes(hashlib.sha256(salt).digest()[:8])
    if legal is not None:
        return legal[number % len(legal)]
    if isinstance(space, spaces.Discrete):
        return int(space.start) + number % int(space.n)
    own = copy.deepcopy(space)  # the environment may draw from its own
    own.seed(number & 0x7FFF_FFFF)
    return own.sample()


def _malformed(expected: str, value: Any, where: str) -> Malformed:
    shown = repr(value)
    if len(shown) > CHARS_MAX:
        shown = shown[:CHARS_MAX] + "..."
    return Malformed(f"{expected}{where and f' at {where}'}, not {shown}")


def _discrete(space: spaces.Discrete, value: Any, where: str) -> int:
    first, last = int(space.start), int(space.start + space.n - 1)
    expected = f"an integer from {first} to {last}"
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.integer | np.floating):
        raise _malformed(expected, value, where)
    if not first <= value <= last or value != int(value):  # NaN and infinities fail the first
        raise _malformed(expected, value, where)
    return int(value)


def _box(space: spaces.Box, value: Any, where: str) -> np.ndarray:
    if space.dtype.kind == "b":
        return _within(_array(value, space.shape, where, "0 or 1"), 0, 1, space.dtype, where)
    kind = "finite numbers" if space.dtype.kind == "f" else "integers"
    return _within(_array(value, space.shape, where, kind), space.low, space.high, space.dtype, where)


def _array(value: Any, shape: tuple[int, ...], where: str, kind: str) -> np.ndarray:
    """Numbers of this shape, still in the dtype they came in."""
    wanted = "x".join(map(str, shape))
    expected = f"an array of {kind} with shape {wanted}" if shape else f"a number ({kind})"
    try:
        array = _unpacked(value) if isinstance(value, Mapping) else np.asarray(value)
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise _malformed(f"{expected} ({error})", value, where) from error
    if array.dtype.kind not in "biuf":
        raise _malformed(expected, value, where)
    if array.shape != shape:
        came = "x".join(map(str, array.shape)) or "none"
        raise _malformed(f"{expected}, not shape {came}", value, where)
    return array


def _unpacked(value: Mapping[str, Any]) -> np.ndarray:
    if value.keys() != _ARRAY:
        raise ValueError("a map must have dtype, shape and data")
    dtype = np.dtype(value["dtype"])
    if dtype.kind not in "biuf":
        raise ValueError("dtype must be one of bool, integer or float")
    return np.frombuffer(value["data"], dtype).reshape(value["shape"])


def _within(array: np.ndarray, low: Any, high: Any, dtype: Any, where: str) -> np.ndarray:
    """The array in the space's dtype, every number in its range."""
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise _malformed("finite numbers", array.tolist(), where)
    whole = np.dtype(dtype).kind != "f"
    if whole and array.dtype.kind == "f" and (array != np.trunc(array)).any():
        raise _malformed("whole numbers", array.tolist(), where)
    with np.errstate(over="ignore"):  # what overflows is out of range: the next lines find it
        cast = array if whole else array.astype(dtype)
    wrong = (cast < low) | (cast > high) | ~np.isfinite(cast)
    if wrong.any():
        at = tuple(int(index) for index in np.argwhere(wrong)[0])
        least, most = np.broadcast_to(low, wrong.shape)[at], np.broadcast_to(high, wrong.shape)[at]
        place = f"{where}[{', '.join(map(str, at))}]" if at else where
        raise _malformed(f"a number from {least} to {most}", array[at].item(), place)
    return cast.astype(dtype)


def _text(space: spaces.Text, value: Any, where: str) -> str:
    expected = f"text of {space.min_length} to {space.max_length} characters"
    if not isinstance(value, str) or not space.min_length <= len(value) <= space.max_length:
        raise _malformed(expected, value, where)
    strange = _unprintable(value) if isinstance(space, Utterance) else set(value) - set(space.character_set)
    if strange:
        raise _malformed(f"{expected}, without {''.join(sorted(strange))!r}", value, where)
    return value


def _unprintable(text: str) -> set[str]:
    return {character for character in set(text) if not (character.isprintable() or character == "\n")}


def _tuple(space: spaces.Tuple[Any], value: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple) or len(value) != len(space.spaces):
        raise _malformed(f"a list of {len(space.spaces)} parts", value, where)
    return tuple(
        check(part, item, f"{where}[{number}]")
        for number, (part, item) in enumerate(zip(space.spaces, value, strict=True))
    )


def _dict(space: spaces.Dict, value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, Mapping) or set(value) != set(space.spaces):
        raise _malformed(f"a map with the keys {', '.join(map(str, space.spaces))}", value, where)
    return {key: check(part, value[key], f"{where}.{key}") for key, part in space.spaces.items()}
