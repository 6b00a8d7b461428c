"""/api/agents/{agent_id}/state and /api/queue: what only the active matchmaker knows, asked of it over NATS."""

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency, Provide
from litestar.plugins.problem_details import ProblemDetailsException

from arena.api.agents import provide_agent
from arena.api.answers import problems_of
from arena.api.lately import Lately
from arena.bus import Bus, Unanswered
from arena.store.accounts import Agent
from arena.wire import subjects
from arena.wire.codec import encode_json
from arena.wire.inquiry import AgentState, Inquiry, QueueState

ANSWER_S = 1.0


class StateController(Controller):
    """One of your agents, now."""

    path = "/agents/{agent_id:str}/state"
    tags = ("agents",)
    dependencies = {"agent": Provide(provide_agent)}  # noqa: RUF012 - Litestar's way

    @get(responses=problems_of(400, 401, 403, 404, 503))
    async def state(self, agent: NamedDependency[Agent], bus: NamedDependency[Bus]) -> AgentState:
        """Show who of it is here, the matches it sits in, what it waits for, and why it is not matched yet."""
        return msgspec.json.decode(await _asked(bus, subjects.INQUIRY_AGENT.at(agent=agent.id)), type=AgentState)


class QueueController(Controller):
    """Everybody who waits."""

    path = "/queue"
    tags = ("queue",)

    @get(exclude_from_auth=True, responses=problems_of(503))
    async def queue(self, queue: NamedDependency[Lately[QueueState]]) -> QueueState:
        """Show how long the queues are and how fast they move, game by game, as they were within the last second."""
        return await queue.get()


def queue_lately(bus: Bus) -> Lately[QueueState]:
    """What the active matchmaker says of the queues, asked once a second for everybody."""

    async def ask() -> QueueState:
        return msgspec.json.decode(await _asked(bus, subjects.INQUIRY_QUEUE.at()), type=QueueState)

    return Lately(ask)


async def _asked(bus: Bus, subject: str) -> bytes:
    try:
        return (await bus.request(subject, encode_json(Inquiry()), timeout_s=ANSWER_S)).data
    except Unanswered as error:
        raise ProblemDetailsException(
            status_code=503,
            title="no matchmaker answers",
            detail=f"expected one within {ANSWER_S:g} s; another one takes over in a few seconds: try again",
            headers={"Retry-After": "5"},
        ) from error
