"""What an action or an observation may be, for every language: Gymnasium's spaces as data.

Numbers that have no bound have `null` there. Arrays are nested lists in JSON, raw bytes in msgpack (arena.wire.play).
"""

import msgspec


class Space(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind"):
    """What all spaces have: a kind."""


class Discrete(Space, frozen=True, kw_only=True, tag="discrete"):
    """A whole number from `start` to `start + n - 1`."""

    n: int
    start: int = 0


class Box(Space, frozen=True, kw_only=True, tag="box"):
    """An array of numbers. low, high: one bound for all of them, or as many as there are numbers, in C order."""

    shape: list[int]
    dtype: str  # NumPy's name
    low: float | list[float | None] | None
    high: float | list[float | None] | None


class MultiDiscrete(Space, frozen=True, kw_only=True, tag="multi_discrete"):
    """An array of whole numbers, each from its start to start + n - 1; n and start in C order."""

    shape: list[int]
    n: list[int]
    start: list[int] = []  # none: all begin at 0


class MultiBinary(Space, frozen=True, kw_only=True, tag="multi_binary"):
    """An array of 0 and 1."""

    shape: list[int]


class Text(Space, frozen=True, kw_only=True, tag="text"):
    """Text of so many characters."""

    min: int
    max: int
    characters: str = ""  # those it may have; none: all that can be printed, and line breaks


class Tuple(Space, frozen=True, kw_only=True, tag="tuple"):
    """A list of parts."""

    parts: "list[AnySpace]"


class Dict(Space, frozen=True, kw_only=True, tag="dict"):
    """A map of parts."""

    parts: "dict[str, AnySpace]"


class Other(Space, frozen=True, kw_only=True, tag="other"):
    """A space that has no description here."""

    text: str = ""  # as Gymnasium prints it


AnySpace = Discrete | Box | MultiDiscrete | MultiBinary | Text | Tuple | Dict | Other
