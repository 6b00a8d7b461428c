"""Positions as data (arena.wire.board), and that as text: what a game's row names as its renderer.

    renderer(unwrapped environment) -> Board;  text(Board) -> str

All hands are open: who may see a position while the match goes on, the game's `perfect_information` says.
"""

from collections.abc import Iterator

from arena.wire.board import AnyPart, Board, Cards, Chat, Grid, Lines, Piece

SAID_MAX = 6  # messages of a chat that the text of a position shows
CHARACTERS_MAX = 110  # of one of them
EMPTY = "."

DARK, LIGHT, RED, BLUE, GREEN, YELLOW = "#1b1b1f", "#f7f7f2", "#d64545", "#3b6fd4", "#3a9a5b", "#e0b32e"
FAINT = "#a3988a"  # what may be done there, not what is there
SEAT_COLOURS = (RED, BLUE, GREEN, YELLOW, "#8e5bc2", "#e07b39", "#2aa3a3", "#8a8a8a")
CHESS_GLYPHS = dict(zip("KQRBNPkqrbnp", "♔♕♖♗♘♙♚♛♜♝♞♟", strict=True))


def stones(**colours: str) -> dict[str, Piece]:
    """Round pieces by symbol."""
    return {symbol: Piece(shape="disc", colour=colour) for symbol, colour in colours.items()}


def crosses(**colours: str) -> dict[str, Piece]:
    """Noughts and crosses by symbol, which is X or O in either case."""
    return {symbol: Piece(shape="glyph", colour=colour, glyph=symbol.upper()) for symbol, colour in colours.items()}


def chess_pieces() -> dict[str, Piece]:
    """Chess's men by letter, capitals white."""
    return {
        letter: Piece(shape="glyph", colour=LIGHT if letter.isupper() else DARK, glyph=glyph)
        for letter, glyph in CHESS_GLYPHS.items()
    }


def fen_cells(fen: str) -> list[list[str]]:
    """The cells of a FEN's first field; `+` belongs to the letter behind it (shogi's promoted men)."""
    rows: list[list[str]] = []
    for rank in fen.split(maxsplit=1)[0].partition("[")[0].split("/"):
        row: list[str] = []
        number = promoted = ""
        for letter in rank:
            if letter.isdigit():
                number += letter
                continue
            row += [""] * int(number or 0)
            number = ""
            if letter in "+~":
                promoted = letter if letter == "+" else ""
                continue
            row.append(promoted + letter)
            promoted = ""
        rows.append(row + [""] * int(number or 0))
    return rows


def text(board: Board) -> str:
    """The position in lines, for people."""
    return "\n".join(line.rstrip() for part in board.parts for line in _lines(part)) or "-"


def _lines(part: AnyPart) -> Iterator[str]:
    match part:
        case Grid():
            yield from _grid(part)
        case Cards():
            turn = " <- to act" if part.active else ""
            note = f"  {part.note}" if part.note else ""
            yield f"{part.label}: {' '.join(part.cards) or '-'}{note}{turn}"
        case Lines():
            yield from part.lines
        case Chat():
            hidden = part.left_out + max(len(part.messages) - SAID_MAX, 0)
            if hidden:
                yield f"({hidden} messages before)"
            for said in part.messages[-SAID_MAX:]:
                who = "game" if said.seat is None else f"player_{said.seat}"
                to = " to " + ", ".join(f"player_{seat}" for seat in said.to) if said.to else ""
                words = " ".join(said.text.split())
                short = words if len(words) <= CHARACTERS_MAX else words[: CHARACTERS_MAX - 3] + "..."
                yield f"{who}{to}: {short}"


def _grid(grid: Grid) -> Iterator[str]:
    width = max((len(cell) for row in grid.cells for cell in row), default=1)
    margin = max((len(label) for label in grid.rows), default=0)
    indent = margin + 1 if margin else 0
    for number, row in enumerate(grid.cells):
        label = f"{grid.rows[number]:>{margin}} " if grid.rows else ""
        shift = " " * round(2 * grid.shifts[number]) if grid.shifts else ""
        yield label + shift + " ".join(f"{cell or EMPTY:>{width}}" for cell in row)
    if grid.columns:
        yield " " * indent + " ".join(f"{label:>{width}}" for label in grid.columns)
    if grid.note:
        yield grid.note
