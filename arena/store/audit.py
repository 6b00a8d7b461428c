"""The audit log: every changing call. Written in batches, read by operators, deleted when it is old enough."""

from collections.abc import Sequence
from typing import Literal

import msgspec
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from arena.store.schema import audit, users

Via = Literal["session", "token", "none"]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """Who did what, to which object, when, from where, and what came of it."""

    id: str
    at_ms: int
    user: str | None  # id; null: nobody who is known
    via: Via
    via_id: str | None  # of the session or the access token
    address: str
    action: str  # method and route
    object: str  # ids in the path, and of what was made
    status: int  # of the answer
    detail: str = ""


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries; null: any."""

    user: str | None = None
    action: str | None = None  # how it begins
    object: str | None = None  # what it contains
    status: int | None = None
    since_ms: int | None = None
    until_ms: int | None = None


async def add_entries(connection: AsyncConnection, entries: Sequence[Entry]) -> None:
    """Write a batch."""
    await connection.execute(insert(audit), [msgspec.structs.asdict(entry) for entry in entries])


async def list_entries(
    connection: AsyncConnection, filters: Filters, before: str | None, limit: int
) -> list[tuple[Entry, str | None]]:
    """Newest first, each with the user's present name; before: an entry's id, to page from."""
    columns = [audit.c[name] for name in Entry.__struct_fields__]
    query = select(*columns, users.c.name.label("user_name")).join(users, users.c.id == audit.c.user, isouter=True)
    query = query.order_by(audit.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(audit.c.id < before)
    if filters.user is not None:
        query = query.where(audit.c.user == filters.user)
    if filters.action is not None:
        query = query.where(audit.c.action.startswith(filters.action, autoescape=True))
    if filters.object is not None:
        query = query.where(audit.c.object.contains(filters.object, autoescape=True))
    if filters.status is not None:
        query = query.where(audit.c.status == filters.status)
    if filters.since_ms is not None:
        query = query.where(audit.c.at_ms >= filters.since_ms)
    if filters.until_ms is not None:
        query = query.where(audit.c.at_ms < filters.until_ms)
    return [
        (Entry(**{name: row[name] for name in Entry.__struct_fields__}), row["user_name"])
        for row in (await connection.execute(query)).mappings()
    ]


async def prune_entries(connection: AsyncConnection, before: str, limit: int) -> int:
    """Delete up to `limit` entries whose ids are before this one. Returns how many."""
    old = select(audit.c.id).where(audit.c.id < before).order_by(audit.c.id).limit(limit)
    return (await connection.execute(delete(audit).where(audit.c.id.in_(old)))).rowcount
