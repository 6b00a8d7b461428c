"""Rock, paper, scissors: uniform play cannot be beaten, so these bots differ in how they meet predictable play."""

import random
from collections import Counter

import numpy as np

from arena.bots.policy import Memory, Policy, Turn

NONE = 3  # no last action: the first round
CONTEXT_MAX = 2  # rounds


def cycle(seed: int | None = None) -> Policy:
    """Rock, paper, scissors in turn from a random start: an easy opponent."""
    rng = random.Random(seed)
    starts = Memory(lambda: rng.randrange(3))
    return lambda turn: (starts.of(turn.match) + turn.ply) % 3


def predictor(seed: int | None = None) -> Policy:
    """Beats what the opponent did most often after the same last rounds; uniform where it has seen nothing."""
    rng = random.Random(seed)
    memory = Memory(_Rounds)

    def act(turn: Turn) -> int:
        rounds = memory.of(turn.match)
        seen = int(np.asarray(turn.observation))
        if seen != NONE:
            rounds.add(seen)
        expected = rounds.expected()
        rounds.own = rng.randrange(3) if expected is None else (expected + 1) % 3
        return rounds.own

    return act


class _Rounds:
    """What was played in one match, and what followed what."""

    def __init__(self) -> None:
        self.own = NONE
        self._history: list[tuple[int, int]] = []  # own and other's action of each round
        self._followed: dict[tuple[tuple[int, int], ...], Counter[int]] = {}

    def add(self, other: int) -> None:
        for length in range(CONTEXT_MAX + 1):
            if length <= len(self._history):
                self._followed.setdefault(self._context(length), Counter())[other] += 1
        self._history.append((self.own, other))

    def expected(self) -> int | None:
        """What follows the longest context that has been followed clearly by one action."""
        for length in range(min(CONTEXT_MAX, len(self._history)), -1, -1):
            ranked = self._followed.get(self._context(length), Counter()).most_common(2)
            if ranked and (len(ranked) == 1 or ranked[0][1] > ranked[1][1]):
                return ranked[0][0]
        return None

    def _context(self, length: int) -> tuple[tuple[int, int], ...]:
        return tuple(self._history[len(self._history) - length :])
