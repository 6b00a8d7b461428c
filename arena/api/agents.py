"""/api/agents: a user's own agents, their versions, credentials and ratings."""

from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, delete, get, patch, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from litestar.security.jwt import Token

from arena.api.paging import Page, log_page, page
from arena.api.quarantine import Quarantined, Quarantines
from arena.api.registrar import Registrar, Unknown
from arena.api.tokens import Identity
from arena.credentials import AGENT_EXPIRES_S_MAX, Issued
from arena.store import accounts, reading
from arena.store.accounts import Agent, Credential, User, Version

Caller = Request[Identity, Token, Any]


class NewAgent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an agent is made of."""

    name: str
    description: str = ""
    metadata: dict[str, Any] = {}


class AgentChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be changed; null or left out: as it is."""

    name: str | None = None
    description: str | None = None
    metadata: dict[str, Any] | None = None


class NewVersion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is new in it."""

    description: str = ""


class NewCredential(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What kind of credential."""

    label: str = ""
    public_key: str | None = None  # your own nkey (U...): its seed stays with you
    expires_s: int = AGENT_EXPIRES_S_MAX


class ShownAgent(Agent, frozen=True, kw_only=True):
    """An agent, and why it gets no matches now, if so."""

    quarantine: list[Quarantined]


class IssuedCredential(msgspec.Struct, frozen=True, kw_only=True):
    """A new credential. `creds` is the file to connect with; it is shown this once and not stored."""

    public_key: str
    jwt: str
    creds: str | None
    expires_ms: int


async def provide_agent(agent_id: FromPath[str], request: Caller, registrar: NamedDependency[Registrar]) -> Agent:
    """The agent of the path, if it is the caller's own (or the caller an administrator). Raises Unknown."""
    agent = await registrar.agent(agent_id)
    if agent.owner != request.user.id and request.user.role != "admin":
        raise Unknown(f"you have no agent {agent_id!r}")
    return agent


class AgentsController(Controller):
    """Own agents."""

    path = "/agents"
    tags = ("agents",)

    @get()
    async def list_agents(
        self,
        request: Caller,
        registrar: NamedDependency[Registrar],
        cursor: FromQuery[str | None] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=accounts.PAGE_MAX)] = 50,
    ) -> Page[Agent]:
        """Your agents, newest first."""
        async with registrar.database.begin() as connection:
            found = await accounts.list_agents(connection, owner=request.user.id, before=cursor, limit=limit + 1)
        return page(found, limit)

    @post()
    async def create(self, data: JSONBody[NewAgent], request: Caller, registrar: NamedDependency[Registrar]) -> Agent:
        """Make an agent."""
        owner = User(id=request.user.id, name=request.user.name, role=request.user.role, created_ms=0)
        return await registrar.create_agent(owner, data.name, description=data.description, metadata=data.metadata)


class AgentController(Controller):
    """One of your agents."""

    path = "/agents/{agent_id:str}"
    tags = ("agents",)
    dependencies = {"agent": Provide(provide_agent)}  # noqa: RUF012 - Litestar's way

    @get()
    async def show(self, agent: NamedDependency[Agent], quarantines: NamedDependency[Quarantines]) -> ShownAgent:
        """Show it."""
        return ShownAgent(**msgspec.structs.asdict(agent), quarantine=quarantines.of(agent.id))

    @patch()
    async def change(
        self, data: JSONBody[AgentChange], agent: NamedDependency[Agent], registrar: NamedDependency[Registrar]
    ) -> Agent:
        """Change its name, description or metadata."""
        return await registrar.change_agent(agent, name=data.name, description=data.description, metadata=data.metadata)

    @delete()
    async def remove(self, agent: NamedDependency[Agent], registrar: NamedDependency[Registrar]) -> None:
        """Delete it: credentials are revoked, connections dropped; its matches stay."""
        await registrar.delete_agent(agent)

    @post("/pause", status_code=200)
    async def pause(self, agent: NamedDependency[Agent], registrar: NamedDependency[Registrar]) -> Agent:
        """Make no new matches with it; the running ones go on."""
        return await registrar.change_agent(agent, paused=True)

    @post("/resume", status_code=200)
    async def resume(self, agent: NamedDependency[Agent], registrar: NamedDependency[Registrar]) -> Agent:
        """Match it again."""
        return await registrar.change_agent(agent, paused=False)

    @get("/ratings")
    async def ratings(
        self, agent: NamedDependency[Agent], registrar: NamedDependency[Registrar]
    ) -> list[reading.Standing]:
        """Its rating and rank in every game it played."""
        async with registrar.database.begin() as connection:
            return await reading.agent_ratings(connection, agent.id)

    @get("/faults")
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

    @get("/versions")
    async def versions(self, agent: NamedDependency[Agent], registrar: NamedDependency[Registrar]) -> list[Version]:
        """Its versions, newest first."""
        return await registrar.versions(agent)

    @post("/versions")
    async def add_version(
        self, data: JSONBody[NewVersion], agent: NamedDependency[Agent], registrar: NamedDependency[Registrar]
    ) -> Agent:
        """Begin the next version: matches made from now on count for it."""
        return await registrar.add_version(agent, data.description)

    @get("/credentials")
    async def credentials(
        self, agent: NamedDependency[Agent], registrar: NamedDependency[Registrar]
    ) -> list[Credential]:
        """Its credentials, newest first; public keys only."""
        return await registrar.credentials(agent)

    @post("/credentials")
    async def issue(
        self, data: JSONBody[NewCredential], agent: NamedDependency[Agent], registrar: NamedDependency[Registrar]
    ) -> IssuedCredential:
        """Issue one more credential."""
        issued = await registrar.issue(agent, label=data.label, public_key=data.public_key, expires_s=data.expires_s)
        return _shown(issued)

    @post("/credentials/rotate")
    async def rotate(
        self, data: JSONBody[NewCredential], agent: NamedDependency[Agent], registrar: NamedDependency[Registrar]
    ) -> IssuedCredential:
        """Issue a credential instead of all others, whose connections are dropped at once."""
        return _shown(await registrar.rotate(agent, label=data.label, public_key=data.public_key))

    @delete("/credentials/{public_key:str}")
    async def revoke(
        self, public_key: FromPath[str], agent: NamedDependency[Agent], registrar: NamedDependency[Registrar]
    ) -> None:
        """Revoke a credential: connections with it are dropped at once."""
        await registrar.revoke(agent, public_key)


def _shown(issued: Issued) -> IssuedCredential:
    return IssuedCredential(
        public_key=issued.public_key, jwt=issued.jwt, creds=issued.creds, expires_ms=issued.expires_at * 1000
    )
