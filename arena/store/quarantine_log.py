"""Which agents were in quarantine: the bucket forgets them, their owners may come later. The API writes it."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from arena.store.schema import quarantine_log


class PastQuarantine(msgspec.Struct, frozen=True, kw_only=True):
    """An agent got no new matches of a game for a while."""

    agent: str
    game: str
    why: str
    matches: list[str]  # the evidence
    times: int  # how often in a row
    since_ms: int
    until_ms: int  # as it was declared: an operator may have ended it earlier


async def add_quarantines(connection: AsyncConnection, found: Sequence[PastQuarantine]) -> None:
    """Keep these; those that are kept already stay as they are."""
    rows = [msgspec.structs.asdict(one) for one in found]
    await connection.execute(insert(quarantine_log).on_conflict_do_nothing(), rows)


async def prune_quarantines(connection: AsyncConnection, before_ms: int) -> None:
    """Delete what began before then."""
    await connection.execute(delete(quarantine_log).where(quarantine_log.c.since_ms < before_ms))
