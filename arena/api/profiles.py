"""/api/agents/{agent_id}/profile and what else everybody may see of anybody's agent. Public.

What is here comes from the log, which is public, or was written to be read by others. An agent's metadata, credentials,
faults' evidence and state are its owner's (arena.api.agents).
"""

from typing import Annotated, Any

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from arena.api.acceptable import Unknown
from arena.api.agents import VERSION_MAX
from arena.api.answers import problems_of
from arena.api.games import known_game
from arena.store import accounts, reading
from arena.store.database import Connection, Database
from arena.store.game_types import read_game_types
from arena.store.reading import Standing
from arena.store.results import By, Result, results
from arena.store.timing import EDGES_MS, Timing, timings
from arena.store.versions import Compared, compared
from arena.wire.registry import OpenTo

OneVersion = Annotated[int | None, QueryParameter(ge=1, le=VERSION_MAX)]


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """Whose agent it is."""

    id: str
    name: str


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """An agent, as everybody may see it."""

    id: str
    name: str
    owner: Owner
    description: str
    capabilities: list[str]
    house: bool  # the platform's own
    version: int
    created_ms: int
    deleted_ms: int | None  # it plays no more; its matches stay
    open_to: OpenTo  # who may ask for matches against it; its owner may always
    ratings: list[Standing]  # by game


class ClockedTiming(Timing, frozen=True, kw_only=True):
    """An agent's times in one game, and the time that there is."""

    clock: dict[str, Any]  # the game's clock rule as it is now (`move_ms` and others); empty: it is played no more


class Timings(msgspec.Struct, frozen=True, kw_only=True):
    """An agent's times, game by game."""

    edges_ms: list[float]  # of every histogram's bins: one count more than there are edges
    games: list[ClockedTiming]


class ProfilesController(Controller):
    """Anybody's agent."""

    path = "/agents/{agent_id:str}"
    tags = ("agents",)

    @get("/profile", exclude_from_auth=True, responses=problems_of(404, 503))
    async def profile(self, agent_id: FromPath[str], database: NamedDependency[Database]) -> Profile:
        """Show who it is, whose, and how it stands in every game. A deleted one says when it was deleted."""
        async with database.begin() as connection:
            agent = await known_agent(connection, agent_id)
            ratings = await reading.agent_ratings(connection, agent_id)
        shown = {name: getattr(agent, name) for name in Profile.__struct_fields__ if name not in {"owner", "ratings"}}
        return Profile(**shown, owner=Owner(id=agent.owner, name=agent.owner_name), ratings=ratings)

    @get("/results", exclude_from_auth=True, responses=problems_of(400, 404, 503))
    async def results(
        self,
        agent_id: FromPath[str],
        by: FromQuery[By],
        database: NamedDependency[Database],
        game: FromQuery[str | None] = None,
        version: OneVersion = None,
    ) -> list[Result]:
        """Show how it does by opponent, seat, version or game, most played first, over its newest 10,000 matches.

        `rate` counts a draw as half a win; the true one lies between `low` and `high` with 95 % (Wilson). Won, drawn
        and lost are against that opponent alone, where matches have more than two sides.
        """
        async with database.begin() as connection:
            await known_agent(connection, agent_id)
            return await results(connection, agent_id, by, game=game, version=version)

    @get("/timing", exclude_from_auth=True, responses=problems_of(400, 404, 503))
    async def timing(
        self,
        agent_id: FromPath[str],
        database: NamedDependency[Database],
        game: FromQuery[str | None] = None,
        version: OneVersion = None,
    ) -> Timings:
        """Show how long it thinks and how long the way to it takes, by game, over its newest 10,000 turns.

        `counts` of a histogram: below the first of `edges_ms`, between every two, and from the last one on.
        """
        async with database.begin() as connection:
            await known_agent(connection, agent_id)
            found = await timings(connection, agent_id, game=game, version=version)
        clocks = {game.name: game.details.get("clock", {}) for game in await read_game_types(database)}
        games = [ClockedTiming(**msgspec.structs.asdict(one), clock=clocks.get(one.game, {})) for one in found]
        return Timings(edges_ms=[*EDGES_MS], games=games)

    @get("/versions/compare", exclude_from_auth=True, responses=problems_of(400, 404, 503))
    async def compare(
        self, agent_id: FromPath[str], game: FromQuery[str], database: NamedDependency[Database]
    ) -> list[Compared]:
        """Compare its newest 50 versions in one game, newest first, each over its own newest 2,000 matches."""
        await known_game(database, game)
        async with database.begin() as connection:
            await known_agent(connection, agent_id)
            return await compared(connection, agent_id, game)


async def known_agent(connection: Connection, id_: str) -> accounts.Agent:
    """The agent of this id, deleted or not. Raises Unknown."""
    agent = await accounts.find_agent(connection, id_=id_)
    if agent is None:
        raise Unknown(f"there is no agent {id_!r}")
    return agent
