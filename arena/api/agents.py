"""/api/agents: a user's own agents, their versions and ratings."""

from collections.abc import Awaitable
from typing import Annotated, Any, Literal

import msgspec
from litestar import Controller, Request, delete, get, patch, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from litestar.response import Response

from arena.api.acceptable import NAME_MAX, RegistrarError, Unknown, Unpushed
from arena.api.answers import problems_of, tagged, tagged_as
from arena.api.paging import Page, log_page, page, page_by
from arena.api.quarantine import Quarantined, Quarantines
from arena.api.registrar import Registrar
from arena.api.tokens import Identity
from arena.store import accounts, reading
from arena.store.accounts import Agent, User, Version
from arena.store.database import Refused
from arena.wire import registry
from arena.wire.registry import OpenTo

Caller = Request[Identity, Any, Any]
AT_ONCE_MAX = 100  # agents of one action
TEXT_MAX = 100  # of a search
VERSION_MAX = (1 << 31) - 1
HourlyMax = Annotated[int, msgspec.Meta(ge=0, le=registry.HOURLY_MAX)]


class NewAgent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an agent is made of. capabilities: words of yours to find it by; metadata: whatever you like, 16 KiB.

    open_to: who may ask for matches against it (/api/requests); you may always.
    hourly_max: matches that may begin in an hour, evenly spread over it; 0: no bound.
    """

    name: str
    description: str = ""
    capabilities: list[str] = []
    metadata: dict[str, Any] = {}
    open_to: OpenTo = "everybody"
    hourly_max: HourlyMax = 0


class AgentChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be changed; null or left out: as it is."""

    name: str | None = None
    description: str | None = None
    capabilities: list[str] | None = None
    metadata: dict[str, Any] | None = None
    open_to: OpenTo | None = None
    hourly_max: HourlyMax | None = None


class NewVersion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is new in it."""

    description: str = ""


class ShownAgent(Agent, frozen=True, kw_only=True):
    """An agent, and why it gets no matches now, if so."""

    quarantine: list[Quarantined]


class Action(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be done with all of these agents (ids)."""

    action: Literal["pause", "resume", "delete"]
    agents: Annotated[list[str], msgspec.Meta(min_length=1, max_length=AT_ONCE_MAX)]


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it for one agent. problem: why it was not done."""

    agent: str
    done: bool
    problem: str = ""


async def own_agent(registrar: Registrar, user: Identity, agent_id: str) -> Agent:
    """An agent, if it is this user's own (or the user an administrator). Raises Unknown."""
    agent = await registrar.agent(agent_id)
    if agent.owner != user.id and user.role != "admin":
        raise Unknown(f"you have no agent {agent_id!r}")
    return agent


async def provide_agent(agent_id: FromPath[str], request: Caller, registrar: NamedDependency[Registrar]) -> Agent:
    """The agent of the path, if it is the caller's own (or the caller an administrator). Raises Unknown."""
    return await own_agent(registrar, request.user, agent_id)


async def provide_listed(
    request: Caller,
    registrar: NamedDependency[Registrar],
    cursor: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=accounts.PAGE_MAX)] = 50,
    search: Annotated[str, QueryParameter(max_length=TEXT_MAX)] = "",
    in_state: Annotated[Literal["ready", "paused"] | None, QueryParameter(name="state")] = None,
    capability: Annotated[str, QueryParameter(max_length=NAME_MAX)] = "",
) -> Page[Agent]:
    """A page of the caller's own agents, newest first, by what is wanted of them."""
    async with registrar.database.begin() as connection:
        found = await accounts.list_agents(
            connection,
            owner=request.user.id,
            paused=None if in_state is None else in_state == "paused",
            text=search,
            capability=capability,
            before=cursor,
            limit=limit + 1,
        )
    return page(found, limit)


class AgentsController(Controller):
    """Own agents."""

    path = "/agents"
    tags = ("agents",)

    @get(responses=problems_of(400, 401, 403, 503), dependencies={"listed": Provide(provide_listed)})
    async def list_agents(self, listed: NamedDependency[Page[Agent]]) -> Page[Agent]:
        """List your agents, newest first. search: in name or description, in any case."""
        return listed

    @post(responses=problems_of(400, 401, 403, 409, 413, 503))
    async def create(self, data: JSONBody[NewAgent], request: Caller, registrar: NamedDependency[Registrar]) -> Agent:
        """Make an agent."""
        owner = User(id=request.user.id, name=request.user.name, role=request.user.role, created_ms=0)
        return await registrar.create_agent(owner, **msgspec.structs.asdict(data))

    @post("/actions", status_code=200, responses=problems_of(400, 401, 403, 413, 503))
    async def act(self, data: JSONBody[Action], request: Caller, registrar: NamedDependency[Registrar]) -> list[Done]:
        """Pause, resume or delete up to 100 of your agents. Each is done or not for itself; the answer says which."""
        results: list[Done] = []
        try:
            for id_ in dict.fromkeys(data.agents):
                done = await _done(id_, self._one(data.action, id_, request, registrar))
                results.append(done)
        finally:  # those that are deleted are to be dropped, whatever became of the others
            if data.action == "delete" and any(result.done for result in results):
                await registrar.nats.push_revocations()
        return results

    async def _one(self, action: str, id_: str, request: Caller, registrar: Registrar) -> None:
        agent = await own_agent(registrar, request.user, id_)
        if action == "delete":
            await registrar.delete_agent(agent, push=False)
        else:
            await registrar.change_agent(agent, paused=action == "pause")


