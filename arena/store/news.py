"""What happened to a user's agents since some time: a query on the tables, newest first.

A page of each kind is found, and the pages are merged. Matches and faults are looked for among the RECENT_MAX newest of
the user's seats, so that an answer does not take longer with every match ever played.
"""

from typing import Any, Literal, NamedTuple

import msgspec
from sqlalchemy import BigInteger, ColumnElement, Select, Subquery, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from arena.store.announcements import Announcement
from arena.store.quarantine_log import PastQuarantine
from arena.store.reading import MATCH_COLUMNS, Fault, Match, read_matches
from arena.store.schema import agents, announcements, faults, matches, participations, quarantine_log

RECENT_MAX = 10_000

Kind = Literal["announcement", "fault", "match", "quarantine"]


class Place(NamedTuple):
    """Where something stands among the news: by time, then by kind, then by what it is within its kind."""

    at_ms: int
    kind: Kind
    key: str


class News(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened: of `match`, `fault`, `quarantine` and `announcement` the one that `kind` says."""

    kind: Kind
    at_ms: int
    key: str  # what tells it from others of its kind
    agents: list[str]  # the user's, whom it concerns
    match: Match | None = None  # it ended, or was voided: results and ratings stand at its seats
    fault: Fault | None = None
    quarantine: PastQuarantine | None = None
    announcement: Announcement | None = None

    @property
    def place(self) -> Place:
        """Where it stands among the others."""
        return Place(self.at_ms, self.kind, self.key)


async def read_news(
    connection: AsyncConnection, owner: str, *, since_ms: int, before: Place | None, limit: int
) -> list[News]:
    """Newest first. since_ms: not what happened earlier; before: a place, to page from."""
    found = [
        *await _matches(connection, owner, since_ms, before, limit),
        *await _faults(connection, owner, since_ms, before, limit),
        *await _quarantines(connection, owner, since_ms, before, limit),
        *await _announcements(connection, since_ms, before, limit),
    ]
    return sorted(found, key=lambda one: one.place, reverse=True)[:limit]


async def _matches(
    connection: AsyncConnection, owner: str, since_ms: int, before: Place | None, limit: int
) -> list[News]:
    query = select(*MATCH_COLUMNS).where(matches.c.id.in_(select(_recent(owner).c.match)))
    query = _page(query, "match", matches.c.ended_ms, matches.c.id, since_ms, before).limit(limit)
    return [
        News(
            kind="match",
            at_ms=match.ended_ms or 0,
            key=match.id,
            agents=sorted({seat.agent for seat in match.seats if seat.owner == owner}),
            match=match,
        )
        for match in await read_matches(connection, query)
    ]


async def _faults(
    connection: AsyncConnection, owner: str, since_ms: int, before: Place | None, limit: int
) -> list[News]:
    recent = _recent(owner)
    charged = (recent.c.match == faults.c.match) & (recent.c.seat == faults.c.seat)
    columns = [faults.c[name] for name in Fault.__struct_fields__]
    query = select(*columns, recent.c.agent).join(recent, charged)
    query = _page(query, "fault", faults.c.at_ms, faults.c.seq, since_ms, before).limit(limit)
    rows = (await connection.execute(query)).mappings()
    return [
        News(
            kind="fault",
            at_ms=row["at_ms"],
            key=f"{row['seq']:018d}",
            agents=[row["agent"]],
            fault=Fault(**{name: row[name] for name in Fault.__struct_fields__}),
        )
        for row in rows
    ]


async def _quarantines(
    connection: AsyncConnection, owner: str, since_ms: int, before: Place | None, limit: int
) -> list[News]:
    columns = [quarantine_log.c[name] for name in PastQuarantine.__struct_fields__]
    query = select(*columns).join(agents, agents.c.id == quarantine_log.c.agent).where(agents.c.owner == owner)
    key = quarantine_log.c.agent + literal(".") + quarantine_log.c.game
    query = _page(query, "quarantine", quarantine_log.c.since_ms, key, since_ms, before).limit(limit)
    found = [PastQuarantine(**row) for row in (await connection.execute(query)).mappings()]
    return [
        News(kind="quarantine", at_ms=one.since_ms, key=f"{one.agent}.{one.game}", agents=[one.agent], quarantine=one)
        for one in found
    ]


async def _announcements(connection: AsyncConnection, since_ms: int, before: Place | None, limit: int) -> list[News]:
    columns = announcements.c
    query = _page(select(announcements), "announcement", columns.created_ms, columns.id, since_ms, before).limit(limit)
    found = [Announcement(**row) for row in (await connection.execute(query)).mappings()]
    return [News(kind="announcement", at_ms=one.created_ms, key=one.id, agents=[], announcement=one) for one in found]


def _recent(owner: str) -> Subquery:
    """The newest of a user's seats."""
    columns = (participations.c.match, participations.c.seat, participations.c.agent)
    query = select(*columns).where(participations.c.owner == owner)
    return query.order_by(participations.c.match.desc(), participations.c.seat).limit(RECENT_MAX).subquery()


def _page(
    query: Select[Any],
    kind: Kind,
    at_ms: ColumnElement[Any],
    key: ColumnElement[Any],
    since_ms: int,
    before: Place | None,
) -> Select[Any]:
    """Of one kind what comes behind a place, in the order of places."""
    query = query.where(at_ms >= since_ms).order_by(at_ms.desc(), key.desc())
    if before is None:
        return query
    if kind == before.kind:
        last = literal(int(before.key), BigInteger) if kind == "fault" else literal(before.key)
        return query.where(tuple_(at_ms, key) < tuple_(before.at_ms, last))
    return query.where(at_ms <= before.at_ms if kind < before.kind else at_ms < before.at_ms)
