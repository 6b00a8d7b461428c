"""Connect Four by search: python examples/connect_four_minimax.py my-bot.creds.

The observation is 6 rows (from the top) x 7 columns x 2: own stones, and the other's. An action is a column.
"""

import math
import sys
from typing import Any

from agent_kit import Turn, run

DEPTH = 4  # plies; each one more takes about four times as long
MIDDLE_FIRST = (3, 2, 4, 1, 5, 0, 6)
PLACES = [(column, row) for column in range(7) for row in range(6)]
LINES = [
    [(column + i * right, row + i * up) for i in range(4)]
    for column, row in PLACES
    for right, up in ((1, 0), (0, 1), (1, 1), (1, -1))
    if (column + 3 * right, row + 3 * up) in PLACES
]
Board = dict[tuple[int, int], int]  # (column, row from the bottom) -> 1 for a stone of mine, -1 for the other's


def policy(turn: Turn) -> int:
    """The column with the best outcome, DEPTH plies ahead."""
    board = read(turn.observation)
    columns = [column for column in MIDDLE_FIRST if column in (turn.legal or ())]
    return max(columns, key=lambda column: -value(drop(board, column, 1), -1, DEPTH - 1, -math.inf, math.inf))


def read(observation: Any) -> Board:
    """The stones of an observation, NumPy array or nested lists."""
    cells = {(column, row): observation[5 - row][column] for column, row in PLACES}
    return {place: 1 if mine else -1 for place, (mine, theirs) in cells.items() if mine or theirs}


def drop(board: Board, column: int, side: int) -> Board:
    """The board with one stone more."""
    height = sum((column, row) in board for row in range(6))
    return {**board, (column, height): side}


def value(board: Board, side: int, depth: int, low: float, high: float) -> float:
    """What the board is worth to the side to move: negamax with alpha-beta cuts, within (low, high)."""
    sums = [[board.get(place, 0) * side for place in line] for line in LINES]
    if [-1] * 4 in sums:
        return -1000.0 - depth  # the sooner, the worse
    if len(board) == len(PLACES):
        return 0
    if depth == 0:  # lines of which only one side has stones
        return sum(sum(line) ** 3 for line in sums if 1 not in line or -1 not in line)
    for column in MIDDLE_FIRST:
        if (column, 5) not in board:
            low = max(low, -value(drop(board, column, side), -side, depth - 1, -high, -low))
            if low >= high:
                break
    return low


if __name__ == "__main__":
    run(policy, creds=sys.argv[1], games=["connect_four"], stateless=True)
