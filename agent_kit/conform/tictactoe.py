"""Tic-tac-toe as the platform asks it, with no engine: all that a conversation needs of a game."""

import random
from typing import Any

from arena.wire.codec import ArrayData
from arena.wire.lobby import Encoding, GameInfo, SeatSpaces
from arena.wire.play import Turn
from arena.wire.spaces import Box, Discrete

NAME = "tictactoe"
SHAPE = (3, 3, 2)
MOVE_MS = 10_000
_LINES = ((0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6))

INFO = GameInfo(
    name=NAME,
    title="Tic-tac-toe",
    seats=2,
    observation_space="Box(0, 1, (3, 3, 2), int8)",
    action_space="Discrete(9)",
    actions=9,
    move_ms=MOVE_MS,
    bank_ms=0,
    increment_ms=0,
    spaces=[SeatSpaces(observation=Box(shape=list(SHAPE), dtype="int8", low=0, high=1), action=Discrete(n=9))],
)


class Board:
    """One match, in which the other seat moves by chance. Cells are counted down the columns, as PettingZoo does."""

    def __init__(self, match: str, seat: int = 0) -> None:
        self.match = match
        self.seat = seat
        self.ply = 0
        self._cells: list[int | None] = [None] * 9
        self._others_play()

    @property
    def scores(self) -> list[float] | None:
        """By seat, once it is over."""
        for seat in (0, 1):
            if any(all(self._cells[cell] == seat for cell in line) for line in _LINES):
                return [1.0, -1.0] if seat == 0 else [-1.0, 1.0]
        return None if self._legal else [0.0, 0.0]

    def play(self, cell: int) -> None:
        """The agent's move, a legal one, and those of the others until it is the agent's turn again."""
        self._move(cell)
        self._others_play()

    def turn(self, encoding: Encoding, strikes: int) -> Turn:
        """The agent's turn."""
        return Turn(
            match=self.match,
            game=NAME,
            seat=self.seat,
            ply=self.ply,
            observation=self._observation(encoding),
            legal=self._legal,
            left_ms=MOVE_MS,
            strikes=strikes,
            actions=(0, 9),
        )

    @property
    def _legal(self) -> list[int]:
        return [cell for cell, seat in enumerate(self._cells) if seat is None]

    def _move(self, cell: int) -> None:
        self._cells[cell] = self.ply % 2
        self.ply += 1

    def _others_play(self) -> None:
        while self.scores is None and self.ply % 2 != self.seat:
            self._move(random.choice(self._legal))

    def _observation(self, encoding: Encoding) -> Any:
        """Own marks, and the other's: [row][column][whose]."""
        marks = [
            [
                [int(self._cells[column * 3 + row] == whose) for whose in (self.seat, 1 - self.seat)]
                for column in range(3)
            ]
            for row in range(3)
        ]
        if encoding == "json":
            return marks
        return ArrayData("int8", SHAPE, bytes(mark for row in marks for cell in row for mark in cell))
