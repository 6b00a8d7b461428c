"""A position as data, so that a browser can draw it: a board, hands of cards, lines of text, a conversation.

It is made from a replay, never during play.  `arena.games.drawing` makes it; the API's frames carry it; `text` and
`svg` of the same position say the same.
"""

from typing import Literal

import msgspec

CELL_CHARS_MAX = 6  # of a symbol; more is no symbol
CHOICES_MAX = 1_000  # of one turn


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="part"):
    """What all parts have: a tag."""


GridKind = Literal["squares", "checkered", "points", "hexes", "plain"]


class Piece(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a symbol is drawn."""

    shape: Literal["disc", "glyph", "fill"]  # a round stone, a letter or figure, a cell of this colour
    colour: str  # as in CSS
    glyph: str = ""  # what stands on the stone or in the cell


class Grid(Part, frozen=True, kw_only=True, tag="grid"):
    """A board. Cells by row from the top; "" is empty. A symbol without a piece is drawn as it is written."""

    cells: list[list[str]]
    kind: GridKind = "squares"
    pieces: dict[str, Piece] = {}
    rows: list[str] = []  # labels from the top
    columns: list[str] = []  # labels from the left
    marked: list[tuple[int, int]] = []  # row and column of what has just changed
    shifts: list[float] = []  # by row: how many cells it begins further right, where rows are not below each other
    note: str = ""


class Cards(Part, frozen=True, kw_only=True, tag="cards"):
    """A hand, a trick, a pile. A card is rank and suit, as in 10♠; ? is one that nobody sees."""

    label: str
    cards: list[str]
    seat: int | None = None  # whose; None: everybody's
    active: bool = False  # this seat is to act
    note: str = ""


class Lines(Part, frozen=True, kw_only=True, tag="lines"):
    """Text in a monospaced font."""

    lines: list[str]


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something said."""

    text: str
    seat: int | None = None  # who said it; None: the game
    to: list[int] = []  # the seats that heard it; none: everybody


class Chat(Part, frozen=True, kw_only=True, tag="chat"):
    """What was said, oldest first."""

    messages: list[Message]
    left_out: int = 0  # messages before these


AnyPart = Grid | Cards | Lines | Chat


class Board(msgspec.Struct, frozen=True, kw_only=True):
    """A position, in parts, from the top."""

    parts: list[AnyPart]


class Choice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A legal action as people call it."""

    action: int
    name: str
    cells: list[tuple[int, int]] = []  # row and column on the board's first grid: what is pressed for it, in order


class Guide(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a person needs beside the rules to play a seat's next move. Nothing that the seat may not know."""

    board: Board | None = None  # the position as this seat sees it; None: there is none beside everybody's
    choices: list[Choice] = []  # none: more than CHOICES_MAX, or nobody gave them names
