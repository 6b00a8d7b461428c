"""/api/matches: what was and is played. Public.

While a match is played, what would tell a player more than its turns do is kept back (`arena.api.openness`).
"""

from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Annotated, Any

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Stream

from arena.api.acceptable import Invalid, Unknown
from arena.api.answers import problems_of
from arena.api.openness import discreet_event, discreet_fault, discreet_match, discreet_turn, is_open
from arena.api.paging import Page, log_page, page
from arena.store import reading
from arena.store.database import Database
from arena.store.dead_letters import unprojected_of
from arena.store.match_list import Wanted, list_matches
from arena.store.reading import BlockMatch, Fault, Match, PlayedTurn, RawEvent, Status
from arena.wire.events import Created
from arena.wire.faults import EndCause, PlatformFault

NDJSON = "application/x-ndjson"
CHUNK = 1_000  # events of a match read at a time
PLY_MAX = 1 << 40
SEQ_MAX = (1 << 63) - 1
MS_MAX = (1 << 48) - 1  # what fits into an id
CAUSES = (*EndCause, *PlatformFault)
OVER = ("ended", "voided")

Limit = Annotated[int, QueryParameter(ge=1, le=reading.PAGE_MAX)]
Ms = Annotated[int | None, QueryParameter(ge=0, le=MS_MAX)]
After = Annotated[int, QueryParameter(ge=0, le=SEQ_MAX)]


class LogEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event as the log has it; `text` instead of `payload` if it could not be understood."""

    seq: int
    subject: str
    stored_ms: int
    payload: Any = None
    text: str | None = None
    error: str | None = None


class MatchClock(msgspec.Struct, frozen=True, kw_only=True):
    """Time to think, in milliseconds; 0 switches off the time per move, or the bank."""

    move_ms: int
    bank_ms: int
    increment_ms: int
    lag_ms_max: int


class MatchFaultRule(msgspec.Struct, frozen=True, kw_only=True):
    """What a fault costs."""

    strikes_max: int
    gone_grace_ms: int
    plays_on: bool


class Details(Match, frozen=True, kw_only=True):
    """One match, with its rules and faults."""

    clock: MatchClock | None  # null: its `created` event could not be understood
    fault_rule: MatchFaultRule | None
    fault_list: list[Fault]
    unprojected: list[int]  # sequences of its events that could not be understood: its rows are in doubt
    block_matches: list[BlockMatch]  # the others of its block: rated with it, as one result, when all are over


class MatchesController(Controller):
    """What was and is played."""

    path = "/matches"
    tags = ("matches",)

    @get(exclude_from_auth=True, responses=problems_of(503))
    async def list_matches(
        self,
        database: NamedDependency[Database],
        wanted: NamedDependency[Wanted],
        opponent: FromQuery[str | None] = None,
        cursor: FromQuery[str | None] = None,
        limit: Limit = 50,
    ) -> Page[Match]:
        """List matches, newest first. opponent: another agent in it."""
        wanted = msgspec.structs.replace(wanted, opponent=opponent)
        async with database.begin() as connection:
            found = await list_matches(connection, wanted, before=cursor, limit=limit + 1)
        return page([_discreet(match) for match in found], limit)

    @get("/{match_id:str}", exclude_from_auth=True, responses=problems_of(400, 404, 503))
    async def show(self, match_id: FromPath[str], database: NamedDependency[Database]) -> Details:
        """Show one match: seats, clock, result, ratings, faults."""
        found = await known_match(database, match_id)
        async with database.begin() as connection:
            faults = await reading.list_faults(connection, match_id)
            unprojected = await unprojected_of(connection, match_id)
            first = await reading.match_events(connection, match_id, limit=1)
            others = await reading.block_of(connection, found)
        clock, rule = _rules(first)
        told = found.status in OVER or await is_open(database, found.game)
        return Details(
            **msgspec.structs.asdict(_discreet(found)),
            clock=clock,
            fault_rule=rule,
            fault_list=faults if told else [discreet_fault(fault) for fault in faults],
            unprojected=unprojected,
            block_matches=others,
        )

    @get("/{match_id:str}/turns", exclude_from_auth=True, responses=problems_of(404, 503))
    async def turns(
        self,
        match_id: FromPath[str],
        database: NamedDependency[Database],
        cursor: Annotated[int, QueryParameter(ge=0, le=PLY_MAX)] = 0,
        limit: Limit = 100,
    ) -> Page[PlayedTurn]:
        """List who did what in `limit` plies from ply `cursor` on, how long it took, and what was not charged."""
        found = await known_match(database, match_id)
        async with database.begin() as connection:
            turns = await reading.list_turns(connection, match_id, first=cursor, limit=limit)
        if found.status not in OVER and not await is_open(database, found.game):
            turns = [discreet_turn(turn) for turn in turns]
        after = cursor + limit
        return Page(items=turns, next=str(after) if after < found.plies else None)

    @get("/{match_id:str}/events", exclude_from_auth=True, responses=problems_of(404, 503))
    async def events(
        self, match_id: FromPath[str], database: NamedDependency[Database], cursor: After = 0, limit: Limit = 100
    ) -> Page[LogEvent]:
        """List the match's events from the log, oldest first. cursor: a sequence of the log."""
        found = await known_match(database, match_id)
        async with database.begin() as connection:
            raw = await reading.match_events(connection, match_id, after=cursor, limit=limit + 1)
        show = await _show_of(database, found)
        return log_page([show(event) for event in raw], limit)

    @get(
        "/{match_id:str}/download",
        exclude_from_auth=True,
        responses={200: ResponseSpec(bytes, generate_examples=False, media_type=NDJSON), **problems_of(400, 404, 503)},
    )
    async def download(self, match_id: FromPath[str], database: NamedDependency[Database]) -> Stream:
        """Download all events of the match from the log, one JSON object a line."""
        found = await known_match(database, match_id)
        headers = {"Content-Disposition": f'attachment; filename="{match_id}.jsonl"'}
        return Stream(_lines(database, found), media_type=NDJSON, headers=headers)


