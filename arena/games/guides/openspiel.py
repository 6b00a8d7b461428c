"""Guides of OpenSpiel's games: actions as OpenSpiel names them, and in games that hide things what a seat sees.

    the game's name -> a reader of an action's name -> its cells on the game's board

A game without a reader has its actions by name only.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

import pyspiel

from arena.games.drawing.openspiel import position_of
from arena.wire.board import Board, Choice, Grid, Guide

Cell = tuple[int, int]
Reader = Callable[[str, list[int]], list[Cell]]  # with the lengths of the board's rows


def guide(env: Any, seat: int, legal: Sequence[int]) -> Guide:
    """Of an `arena.games.openspiel` environment."""
    table = env.table
    kind = table.game.get_type()
    seen = None if kind.information == pyspiel.GameType.Information.PERFECT_INFORMATION else _seen(table, seat)
    read = _READERS.get(kind.short_name)
    grid = _grid(seen or position_of(kind.short_name, str(table.state))) if read else None
    found: dict[str, Choice] = {}
    for action in legal:
        name = table.state.action_to_string(seat, action)
        cells = read(name, [len(row) for row in grid.cells]) if read and grid else []
        # Two actions of one name come to the same: backgammon's dice in either order.
        bare = _bare(name)
        found.setdefault(bare, Choice(action=action, name=bare, cells=cells))
    return Guide(board=seen, choices=[*found.values()])


def _seen(table: Any, seat: int) -> Board | None:
    """What the seat sees, in OpenSpiel's words or as a board of it."""
    kind = table.game.get_type()
    if kind.provides_observation_string:
        text = table.state.observation_string(seat)
    elif kind.provides_information_state_string:
        text = table.state.information_state_string(seat)
    else:
        return None
    if text.strip().isalpha():  # a word for what has no words
        return None
    return position_of(kind.short_name if kind.short_name in _SEEN_DRAWN else "", text)


def _grid(board: Board) -> Grid | None:
    return next((part for part in board.parts if isinstance(part, Grid) and part.cells), None)


def _bare(name: str) -> str:
    """Without who does it, and how OpenSpiel counts it."""
    bare = re.sub(r"^(Player: \d+ Action: |\[?P\w?\d\]?:? ?|p\d:|\d+ - )", "", name).rstrip("; ")
    return bare[1:-1] if bare.startswith("(") and bare.find(")") == len(bare) - 1 else bare


def _letters(top: bool) -> Reader:
    """`b7c6`: a column's letter and a row's number, counted from the top or from the bottom."""

    def read(name: str, rows: list[int]) -> list[Cell]:
        found = re.findall(r"([a-z])(\d+)", name)
        return [(int(row) - 1 if top else len(rows) - int(row), ord(column) - ord("a")) for column, row in found]

    return read


def _pairs(first: int = 0) -> Reader:
    """`(2,4)`: row and column, counted from `first`."""

    def read(name: str, rows: list[int]) -> list[Cell]:
        return [(int(row) - first, int(column) - first) for row, column in re.findall(r"(\d+), ?(\d+)", name)]

    return read


def _shogi(name: str, rows: list[int]) -> list[Cell]:
    """`6i6h`: columns count from the right, rows have letters; a man from the hand has only where it goes."""
    return [(ord(row) - ord("a"), rows[0] - int(column)) for column, row in re.findall(r"(\d)([a-i])", name)]


def _hexagon(name: str, rows: list[int]) -> list[Cell]:
    """`h4` on a hexagon of hexagons: columns run askew, so that a row below the middle begins with a later letter."""
    middle = len(rows) // 2
    return [(row, column - max(0, row - middle)) for row, column in _letters(top=True)(name, rows)]


def _nine_boards(name: str, rows: list[int]) -> list[Cell]:
    """A place of one of the nine boards, or the middle of a board that is chosen."""
    if found := re.match(r"Local board (\d): \w\((\d),(\d)\)", name):
        board, row, column = map(int, found.groups())
        return [(3 * (board // 3) + row, 3 * (board % 3) + column)]
    board = int(name.rsplit(maxsplit=1)[-1])
    return [(3 * (board // 3) + 1, 3 * (board % 3) + 1)]


_SEEN_DRAWN = {"dark_hex", "phantom_ttt", "hanabi"}
_READERS: dict[str, Reader] = {
    "amazons": _pairs(1),
    "banqi": _pairs(),
    "breakthrough": _letters(top=False),
    "checkers": _letters(top=False),
    "clobber": _letters(top=False),
    "dark_hex": _letters(top=True),
    "gomoku": _pairs(),
    "havannah": _hexagon,
    "hex": _letters(top=True),
    "lines_of_action": _letters(top=False),
    "othello": _letters(top=True),
    "pentago": _letters(top=True),
    "phantom_ttt": _pairs(),
    "shogi": _shogi,
    "ultimate_tic_tac_toe": _nine_boards,
    "xiangqi": _pairs(),
    "y": _letters(top=True),
}
