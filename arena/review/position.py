"""A position of a match as data, for whoever shows it."""

from typing import Any

import msgspec

from arena.games import Environment
from arena.games.drawing import text
from arena.games.replay import Frame
from arena.wire import codec
from arena.wire.board import Board, Guide
from arena.wire.events import Moved


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What a seat sees that is to move."""

    seat: int
    observation: Any
    legal: list[int] | None


class Guided(Seen, frozen=True, kw_only=True):
    """The same, and what a person is told who plays this seat."""

    guide: Guide


class Turns(msgspec.Struct, frozen=True, kw_only=True):
    """What the seats are asked after `ply` steps."""

    ply: int
    views: list[Seen]


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
    moved = event if isinstance(event, Moved) else None
    return Position(
        ply=frame.state.ply,
        text=text(board) if board is not None else environment.render(),
        board=board,
        to_act=environment.to_act,
        scores=list(environment.scores),
        rewards=moved.rewards if moved else [0.0] * environment.seats,
        moves=[msgspec.structs.asdict(move) for move in moved.moves] if moved else [],
        views=_views(environment, views_bytes_max),
    )


def turns(frame: Frame, views_bytes_max: int) -> Turns:
    """What is asked at a frame, for people who play. views_bytes_max: as of `position`."""
    environment = frame.environment
    views = _views(environment, views_bytes_max)
    guided = [Guided(**msgspec.structs.asdict(view), guide=environment.guide(view.seat)) for view in views]
    return Turns(ply=frame.state.ply, views=[*guided])


def _views(environment: Environment, bytes_max: int) -> list[Seen]:
    views = [
        Seen(seat=seat, observation=view.observation, legal=view.legal)
        for seat, view in ((seat, environment.view(seat)) for seat in environment.to_act)
    ]
    return views if len(codec.encode_json(views)) <= bytes_max else []
