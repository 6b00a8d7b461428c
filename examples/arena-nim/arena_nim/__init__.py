"""Nim: what Arena must know of the game."""

from typing import Any

ROW = {
    "name": "nim",
    "title": "Nim",
    "environment": "arena_nim.game:env",
    "arguments": {"heaps": 3, "largest": 7},
    "kind": "aec",
    "seats": 2,
    "full_observation": True,
    "perfect_information": True,
    "clock": {"move_ms": 30_000},
    "tags": ["board"],
    "packages": ["arena-nim"],
    "renderer": "arena_nim:board",
}


def board(env: Any) -> Any:
    """The heaps, to be drawn: a row of stones each."""
    from arena.wire.board import Board, Grid, Piece

    rows = [["o"] * int(left) + [""] * (env.largest - int(left)) for left in env.heaps]
    stone = Piece(shape="disc", colour="#8a5a2b")
    return Board(parts=[Grid(cells=rows, pieces={"o": stone}, rows=[str(number) for number in range(len(rows))])])
