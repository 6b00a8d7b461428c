"""/api/agents/{agent_id}/credentials: what an agent connects with. The platform stores public keys only."""

from typing import Annotated

import msgspec
from litestar import Controller, delete, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody, QueryParameter

from arena.api.agents import provide_agent
from arena.api.answers import problems_of
from arena.api.paging import Page, page_by
from arena.api.registrar import Registrar
from arena.credentials import AGENT_EXPIRES_S_MAX, Issued
from arena.store import accounts
from arena.store.accounts import Agent, Credential

CURSOR = r"^[0-9]{1,15}-[A-Z2-7]{1,64}$"  # when the last one was issued, and its public key


class NewCredential(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What kind of credential."""

    label: str = ""
    public_key: str | None = None  # your own nkey (U...): its seed stays with you
    expires_s: int = AGENT_EXPIRES_S_MAX


class IssuedCredential(msgspec.Struct, frozen=True, kw_only=True):
    """A new credential.

    creds: the file to connect with, shown this once and not stored; null: you have the seed, and put the JWT beside it.
    """

    public_key: str
    jwt: str
    creds: str | None
    expires_ms: int
    url: str  # where the agent connects (NATS)


class CredentialsController(Controller):
    """An agent's credentials."""

    path = "/agents/{agent_id:str}/credentials"
    tags = ("credentials",)
    dependencies = {"agent": Provide(provide_agent)}  # noqa: RUF012 - Litestar's way

    @get(responses=problems_of(400, 401, 403, 404, 503))
    async def credentials(
        self,
        agent: NamedDependency[Agent],
        registrar: NamedDependency[Registrar],
        cursor: Annotated[str | None, QueryParameter(pattern=CURSOR)] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=accounts.PAGE_MAX)] = 50,
    ) -> Page[Credential]:
        """List all that were issued, newest first: public keys, when issued, last used, expiring and revoked."""
        at_ms, _, key = (cursor or "").partition("-")
        before = (int(at_ms), key) if cursor else None
        found = await registrar.credentials(agent, before=before, limit=limit + 1)
        return page_by(found, limit, lambda it: f"{it.issued_ms}-{it.public_key}")

    @post(responses=problems_of(400, 401, 403, 404, 413, 503))
    async def issue(
        self, data: JSONBody[NewCredential], agent: NamedDependency[Agent], registrar: NamedDependency[Registrar]
    ) -> IssuedCredential:
        """Issue one more credential."""
        issued = await registrar.issue(agent, label=data.label, public_key=data.public_key, expires_s=data.expires_s)
        return _shown(issued, registrar.url)

    @post("/rotate", responses=problems_of(400, 401, 403, 404, 413, 503))
    async def rotate(
        self, data: JSONBody[NewCredential], agent: NamedDependency[Agent], registrar: NamedDependency[Registrar]
    ) -> IssuedCredential:
        """Issue a credential instead of all others, whose connections are dropped at once."""
        issued = await registrar.rotate(agent, label=data.label, public_key=data.public_key, expires_s=data.expires_s)
        return _shown(issued, registrar.url)

    @delete("/{public_key:str}", responses=problems_of(400, 401, 403, 404, 503))
    async def revoke(
        self, public_key: FromPath[str], agent: NamedDependency[Agent], registrar: NamedDependency[Registrar]
    ) -> None:
        """Revoke a credential: connections with it are dropped at once."""
        await registrar.revoke(agent, public_key)


def _shown(issued: Issued, url: str) -> IssuedCredential:
    return IssuedCredential(
        public_key=issued.public_key, jwt=issued.jwt, creds=issued.creds, expires_ms=issued.expires_at * 1000, url=url
    )
