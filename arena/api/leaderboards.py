"""/api/games/{game}/...: how agents stand in it. Public.

Counts of matches go over the newest 10,000 finished ones (`arena.store.ladders.RECENT`); ratings over all.
"""

from typing import Annotated

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from arena.api.acceptable import Invalid
from arena.api.answers import problems_of
from arena.api.games import known_game
from arena.api.paging import Page, offset_page
from arena.store import ladders, reading
from arena.store.database import Database
from arena.store.ladders import Bin, Board, Duel, Form, Pairing, Place, Point, SeatRate, Sparkline

OFFSET_MAX = 100_000
SEARCH_MAX = 100  # characters
MS_MAX = (1 << 48) - 1  # what fits into an id

Limit = Annotated[int, QueryParameter(ge=1, le=reading.PAGE_MAX)]


class HeadToHead(msgspec.Struct, frozen=True, kw_only=True):
    """What came of the matches of two agents, seen from `agent`."""

    agent: str
    opponent: str
    played: int
    ahead: int
    level: int
    behind: int
    duels: list[Duel]  # the same by the seats and versions of both


class Matrix(msgspec.Struct, frozen=True, kw_only=True):
    """The best agents of a game and what came of every two of them."""

    agents: list[Place]
    pairings: list[Pairing]  # both ways; two that never met have none


class LeaderboardsController(Controller):
    """How agents stand in a game."""

    path = "/games/{game:str}"
    tags = ("leaderboards",)

    @get("/leaderboard", exclude_from_auth=True, responses=problems_of(404, 503))
    async def leaderboard(
        self,
        game: FromPath[str],
        database: NamedDependency[Database],
        owner: FromQuery[str | None] = None,
        house: FromQuery[bool | None] = None,
        provisional: FromQuery[bool | None] = None,
        search: Annotated[str | None, QueryParameter(max_length=SEARCH_MAX)] = None,
        cursor: Annotated[int, QueryParameter(ge=0, le=OFFSET_MAX)] = 0,
        limit: Limit = 100,
    ) -> Page[Place]:
        """List agents, best first, by the rating an agent very probably exceeds (mu - 3 sigma).

        owner: a user's id. house: only the platform's own agents, or only the others. provisional: only those with
        fewer than 20 matches, or only the others. search: part of a name. `rank` is the place among those that are
        listed.
        """
        await known_game(database, game)
        board = Board(game=game, owner=owner, house=house, provisional=provisional, search=search)
        async with database.begin() as connection:
            found = await ladders.leaderboard(connection, board, limit=limit + 1, offset=cursor)
        return offset_page(found, limit, cursor)

    @get("/ratings/{agent_id:str}", exclude_from_auth=True, responses=problems_of(404, 503))
    async def history(
        self,
        game: FromPath[str],
        agent_id: FromPath[str],
        database: NamedDependency[Database],
        points: Annotated[int, QueryParameter(ge=1, le=ladders.POINTS_MAX)] = 200,
        since_ms: Annotated[int, QueryParameter(ge=0, le=MS_MAX)] = 0,
    ) -> list[Point]:
        """Show how an agent's rating went, oldest first, in so many points at even distances, the last one included."""
        await known_game(database, game)
        async with database.begin() as connection:
            return await ladders.rating_points(connection, game, agent_id, points=points, since_ms=since_ms)

    @get("/sparklines", exclude_from_auth=True, responses=problems_of(400, 404, 503))
    async def sparklines(
        self,
        game: FromPath[str],
        agents: FromQuery[str],
        database: NamedDependency[Database],
        points: Annotated[int, QueryParameter(ge=2, le=ladders.SPARKLINE_POINTS_MAX)] = 24,
    ) -> list[Sparkline]:
        """Show in outline how the ratings of up to 100 agents went (ids, with commas between); of unrated ones nothing.

        Each is `points` values of mu at even distances of the log, from the agent's first match to its newest.
        """
        chosen = list(dict.fromkeys(agents.split(",")))
        if len(chosen) > ladders.SPARKLINES_MAX:
            raise Invalid(f"expected at most {ladders.SPARKLINES_MAX} agents, got {len(chosen)}")
        await known_game(database, game)
        async with database.begin() as connection:
            return await ladders.sparklines(connection, game, chosen, points=points)

    @get("/distribution", exclude_from_auth=True, responses=problems_of(404, 503))
    async def distribution(
        self,
        game: FromPath[str],
        database: NamedDependency[Database],
        bins: Annotated[int, QueryParameter(ge=1, le=ladders.BINS_MAX)] = 20,
    ) -> list[Bin]:
        """Count the agents by rating, in bins of equal width; empty bins are left out."""
        await known_game(database, game)
        async with database.begin() as connection:
            return await ladders.distribution(connection, game, bins=bins)

    @get("/seats", exclude_from_auth=True, responses=problems_of(404, 503))
    async def seats(self, game: FromPath[str], database: NamedDependency[Database]) -> list[SeatRate]:
        """Show how each seat does, whoever sits there, over the newest 10,000 matches."""
        await known_game(database, game)
        async with database.begin() as connection:
            return await ladders.seat_rates(connection, game)

    @get("/form/{agent_id:str}", exclude_from_auth=True, responses=problems_of(404, 503))
    async def form(
        self, game: FromPath[str], agent_id: FromPath[str], database: NamedDependency[Database]
    ) -> list[Form]:
        """Show how an agent does by version and seat, over its newest 10,000 matches of this game."""
        await known_game(database, game)
        async with database.begin() as connection:
            return await ladders.form(connection, game, agent_id)

    @get("/head-to-head", exclude_from_auth=True, responses=problems_of(404, 503))
    async def head_to_head(
        self,
        game: FromPath[str],
        agent: FromQuery[str],
        opponent: FromQuery[str],
        database: NamedDependency[Database],
    ) -> HeadToHead:
        """Show what came of the matches of two agents, by their seats and versions, over the newest 10,000."""
        if agent == opponent:
            raise Invalid("expected two different agents")
        await known_game(database, game)
        async with database.begin() as connection:
            duels = await ladders.head_to_head(connection, game, agent, opponent)
        return HeadToHead(
            agent=agent,
            opponent=opponent,
            played=sum(duel.played for duel in duels),
            ahead=sum(duel.ahead for duel in duels),
            level=sum(duel.level for duel in duels),
            behind=sum(duel.behind for duel in duels),
            duels=duels,
        )

    @get("/pairings", exclude_from_auth=True, responses=problems_of(404, 503))
    async def pairings(
        self,
        game: FromPath[str],
        database: NamedDependency[Database],
        top: Annotated[int, QueryParameter(ge=2, le=ladders.MATRIX_AGENTS_MAX)] = 10,
    ) -> Matrix:
        """Show how the best agents did against each other, over the game's newest 10,000 matches."""
        await known_game(database, game)
        async with database.begin() as connection:
            best = await ladders.leaderboard(connection, Board(game=game), limit=top)
            found = await ladders.pairings(connection, game, [place.agent for place in best])
        return Matrix(agents=best, pairings=found)
