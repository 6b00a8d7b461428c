"""Events that are kept raw because they could not be projected: what their matches' rows lack."""

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from arena.store.schema import events

SHOWN_BYTES = 200


class Unprojected(msgspec.Struct, frozen=True, kw_only=True):
    """One such event, and the match whose rows are in doubt without it."""

    seq: int
    subject: str
    match: str | None  # null: the subject is not an event's
    at_ms: int  # when the stream stored it
    error: str
    bytes: int
    beginning: str  # of the payload, as text


async def list_unprojected(
    connection: AsyncConnection, *, before: int | None = None, limit: int | None = 50
) -> list[Unprojected]:
    """Newest first. before: a sequence, to page from."""
    columns = (
        events.c.seq,
        events.c.subject,
        events.c.match,
        events.c.stored_ms.label("at_ms"),
        events.c.error,
        func.octet_length(events.c.payload).label("bytes"),
        func.substr(events.c.payload, 1, SHOWN_BYTES).label("beginning"),
    )
    query = select(*columns).where(events.c.error.is_not(None)).order_by(events.c.seq.desc()).limit(limit)
    if before is not None:
        query = query.where(events.c.seq < before)
    rows = (await connection.execute(query)).mappings()
    return [Unprojected(**{**row, "beginning": row["beginning"].decode(errors="replace")}) for row in rows]


async def unprojected_of(connection: AsyncConnection, match: str) -> list[int]:
    """Sequences of this match's events that could not be projected."""
    query = select(events.c.seq).where(events.c.match == match, events.c.error.is_not(None)).order_by(events.c.seq)
    return list((await connection.execute(query)).scalars())
