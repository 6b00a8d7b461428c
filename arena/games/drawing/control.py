"""Positions of Gymnasium's games as lines; what they look like, their own pictures show."""

import math
from typing import Any

from arena.games.drawing import GREEN, RED
from arena.wire.board import Board, Cards, Grid, Lines, Piece

RAIL = 28  # characters of Cart-pole's
_MAP = {
    "P": Piece(shape="disc", colour=RED),
    "H": Piece(shape="disc", colour="#31567d"),
    "C": Piece(shape="fill", colour="#777777"),
    "G": Piece(shape="glyph", colour=GREEN, glyph="⚑"),
}


def cartpole(env: Any) -> Board:
    """Where the cart is on its rail and how far the pole leans."""
    if env.state is None:
        return Board(parts=[Lines(lines=["not begun"])])
    x, speed, angle, spin = (float(number) for number in env.state)
    place = min(max(round((x + 2.4) / 4.8 * RAIL), 0), RAIL)
    pole = "|" if abs(angle) < 0.03 else "/" if angle > 0 else "\\"
    rail = "-" * place + "#" + "-" * (RAIL - place)
    figures = [
        f"x {x:+.2f} m ({speed:+.2f} m/s)",
        f"angle {math.degrees(angle):+.1f} deg ({math.degrees(spin):+.1f}/s)",
    ]
    return Board(parts=[Lines(lines=[f"{' ' * place}{pole}", rail, *figures])])


def taxi(env: Any) -> Board:
    """The map with the taxi as T; where the passenger waits and wants to go."""
    row, column, passenger, destination = env.decode(env.s)
    grid = [[cell.decode() for cell in line] for line in env.desc]
    grid[row + 1][2 * column + 1] = "T"
    waits = "in the taxi" if passenger == 4 else f"at {'RGYB'[passenger]}"
    lines = [*map("".join, grid), f"passenger {waits}, wants to {'RGYB'[destination]}"]
    return Board(parts=[Lines(lines=lines)])


def lake(env: Any) -> Board:
    """Frozen Lake's or Cliff Walking's map with the walker as P, holes as H, the cliff as C and the goal as G."""
    desc = getattr(env, "desc", None)
    if desc is None:
        rows, columns = env.shape
        marks = [["C" if env._cliff[row, column] else "" for column in range(columns)] for row in range(rows)]
        marks[-1][-1] = "G"
    else:
        marks = [[cell.decode().replace("F", "") for cell in line] for line in desc]
    row, column = divmod(int(env.s), len(marks[0]))
    marks[row][column] = "P"
    return Board(parts=[Grid(cells=marks, pieces=_MAP)])


def state(env: Any) -> Board:
    """The numbers of a classic control problem."""
    numbers = getattr(env, "state", None)
    shown = "not begun" if numbers is None else "  ".join(f"{float(number):+.3f}" for number in numbers)
    return Board(parts=[Lines(lines=[f"state  {shown}"])])


def blackjack(env: Any) -> Board:
    """Both hands; an ace is 1, all faces are 10."""
    hands = [("player", env.player, 0), ("dealer", env.dealer, None)]
    return Board(
        parts=[Cards(label=label, cards=[str(card) for card in cards], seat=seat) for label, cards, seat in hands]
    )
