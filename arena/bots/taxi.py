"""Taxi by shortest paths on its map (gymnasium's Taxi: 5x5, four stands, a few walls)."""

from collections import deque
from functools import cache

import numpy as np

from arena.bots.policy import Policy, Turn

Place = tuple[int, int]  # row, column

PICK_UP, DROP_OFF = 4, 5
IN_TAXI = 4
STANDS: tuple[Place, ...] = ((0, 0), (0, 4), (4, 0), (4, 3))
_MOVES = {0: (1, 0), 1: (-1, 0), 2: (0, 1), 3: (0, -1)}  # south, north, east, west
_WALLS = {((row, column), (row, column + 1)) for row, column in [(0, 1), (1, 1), (3, 0), (4, 0), (3, 2), (4, 2)]}


def shortest(seed: int | None = None) -> Policy:
    """To the passenger, then to where the passenger wants to go."""

    def act(turn: Turn) -> int:
        rest, wanted = divmod(int(np.asarray(turn.observation)), 4)
        rest, passenger = divmod(rest, 5)
        place = divmod(rest, 5)
        if passenger == IN_TAXI:
            return DROP_OFF if place == STANDS[wanted] else towards(STANDS[wanted])[place]
        return PICK_UP if place == STANDS[passenger] else towards(STANDS[passenger])[place]

    return act


@cache
def towards(goal: Place) -> dict[Place, int]:
    """The move to make in each place on a shortest path to the goal."""
    moves: dict[Place, int] = {}
    frontier = deque([goal])
    while frontier:
        reached = frontier.popleft()
        for action, (down, right) in _MOVES.items():
            before = (reached[0] - down, reached[1] - right)
            inside = 0 <= before[0] < 5 and 0 <= before[1] < 5
            if inside and before != goal and before not in moves and not _blocked(before, reached):
                moves[before] = action
                frontier.append(before)
    return moves


def _blocked(one: Place, other: Place) -> bool:
    return (one, other) in _WALLS or (other, one) in _WALLS
