"""A position of a match as data, for whoever shows it."""

from typing import Any

import msgspec

from arena.games.drawing import text
from arena.games.replay import Frame
from arena.wire import codec
from arena.wire.board import Board
from arena.wire.events import Moved


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What a seat sees that is to move."""

    seat: int
    observation: Any
    legal: list[int] | None


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """The position after `ply` steps, and the step that led there."""

    ply: int
    text: str
    board: Board | None
    to_act: tuple[int, ...]
    scores: list[float]
    rewards: list[float]
    moves: list[dict[str, Any]]
    views: list[Seen]


def position(frame: Frame, views_bytes_max: int) -> Position:
    """What is seen of a frame. views_bytes_max: what seats see is left out where it is longer, as JSON."""
    environment, event = frame.environment, frame.event
    board = environment.board()
    views = [
        Seen(seat=seat, observation=view.observation, legal=view.legal)
        for seat, view in ((seat, environment.view(seat)) for seat in environment.to_act)
    ]
    if len(codec.encode_json(views)) > views_bytes_max:
        views = []
    moved = event if isinstance(event, Moved) else None
    return Position(
        ply=frame.state.ply,
        text=text(board) if board is not None else environment.render(),
        board=board,
        to_act=environment.to_act,
        scores=list(environment.scores),
        rewards=moved.rewards if moved else [0.0] * environment.seats,
        moves=[msgspec.structs.asdict(move) for move in moved.moves] if moved else [],
        views=views,
    )
