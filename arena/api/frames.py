"""/api/matches/{match}/frames, /verify: a match played again from the log. Public.

What comes of a match that is over never changes: answers carry an ETag and may be kept for ever. A match that is being
played is shown only where its players see everything anyway.
"""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Controller, Request, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter
from litestar.plugins.problem_details import ProblemDetailsException
from litestar.response import Response

from arena.api.acceptable import Unknown
from arena.api.answers import IMMUTABLE, problems_of, tagged, tagged_as, unchanged
from arena.api.headers import REVALIDATE
from arena.api.matches import OVER, PLY_MAX, known_match
from arena.api.openness import why_hidden
from arena.api.replays import EVENTS_MAX, FRAME_COUNT_MAX, Key, Replays, Unshowable, What
from arena.store import reading
from arena.store.database import Database
from arena.store.game_types import find_game_type
from arena.store.reading import Match
from arena.wire.board import Board

Ply = Annotated[int, QueryParameter(ge=0, le=PLY_MAX)]
MEDIA_TYPES = {"png": "image/png", "svg": "image/svg+xml"}


class SeatView(msgspec.Struct, frozen=True, kw_only=True):
    """What a seat sees that is to move."""

    seat: int
    observation: Any
    legal: list[int] | None


class FrameMove(msgspec.Struct, frozen=True, kw_only=True):
    """What a seat did, as in the log."""

    seat: int
    action: Any
    think_ms: float = 0.0
    lag_ms: float = 0.0
    forgiven_ms: float = 0.0
    by_platform: bool = False


class ReplayFrame(msgspec.Struct, frozen=True, kw_only=True):
    """The position after `ply` steps, and the step that led there."""

    ply: int
    text: str  # the position for people, all hands open
    board: Board | None  # the same as data, to be drawn; null: the game has only text, or pictures of its own
    to_act: list[int]
    scores: list[float]
    rewards: list[float]  # of the step
    moves: list[FrameMove]  # none: the position before the first
    views: list[SeatView]  # none at the end, and where an observation is larger than 64 KiB


class Frames(msgspec.Struct, frozen=True, kw_only=True):
    """Some frames of a match. next: `first` of the following ones; null: these are the last ones so far."""

    match: str
    plies: int
    frames: list[ReplayFrame]
    next: int | None


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """What playing the match again and comparing every link of its digest chain came to."""

    ok: bool
    plies: int  # steps reproduced
    digest: str  # last link of the chain, as reproduced
    problem: str  # why it is not ok


class FramesController(Controller):
    """Matches, played again."""

    path = "/matches/{match_id:str}"
    tags = ("replays",)

    @get(
        "/verify",
        exclude_from_auth=True,
        responses={**tagged_as(Verification), **problems_of(400, 404, 409, 422, 503)},
    )
    async def verify(
        self,
        match_id: FromPath[str],
        request: Request[Any, Any, Any],
        database: NamedDependency[Database],
        replays: NamedDependency[Replays],
    ) -> Response[Any]:
        """Verify a match that is over: play it again, and compare every position and the result with the log."""
        match = await known_match(database, match_id)
        if match.status not in OVER:
            raise _conflict(f"match {match_id} is {match.status}: ask when it is over")
        body = await _asked(replays, database, match, "verify")
        ok = msgspec.json.decode(body, type=Verification).ok
        return tagged(request, body, cache=IMMUTABLE if ok else REVALIDATE)

    @get(
        "/frames",
        exclude_from_auth=True,
        responses={**tagged_as(Frames), **problems_of(404, 409, 422, 503)},
    )
    async def frames(
        self,
        match_id: FromPath[str],
        request: Request[Any, Any, Any],
        database: NamedDependency[Database],
        replays: NamedDependency[Replays],
        first: Annotated[int, QueryParameter(ge=0, le=PLY_MAX, name="from")] = 0,
        count: Annotated[int, QueryParameter(ge=1, le=FRAME_COUNT_MAX)] = 50,
    ) -> Response[Any]:
        """Show positions and moves: `count` frames from ply `from` on; ply 0 is before the first move."""
        match = await known_match(database, match_id)
        await _check_shown(database, match)
        body = await _asked(replays, database, match, "frames", first, count)
        frames = msgspec.json.decode(body, type=list[ReplayFrame])
        after = first + len(frames)
        shown = Frames(
            match=match_id, plies=match.plies, frames=frames, next=after if frames and after <= match.plies else None
        )
        return tagged(request, msgspec.json.encode(shown), cache=_cache(match))

    @get(
        "/image",
        exclude_from_auth=True,
        responses={
            200: ResponseSpec(
                bytes, generate_examples=False, media_type="image/png", description="image/png, or image/svg+xml"
            ),
            **unchanged(),
            **problems_of(404, 409, 422, 503),
        },
    )
    async def image(
        self,
        match_id: FromPath[str],
        request: Request[Any, Any, Any],
        database: NamedDependency[Database],
        replays: NamedDependency[Replays],
        ply: Ply = 0,
        format_: Annotated[Literal["png", "svg"] | None, QueryParameter(name="format")] = None,
    ) -> Response[Any]:
        """Show one position as a picture: its board (svg), or the environment's own where there is none (png)."""
        match = await known_match(database, match_id)
        await _check_shown(database, match)
        try:
            chosen = format_ or await _own_format(database, match)
            body = await _asked(replays, database, match, chosen, ply)
        except Unknown:
            if format_ is not None or ply > match.plies:
                raise
            chosen = "svg"
            body = await _asked(replays, database, match, chosen, ply)
        return tagged(request, body, media_type=MEDIA_TYPES[chosen], cache=_cache(match))


async def _own_format(database: Database, match: Match) -> Literal["png", "svg"]:
    """The environment's pictures, for games that have no board."""
    found = await find_game_type(database, match.game)
    details = found.details if found else {}
    return "png" if details.get("frames") or not details.get("renderer") else "svg"


async def _check_shown(database: Database, match: Match) -> None:
    """Positions of a match that goes on are shown only where its players see everything."""
    if match.status not in OVER and (hidden := await why_hidden(database, match.game)):
        raise _conflict(hidden)


async def _asked(
    replays: Replays, database: Database, match: Match, what: What, first: int = 0, count: int = 1
) -> bytes:
    key: Key = (match.id, what, str(first), str(count)) if match.status in OVER else ()
    if key and (known := replays.known(key)) is not None:
        return known
    async with database.begin() as connection:
        stored = await reading.match_events(connection, match.id, limit=EVENTS_MAX + 1)
    if len(stored) > EVENTS_MAX:
        raise _unshowable(f"more than {EVENTS_MAX:,} events: play it again with `arena match replay`")
    events = [(event.seq, event.subject, event.payload) for event in stored]
    try:
        return await replays.ask(what, match.game, events, first=first, count=count, key=key)
    except Unshowable as error:
        if error.missing:
            raise Unknown(str(error)) from error
        raise _unshowable(str(error)) from error


def _cache(match: Match) -> str:
    return IMMUTABLE if match.status in OVER else REVALIDATE


def _conflict(detail: str) -> ProblemDetailsException:
    return ProblemDetailsException(status_code=409, title="not now", detail=detail)


def _unshowable(detail: str) -> ProblemDetailsException:
    return ProblemDetailsException(status_code=422, title="cannot be played again", detail=detail)
