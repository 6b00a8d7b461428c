"""Guides of PettingZoo's classic games. They read what PettingZoo's own renderers read."""

from collections.abc import Sequence
from typing import Any

import msgspec

from arena.games.drawing.classic import COLUMNS_GO, hanabi_table
from arena.games.drawing.classic import poker as whole_table
from arena.games.guides import named
from arena.wire.board import Board, Cards, Choice, Guide

_LIMIT = named("call", "raise", "fold", "check")
_NO_LIMIT = named("fold", "check or call", "raise half the pot", "raise the pot", "all in")


def tictactoe(env: Any, seat: int, legal: Sequence[int]) -> Guide:
    """Actions count down the columns."""
    places = [(action, action % 3, action // 3) for action in legal]
    return Guide(
        choices=[
            Choice(action=action, name=f"row {row + 1}, column {column + 1}", cells=[(row, column)])
            for action, row, column in places
        ]
    )


def connect_four(env: Any, seat: int, legal: Sequence[int]) -> Guide:
    """A column; its cell is where the stone comes to lie."""
    rows = range(5, -1, -1)
    free = {column: next(row for row in rows if not env.board[7 * row + column]) for column in legal}
    return Guide(
        choices=[Choice(action=column, name=f"column {column}", cells=[(row, column)]) for column, row in free.items()]
    )


def rock_paper_scissors(env: Any, seat: int, legal: Sequence[int]) -> Guide:
    """As the environment calls them."""
    return named(*(name.lower() for name in env._moves))(env, seat, legal)


def poker(env: Any, seat: int, legal: Sequence[int]) -> Guide:
    """The table with the others' hands closed."""
    names = _LIMIT if isinstance(env.env.actions, list) else _NO_LIMIT
    shown = [
        msgspec.structs.replace(part, cards=["?"] * len(part.cards))
        if isinstance(part, Cards) and part.seat not in {None, seat}
        else part
        for part in whole_table(env).parts
    ]
    return Guide(board=Board(parts=shown), choices=names(env, seat, legal).choices)


def hanabi(env: Any, seat: int, legal: Sequence[int]) -> Guide:
    """The table as this seat sees it: of its own hand what it was told."""
    state = env.hanabi_env.game_state
    return Guide(
        board=hanabi_table(state.observation_string(seat)),
        choices=[Choice(action=action, name=state.action_to_string(seat, action).strip("()")) for action in legal],
    )


def go(env: Any, seat: int, legal: Sequence[int]) -> Guide:
    """A point, or to pass."""
    size = len(env._go.board)
    choices = []
    for action in legal:
        row, column = divmod(action, size)
        if row == size:
            choices.append(Choice(action=action, name="pass"))
        else:
            choices.append(Choice(action=action, name=f"{COLUMNS_GO[column]}{size - row}", cells=[(row, column)]))
    return Guide(choices=choices)


def chess(env: Any, seat: int, legal: Sequence[int]) -> Guide:
    """Moves in algebraic notation, from square to square."""
    from pettingzoo.classic.chess import chess_utils

    choices = []
    for action in legal:
        move = chess_utils.action_to_move(env.board, action, seat)
        cells = [(7 - square // 8, square % 8) for square in (move.from_square, move.to_square)]
        choices.append(Choice(action=action, name=env.board.san(move), cells=cells))
    return Guide(choices=choices)


def lowest_unique(env: Any, seat: int, legal: Sequence[int]) -> Guide:
    """Numbers."""
    return Guide(choices=[Choice(action=action, name=str(action)) for action in legal])
