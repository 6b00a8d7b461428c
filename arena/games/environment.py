"""The small interface behind which every kind of environment stands: AEC, Parallel and Gymnasium.

A runner's whole use of a game is: `reset(seed)`, then until `over`: `to_act`, `view(seat)` for each of them,
`step({seat: action})`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from arena.wire.board import Board, Guide


class Illegal(Exception):
    """An action that is well formed, but not legal now. The message says what was expected."""


class Malformed(Exception):
    """What was sent is no action of this game at all (type, shape, range, NaN). The message says what was expected."""


class Unplayable(Exception):
    """A game cannot be set up: a package is missing, or it is no environment of its kind. The message says which."""


class View(NamedTuple):
    """What one seat sees before its move."""

    observation: Any  # NumPy arrays, numbers, or dicts/tuples of them; action masks taken out
    legal: list[int] | None  # legal actions in ascending order, where the game has an action mask
    raw: bytes  # canonical bytes of both (dtype, shape and data), for the digest chain


class People(NamedTuple):
    """What a row has for people, of the unwrapped environment."""

    draw: Callable[[Any], Board] | None = None
    guide: Callable[[Any, int, Sequence[int]], Guide] | None = None  # of a seat and its legal actions


class Environment(Protocol):
    """One match of one game. Not shared between matches."""

    seats: int
    over: bool  # no seat will act again
    scores: list[float]  # by seat, sum of rewards since reset
    to_act: tuple[int, ...]  # seats whose action the next step takes; one in turn-based games

    def reset(self, seed: int) -> None:
        """Begin the game anew. The same seed and actions give the same game, bit for bit."""
        ...

    def view(self, seat: int) -> View:
        """What a seat of `to_act` sees. Computed once per step and seat."""
        ...

    def check(self, seat: int, action: Any) -> Any:
        """The decoded JSON/msgpack value as an action of this game. Raises Malformed or Illegal."""
        ...

    def substitute(self, seat: int, salt: bytes) -> Any:
        """A legal action for a seat that forfeited, chosen by `salt` alone."""
        ...

    def step(self, actions: Mapping[int, Any]) -> list[float]:
        """Take one step with one checked action for each seat of `to_act`; rewards of this step by seat."""
        ...

    def board(self) -> Board | None:
        """The position as data, all hands open; None where the game has no drawing of its own."""
        ...

    def guide(self, seat: int) -> Guide:
        """What a person is told who plays a seat of `to_act`: what it sees, and its legal actions by name."""
        ...

    def render(self) -> str:
        """The position as text of a few lines, for people."""
        ...

    def picture(self) -> Any:
        """The position in pixels, height x width x 3, or None where the environment has no picture of it."""
        ...

    def close(self) -> None:
        """Free what the environment holds."""
        ...
