"""Positions of OpenSpiel's games, from OpenSpiel's own text of the state.

    the game's name -> a reader of the text -> Board

A game without a reader is shown as its text.
"""

import re
from collections.abc import Callable
from typing import Any, Literal

from arena.games.drawing import (
    BLUE,
    DARK,
    LIGHT,
    RED,
    SEAT_COLOURS,
    chess_pieces,
    crosses,
    fen_cells,
    stones,
)
from arena.games.drawing.classic import hanabi_table
from arena.wire.board import Board, Cards, Grid, GridKind, Lines, Piece

Reader = Callable[[str], Board]

LINES_MAX = 26
CHARACTERS_MAX = 110
NOTE_MAX = 110
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"
_ANSI = re.compile(r"\x1b\[\d*m")
_SUITS = {"S": "♠", "H": "♥", "D": "♦", "C": "♣", "♠": "♠", "♥": "♥", "♦": "♦", "♣": "♣"}
_COMPASS = ("North", "West", "East", "South")
_BLACK_WHITE = {**stones(x=DARK, o=LIGHT, X=DARK, O=LIGHT), **stones(b=DARK, w=LIGHT, B=DARK, W=LIGHT)}
_NOUGHTS_CROSSES = {**crosses(x=RED, o=BLUE), **crosses(X=RED, O=BLUE)}
_DRAUGHTS = {**_BLACK_WHITE, "+": Piece(shape="disc", colour=DARK), "8": Piece(shape="disc", colour=LIGHT, glyph="♛")}
_ARENA = {str(seat): Piece(shape="disc", colour=colour, glyph=str(seat)) for seat, colour in enumerate(SEAT_COLOURS)}
_DRAUGHTS |= {"*": Piece(shape="disc", colour=DARK, glyph="♛")}
_LACQUER = "#b3282d"
_XIANGQI = dict(zip("RHEAGCSrheagcs", "車馬相仕帥炮兵車馬象士將砲卒", strict=True))
_SHOGI = dict(zip("KRBGSNLPkrbgsnlp", "玉飛角金銀桂香歩玉飛角金銀桂香歩", strict=True))


def board(env: Any) -> Board:
    """The position of an `arena.games.openspiel` environment."""
    return position_of(env.table.game.get_type().short_name, str(env.table.state))


def position_of(game: str, state: str) -> Board:
    """What OpenSpiel says of a position. game: its short name; of one without a reader the text is shown."""
    return _READERS.get(game, _text)(_ANSI.sub("", state))


def _text(state: str) -> Board:
    """The text as it is, without empty lines."""
    lines = [line.rstrip()[:CHARACTERS_MAX] for line in state.splitlines() if line.strip()]
    if len(lines) > LINES_MAX:
        lines = [f"({len(lines) - LINES_MAX} lines before)", *lines[-LINES_MAX:]]
    return Board(parts=[Lines(lines=lines or ["-"])])


def _cells(kind: GridKind = "squares", pieces: dict[str, Piece] | None = None, empty: str = ".-_ ") -> Reader:
    """A board of one character a cell: the longest run of lines of one width, with or without labels and spaces."""

    def read(state: str) -> Board:
        best, rest = _block([line for line in state.splitlines() if not _is_header(line)])
        cells = [["" if mark in empty else mark for mark in row] for row in best]
        columns = list(_ALPHABET[: len(cells[0])]) if any(map(_is_header, state.splitlines())) and cells else []
        note = "  ".join(line.strip() for line in rest if line.strip())[:NOTE_MAX]
        grid = Grid(cells=cells, kind=kind, pieces=pieces or _BLACK_WHITE, columns=columns, note=note)
        return Board(parts=[grid])

    return read


def _snakes(state: str) -> Board:
    """Snakes are digits: no row has a label."""
    rows = [list(line) for line in state.splitlines() if line and ":" not in line]
    cells = [["" if mark == "." else mark for mark in row] for row in rows]
    note = "  ".join(line for line in state.splitlines() if ":" in line)
    pieces = {**_ARENA, "*": Piece(shape="disc", colour="#3a9a5b")}
    return Board(parts=[Grid(cells=cells, pieces=pieces, note=note)])


def _is_header(line: str) -> bool:
    """Whether a line names the columns."""
    letters = line.replace(" ", "")
    return len(letters) > 2 and _ALPHABET.startswith(letters)


def _block(lines: list[str]) -> tuple[list[list[str]], list[str]]:
    """The rows of the board as symbols, and the other lines."""
    rows = [_symbols(line) for line in lines]
    best: tuple[int, int] = (0, 0)
    start = 0
    for end in range(1, len(rows) + 1):
        if end == len(rows) or len(rows[end]) != len(rows[start]) or not rows[start]:
            if len(rows[start]) > 1 and end - start > best[1] - best[0]:
                best = (start, end)
            start = end
    first, last = best
    return rows[first:last], lines[:first] + lines[last:]


