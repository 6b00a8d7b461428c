"""Lists of matches, newest first, by what is wanted of them. Every filter goes along an index.

Matches page by id, and ids begin with the time at which they were made: so a range of time is a range of ids.
"""

from typing import Any

import msgspec
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from arena.store.reading import MATCH_COLUMNS, Match, Status, read_matches
from arena.store.schema import matches, participations
from arena.wire import ids

_EARLIEST = b"\x00" * ids.ENTROPY_BYTES


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What the matches must have in common; None: anything."""

    game: str | None = None
    agent: str | None = None
    opponent: str | None = None  # another agent in it
    owner: str | None = None  # a user with an agent in it
    status: Status | None = None
    cause: str | None = None  # EndCause or PlatformFault
    request: str | None = None  # that asked for them
    since_ms: int | None = None  # made at this time or later
    until_ms: int | None = None  # made before


async def list_matches(
    connection: AsyncConnection, wanted: Wanted, *, before: str | None = None, limit: int | None = 50
) -> list[Match]:
    """Matches that fit, newest first. before: a match's id, to page from."""
    return await read_matches(connection, selection(wanted, before=before, limit=limit))


def selection(wanted: Wanted, *, before: str | None = None, limit: int | None = 50) -> Select[Any]:
    """The query, so that a test may ask PostgreSQL how it goes about it."""
    if wanted.agent is None and wanted.owner is None:
        query, id_ = select(*MATCH_COLUMNS), matches.c.id
    else:
        query, id_ = _of_participants(wanted), participations.c.match
    for column in ("game", "status", "cause", "request"):
        if (value := getattr(wanted, column)) is not None:
            query = query.where(matches.c[column] == value)
    if wanted.opponent is not None:
        met = participations.alias()
        query = query.where(select(met.c.seat).where(met.c.match == id_, met.c.agent == wanted.opponent).exists())
    if before is not None:
        query = query.where(id_ < before)
    if wanted.since_ms is not None:
        query = query.where(id_ >= ids.make(wanted.since_ms, _EARLIEST))
    if wanted.until_ms is not None:
        query = query.where(id_ < ids.make(wanted.until_ms, _EARLIEST))
    return query.order_by(id_.desc()).limit(limit)


def _of_participants(wanted: Wanted) -> Select[Any]:
    """Along the participations of an agent or a user, each match once, whoever else of them sits in it."""
    other = participations.alias()
    same = (other.c.match == participations.c.match) & (other.c.seat < participations.c.seat)
    query = select(*MATCH_COLUMNS).join(participations, participations.c.match == matches.c.id)
    for column, value in (("agent", wanted.agent), ("owner", wanted.owner)):
        if value is not None:
            query = query.where(participations.c[column] == value)
            same &= other.c[column] == value
    return query.where(~select(other.c.seat).where(same).exists())
