"""/api/agents/{agent_id}/profile and what else everybody may see of anybody's agent. Public.

What is here comes from the log, which is public, or was written to be read by others. An agent's metadata, credentials,
faults' evidence and state are its owner's (arena.api.agents).
"""

from typing import Annotated

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from arena.api.acceptable import Unknown
from arena.api.agents import VERSION_MAX
from arena.api.answers import problems_of
from arena.store import accounts, reading
from arena.store.database import Connection, Database
from arena.store.reading import Standing
from arena.store.results import By, Result, results
from arena.wire.registry import OpenTo


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
        version: Annotated[int | None, QueryParameter(ge=1, le=VERSION_MAX)] = None,
    ) -> list[Result]:
        """Show how it does by opponent, seat, version or game, most played first, over its newest 10,000 matches.

        `rate` counts a draw as half a win; the true one lies between `low` and `high` with 95 % (Wilson). Won, drawn
        and lost are against that opponent alone, where matches have more than two sides.
        """
        async with database.begin() as connection:
            await known_agent(connection, agent_id)
            return await results(connection, agent_id, by, game=game, version=version)


async def known_agent(connection: Connection, id_: str) -> accounts.Agent:
    """The agent of this id, deleted or not. Raises Unknown."""
    agent = await accounts.find_agent(connection, id_=id_)
    if agent is None:
        raise Unknown(f"there is no agent {id_!r}")
    return agent
