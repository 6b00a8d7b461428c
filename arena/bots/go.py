"""Go by simple shape rules: capture, save, attack, keep eyes, stay out of self-atari; for any board size."""

import random
from collections.abc import Iterator

import numpy as np

from arena.bots.policy import Policy, Turn

EMPTY, MINE, THEIRS = 0, 1, 2
Board = list[int]


def shape(seed: int | None = None) -> Policy:
    """The move worth most by the rules; passes when every move would only hurt."""
    rng = random.Random(seed)

    def act(turn: Turn) -> int:
        # The first plane has the stones of whoever moved last: the other side. (Both are empty at first.)
        planes = np.asarray(turn.observation)
        size = len(planes)
        stones: Board = (THEIRS * planes[..., 0].astype(int) + MINE * planes[..., 1].astype(int)).ravel().tolist()
        position = Position(stones, size)
        pass_ = size * size
        moves = [(position.worth(move) + rng.random(), move) for move in turn.legal or () if move != pass_]
        worth, best = max(moves, default=(0.0, pass_))
        return best if worth > 0 else pass_

    return act


class Position:
    """A board with its groups."""

    def __init__(self, stones: Board, size: int) -> None:
        self._stones = stones
        self._size = size
        self._group_of: dict[int, tuple[frozenset[int], frozenset[int]]] = {}  # stone -> stones, liberties
        for point, colour in enumerate(stones):
            if colour and point not in self._group_of:
                group = self._group(point)
                self._group_of.update(dict.fromkeys(group[0], group))

    def worth(self, move: int) -> float:
        """What a move is worth; at most 0 if it should not be played."""
        near = list(self._next_to(move))
        if self._is_eye(move, near):
            return -1.0
        mine = {self._group_of[point] for point in near if self._stones[point] == MINE}
        theirs = {self._group_of[point] for point in near if self._stones[point] == THEIRS}
        captured = [stones for stones, liberties in theirs if len(liberties) == 1]
        free = self._liberties_after(move, near, mine, captured)
        if free <= 1 and sum(map(len, captured)) < 2:
            return -1.0  # self-atari
        worth = 10.0 * sum(map(len, captured))
        worth += sum(8.0 * len(stones) for stones, liberties in mine if len(liberties) == 1 and free > 1)
        worth += sum(2.0 + len(stones) for stones, liberties in theirs if len(liberties) == 2)  # atari
        worth += sum(1.0 for _, liberties in theirs if 2 < len(liberties) < 5)  # contact
        return worth + self._place(move, near)

    def _place(self, move: int, near: list[int]) -> float:
        """Better on the third line than on the edge, and beside own stones than alone."""
        row, column = divmod(move, self._size)
        edge = min(row, column, self._size - 1 - row, self._size - 1 - column)
        own = sum(self._stones[point] == MINE for point in near)
        return (0.1, 0.6, 1.5, 1.3)[min(edge, 3)] + (0.5, 0.8, 0.2, 0.1, 0.1)[own]

    def _liberties_after(
        self,
        move: int,
        near: list[int],
        mine: set[tuple[frozenset[int], frozenset[int]]],
        captured: list[frozenset[int]],
    ) -> int:
        free = {point for point in near if self._stones[point] == EMPTY}
        for _, liberties in mine:
            free |= liberties
        taken = {point for stones in captured for point in stones}
        return len((free | {point for point in near if point in taken}) - {move})

    def _is_eye(self, move: int, near: list[int]) -> bool:
        """All sides own, and at most one corner not (none at the edge)."""
        if any(self._stones[point] != MINE for point in near):
            return False
        corners = list(self._diagonals(move))
        foreign = sum(self._stones[point] == THEIRS for point in corners)
        return foreign <= (1 if len(corners) == 4 else 0)

    def _group(self, point: int) -> tuple[frozenset[int], frozenset[int]]:
        colour = self._stones[point]
        stones, liberties, frontier = {point}, set(), [point]
        while frontier:
            for other in self._next_to(frontier.pop()):
                if self._stones[other] == EMPTY:
                    liberties.add(other)
                elif self._stones[other] == colour and other not in stones:
                    stones.add(other)
                    frontier.append(other)
        return frozenset(stones), frozenset(liberties)

    def _next_to(self, point: int) -> Iterator[int]:
        return self._at(point, ((0, 1), (1, 0), (0, -1), (-1, 0)))

    def _diagonals(self, point: int) -> Iterator[int]:
        return self._at(point, ((1, 1), (1, -1), (-1, 1), (-1, -1)))

    def _at(self, point: int, steps: tuple[tuple[int, int], ...]) -> Iterator[int]:
        row, column = divmod(point, self._size)
        for down, right in steps:
            if 0 <= row + down < self._size and 0 <= column + right < self._size:
                yield (row + down) * self._size + column + right