async def provide_wanted(
    game: FromQuery[str | None] = None,
    agent: FromQuery[str | None] = None,
    user: FromQuery[str | None] = None,
    status: FromQuery[Status | None] = None,
    cause: FromQuery[str | None] = None,
    request_id: Annotated[str | None, QueryParameter(name="request")] = None,
    since_ms: Ms = None,
    until_ms: Ms = None,
) -> Wanted:
    """The filters of a list of matches. Raises Invalid."""
    if cause is not None and cause not in CAUSES:
        raise Invalid(f"expected a cause among {', '.join(CAUSES)}")
    return Wanted(
        game=game,
        agent=agent,
        owner=user,
        status=status,
        cause=cause,
        request=request_id,
        since_ms=since_ms,
        until_ms=until_ms,
    )


async def known_match(database: Database, id_: str) -> Match:
    """The match with this id. Raises Unknown and Unavailable."""
    async with database.begin() as connection:
        found = await reading.find_match(connection, id_)
    if found is None:
        raise Unknown(f"there is no match {id_!r}")
    return found


def _discreet(match: Match) -> Match:
    return match if match.status in OVER else discreet_match(match)


async def _lines(database: Database, match: Match) -> AsyncIterator[bytes]:
    after = 0
    show = await _show_of(database, match)
    while True:
        async with database.begin() as connection:
            found = await reading.match_events(connection, match.id, after=after, limit=CHUNK)
        for event in found:
            yield msgspec.json.encode(show(event)) + b"\n"
        if len(found) < CHUNK:
            return
        after = found[-1].seq


def _rules(first: list[RawEvent]) -> tuple[MatchClock | None, MatchFaultRule | None]:
    try:
        created = msgspec.json.decode(first[0].payload, type=Created)
    except (IndexError, msgspec.DecodeError, UnicodeDecodeError):
        return None, None
    clock, rule = msgspec.structs.asdict(created.clock), msgspec.structs.asdict(created.faults)
    return msgspec.convert(clock, MatchClock), msgspec.convert(rule, MatchFaultRule)


async def _show_of(database: Database, match: Match) -> Callable[[RawEvent], LogEvent]:
    """How this match's events are shown now."""
    over = match.status in OVER
    return partial(_shown, over=over, of_open_game=over or await is_open(database, match.game))


def _shown(event: RawEvent, *, over: bool, of_open_game: bool) -> LogEvent:
    try:
        payload: Any = msgspec.json.decode(event.payload)
        text = None
    except (msgspec.DecodeError, UnicodeDecodeError):
        payload, text = None, event.payload.decode(errors="replace") if of_open_game else ""
    return LogEvent(
        seq=event.seq,
        subject=event.subject,
        stored_ms=event.stored_ms,
        payload=payload if over else discreet_event(payload, of_open_game=of_open_game),
        text=text,
        error=event.error,
    )
