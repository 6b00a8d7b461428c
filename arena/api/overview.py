"""/api/overview: the platform in a few numbers, for the front page."""

import asyncio

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.plugins.problem_details import ProblemDetailsException

from arena.api.answers import problems_of
from arena.api.lately import Lately
from arena.api.stamps import now_ms
from arena.store.database import Database
from arena.store.overview import Stored, stored
from arena.wire.inquiry import QueueState


class Going(msgspec.Struct, frozen=True, kw_only=True):
    """What is going on now, as the active matchmaker sees it."""

    matches: int  # that run
    matches_per_minute: float  # made in the last minutes
    agents: int  # that are here
    instances: int  # of them


class Overview(Stored, frozen=True, kw_only=True):
    """How much there is, and what is going on."""

    at_ms: int
    now: Going | None  # null: no matchmaker answers; another one takes over in a few seconds


class OverviewController(Controller):
    """The platform in a few numbers."""

    path = "/overview"
    tags = ("health",)

    @get(exclude_from_auth=True, responses=problems_of(503))
    async def show(self, overview: NamedDependency[Lately[Overview]]) -> Overview:
        """Show how much there is, what is going on, and how fast, as it was within the last second."""
        return await overview.get()


def overview_lately(database: Database, queue: Lately[QueueState]) -> Lately[Overview]:
    """The platform in a few numbers, found out once a second for everybody."""

    async def ask() -> Overview:
        going, found = await asyncio.gather(_going(queue), database.run(stored))
        return Overview(**msgspec.structs.asdict(found), at_ms=now_ms(), now=going)

    return Lately(ask)


async def _going(queue: Lately[QueueState]) -> Going | None:
    try:
        found = await queue.get()
    except ProblemDetailsException:  # what the API answers to who asks for the queue itself
        return None
    return Going(
        matches=found.running,
        matches_per_minute=round(sum(game.matches_per_minute for game in found.games), 2),
        agents=found.agents,
        instances=found.instances,
    )
