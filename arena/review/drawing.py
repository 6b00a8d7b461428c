"""A position's board as SVG: parts below each other, cells of one size, no scripts and no references."""

from collections.abc import Callable
from html import escape
from typing import NamedTuple

from arena.wire.board import AnyPart, Board, Cards, Chat, Grid, Lines, Piece

CELL = 36  # px
MARGIN = 14
LINE = 20
CHARACTER = 8.6  # width of one in a monospaced font of 14 px
CARD_WIDTH, CARD_HEIGHT = 38, 52
CHAT_CHARACTERS = 88  # of a line of a conversation
SEATS = ("#c23b3b", "#2f5fbf", "#2f8a4c", "#a07a10", "#7d4bb3", "#c2662c", "#1f8a8a", "#6a6a6a")
_HEX_ROW = 0.87  # height of a row of hexagons, in cells
_GROUND = {"squares": "#efe6d2", "checkered": "#f0d9b5", "points": "#e2b96f", "hexes": "#ffffff", "plain": "#fafafa"}


class Drawn(NamedTuple):
    """A part of the picture that begins at 0, 0."""

    width: float
    height: float
    shapes: list[str]


def svg(board: Board) -> bytes:
    """The whole picture."""
    y, width = float(MARGIN), 0.0
    shapes: list[str] = []
    for part in board.parts:
        drawn = _part(part)
        shapes += [f'<g transform="translate({MARGIN} {y:g})">', *drawn.shapes, "</g>"]
        width = max(width, drawn.width)
        y += drawn.height + MARGIN
    size = f'width="{width + 2 * MARGIN:g}" height="{y:g}" viewBox="0 0 {width + 2 * MARGIN:g} {y:g}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="monospace" font-size="14">'
    return "".join([head, '<rect width="100%" height="100%" fill="white"/>', *shapes, "</svg>"]).encode()


def _part(part: AnyPart) -> Drawn:
    match part:
        case Grid():
            return _grid(part)
        case Cards():
            return _cards(part)
        case Lines():
            return _lines(part.lines)
        case Chat():
            return _chat(part)


def _words(x: float, y: float, text: str, *, anchor: str = "start", fill: str = "#222", size: int = 14) -> str:
    place = f'x="{x:g}" y="{y:g}" text-anchor="{anchor}" fill="{_safe(fill)}" font-size="{size}"'
    return f'<text {place} xml:space="preserve">{_safe(text)}</text>'


def _safe(text: str) -> str:
    """Text as XML has it: no marks of its own, no control characters."""
    return escape("".join(letter if letter.isprintable() else " " for letter in text))


def _lines(lines: list[str], fill: str = "#222") -> Drawn:
    shapes = [_words(0, LINE * (number + 1) - 5, line, fill=fill) for number, line in enumerate(lines)]
    return Drawn(CHARACTER * max(map(len, lines), default=0), LINE * len(lines), shapes)


def _grid(grid: Grid) -> Drawn:
    columns = max((len(row) for row in grid.cells), default=0)
    left = CELL * 0.7 if grid.rows else 0.0
    shift = max(grid.shifts, default=0.0)
    step = CELL * (_HEX_ROW if grid.kind == "hexes" else 1)
    shapes: list[str] = []
    marked = set(map(tuple, grid.marked))
    draw = _CELLS[grid.kind]
    for row, cells in enumerate(grid.cells):
        x0 = left + CELL * (grid.shifts[row] if grid.shifts else 0.0)
        if grid.rows:
            shapes.append(_words(left - 8, step * row + CELL / 2 + 5, grid.rows[row], anchor="end", fill="#666"))
        for column, symbol in enumerate(cells):
            x, y = x0 + CELL * column, step * row
            shapes.append(draw(x, y, row, column))
            if (row, column) in marked:
                shapes.append(
                    f'<rect x="{x:g}" y="{y:g}" width="{CELL}" height="{CELL}" fill="#f6e05e" opacity="0.55"/>'
                )
            if symbol:
                shapes.append(_symbol(x + CELL / 2, y + CELL / 2, symbol, grid.pieces.get(symbol)))
    height = step * len(grid.cells) + (CELL - step if grid.kind == "hexes" else 0)
    for column, label in enumerate(grid.columns):
        shapes.append(_words(left + CELL * (column + 0.5), height + 16, label, anchor="middle", fill="#666"))
    height += LINE if grid.columns else 0
    if grid.note:
        shapes.append(_words(0, height + 18, grid.note, fill="#444"))
        height += LINE + 4
    return Drawn(max(left + CELL * (columns + shift), CHARACTER * len(grid.note)), height, shapes)


def _square(x: float, y: float, row: int, column: int) -> str:
    return f'<rect x="{x:g}" y="{y:g}" width="{CELL}" height="{CELL}" fill="{_GROUND["squares"]}" stroke="#b9a67e"/>'


def _checkered(x: float, y: float, row: int, column: int) -> str:
    fill = _GROUND["checkered"] if (row + column) % 2 == 0 else "#b58863"
    return f'<rect x="{x:g}" y="{y:g}" width="{CELL}" height="{CELL}" fill="{fill}"/>'


