"""Small boards of two planes: own marks, the other's marks."""

from agent_kit.readings.reading import Reading, numbered
from agent_kit.turn import Turn


def tictactoe(turn: Turn) -> Reading:
    """Three rows; empty squares show their actions. Seat 0 has X."""
    marks = _marks(turn)
    rows = [
        " ".join(mark if mark != "." else str(3 * row + column) for column, mark in enumerate(line))
        for row, line in enumerate(marks)
    ]
    return Reading("\n".join([*rows, _sides(turn)]), numbered(turn))


def connect_four(turn: Turn) -> Reading:
    """Six rows over the column numbers, which are the actions. Seat 0 has X."""
    rows = [" ".join(line) for line in _marks(turn)]
    return Reading("\n".join([*rows, " ".join("0123456"), _sides(turn)]), numbered(turn))


def _marks(turn: Turn) -> list[list[str]]:
    own, other = "XO" if turn.seat == 0 else "OX"
    return [[own if mine else other if theirs else "." for mine, theirs in row] for row in turn.observation]


def _sides(turn: Turn) -> str:
    return f"You play {'XO'[turn.seat]}."