def _symbols(line: str) -> list[str]:
    """A line's symbols: words where words are all short, else characters; a row's number is not one of them."""
    words = line.split()
    if len(words) > 2 and all(len(word) <= 3 for word in words):
        labelled = words[0].isdigit() and not words[1].isdigit()
        words = words[1:] if labelled else words
        return words[:-1] if labelled and words[-1].isdigit() else words
    if len(words) != 1 or ":" in line:
        return []
    bare = words[0]
    return list(re.sub(r"^\d+(?=[^\d])", "", bare)) if not bare.isdigit() else []


def _fen(glyphs: dict[str, Piece], kind: GridKind = "checkered") -> Reader:
    """A position in Forsyth-Edwards notation."""

    def read(state: str) -> Board:
        fen = state.strip().splitlines()[0]
        return Board(parts=[Grid(cells=fen_cells(fen), kind=kind, pieces=glyphs, note=fen)])

    return read


def _men(
    glyphs: dict[str, str], first: str, second: str, shape: Literal["disc", "glyph"] = "glyph"
) -> dict[str, Piece]:
    """Men by letter, capitals the first colour; promoted ones have a `+`."""
    men = {
        letter: Piece(shape=shape, colour=first if letter.isupper() else second, glyph=glyph)
        for letter, glyph in glyphs.items()
    }
    promoted = {
        f"+{letter}": Piece(shape=shape, colour=man.colour, glyph=f"+{man.glyph}") for letter, man in men.items()
    }
    return {**men, **promoted}


def _hexes(lean: float = 0.0) -> Reader:
    """A board of hexagons; each row begins so many cells further right than the one above.

    0: as it is indented, with a number before and perhaps a letter behind each row.
    """

    def read(state: str) -> Board:
        rows, shifts = [], []
        for line in state.splitlines():
            body = re.sub(r"^ *\d+ ", lambda found: " " * len(found[0]), line.replace("[", " ").replace("]", " "))
            marks = body if lean else re.sub(r" [a-z]+ *$", "", body)
            symbols = [mark for mark in marks.split() if len(mark) == 1]
            if symbols and all(mark in ".xoyzpqXO@" for mark in symbols):
                rows.append(["" if mark == "." else mark for mark in symbols])
                shifts.append(len(rows) * lean - lean if lean else (len(body) - len(body.lstrip())) / 2)
        least = min(shifts, default=0.0)
        pieces = stones(x=SEAT_COLOURS[0], o=SEAT_COLOURS[1], O=SEAT_COLOURS[0], **{"@": SEAT_COLOURS[1]})
        for mark, colour in (("y", 0), ("z", 0), ("X", 0), ("p", 1), ("q", 1)):
            pieces[mark] = Piece(shape="disc", colour=SEAT_COLOURS[colour])
        return Board(parts=[Grid(cells=rows, kind="hexes", pieces=pieces, shifts=[at - least for at in shifts])])

    return read


def _star(state: str) -> Board:
    """Chinese checkers: a star of points, each line as far right as it is indented."""
    lines = [line for line in state.splitlines() if line.strip() and ":" not in line]
    cells = [["" if mark == "." else mark for mark in line.split()] for line in lines]
    shifts = [(len(line) - len(line.lstrip())) / 2 for line in lines]
    note = "  ".join(line.strip() for line in state.splitlines() if ":" in line)
    return Board(parts=[Grid(cells=cells, kind="hexes", pieces=_ARENA, shifts=shifts, note=note)])


def _quarters(state: str) -> Board:
    """Pentago, without the letters that name the turns."""
    rows = [re.search(r"\d ((?:[.O@] ){5}[.O@])", line) for line in state.splitlines()]
    cells = [["" if mark == "." else mark for mark in found[1].split()] for found in rows if found]
    pieces = stones(**{"@": DARK, "O": LIGHT})
    grid = Grid(cells=cells, kind="points", pieces=pieces, rows=list("123456"), columns=list("abcdef"))
    return Board(parts=[grid])


def _boxes(state: str) -> Board:
    """EinStein würfelt nicht: `|b2||__|`."""
    cells = [[mark.strip("_") for mark in re.findall(r"\|(\w\w)\|", line)] for line in state.splitlines()]
    colours = {"b": DARK, "w": LIGHT}
    men = {mark for row in cells for mark in row if mark}
    pieces = {mark: Piece(shape="disc", colour=colours.get(mark[0], "grey"), glyph=mark[1:]) for mark in men}
    return Board(parts=[Grid(cells=[row for row in cells if row], pieces=pieces)])


def _nine_by_nine(state: str) -> Board:
    """Ultimate tic-tac-toe: nine boards of nine."""
    rows = [line.split() for line in state.splitlines()]
    lines = [list("".join(row)) for row in rows if len(row) == 3 and all(len(part) == 3 for part in row)]
    cells = [["" if mark == "." else mark for mark in line] for line in lines]
    note = "  ".join(line.strip() for line in state.splitlines() if ":" in line)
    return Board(parts=[Grid(cells=cells, kind="checkered", pieces=_NOUGHTS_CROSSES, note=note)])


