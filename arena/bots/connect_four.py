"""Connect Four by minimax: alpha-beta over bitboards, a few plies deep.

A board is two integers, the stones of the side to move and all stones. Column c has the bits 7c (bottom) to 7c+5; the
seventh bit of each column stays empty, so that lines do not wrap around.
"""

import random

import numpy as np

from arena.bots.policy import Policy, Turn

DEPTH = 4
WIN = 1_000
_ORDER = (3, 2, 4, 1, 5, 0, 6)  # the middle is best, and the best first cuts most
_BOTTOM = sum(1 << 7 * column for column in range(7))
_BOARD = _BOTTOM * 0b111111
_CENTRE = 0b111111 << 21


def minimax(seed: int | None = None) -> Policy:
    """The best move DEPTH plies ahead; among equals a random one."""
    rng = random.Random(seed)

    def act(turn: Turn) -> int:
        mine, stones = board(turn.observation)
        columns = sorted(turn.legal or (), key=_ORDER.index)
        scores = {column: -search(*play(mine, stones, column), DEPTH - 1, -WIN, WIN) for column in columns}
        best = max(scores.values())
        return rng.choice([column for column, score in scores.items() if score == best])

    return act


def board(observation: object) -> tuple[int, int]:
    """Bitboards of an observation: 6 rows from the top, 7 columns, own and other's stones."""
    columns = np.asarray(observation)[::-1].transpose(2, 1, 0)  # side, column, row from the bottom
    mine, theirs = (sum(1 << int(7 * column + row) for column, row in np.argwhere(side)) for side in columns)
    return mine, mine | theirs


def play(mine: int, stones: int, column: int) -> tuple[int, int]:
    """The boards after a stone in this column, as the other side sees them."""
    return stones ^ mine, stones | stones + (1 << 7 * column)


def won(mine: int) -> bool:
    """Four in a line: upwards, across, and both diagonals."""
    for shift in (1, 7, 6, 8):
        pairs = mine & mine >> shift
        if pairs & pairs >> 2 * shift:
            return True
    return False


def search(mine: int, stones: int, depth: int, low: int, high: int) -> int:
    """The value for the side to move, within (low, high). A nearer win is worth more."""
    if won(stones ^ mine):
        return -WIN - depth
    if stones == _BOARD:
        return 0
    if depth == 0:
        return threats(mine, stones) - threats(stones ^ mine, stones)
    for column in _ORDER:
        if not stones >> 7 * column + 5 & 1:
            score = -search(*play(mine, stones, column), depth - 1, -high, -low)
            if score >= high:
                return score
            low = max(low, score)
    return low


def threats(mine: int, stones: int) -> int:
    """Empty places that would win, three points each, and stones in the middle, one each."""
    places = mine << 1 & mine << 2 & mine << 3
    for shift in (7, 6, 8):
        pairs = mine << shift & mine << 2 * shift
        places |= pairs & (mine << 3 * shift | mine >> shift)
        pairs = mine >> shift & mine >> 2 * shift
        places |= pairs & (mine >> 3 * shift | mine << shift)
    return 3 * (places & _BOARD & ~stones).bit_count() + (mine & _CENTRE).bit_count()
