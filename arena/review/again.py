"""A process that plays matches again for somebody else: requests on standard input, answers on standard output.

    a Request  ->  an Answer                                                      (in messages of `arena.review.pipe`)

Environments are other people's code: one that hangs or crashes costs this process, and not the one that asked.
"""

from collections.abc import Iterator
from typing import Literal

import msgspec

from arena.core.match import Contradiction
from arena.games import Game, Unplayable
from arena.games.replay import Diverged, Frame
from arena.review import StoredEvent, pipe, replay, verify
from arena.review.drawing import svg
from arena.review.picture import png
from arena.review.position import position, turns
from arena.wire import codec
from arena.wire.board import Board, Lines
from arena.wire.events import Created, Moved

VIEWS_BYTES_MAX = 64 * 1024  # of one frame; more (pictures as observations) is left out


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted of a match. An empty `events`: of the game itself."""

    what: Literal["verify", "frames", "turns", "png", "svg", "spaces"]
    game: str
    events: list[StoredEvent] = []
    first: int = 0  # ply of the first frame, or of the picture; 0 is the position before the first move
    count: int = 1


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Exactly one of both is there."""

    body: bytes = b""  # JSON, or the picture
    problem: str = ""  # why there is none
    missing: bool = False  # it is not that something went wrong: there is no such thing


class _Missing(Exception):
    """There is no such ply or picture."""


def main() -> None:
    """Answer until standard input ends. Argument: the operator's games file, if there is one."""
    catalogue = pipe.catalogue()
    pipe.serve(Request, lambda request: answer(catalogue.get(request.game), request))


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
            return codec.encode_json(
                [position(frame, VIEWS_BYTES_MAX) for frame in _frames(game, request.events, wanted)]
            )
        case "turns":
            wanted = range(request.first, request.first + request.count)
            return codec.encode_json([turns(frame, VIEWS_BYTES_MAX) for frame in _frames(game, request.events, wanted)])
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


if __name__ == "__main__":
    main()
