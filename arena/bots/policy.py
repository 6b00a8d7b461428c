"""What a house bot is: a factory, called once per process, of a function from a turn to an action."""

import random
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

MATCHES_MAX = 20_000  # of which a bot remembers something; the oldest are forgotten


class Turn(Protocol):
    """What the policies use of `agent_kit.Turn`."""

    @property
    def observation(self) -> Any:
        """An element of the game's observation space; arrays may be nested lists."""
        ...

    @property
    def legal(self) -> list[int] | None:
        """Legal actions, where the game has a mask."""
        ...

    @property
    def match(self) -> str:
        """The match this turn belongs to: bots play many at once."""
        ...

    @property
    def ply(self) -> int:
        """Steps of the environment before this turn."""
        ...

    @property
    def seat(self) -> int:
        """Own seat."""
        ...


Policy = Callable[[Turn], Any]
Factory = Callable[[int | None], Policy]  # of a seed; None: unpredictable

T = TypeVar("T")


class Memory(Generic[T]):
    """Something remembered per match."""

    def __init__(self, new: Callable[[], T]) -> None:
        self._new = new
        self._kept: OrderedDict[str, T] = OrderedDict()

    def of(self, match: str) -> T:
        """What is remembered of a match; new where there is nothing yet."""
        if match not in self._kept:
            if len(self._kept) >= MATCHES_MAX:
                self._kept.popitem(last=False)
            self._kept[match] = self._new()
        return self._kept[match]


def uniform(first: int = 0, last: int = 0) -> Factory:
    """Any legal action; where a game has no mask, any from first to last."""

    def factory(seed: int | None = None) -> Policy:
        rng = random.Random(seed)
        return lambda turn: rng.randint(first, last) if turn.legal is None else rng.choice(turn.legal)

    return factory
