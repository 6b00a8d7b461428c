"""All that may be done to users, agents and credentials, for the API and the command line alike.

Each step goes to PostgreSQL first; then NATS is told what it has to know (`arena.api.propagation`). What is made for a
user is made under a lock on that user's row: bounds hold for two who come at once, and a deleted user gets nothing.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from arena.api.acceptable import (
    Invalid,
    NameTaken,
    Unknown,
    check_capabilities,
    check_label,
    check_metadata,
    check_name,
    check_text,
    composed,
)
from arena.api.propagation import Propagation, SystemConnection, system_connection
from arena.api.stamps import new_id, now_ms
from arena.bus import Bus, connect
from arena.credentials import AGENT_EXPIRES_S_MAX, Issued, Keyring, issue_agent
from arena.settings import Settings
from arena.store import accounts
from arena.store.accounts import Agent, Credential, User, UserRole, Version
from arena.store.database import Conflict, Connection, Database
from arena.wire.registry import OpenTo
from arena.wire.subjects import Role, inbox

AGENTS_MAX = 1_000  # of one user
CREDENTIALS_MAX = 100  # valid at once, of one agent
UNEXPIRED_MAX = 2_000  # of one user, revoked ones too: each may stand among the account's REVOKED_MAX for 30 days


class Registrar:
    """The one place where accounts are changed.

    bus: with rights on bucket AGENTS; system: opens a connection that may push the account; url: where agents connect.
    """

    def __init__(
        self,
        database: Database,
        bus: Bus,
        keyring: Keyring,
        url: str,
        system: SystemConnection,
    ) -> None:
        self.database = database
        self.bus = bus
        self.keyring = keyring
        self.url = url
        self.nats = Propagation(database, bus, keyring, system)

    async def create_user(self, name: str, password_hash: str | None, role: UserRole = "user") -> User:
        """A new user. Raises Invalid or NameTaken."""
        user = User(id=new_id(), name=check_name(name, "user"), role=role, created_ms=now_ms())
        try:
            async with self.database.begin() as connection:
                await accounts.add_user(connection, user, password_hash)
        except Conflict as error:
            raise NameTaken(f"there is a user {name!r} already") from error
        return user

    async def user(self, name: str) -> User:
        """By name. Raises Unknown."""
        async with self.database.begin() as connection:
            user = await accounts.find_user(connection, name=composed(name))
        if user is None:
            raise Unknown(f"there is no user {name!r}; `arena user create {name}` makes one")
        return user

    async def create_agent(
        self,
        owner: User,
        name: str,
        *,
        description: str = "",
        metadata: dict[str, Any] | None = None,
        capabilities: list[str] | None = None,
        open_to: OpenTo = "everybody",
        hourly_max: int = 0,
        house: bool = False,
    ) -> Agent:
        """A new agent, at version 1. Raises Invalid, NameTaken, Unknown (its owner is deleted) or Unpushed."""
        agent = Agent(
            id=new_id(),
            owner=owner.id,
            owner_name=owner.name,
            name=check_name(name, "agent"),
            description=check_text(description),
            version=1,
            paused=False,
            house=house,
            metadata=check_metadata(metadata or {}),
            capabilities=check_capabilities(capabilities or []),
            open_to=open_to,
            hourly_max=hourly_max,
            created_ms=now_ms(),
        )
        try:
            async with self.database.begin() as connection:
                await _locked(connection, owner.id)
                if await accounts.count_agents(connection, owner.id) >= AGENTS_MAX:
                    raise Invalid(f"a user may have {AGENTS_MAX} agents at most")
                await accounts.add_agent(connection, agent)
        except Conflict as error:
            raise NameTaken(f"{owner.name} has an agent {name!r} already") from error
        await self.nats.tell_of([agent.id])
        return agent

    async def agent(self, address: str) -> Agent:
        """By id, or as owner/name. Raises Unknown."""
        owner, slash, name = composed(address).partition("/")
        async with self.database.begin() as connection:
            if slash:
                agent = await accounts.find_agent(connection, owner=owner, name=name)
            else:
                agent = await accounts.find_agent(connection, id_=address)
        if agent is None or agent.deleted_ms is not None:
            raise Unknown(f"there is no agent {address!r}; expected an id, or owner/name")
        return agent

    async def change_agent(
        self,
        agent: Agent,
        *,
        name: str | None = None,
        description: str | None = None,
        metadata: dict[str, Any] | None = None,
        capabilities: list[str] | None = None,
        open_to: OpenTo | None = None,
        hourly_max: int | None = None,
        paused: bool | None = None,
    ) -> Agent:
        """Change what is given. Raises Invalid, NameTaken, Unknown (it was deleted meanwhile) or Unpushed."""
        values: dict[str, Any] = {}
        if name is not None:
            values["name"] = check_name(name, "agent")
        if description is not None:
            values["description"] = check_text(description)
        if metadata is not None:
            values["metadata"] = check_metadata(metadata)
        if capabilities is not None:
            values["capabilities"] = check_capabilities(capabilities)
        if open_to is not None:
            values["open_to"] = open_to
        if hourly_max is not None:
            values["hourly_max"] = hourly_max
        if paused is not None:
            values["paused"] = paused
        if values:
            try:
                async with self.database.begin() as connection:
                    _expect(await accounts.change_agent(connection, agent.id, values), agent)
            except Conflict as error:
                raise NameTaken(f"{agent.owner_name} has an agent {name!r} already") from error
        await self.nats.tell_of([agent.id])
        return await self.agent(agent.id)

    async def delete_agent(self, agent: Agent, *, push: bool = True) -> None:
        """Its matches stay; its credentials are revoked and its name is free again. Raises Unknown or Unpushed.

        push: tell the server at once whom to drop; who deletes many does it once, at the end.
        """
        async with self.database.begin() as connection:
            gone = {"deleted_ms": now_ms(), "paused": True}
            _expect(await accounts.change_agent(connection, agent.id, gone), agent)
            await accounts.revoke_credentials(connection, agent.id, now_ms())
        try:
            if push:
                await self.nats.push_revocations()
        finally:
            await self.nats.tell_of([agent.id])

    async def add_version(self, agent: Agent, description: str) -> Agent:
        """The next version: matches made from now on count for it. Raises Invalid, Unknown or Unpushed."""
        async with self.database.begin() as connection:
            _expect(await accounts.add_version(connection, agent.id, check_text(description), now_ms()), agent)
        await self.nats.tell_of([agent.id])
        return await self.agent(agent.id)

    async def versions(self, agent: Agent, *, before: int | None = None, limit: int | None = None) -> list[Version]:
        """Its versions, newest first. before: a version's number, to page from."""
        async with self.database.begin() as connection:
            return await accounts.list_versions(connection, agent.id, before=before, limit=limit)

    async def issue(
        self,
        agent: Agent,
        *,
        label: str = "",
        public_key: str | None = None,
        expires_s: int = AGENT_EXPIRES_S_MAX,
    ) -> Issued:
        """A new credential; its seed is in the result (unless the user kept it) and nowhere else. Raises Invalid."""
        return (await self._issue(agent, label, public_key, expires_s, instead=False))[0]

    async def _issue(
        self, agent: Agent, label: str, public_key: str | None, expires_s: int, *, instead: bool
    ) -> tuple[Issued, list[str]]:
        """The credential, and the public keys of those that it is there `instead` of."""
        check_label(label)
        try:
            issued = issue_agent(self.keyring, agent.id, public_key=public_key, expires_s=expires_s, url=self.url)
        except ValueError as error:
            raise Invalid(str(error)) from error
        credential = Credential(
            public_key=issued.public_key,
            agent=agent.id,
            label=label,
            issued_ms=now_ms(),
            expires_ms=issued.expires_at * 1000,
        )
        replaced: list[str] = []
        try:
            async with self.database.begin() as connection:
                await self._check_issue(connection, agent, instead=instead)
                if instead:
                    replaced = await accounts.revoke_credentials(connection, agent.id, now_ms())
                await accounts.add_credential(connection, credential)
        except Conflict as error:
            raise Invalid("this public key had a credential before: make a new key pair") from error
        return issued, replaced

    async def _check_issue(self, connection: Connection, agent: Agent, *, instead: bool) -> None:
        """Whether the agent may have one more. Raises Unknown or Invalid."""
        owner = await _locked(connection, agent.owner)
        _expect(await accounts.lock_agent(connection, agent.id), agent)
        if owner.locked_ms is not None:
            raise Invalid(f"{agent.owner_name} is locked: its agents get no credentials until it is unlocked")
        valid, unexpired = await accounts.count_credentials(connection, agent, now_ms())
        if valid >= CREDENTIALS_MAX and not instead:
            raise Invalid(f"an agent may have {CREDENTIALS_MAX} valid credentials at most: revoke some")
        if unexpired >= UNEXPIRED_MAX:
            raise Invalid(
                f"all agents of a user may have {UNEXPIRED_MAX} credentials that have not expired, revoked ones too: "
                "wait until some expire, and issue those that you replace often with a shorter `expires_s`"
            )

    async def rotate(
        self,
        agent: Agent,
        *,
        label: str = "",
        public_key: str | None = None,
        expires_s: int = AGENT_EXPIRES_S_MAX,
    ) -> Issued:
        """A new credential instead of all others, whose connections are dropped. Raises Invalid or Unpushed.

        All or nothing: if there can be no new one, the old ones stay.
        """
        issued, replaced = await self._issue(agent, label, public_key, expires_s, instead=True)
        if replaced:
            await self.nats.push_revocations()
        return issued

    async def revoke(self, agent: Agent, public_key: str | None = None) -> list[str]:
        """Revoke one credential, or all; their connections are dropped at once. Returns the public keys.

        Raises Unknown when the agent never had this one, and Unpushed. Doing it again tells the server again.
        """
        async with self.database.begin() as connection:
            keys = await accounts.revoke_credentials(connection, agent.id, now_ms(), public_key)
            if not keys and public_key and not await accounts.had_credential(connection, agent.id, public_key):
                raise Unknown(f"agent {agent.name} has no credential {public_key!r}")
        await self.nats.push_revocations()
        return keys

    async def credentials(
        self, agent: Agent, *, before: tuple[int, str] | None = None, limit: int | None = None
    ) -> list[Credential]:
        """Its credentials, newest first. before: `issued_ms` and public key of one, to page from."""
        async with self.database.begin() as connection:
            return await accounts.list_credentials(connection, agent.id, before=before, limit=limit)


@asynccontextmanager
async def open_registrar(settings: Settings, role: Role) -> AsyncIterator[Registrar]:
    """A registrar with connections of its own, as this role. Raises KeyringError, Unreachable or Unavailable."""
    keyring = Keyring.load(settings.home)
    bus = await connect(settings.nats, settings.creds(role), name=f"arena-{role}", inbox=inbox(role))
    database = Database(settings.database_url, pool_size=2)
    try:
        yield Registrar(database, bus, keyring, settings.public_nats, system_connection(settings))
    finally:
        await database.close()
        await bus.close()


def is_valid(credential: Credential) -> bool:
    """Whether an agent can connect with it now."""
    return credential.revoked_ms is None and credential.expires_ms > now_ms()


async def _locked(connection: Connection, owner: str) -> User:
    """The user, whose row nobody else changes until the transaction ends. Raises Unknown for a deleted one."""
    user = await accounts.lock_owner(connection, owner)
    if user is None:
        raise Unknown("there is no such user (any more)")
    return user


def _expect(found: object, agent: Agent) -> None:
    """Raises Unknown when nothing was found: the agent was deleted since somebody looked."""
    if not found:
        raise Unknown(f"there is no agent {agent.id!r} (any more)")
