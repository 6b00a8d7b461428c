"""What operators and users change about users themselves. Each function works inside the caller's transaction."""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from arena.store.accounts import User, UserRole
from arena.store.schema import access_tokens, agent_versions, agents, credentials, sessions, users

_USER = tuple(users.c[name] for name in User.__struct_fields__)


class UserFilters(msgspec.Struct, frozen=True, kw_only=True):
    """Which users; null: any."""

    search: str | None = None  # what the name contains, in any case
    role: UserRole | None = None
    locked: bool | None = None


async def search_users(
    connection: AsyncConnection, filters: UserFilters, before: str | None, limit: int
) -> list[tuple[User, int]]:
    """Users that are not deleted with how many agents they have, newest first; before: an id, to page from."""
    count = select(func.count()).where(agents.c.owner == users.c.id, agents.c.deleted_ms.is_(None)).scalar_subquery()
    query = select(*_USER, count.label("agents")).where(users.c.deleted_ms.is_(None))
    if filters.search is not None:
        query = query.where(func.lower(users.c.name).contains(filters.search.lower(), autoescape=True))
    if filters.role is not None:
        query = query.where(users.c.role == filters.role)
    if filters.locked is not None:
        query = query.where(users.c.locked_ms.is_not(None) if filters.locked else users.c.locked_ms.is_(None))
    if before is not None:
        query = query.where(users.c.id < before)
    found = await connection.execute(query.order_by(users.c.id.desc()).limit(limit))
    return [(User(**{name: row[name] for name in User.__struct_fields__}), row["agents"]) for row in found.mappings()]


async def lock_row(connection: AsyncConnection, id_: str) -> User | None:
    """A user whose row nobody else changes until the transaction ends; not a deleted one.

    Administrators' rows are locked with it, in one order: two demotions at once cannot leave the platform without any.
    """
    query = select(*_USER).where((users.c.id == id_) | (users.c.role == "admin")).order_by(users.c.id)
    rows = (await connection.execute(query.with_for_update())).mappings().all()
    found = [User(**row) for row in rows if row["id"] == id_ and row["deleted_ms"] is None]
    return found[0] if found else None


async def count_admins(connection: AsyncConnection) -> int:
    """How many administrators can log in."""
    query = select(func.count()).where(
        users.c.role == "admin", users.c.locked_ms.is_(None), users.c.deleted_ms.is_(None)
    )
    return int((await connection.execute(query)).scalar_one())


async def change_user(connection: AsyncConnection, id_: str, values: Mapping[str, Any]) -> None:
    """Set these columns."""
    await connection.execute(update(users).where(users.c.id == id_).values(**values))


async def anonymise(connection: AsyncConnection, id_: str, name: str, now_ms: int) -> list[str]:
    """Delete a user and the agents, all but the rows that matches point to. Returns the ids of the agents.

    name: what the user is called from now on. Sessions and access tokens go: they hold addresses, browsers and names.
    """
    await connection.execute(delete(sessions).where(sessions.c.user == id_))
    await connection.execute(delete(access_tokens).where(access_tokens.c.user == id_))
    await connection.execute(
        update(users).where(users.c.id == id_).values(name=name, role="user", password_hash=None, deleted_ms=now_ms)
    )
    gone = await connection.execute(
        update(agents)
        .where(agents.c.owner == id_)
        .values(
            name="deleted",
            description="",
            metadata={},
            capabilities=[],
            paused=True,
            deleted_ms=func.coalesce(agents.c.deleted_ms, now_ms),
        )
        .returning(agents.c.id)
    )
    ids = list(gone.scalars())
    mine = select(agents.c.id).where(agents.c.owner == id_)
    await connection.execute(update(agent_versions).where(agent_versions.c.agent.in_(mine)).values(description=""))
    await connection.execute(
        update(credentials)
        .where(credentials.c.agent.in_(mine))
        .values(label="", revoked_ms=func.coalesce(credentials.c.revoked_ms, now_ms))
    )
    return ids


async def revoke_all_credentials(connection: AsyncConnection, id_: str, now_ms: int) -> None:
    """Of all of a user's agents."""
    mine = select(agents.c.id).where(agents.c.owner == id_)
    query = update(credentials).where(credentials.c.agent.in_(mine), credentials.c.revoked_ms.is_(None))
    await connection.execute(query.values(revoked_ms=now_ms))
