"""/api/agents/overview: a user's agents with what a list of them shows: a page costs three questions, however long."""

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency, Provide

from arena.api.agents import ShownAgent, provide_listed
from arena.api.answers import problems_of
from arena.api.paging import Page
from arena.api.presence import ANSWER_S
from arena.api.quarantine import Quarantines
from arena.api.stamps import now_ms
from arena.bus import Bus, BusError
from arena.store.accounts import Agent
from arena.store.database import Database
from arena.store.summaries import Summary, summaries
from arena.wire import subjects
from arena.wire.inquiry import AgentPresence, AgentsInquiry, AgentsState


class ListedAgent(ShownAgent, frozen=True, kw_only=True):
    """An agent, how it stands, and what it is doing."""

    summary: Summary
    presence: AgentPresence | None  # null: no matchmaker answers now


class SummariesController(Controller):
    """Own agents, as a list shows them."""

    path = "/agents/overview"
    tags = ("agents",)
    dependencies = {"listed": Provide(provide_listed)}  # noqa: RUF012 - Litestar's way

    @get(responses=problems_of(400, 401, 403, 503))
    async def overview(
        self,
        listed: NamedDependency[Page[Agent]],
        database: NamedDependency[Database],
        bus: NamedDependency[Bus],
        quarantines: NamedDependency[Quarantines],
    ) -> Page[ListedAgent]:
        """List your agents as `/api/agents` does, each with rating, faults of the last day, and what it is doing."""
        found = [agent.id for agent in listed.items]
        present, known = await asyncio.gather(_presences(bus, found), _summaries(database, found))
        items = [
            ListedAgent(
                **msgspec.structs.asdict(agent),
                quarantine=quarantines.of(agent.id),
                summary=known[agent.id],
                presence=present.get(agent.id),
            )
            for agent in listed.items
        ]
        return Page(items=items, next=listed.next)


async def _summaries(database: Database, agents: Sequence[str]) -> dict[str, Summary]:
    async with database.begin() as connection:
        return await summaries(connection, agents, now_ms())


async def _presences(bus: Bus, agents: list[str]) -> dict[str, AgentPresence]:
    """By id; none when no matchmaker answers: a list without it is better than none."""
    if not agents:
        return {}
    try:
        payload = msgspec.json.encode(AgentsInquiry(agents))
        answer: Any = await bus.request(subjects.INQUIRY_AGENTS.at(), payload, timeout_s=ANSWER_S)
        state = msgspec.json.decode(answer.data, type=AgentsState)
    except (BusError, msgspec.DecodeError):
        return {}
    return {one.agent: one for one in state.agents}