def _point(x: float, y: float, row: int, column: int) -> str:
    middle = CELL / 2
    ground = f'<rect x="{x:g}" y="{y:g}" width="{CELL}" height="{CELL}" fill="{_GROUND["points"]}"/>'
    cross = f"M{x:g} {y + middle:g}h{CELL}M{x + middle:g} {y:g}v{CELL}"
    return f'{ground}<path d="{cross}" stroke="#6b4f1d" stroke-width="1"/>'


def _hexagon(x: float, y: float, row: int, column: int) -> str:
    middle, quarter = CELL / 2, CELL * 0.29
    corners = [(middle, 0), (CELL, quarter), (CELL, CELL - quarter), (middle, CELL), (0, CELL - quarter), (0, quarter)]
    points = " ".join(f"{x + right:g},{y + down:g}" for right, down in corners)
    return f'<polygon points="{points}" fill="#f3efe3" stroke="#9a8f73"/>'


def _plain(x: float, y: float, row: int, column: int) -> str:
    return f'<rect x="{x:g}" y="{y:g}" width="{CELL}" height="{CELL}" fill="{_GROUND["plain"]}" stroke="#eeeeee"/>'


_CELLS: dict[str, Callable[[float, float, int, int], str]] = {
    "squares": _square,
    "checkered": _checkered,
    "points": _point,
    "hexes": _hexagon,
    "plain": _plain,
}


def _symbol(x: float, y: float, symbol: str, piece: Piece | None) -> str:
    """x, y: the middle of the cell."""
    if piece is None:
        return _words(x, y + 5, symbol, anchor="middle", size=14 if len(symbol) < 3 else 11)
    colour = _safe(piece.colour)
    if piece.shape == "fill":
        half = CELL / 2
        return f'<rect x="{x - half:g}" y="{y - half:g}" width="{CELL}" height="{CELL}" fill="{colour}"/>'
    if piece.shape == "disc":
        disc = f'<circle cx="{x:g}" cy="{y:g}" r="{CELL * 0.4:g}" fill="{colour}" stroke="#333"/>'
        return disc + (_words(x, y + 5, piece.glyph, anchor="middle", fill=_on(piece.colour)) if piece.glyph else "")
    outline = 'stroke="#333" stroke-width="0.8" paint-order="stroke"'
    size = 26 if len(piece.glyph) < 2 else 16
    place = f'x="{x:g}" y="{y + size * 0.35:g}" text-anchor="middle" font-size="{size}" fill="{colour}"'
    return f"<text {place} {outline}>{_safe(piece.glyph)}</text>"


def _on(colour: str) -> str:
    """Black or white, whichever can be read on a colour."""
    if len(colour) != 7 or not colour.startswith("#"):
        return "#ffffff"
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#000000" if red * 0.3 + green * 0.59 + blue * 0.11 > 150 else "#ffffff"


def _cards(hand: Cards) -> Drawn:
    colour = SEATS[hand.seat % len(SEATS)] if hand.seat is not None else "#444"
    title = f"{'▶ ' if hand.active else ''}{hand.label}{'  ' + hand.note if hand.note else ''}"
    shapes = [_words(0, 15, title, fill=colour)]
    step = CARD_WIDTH + 4
    for number, card in enumerate(hand.cards):
        x = number * step
        red = "♥" in card or "♦" in card
        place = f'x="{x}" y="{LINE + 2}" width="{CARD_WIDTH}" height="{CARD_HEIGHT}" rx="4"'
        shapes.append(f'<rect {place} fill="#fdfdfd" stroke="#888"/>')
        shapes.append(
            _words(x + CARD_WIDTH / 2, LINE + 34, card, anchor="middle", fill="#c22f2f" if red else "#1b1b1f")
        )
    height = LINE + (CARD_HEIGHT + 4 if hand.cards else 0)
    return Drawn(max(step * len(hand.cards), CHARACTER * len(title)), height, shapes)


def _chat(chat: Chat) -> Drawn:
    shapes: list[str] = []
    y = 0.0
    if chat.left_out:
        shapes.append(_words(0, 15, f"({chat.left_out} messages before)", fill="#888"))
        y = LINE
    for said in chat.messages:
        who = "game" if said.seat is None else f"player_{said.seat}"
        to = " to " + ", ".join(f"player_{seat}" for seat in said.to) if said.to else ""
        colour = "#666" if said.seat is None else SEATS[said.seat % len(SEATS)]
        drawn = _lines(_wrapped(f"{who}{to}: {said.text}"), colour)
        shapes += [f'<g transform="translate(0 {y:g})">', *drawn.shapes, "</g>"]
        y += drawn.height + 4
    return Drawn(CHARACTER * CHAT_CHARACTERS, y, shapes)


def _wrapped(text: str) -> list[str]:
    lines: list[str] = []
    for paragraph in text.splitlines() or [""]:
        line = ""
        for word in paragraph.split(" "):
            joined = f"{line} {word}" if line else word
            if len(joined) > CHAT_CHARACTERS and line:
                lines.append(line)
                line = "  " + word
            else:
                line = joined
        lines.append(line)
    return lines