async def _done(id_: str, work: Awaitable[None]) -> Done:
    try:
        await work
    except Unpushed as error:  # it is written, and told when the API is started again or the action repeated
        return Done(agent=id_, done=True, problem=str(error))
    except (RegistrarError, Refused) as error:
        return Done(agent=id_, done=False, problem=str(error))
    return Done(agent=id_, done=True)


class AgentController(Controller):
    """One of your agents."""

    path = "/agents/{agent_id:str}"
    tags = ("agents",)
    dependencies = {"agent": Provide(provide_agent)}  # noqa: RUF012 - Litestar's way

    @get(responses={**tagged_as(ShownAgent), **problems_of(400, 401, 403, 404, 503)})
    async def show(
        self, request: Caller, agent: NamedDependency[Agent], quarantines: NamedDependency[Quarantines]
    ) -> Response[Any]:
        """Show it."""
        shown = ShownAgent(**msgspec.structs.asdict(agent), quarantine=quarantines.of(agent.id))
        return tagged(request, msgspec.json.encode(shown))

    @patch(responses=problems_of(400, 401, 403, 404, 409, 413, 503))
    async def change(
        self, data: JSONBody[AgentChange], agent: NamedDependency[Agent], registrar: NamedDependency[Registrar]
    ) -> Agent:
        """Change its name, description, capabilities, metadata, or who may ask for matches against it."""
        return await registrar.change_agent(agent, **msgspec.structs.asdict(data))

    @delete(responses=problems_of(400, 401, 403, 404, 503))
    async def remove(self, agent: NamedDependency[Agent], registrar: NamedDependency[Registrar]) -> None:
        """Delete it: credentials are revoked, connections dropped; its matches stay."""
        await registrar.delete_agent(agent)

    @post("/pause", status_code=200, responses=problems_of(400, 401, 403, 404, 503))
    async def pause(self, agent: NamedDependency[Agent], registrar: NamedDependency[Registrar]) -> Agent:
        """Make no new matches with it; the running ones go on."""
        return await registrar.change_agent(agent, paused=True)

    @post("/resume", status_code=200, responses=problems_of(400, 401, 403, 404, 503))
    async def resume(self, agent: NamedDependency[Agent], registrar: NamedDependency[Registrar]) -> Agent:
        """Match it again."""
        return await registrar.change_agent(agent, paused=False)

    @get("/ratings", responses=problems_of(400, 401, 403, 404, 503))
    async def ratings(
        self, agent: NamedDependency[Agent], registrar: NamedDependency[Registrar]
    ) -> list[reading.Standing]:
        """Its rating and rank in every game it played."""
        async with registrar.database.begin() as connection:
            return await reading.agent_ratings(connection, agent.id)

    @get("/faults", responses=problems_of(400, 401, 403, 404, 503))
    async def faults(
        self,
        agent: NamedDependency[Agent],
        registrar: NamedDependency[Registrar],
        cursor: Annotated[int | None, QueryParameter(ge=0)] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=reading.PAGE_MAX)] = 50,
    ) -> Page[reading.Fault]:
        """Every fault it was charged with, newest first, with the evidence."""
        async with registrar.database.begin() as connection:
            found = await reading.agent_faults(connection, agent.id, before=cursor, limit=limit + 1)
        return log_page(found, limit)

    @get("/versions", responses={**tagged_as(Page[Version]), **problems_of(400, 401, 403, 404, 503)})
    async def versions(
        self,
        request: Caller,
        agent: NamedDependency[Agent],
        registrar: NamedDependency[Registrar],
        cursor: Annotated[int | None, QueryParameter(ge=1, le=VERSION_MAX)] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=accounts.PAGE_MAX)] = 50,
    ) -> Response[Any]:
        """List its versions, newest first."""
        found = await registrar.versions(agent, before=cursor, limit=limit + 1)
        return tagged(request, msgspec.json.encode(page_by(found, limit, lambda it: str(it.version))))

    @post("/versions", responses=problems_of(400, 401, 403, 404, 413, 503))
    async def add_version(
        self, data: JSONBody[NewVersion], agent: NamedDependency[Agent], registrar: NamedDependency[Registrar]
    ) -> Agent:
        """Begin the next version: matches made from now on count for it, those that run for the one before.

        It inherits the rating, which is less sure from its first rated match on.
        """
        return await registrar.add_version(agent, data.description)
