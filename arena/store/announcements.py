"""What operators tell everybody."""

from typing import Literal

import msgspec
from sqlalchemy import delete, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from arena.store.schema import announcements

Level = Literal["info", "warning"]


class Announcement(msgspec.Struct, frozen=True, kw_only=True):
    """Said to everybody until it ends or is withdrawn."""

    id: str
    author: str  # a user's id
    text: str
    level: Level
    created_ms: int
    until_ms: int | None


async def add_announcement(connection: AsyncConnection, announcement: Announcement) -> None:
    """A new one."""
    await connection.execute(insert(announcements).values(**msgspec.structs.asdict(announcement)))


async def count_announcements(connection: AsyncConnection, now_ms: int) -> int:
    """How many are in force."""
    ends = announcements.c.until_ms
    return int((await connection.execute(select(func.count()).where(or_(ends.is_(None), ends > now_ms)))).scalar_one())


async def list_announcements(
    connection: AsyncConnection, now_ms: int, before: str | None, limit: int
) -> list[Announcement]:
    """Those in force, newest first; before: an id, to page from."""
    ends = announcements.c.until_ms
    query = select(announcements).where(or_(ends.is_(None), ends > now_ms))
    if before is not None:
        query = query.where(announcements.c.id < before)
    rows = await connection.execute(query.order_by(announcements.c.id.desc()).limit(limit))
    return [Announcement(**row) for row in rows.mappings()]


async def withdraw(connection: AsyncConnection, id_: str) -> bool:
    """Whether there was one."""
    return (await connection.execute(delete(announcements).where(announcements.c.id == id_))).rowcount > 0


async def prune_announcements(connection: AsyncConnection, before_ms: int) -> None:
    """Delete what ended before then."""
    await connection.execute(delete(announcements).where(announcements.c.until_ms < before_ms))
