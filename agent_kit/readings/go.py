"""Go: the last boards that a turn shows, and the moves between them.

The observation is PettingZoo's: planes 2i and 2i+1 are the stones of whoever made the i-th last move, and of the other,
after that move (i = 0 to 7; empty where there was none), and the last plane tells the seat.  An action is
`row * size + column` from the upper left corner, or `size * size` to pass.
"""

from itertools import pairwise
from typing import Any, NamedTuple

from agent_kit.readings.reading import Reading
from agent_kit.turn import Turn

BOARDS = 8  # that an observation shows
_COLUMNS = "ABCDEFGHJKLMNOPQRSTUVWXYZ"  # without I, as players write it

Stones = dict[int, int]  # point -> seat, 0 for black


class Position(NamedTuple):
    """The oldest board shown, and the moves since, as (seat, action); the last move was the other's."""

    size: int
    before: Stones
    moves: list[tuple[int, int]]
    now: Stones


def read(turn: Turn) -> Reading:
    """The board with coordinates, black as X, and the last moves."""
    position = see(turn)
    size = position.size
    rows = [
        f"{size - row:2d} " + " ".join(".XO"[position.now.get(row * size + column, -1) + 1] for column in range(size))
        for row in range(size)
    ]
    last = ", ".join(f"{'black' if seat == 0 else 'white'} {vertex(move, size)}" for seat, move in position.moves)
    you = "X (black)" if turn.seat == 0 else "O (white)"
    text = ["   " + " ".join(_COLUMNS[:size]), *rows, f"last moves: {last or 'none'}", f"You play {you}."]
    return Reading("\n".join(text), {vertex(action, size): action for action in turn.legal or ()})


def fits(turn: Turn) -> bool:
    """Whether this is a turn of Go: N x N x 17, and an action for each point and the pass."""
    seen = turn.observation
    try:
        size, planes = len(seen), len(seen[0][0])
    except TypeError:
        return False
    return planes == 2 * BOARDS + 1 and len(turn.actions) == size * size + 1


def see(turn: Turn) -> Position:
    """The position of a turn of Go."""
    planes, other = turn.observation, 1 - turn.seat
    size = len(planes)
    shown = min(turn.ply, BOARDS)
    boards = [_stones(planes, age, other if age % 2 == 0 else turn.seat) for age in range(shown)]
    if shown < BOARDS:
        boards.append({})  # the beginning is among them
    boards.reverse()
    moves = []
    for number, (before, after) in enumerate(pairwise(boards)):
        seat = turn.seat if (len(boards) - number) % 2 else other
        new = [point for point, owner in after.items() if owner == seat and point not in before]
        moves.append((seat, new[0] if new else size * size))
    return Position(size, boards[0], moves, boards[-1])


def vertex(action: int, size: int) -> str:
    """A point as players and GTP write it."""
    if action == size * size:
        return "pass"
    row, column = divmod(action, size)
    return f"{_COLUMNS[column]}{size - row}"


def action_of(name: str, size: int) -> int:
    """The action of a point's name. Raises ValueError for what is none on this board."""
    if name.lower() == "pass":
        return size * size
    column, row = _COLUMNS.find(name[:1].upper()), size - int(name[1:])
    if not (0 <= column < size and 0 <= row < size):
        raise ValueError(f"{name!r} is no point of a {size}x{size} board")
    return row * size + column


def _stones(planes: Any, age: int, mover: int) -> Stones:
    """The board after the move that was made `age` moves ago by the seat `mover`."""
    size = len(planes)
    stones: Stones = {}
    for row in range(size):
        for column in range(size):
            own, others = planes[row][column][2 * age : 2 * age + 2]
            if own or others:
                stones[row * size + column] = mover if own else 1 - mover
    return stones
