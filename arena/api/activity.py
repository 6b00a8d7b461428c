"""/api/activity: what happens in each game now, for a catalogue that is alive. Public."""

from litestar import Controller, get
from litestar.di import NamedDependency

from arena.api.answers import problems_of
from arena.store.activity import Activity, read_activity
from arena.store.database import Database


class ActivityController(Controller):
    """What happens in each game."""

    tags = ("games",)

    @get("/activity", exclude_from_auth=True, responses=problems_of(503))
    async def activity(self, database: NamedDependency[Database]) -> list[Activity]:
        """Count each game's rated agents and running matches, and name the newest match that is over."""
        async with database.begin() as connection:
            return await read_activity(connection)