def _numbers(state: str) -> Board:
    """2048's squares, mancala's and oware's pits: numbers, and the lines around them."""
    rows = [re.findall(r"\d+", line) for line in state.splitlines() if re.fullmatch(r"[\s\d-]+", line.strip() or "x")]
    width = max(map(len, rows), default=0)
    cells = [[mark if mark != "0" else "" for mark in row] for row in rows if len(row) == width]
    if not cells:
        return _text(state)
    note = "  ".join(line.strip() for line in state.splitlines() if re.search(r"[A-Za-z]{2}", line))
    stores = [row for row in rows if len(row) == 2 and width > 2]
    if stores:
        note = f"stores {' and '.join(stores[0])}  {note}"
    return Board(parts=[Grid(cells=cells, kind="squares", pieces={}, note=note)])


def _compass(state: str) -> Board:
    """Hands around a table, as bridge players write them: north, west and east beside each other, south."""
    head: list[str] = []
    hands: dict[str, list[str]] = {name: [] for name in _COMPASS}
    rest: list[str] = []
    row = 0
    for line in state.splitlines():
        found = [
            (match.start(), match[1], match[2]) for match in re.finditer(r"([SHDC♠♥♦♣])(?: |$)([\dAKQJT ]*)", line)
        ]
        if row >= 12 or not found or re.search(r"[a-z]{2}", line):
            (rest if row else head).append(line.strip())
            continue
        for at, suit, ranks in found:
            name = ("North", "", "South")[row // 4] or ("West" if at < 8 else "East")
            hands[name] += [f"{rank.replace('T', '10')}{_SUITS[suit]}" for rank in re.findall(r"10|[\dAKQJT]", ranks)]
        row += 1
    shown = [Cards(label=name, cards=cards) for name, cards in hands.items()]
    lines = [line for line in rest if line][-10:]
    tail = [Lines(lines=lines)] if lines else []
    top = [Lines(lines=[line for line in head if line])] if any(head) else []
    return Board(parts=[*top, *shown, *tail])


def _goofspiel(state: str) -> Board:
    """Hands of numbers and the prizes in their order."""
    parts: list[Any] = []
    for line in state.splitlines():
        label, _, cards = line.partition(":")
        if cards.strip():
            seat = re.match(r"P(\d) hand", label)
            parts.append(Cards(label=label, cards=cards.split(), seat=int(seat[1]) if seat else None))
    return Board(parts=parts)


_CHESS = _fen(chess_pieces())
_POINTS = _cells("points")
_FIELD = {
    "A": Piece(shape="disc", colour=SEAT_COLOURS[0], glyph="A"),
    "B": Piece(shape="disc", colour=SEAT_COLOURS[1], glyph="B"),
    "*": Piece(shape="fill", colour="#777777"),
}
_READERS: dict[str, Reader] = {
    "amazons": _cells("checkered", {**_BLACK_WHITE, "#": Piece(shape="fill", colour="#777777")}),
    "antichess": _CHESS,
    "crazyhouse": _CHESS,
    "dark_chess": _CHESS,
    "kriegspiel": _CHESS,
    "rbc": _CHESS,
    "banqi": _cells(
        "squares",
        _men(dict(zip("GAERHCSgaerhcs", "帥仕相車馬炮兵將士象車馬砲卒", strict=True)), _LACQUER, DARK, "disc"),
    ),
    "breakthrough": _cells("checkered"),
    "capture_the_flag": _cells("squares", _FIELD),
    "checkers": _cells("checkered", _DRAUGHTS),
    "chinese_checkers": _star,
    "clobber": _cells("checkered"),
    "coop_box_pushing": _cells("squares", {}),
    "dark_hex": _hexes(0.5),
    "hex": _hexes(0.5),
    "havannah": _hexes(),
    "y": _hexes(),
    "einstein_wurfelt_nicht": _boxes,
    "bridge": _compass,
    "euchre": _compass,
    "hearts": _compass,
    "spades": _compass,
    "gomoku": _POINTS,
    "goofspiel": _goofspiel,
    "hanabi": hanabi_table,
    "laser_tag": _cells("squares", _FIELD),
    "lines_of_action": _cells("checkered"),
    "mancala": _numbers,
    "oware": _numbers,
    "markov_soccer": _cells("squares", {**_FIELD, "a": _FIELD["A"], "b": _FIELD["B"]}),
    "othello": _cells("squares"),
    "pentago": _quarters,
    "phantom_ttt": _cells("squares", _NOUGHTS_CROSSES),
    "shogi": _fen(_men(_SHOGI, DARK, "#aa3333"), "squares"),
    "snake": _snakes,
    "ultimate_tic_tac_toe": _nine_by_nine,
    "xiangqi": _cells("points", _men(_XIANGQI, _LACQUER, DARK, "disc")),
}
