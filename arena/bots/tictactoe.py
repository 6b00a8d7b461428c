"""Tic-tac-toe, solved: it never loses."""

import random
from functools import cache

import numpy as np

from arena.bots.policy import Policy, Turn

_LINES = [sum(1 << square for square in line) for line in
          [(0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6)]]  # fmt: skip
_FULL = 0b111_111_111
_FAR = 10  # more than the plies of a game


def perfect(seed: int | None = None) -> Policy:
    """One of the best moves, at random."""
    rng = random.Random(seed)

    def act(turn: Turn) -> int:
        planes = np.asarray(turn.observation).reshape(9, 2)
        mine, theirs = (sum(1 << int(square) for square in planes[:, side].nonzero()[0]) for side in (0, 1))
        values = {square: -value(theirs, mine | 1 << square) for square in turn.legal or ()}
        best = max(values.values())
        return rng.choice([square for square, found in values.items() if found == best])

    return act


@cache
def value(mine: int, theirs: int) -> int:
    """What the side to move can force: above 0 a win, the more the sooner; below 0 a loss. Nine-bit boards."""
    if any(theirs & line == line for line in _LINES):
        return -_FAR
    free = _FULL & ~(mine | theirs)
    if not free:
        return 0
    best = max(-value(theirs, mine | 1 << square) for square in range(9) if free >> square & 1)
    return best - (best > 0) + (best < 0)
