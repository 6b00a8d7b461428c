"""A board as SVG: what is in the data is in the picture, and nothing of it can be more than text."""

from typing import get_args
from xml.etree import ElementTree

import pytest

from arena.review.drawing import CELL, svg
from arena.wire.board import AnyPart, Board, Cards, Chat, Grid, GridKind, Lines, Message, Piece


def drawn(*parts: AnyPart) -> ElementTree.Element:
    return ElementTree.fromstring(svg(Board(parts=[*parts])))  # noqa: S314 - we have just written it


def texts(root: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in root.iter() if element.tag.endswith("text")]


def count(root: ElementTree.Element, tag: str) -> int:
    return sum(element.tag.endswith(tag) for element in root.iter())


PIECES = {
    "x": Piece(shape="disc", colour="#1b1b1f", glyph="1"),
    "k": Piece(shape="glyph", colour="#f7f7f2", glyph="♔"),
    "#": Piece(shape="fill", colour="grey"),
}


@pytest.mark.parametrize("kind", get_args(GridKind))
def test_every_kind_of_board(kind: GridKind) -> None:
    grid = Grid(cells=[["x", "", "k"], ["#", "12", ""]], kind=kind, pieces=PIECES, rows=["2", "1"], columns=list("abc"))
    root = drawn(grid)
    assert count(root, "circle") == 1
    assert {"1", "♔", "12", "2", "a", "c"} <= set(texts(root))
    assert count(root, "polygon") == (6 if kind == "hexes" else 0)
    assert float(root.attrib["width"]) > 3 * CELL


def test_what_has_just_changed_is_marked() -> None:
    plain = count(drawn(Grid(cells=[["", ""]])), "rect")
    assert count(drawn(Grid(cells=[["", ""]], marked=[(0, 1)])), "rect") == plain + 1


def test_hands_lines_and_talk() -> None:
    said = [Message(text="a\nb"), Message(text="psst " + "word " * 40, seat=1, to=[2, 3])]
    root = drawn(
        Cards(label="player_0", cards=["10♠", "A♥"], seat=0, active=True, note="folded"),
        Lines(lines=["one", "two"]),
        Chat(messages=said, left_out=3),
    )
    shown = texts(root)
    assert {"10♠", "A♥", "▶ player_0  folded", "one", "two", "(3 messages before)", "game: a", "b"} <= set(shown)
    assert [line for line in shown if line.startswith("player_1 to player_2, player_3: psst")]
    assert max(map(len, shown)) <= 90


def test_words_stay_words() -> None:
    evil = '<script>alert("x")</script>&\x00'
    parts = [
        Grid(cells=[[evil]], pieces={evil: Piece(shape="glyph", colour='"/><script>', glyph=evil)}, note=evil),
        Cards(label=evil, cards=[evil]),
        Chat(messages=[Message(text=evil)]),
    ]
    root = drawn(*parts)
    assert count(root, "script") == 0
    assert any("<script>" in text for text in texts(root))
