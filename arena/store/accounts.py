"""Users, their agents, versions and credentials. Each function works inside the caller's transaction."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from sqlalchemy import Select, func, insert, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from arena.store.schema import agent_versions, agents, credentials, users
from arena.wire.registry import OpenTo

UserRole = Literal["user", "operator", "admin", "house"]
PAGE_MAX = 500


class User(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who owns agents."""

    id: str
    name: str
    role: UserRole
    created_ms: int
    locked_ms: int | None = None  # by an operator: nobody can log in as this user
    deleted_ms: int | None = None


class Agent(msgspec.Struct, frozen=True, kw_only=True):
    """An agent, with its owner's name."""

    id: str
    owner: str
    owner_name: str
    name: str
    description: str
    version: int
    paused: bool
    house: bool
    metadata: dict[str, Any]
    created_ms: int
    deleted_ms: int | None = None
    capabilities: list[str] = []
    open_to: OpenTo = "everybody"  # who may ask for matches against it; its owner may always
    hourly_max: int = 0  # matches that may begin in an hour, evenly spread; 0: no bound
    suspended: bool = False  # its owner is locked: it gets no match and no credential, whether it is paused or not


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One version of an agent: what its matches count for is decided when they are made."""

    version: int
    description: str
    created_ms: int


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    """A credential that was issued. The platform never has the seed."""

    public_key: str
    agent: str
    label: str
    issued_ms: int
    expires_ms: int
    revoked_ms: int | None = None
    used_ms: int | None = None  # when a connection with it began last


_OF_ITS_OWNER = ("owner_name", "suspended")  # what an Agent shows of another table
_USER = tuple(users.c[name] for name in User.__struct_fields__)


async def add_user(connection: AsyncConnection, user: User, password_hash: str | None) -> None:
    """Raises Conflict (at the transaction's end) when the name is taken."""
    await connection.execute(insert(users).values(**msgspec.structs.asdict(user), password_hash=password_hash))


async def find_user(connection: AsyncConnection, *, name: str | None = None, id_: str | None = None) -> User | None:
    """By name (in any case) or by id."""
    where = users.c.id == id_ if id_ is not None else func.lower(users.c.name) == func.lower(name)
    row = (await connection.execute(select(*_USER).where(where))).mappings().one_or_none()
    return User(**row) if row else None


async def find_password(connection: AsyncConnection, name: str) -> tuple[User, str | None] | None:
    """A user and the hash to check a password against."""
    query = select(*_USER, users.c.password_hash).where(func.lower(users.c.name) == func.lower(name))
    row = (await connection.execute(query)).mappings().one_or_none()
    if row is None:
        return None
    return User(**{name: row[name] for name in User.__struct_fields__}), row["password_hash"]


async def set_password(connection: AsyncConnection, user_id: str, password_hash: str) -> None:
    """Replace the hash, unless the user was deleted meanwhile."""
    query = update(users).where(users.c.id == user_id, users.c.deleted_ms.is_(None))
    await connection.execute(query.values(password_hash=password_hash))


async def lock_owner(connection: AsyncConnection, id_: str) -> User | None:
    """A user that is not deleted. Until the transaction ends nobody else changes it, or adds what is counted of it."""
    query = select(*_USER).where(users.c.id == id_, users.c.deleted_ms.is_(None)).with_for_update(key_share=True)
    row = (await connection.execute(query)).mappings().one_or_none()
    return User(**row) if row else None


async def list_users(connection: AsyncConnection) -> list[tuple[User, int]]:
    """All users that are not deleted, with how many agents they have, by name."""
    count = select(func.count()).where(agents.c.owner == users.c.id, agents.c.deleted_ms.is_(None)).scalar_subquery()
    query = select(*_USER, count.label("agents")).where(users.c.deleted_ms.is_(None))
    found = await connection.execute(query.order_by(func.lower(users.c.name)))
    return [(User(**{name: row[name] for name in User.__struct_fields__}), row["agents"]) for row in found.mappings()]


def _agents() -> Select[Any]:
    columns = [agents.c[name] for name in Agent.__struct_fields__ if name not in _OF_ITS_OWNER]
    owners = (users.c.name.label("owner_name"), users.c.locked_ms.is_not(None).label("suspended"))
    return select(*columns, *owners).join(users, users.c.id == agents.c.owner)


def _agent(row: Mapping[Any, Any]) -> Agent:
    return Agent(**row)


async def add_agent(connection: AsyncConnection, agent: Agent) -> None:
    """With its first version. Raises Conflict when its owner has an agent of this name."""
    values = {name: value for name, value in msgspec.structs.asdict(agent).items() if name not in _OF_ITS_OWNER}
    await connection.execute(insert(agents).values(**values))
    await connection.execute(
        insert(agent_versions).values(
            agent=agent.id, version=agent.version, description="", created_ms=agent.created_ms
        )
    )


async def find_agent(
    connection: AsyncConnection, *, id_: str | None = None, owner: str | None = None, name: str | None = None
) -> Agent | None:
    """By id, or by its owner's and its own name (in any case). Deleted agents only by id."""
    query = _agents()
    if id_ is not None:
        query = query.where(agents.c.id == id_)
    else:
        query = query.where(
            func.lower(users.c.name) == func.lower(owner),
            func.lower(agents.c.name) == func.lower(name),
            agents.c.deleted_ms.is_(None),
        )
    row = (await connection.execute(query)).mappings().one_or_none()
    return _agent(row) if row else None


async def list_agents(
    connection: AsyncConnection,
    *,
    owner: str | None = None,
    house: bool | None = None,
    paused: bool | None = None,
    text: str = "",
    capability: str = "",
    before: str | None = None,
    limit: int | None = None,
) -> list[Agent]:
    """Agents that are not deleted, newest first. owner: a user's id; before: an agent's id, to page from.

    text: in name or description, in any case; capability: one of those that the agent claims.
    """
    query = _agents().where(agents.c.deleted_ms.is_(None)).order_by(agents.c.id.desc()).limit(limit)
    if owner is not None:
        query = query.where(agents.c.owner == owner)
    if house is not None:
        query = query.where(agents.c.house == house)
    if paused is not None:
        query = query.where(agents.c.paused == paused)
    if text:
        columns = (agents.c.name, agents.c.description)
        query = query.where(or_(*(one.icontains(text, autoescape=True) for one in columns)))
    if capability:
        query = query.where(agents.c.capabilities.contains([capability]))
    if before is not None:
        query = query.where(agents.c.id < before)
    return [_agent(row) for row in (await connection.execute(query)).mappings()]


async def count_agents(connection: AsyncConnection, owner: str) -> int:
    """How many agents a user has that are not deleted."""
    query = select(func.count()).where(agents.c.owner == owner, agents.c.deleted_ms.is_(None))
    return int((await connection.execute(query)).scalar_one())


async def lock_agent(connection: AsyncConnection, id_: str) -> bool:
    """Whether there is such an agent, which then nobody deletes until the transaction ends."""
    query = select(agents.c.id).where(agents.c.id == id_, agents.c.deleted_ms.is_(None)).with_for_update(read=True)
    return (await connection.execute(query)).scalar_one_or_none() is not None


async def change_agent(connection: AsyncConnection, id_: str, values: Mapping[str, Any]) -> bool:
    """Set these columns, unless it is deleted; whether there is such an agent. Raises Conflict: the name is taken."""
    query = update(agents).where(agents.c.id == id_, agents.c.deleted_ms.is_(None)).values(**values)
    return (await connection.execute(query)).rowcount > 0


async def add_version(connection: AsyncConnection, id_: str, description: str, now_ms: int) -> int | None:
    """The next version becomes the agent's own; returns its number, or None: there is no such agent."""
    query = update(agents).where(agents.c.id == id_, agents.c.deleted_ms.is_(None))
    query = query.values(version=agents.c.version + 1).returning(agents.c.version)
    version = (await connection.execute(query)).scalar_one_or_none()
    if version is None:
        return None
    await connection.execute(
        insert(agent_versions).values(agent=id_, version=version, description=description, created_ms=now_ms)
    )
    return int(version)


async def list_versions(
    connection: AsyncConnection, id_: str, *, before: int | None = None, limit: int | None = None
) -> list[Version]:
    """Versions of an agent, newest first. before: a version's number, to page from."""
    columns = [agent_versions.c[name] for name in Version.__struct_fields__]
    query = select(*columns).where(agent_versions.c.agent == id_).order_by(agent_versions.c.version.desc()).limit(limit)
    if before is not None:
        query = query.where(agent_versions.c.version < before)
    return [Version(**row) for row in (await connection.execute(query)).mappings()]


async def add_credential(connection: AsyncConnection, credential: Credential) -> None:
    """Raises Conflict when this public key had a credential before."""
    await connection.execute(insert(credentials).values(**msgspec.structs.asdict(credential)))


async def list_credentials(
    connection: AsyncConnection, agent: str, *, before: tuple[int, str] | None = None, limit: int | None = None
) -> list[Credential]:
    """Credentials of an agent, newest first. before: `issued_ms` and public key of one, to page from."""
    place = (credentials.c.issued_ms, credentials.c.public_key)
    query = select(credentials).where(credentials.c.agent == agent)
    query = query.order_by(*(column.desc() for column in place)).limit(limit)
    if before is not None:
        query = query.where(tuple_(*place) < tuple_(*before))
    return [Credential(**row) for row in (await connection.execute(query)).mappings()]


async def revoke_credentials(
    connection: AsyncConnection, agent: str, now_ms: int, public_key: str | None = None
) -> list[str]:
    """Revoke one, or all of an agent's; returns the public keys of those that were valid until now."""
    query = (
        update(credentials)
        .where(credentials.c.agent == agent, credentials.c.revoked_ms.is_(None), credentials.c.expires_ms > now_ms)
        .values(revoked_ms=now_ms)
        .returning(credentials.c.public_key)
    )
    if public_key is not None:
        query = query.where(credentials.c.public_key == public_key)
    return list((await connection.execute(query)).scalars())


async def had_credential(connection: AsyncConnection, agent: str, public_key: str) -> bool:
    """Whether this agent has or had a credential of this key."""
    query = select(credentials.c.agent).where(credentials.c.public_key == public_key, credentials.c.agent == agent)
    return (await connection.execute(query)).scalar_one_or_none() is not None


async def count_credentials(connection: AsyncConnection, agent: Agent, now_ms: int) -> tuple[int, int]:
    """How many valid ones this agent has, and how many have not expired of all its owner ever had, revoked or not."""
    valid = func.count().filter(credentials.c.agent == agent.id, credentials.c.revoked_ms.is_(None))
    query = select(valid, func.count()).select_from(credentials).join(agents, agents.c.id == credentials.c.agent)
    query = query.where(agents.c.owner == agent.owner, credentials.c.expires_ms > now_ms)
    row = (await connection.execute(query)).one()
    return int(row[0]), int(row[1])


async def revoked(connection: AsyncConnection, now_ms: int) -> dict[str, int]:
    """{public key: when it was revoked, ms}, of those that would be valid otherwise."""
    query = select(credentials.c.public_key, credentials.c.revoked_ms).where(
        credentials.c.revoked_ms.is_not(None), credentials.c.expires_ms > now_ms
    )
    return {key: int(at_ms) for key, at_ms in await connection.execute(query)}
