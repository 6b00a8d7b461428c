"""All that may be done to users, agents and credentials, for the API and the command line alike.

Each step goes to PostgreSQL first; then what NATS has to know follows: an agent's record to bucket AGENTS (read by the
matchmaker), a revocation to the server (which drops the connection). `sync` repeats both after a crash between.
"""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from arena.api.acceptable import (
    NAME_MAX,
    Invalid,
    NameTaken,
    RegistrarError,
    Unknown,
    Unpushed,
    check_capabilities,
    check_label,
    check_metadata,
    check_name,
    check_text,
)
from arena.bus import Bus, BusError, Unanswered, connect, kv
from arena.credentials import AGENT_EXPIRES_S_MAX, AccountError, Issued, Keyring, issue_agent, push_account
from arena.settings import Settings
from arena.store import accounts
from arena.store.accounts import Agent, Credential, User, UserRole, Version
from arena.store.database import Conflict, Connection, Database
from arena.wire import ids
from arena.wire.registry import AgentRecord, OpenTo
from arena.wire.subjects import AGENTS_BUCKET, Role, inbox

CREDENTIALS_MAX = 100  # valid at once, of one agent
AGENTS_MAX = 1_000  # of one user
SYNC_S = 30  # for reading the whole bucket


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
        system: Callable[[], AbstractAsyncContextManager[Bus]],
    ) -> None:
        self.database = database
        self.bus = bus
        self.keyring = keyring
        self.url = url
        self._system = system

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
            user = await accounts.find_user(connection, name=name)
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
        house: bool = False,
    ) -> Agent:
        """A new agent, at version 1. Raises Invalid, NameTaken or Unpushed."""
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
            created_ms=now_ms(),
        )
        try:
            async with self.database.begin() as connection:
                if len(await accounts.list_agents(connection, owner=owner.id)) >= AGENTS_MAX:
                    raise Invalid(f"a user may have {AGENTS_MAX} agents at most")
                await accounts.add_agent(connection, agent)
        except Conflict as error:
            raise NameTaken(f"{owner.name} has an agent {name!r} already") from error
        await self._publish(agent)
        return agent

    async def agent(self, address: str) -> Agent:
        """By id, or as owner/name. Raises Unknown."""
        owner, slash, name = address.partition("/")
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
        paused: bool | None = None,
    ) -> Agent:
        """Change what is given. Raises Invalid, NameTaken or Unpushed."""
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
        if paused is not None:
            values["paused"] = paused
        if values:
            try:
                async with self.database.begin() as connection:
                    await accounts.change_agent(connection, agent.id, values)
            except Conflict as error:
                raise NameTaken(f"{agent.owner_name} has an agent {name!r} already") from error
        return await self._republish(agent.id)

    async def delete_agent(self, agent: Agent, *, push: bool = True) -> None:
        """Its matches stay; its credentials are revoked and its name is free again. Raises Unpushed.

        push: tell the server at once whom to drop; who deletes many does it once, at the end (`push_revocations`).
        """
        async with self.database.begin() as connection:
            await accounts.change_agent(connection, agent.id, {"deleted_ms": now_ms(), "paused": True})
            await accounts.revoke_credentials(connection, agent.id, now_ms())
        try:
            await kv.delete(self.bus, AGENTS_BUCKET, agent.id)
        except BusError as error:
            raise Unpushed(f"agent {agent.name} is deleted, but NATS does not know yet: {error}") from error
        if push:
            await self.push_revocations()

    async def add_version(self, agent: Agent, description: str) -> Agent:
        """The next version: matches made from now on count for it. Raises Invalid or Unpushed."""
        async with self.database.begin() as connection:
            await accounts.add_version(connection, agent.id, check_text(description), now_ms())
        return await self._republish(agent.id)

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
                if await accounts.owner_locked(connection, agent.owner):
                    raise Invalid(f"{agent.owner_name} is locked: its agents get no credentials until it is unlocked")
                if instead:
                    replaced = await accounts.revoke_credentials(connection, agent.id, now_ms())
                elif len(await self._valid(connection, agent)) >= CREDENTIALS_MAX:
                    raise Invalid(f"an agent may have {CREDENTIALS_MAX} valid credentials at most: revoke some")
                await accounts.add_credential(connection, credential)
        except Conflict as error:
            raise Invalid("this public key had a credential before: make a new key pair") from error
        return issued, replaced

    async def _valid(self, connection: Connection, agent: Agent) -> list[Credential]:
        return [one for one in await accounts.list_credentials(connection, agent.id) if is_valid(one)]

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
            await self.push_revocations()
        return issued

    async def revoke(self, agent: Agent, public_key: str | None = None) -> list[str]:
        """Revoke one credential, or all; their connections are dropped at once. Returns the public keys.

        Raises Unknown when nothing valid is revoked by it, and Unpushed.
        """
        async with self.database.begin() as connection:
            keys = await accounts.revoke_credentials(connection, agent.id, now_ms(), public_key)
            known = {one.public_key for one in await accounts.list_credentials(connection, agent.id)}
        if public_key is not None and public_key not in known:
            raise Unknown(f"agent {agent.name} has no credential {public_key!r}")
        await self.push_revocations()
        return keys

    async def credentials(
        self, agent: Agent, *, before: tuple[int, str] | None = None, limit: int | None = None
    ) -> list[Credential]:
        """Its credentials, newest first. before: `issued_ms` and public key of one, to page from."""
        async with self.database.begin() as connection:
            return await accounts.list_credentials(connection, agent.id, before=before, limit=limit)

    async def push_revocations(self) -> None:
        """Tell the server whose credentials are revoked. Raises Unpushed."""
        async with self.database.begin() as connection:
            revoked = await accounts.revoked(connection, now_ms())
        try:
            async with self._system() as system:
                await push_account(system, self.keyring, {key: at_ms // 1000 for key, at_ms in revoked.items()})
        except (BusError, AccountError) as error:
            raise Unpushed(f"revoked, but the NATS server does not know yet: {error}") from error

    async def sync(self) -> int:
        """Make bucket AGENTS what the table is; returns how many records differed. Raises BusError."""
        async with self.database.begin() as connection:
            wanted = {agent.id: _record(agent) for agent in await accounts.list_agents(connection)}
        mirror = kv.Mirror(self.bus, AGENTS_BUCKET, AgentRecord)
        try:
            async with asyncio.timeout(SYNC_S):
                await mirror.start()
        except TimeoutError as error:
            raise Unanswered(f"bucket {AGENTS_BUCKET} cannot be read") from error
        finally:
            await mirror.stop()
        changed = {id_: record for id_, record in wanted.items() if mirror.records.get(id_) != record}
        for id_, record in changed.items():
            await kv.put(self.bus, AGENTS_BUCKET, id_, record)
        gone = mirror.records.keys() - wanted.keys()
        for id_ in gone:
            await kv.delete(self.bus, AGENTS_BUCKET, id_)
        return len(changed) + len(gone)

    async def follow_lock(self, owner: str) -> None:
        """Tell NATS that a user was locked or unlocked: revocations first, then agents' records. Raises Unpushed."""
        await self.push_revocations()
        async with self.database.begin() as connection:
            theirs = await accounts.list_agents(connection, owner=owner)
        for agent in theirs:
            await self._publish(agent)

    async def _republish(self, id_: str) -> Agent:
        agent = await self.agent(id_)
        await self._publish(agent)
        return agent

    async def _publish(self, agent: Agent) -> None:
        try:
            await kv.put(self.bus, AGENTS_BUCKET, agent.id, _record(agent))
        except BusError as error:
            raise Unpushed(f"agent {agent.name} is written, but NATS does not know yet: {error}") from error


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


def system_connection(settings: Settings) -> Callable[[], AbstractAsyncContextManager[Bus]]:
    """Opens a connection of the system account, which lasts for one push."""

    @asynccontextmanager
    async def open_system() -> AsyncIterator[Bus]:
        creds = settings.home / "creds" / "system.creds"
        bus = await connect(settings.nats, creds, name="arena-system", inbox=inbox("system"))
        try:
            yield bus
        finally:
            await bus.close()

    return open_system


def is_valid(credential: Credential) -> bool:
    """Whether an agent can connect with it now."""
    return credential.revoked_ms is None and credential.expires_ms > now_ms()


def now_ms() -> int:
    """Milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def new_id() -> str:
    """An id for a user or an agent."""
    return ids.make(now_ms(), secrets.token_bytes(ids.ENTROPY_BYTES))


def _record(agent: Agent) -> AgentRecord:
    return AgentRecord(
        owner=agent.owner,
        name=agent.name,
        version=agent.version,
        paused=agent.paused or agent.suspended,
        house=agent.house,
        open_to=agent.open_to,
    )


__all__ = [
    "NAME_MAX",
    "Invalid",
    "NameTaken",
    "Registrar",
    "RegistrarError",
    "Unknown",
    "Unpushed",
    "check_name",
    "is_valid",
    "new_id",
    "now_ms",
    "open_registrar",
    "system_connection",
]
