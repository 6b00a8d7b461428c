"""A process that plays matches again for somebody else: requests on standard input, answers on standard output.

    4 bytes of length (big-endian), a Request in msgpack  ->  4 bytes of length, an Answer in msgpack

Environments are other people's code: one that hangs or crashes costs this process, and not the one that asked. It ends
with its standard input.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Literal

import msgspec

from arena.core.match import Contradiction
from arena.games import Game, Unplayable, load_catalogue
from arena.games.drawing import text
from arena.games.replay import Diverged, Frame
from arena.review import StoredEvent, replay, verify
from arena.review.drawing import svg
from arena.review.picture import png
from arena.wire import codec
from arena.wire.board import Board, Lines
from arena.wire.events import Created, Moved

VIEW_BYTES_MAX = 64 * 1024  # of one frame; more (pictures as observations) is left out


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted of a match. An empty `events`: of the game itself."""

    what: Literal["verify", "frames", "png", "svg", "spaces"]
    game: str
    events: list[StoredEvent] = []
    first: int = 0  # ply of the first frame, or of the picture; 0 is the position before the first move
    count: int = 1


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Exactly one of both is there."""

    body: bytes = b""  # JSON, or the picture
    problem: str = ""  # why there is none
    missing: bool = False  # it is not that something went wrong: there is no such thing


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


class _Missing(Exception):
    """There is no such ply or picture."""


def main() -> None:
    """Answer until standard input ends. Argument: the operator's games file, if there is one."""
    catalogue = load_catalogue(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a game prints must not get among the answers
    while request := _read(sys.stdin.buffer):
        found = msgspec.msgpack.encode(answer(catalogue.get(request.game), request))
        out.write(len(found).to_bytes(4) + found)
        out.flush()


def _read(stream: BinaryIO) -> Request | None:
    head = stream.read(4)
    return msgspec.msgpack.decode(stream.read(int.from_bytes(head)), type=Request) if len(head) == 4 else None


def answer(game: Game | None, request: Request) -> Answer:
    """One answer. Never raises for what is wrong with a match or an environment."""
    if game is None:
        return Answer(problem=f"game {request.game} is not in this platform's catalogue (any more)", missing=True)
    try:
        return Answer(body=_body(game, request))
    except _Missing as error:
        return Answer(problem=str(error), missing=True)
    except (Diverged, Contradiction, Unplayable, msgspec.DecodeError) as error:
        return Answer(problem=str(error))
    except Exception as error:  # noqa: BLE001 - a game is somebody else's code
        return Answer(problem=f"the environment failed: {type(error).__name__}: {error}")


def _body(game: Game, request: Request) -> bytes:
    match request.what:
        case "spaces":
            return codec.encode_json(game.info())
        case "verify":
            return codec.encode_json(verify(game, request.events))
        case "frames":
            wanted = range(request.first, request.first + request.count)
            return codec.encode_json([_position(frame) for frame in _frames(game, request.events, wanted)])
        case "svg":
            environment = _one(game, request).environment
            board = environment.board()
            return svg(board if board is not None else Board(parts=[Lines(lines=environment.render().splitlines())]))
        case "png":
            return _photograph(game, request)


def _frames(game: Game, stored: list[StoredEvent], wanted: range) -> Iterator[Frame]:
    """The frames of these plies; what is behind them is not played."""
    for frame in replay(game, stored):
        if isinstance(frame.event, Created | Moved) and frame.state.ply in wanted:
            yield frame
        if frame.state.ply >= wanted.stop - 1:
            return


def _one(game: Game, request: Request) -> Frame:
    for frame in _frames(game, request.events, range(request.first, request.first + 1)):
        return frame
    raise _Missing(f"the match has no ply {request.first}")


def _photograph(game: Game, request: Request) -> bytes:
    """The environment's own picture."""
    seen = msgspec.structs.replace(game, arguments={**game.arguments, "render_mode": "rgb_array"})
    try:
        seen.make().close()
    except Unplayable as error:
        raise _Missing(f"{game.name} has no picture of its own (render_mode rgb_array): ask for format=svg") from error
    pixels = _one(seen, request).environment.picture()
    if pixels is None:
        raise _Missing(f"{game.name} gave no picture: ask for format=svg")
    return png(pixels)


def _position(frame: Frame) -> Position:
    environment, event = frame.environment, frame.event
    board = environment.board()
    views = [
        Seen(seat=seat, observation=view.observation, legal=view.legal)
        for seat, view in ((seat, environment.view(seat)) for seat in environment.to_act)
    ]
    if len(codec.encode_json(views)) > VIEW_BYTES_MAX:
        views = []
    moved = event if isinstance(event, Moved) else None
    return Position(
        ply=frame.state.ply,
        text=text(board) if board is not None else environment.render(),
        board=board,
        to_act=environment.to_act,
        scores=list(environment.scores),
        rewards=moved.rewards if moved else [0.0] * environment.seats,
        moves=[msgspec.to_builtins(move) for move in moved.moves] if moved else [],
        views=views,
    )


if __name__ == "__main__":
    main()
