"""/api/games and /api/matches: what is played, and how it went. Public."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Response, Stream

from arena.api.paging import Page, page
from arena.api.registrar import Unknown
from arena.store import reading
from arena.store.database import Database
from arena.store.dead_letters import unprojected_of
from arena.store.game_types import GameType, read_game_types
from arena.store.reading import Fault, Match, PlayedTurn, RatingPoint, RawEvent, Standing, Status

Limit = Annotated[int, QueryParameter(ge=1, le=reading.PAGE_MAX)]
NDJSON = "application/x-ndjson"
CHUNK = 1_000  # events of a match read at a time
PLY_MAX = 1 << 40


class LogEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event as the log has it; `text` instead of `payload` if it could not be understood."""

    seq: int
    subject: str
    stored_ms: int
    payload: Any = None
    text: str | None = None
    error: str | None = None


class Details(Match, frozen=True, kw_only=True):
    """One match, with its faults."""

    fault_list: list[Fault]
    unprojected: list[int]  # sequences of its events that could not be understood: its rows are in doubt


class GamesController(Controller):
    """What can be played."""

    path = "/games"
    tags = ("games",)

    @get(exclude_from_auth=True)
    async def list_games(self, database: NamedDependency[Database]) -> list[GameType]:
        """All games."""
        return await read_game_types(database)

    @get("/{game:str}", exclude_from_auth=True)
    async def show(self, game: FromPath[str], database: NamedDependency[Database]) -> GameType:
        """One game."""
        return await _game(database, game)

    @get("/{game:str}/leaderboard", exclude_from_auth=True)
    async def leaderboard(
        self,
        game: FromPath[str],
        database: NamedDependency[Database],
        limit: Limit = 100,
        offset: Annotated[int, QueryParameter(ge=0, le=100_000)] = 0,
    ) -> list[Standing]:
        """Best first, by the rating an agent very probably exceeds (mu - 3 sigma)."""
        await _game(database, game)
        async with database.begin() as connection:
            return await reading.leaderboard(connection, game, limit=limit, offset=offset)

    @get("/{game:str}/ratings/{agent_id:str}", exclude_from_auth=True)
    async def history(
        self, game: FromPath[str], agent_id: FromPath[str], database: NamedDependency[Database], limit: Limit = 200
    ) -> list[RatingPoint]:
        """How an agent's rating went, oldest first."""
        async with database.begin() as connection:
            return await reading.rating_points(connection, game, agent_id, limit)


class MatchesController(Controller):
    """What was and is played."""

    path = "/matches"
    tags = ("matches",)

    @get(exclude_from_auth=True)
    async def list_matches(
        self,
        database: NamedDependency[Database],
        game: FromQuery[str | None] = None,
        agent: FromQuery[str | None] = None,
        status: FromQuery[Status | None] = None,
        cursor: FromQuery[str | None] = None,
        limit: Limit = 50,
    ) -> Page[Match]:
        """Matches, newest first."""
        async with database.begin() as connection:
            found = await reading.list_matches(
                connection, game=game, agent=agent, status=status, before=cursor, limit=limit + 1
            )
        return page(found, limit)

    @get("/{match_id:str}", exclude_from_auth=True)
    async def show(self, match_id: FromPath[str], database: NamedDependency[Database]) -> Details:
        """One match: seats, result, ratings, faults."""
        async with database.begin() as connection:
            found = await reading.find_match(connection, match_id)
            faults = await reading.list_faults(connection, match_id)
            unprojected = await unprojected_of(connection, match_id)
        if found is None:
            raise Unknown(f"there is no match {match_id!r}")
        return Details(**msgspec.structs.asdict(found), fault_list=faults, unprojected=unprojected)

    @get("/{match_id:str}/turns", exclude_from_auth=True)
    async def turns(
        self,
        match_id: FromPath[str],
        database: NamedDependency[Database],
        first: Annotated[int, QueryParameter(ge=0, le=PLY_MAX)] = 0,
        limit: Limit = reading.PAGE_MAX,
    ) -> list[PlayedTurn]:
        """Who did what in `limit` plies from ply `first` on, how long it took, and what of it was not charged."""
        async with database.begin() as connection:
            if await reading.find_match(connection, match_id) is None:
                raise Unknown(f"there is no match {match_id!r}")
            return await reading.list_turns(connection, match_id, first=first, limit=limit)

    @get("/{match_id:str}/events", exclude_from_auth=True, responses={})
    async def events(
        self,
        match_id: FromPath[str],
        request: Request[Any, Any, Any],
        database: NamedDependency[Database],
        after: Annotated[int, QueryParameter(ge=0)] = 0,
    ) -> Response[Any]:
        """The match's events from the log, in order: a JSON list, or lines with `Accept: application/x-ndjson`."""
        async with database.begin() as connection:
            if await reading.find_match(connection, match_id) is None:
                raise Unknown(f"there is no match {match_id!r}")
        if NDJSON in request.headers.get("accept", ""):
            return Stream(_lines(database, match_id, after), media_type=NDJSON)
        async with database.begin() as connection:
            found = await reading.match_events(connection, match_id, after=after)
        return Response(msgspec.json.encode([_shown(event) for event in found]), media_type="application/json")


async def _lines(database: Database, match: str, after: int) -> AsyncIterator[bytes]:
    while True:
        async with database.begin() as connection:
            found = await reading.match_events(connection, match, after=after, limit=CHUNK)
        for event in found:
            yield msgspec.json.encode(_shown(event)) + b"\n"
        if len(found) < CHUNK:
            return
        after = found[-1].seq


def _shown(event: RawEvent) -> LogEvent:
    try:
        payload: Any = msgspec.json.decode(event.payload)
        text = None
    except (msgspec.DecodeError, UnicodeDecodeError):
        payload, text = None, event.payload.decode(errors="replace")
    return LogEvent(
        seq=event.seq, subject=event.subject, stored_ms=event.stored_ms, payload=payload, text=text, error=event.error
    )


async def _game(database: Database, name: str) -> GameType:
    for game in await read_game_types(database):
        if game.name == name:
            return game
    raise Unknown(f"there is no game {name!r}")
