"""/api/dead-letters: what the platform could not deal with. Nothing of it is ever dropped in silence.

Events that could not be projected stand in PostgreSQL, raw, with the reason; claims of matches that no runner could
finish with are reported by the NATS server itself, into stream DEAD.
"""

import asyncio
from typing import Annotated

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from arena.api.answers import problems_of
from arena.api.paging import Page, log_page
from arena.api.tokens import operators_only
from arena.bus import Bus, stream
from arena.store.database import Database
from arena.store.dead_letters import Unprojected, list_unprojected
from arena.wire import subjects
from arena.wire.registry import DeadLetter

PAGE_MAX = 100

Before = Annotated[int | None, QueryParameter(ge=1)]


class DeadClaim(msgspec.Struct, frozen=True, kw_only=True):
    """A match that was claimed too often and never played to its end; the matchmaker voids it."""

    seq: int  # in stream DEAD
    at_ms: int
    consumer: str
    stream_seq: int  # of its `created` event
    deliveries: int
    match: str | None  # null: there is no such event


class DeadLetters(msgspec.Struct, frozen=True, kw_only=True):
    """Both lists, newest first; each `next` is the following page's `events_before` or `claims_before`."""

    events: Page[Unprojected]
    claims: Page[DeadClaim]


class DeadLettersController(Controller):
    """For operators."""

    path = "/dead-letters"
    tags = ("operation",)
    guards = (operators_only,)

    @get(responses=problems_of(400, 401, 403, 503))
    async def show(
        self,
        bus: NamedDependency[Bus],
        database: NamedDependency[Database],
        events_before: Before = None,
        claims_before: Before = None,
        limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = 50,
    ) -> DeadLetters:
        """Events that could not be projected, and claims that were delivered too often."""
        return await dead_letters(bus, database, limit, events_before, claims_before)


async def dead_letters(
    bus: Bus, database: Database, limit: int, events_before: int | None = None, claims_before: int | None = None
) -> DeadLetters:
    """One page of each. Raises StoreError or BusError."""
    async with database.begin() as connection:
        events = await list_unprojected(connection, before=events_before, limit=limit + 1)
    claims = await dead_claims(bus, before=claims_before, limit=limit + 1)
    return DeadLetters(events=log_page(events, limit), claims=log_page(claims, limit))


async def dead_claims(bus: Bus, *, before: int | None = None, limit: int = 50) -> list[DeadClaim]:
    """Newest first. Raises BusError."""
    state = await stream.state(bus, subjects.DEAD_STREAM)
    end = min(before or state.last_seq + 1, state.last_seq + 1)
    first = max(state.first_seq, end - limit, 1)  # a stream that never had any begins at 0
    if first >= end:
        return []
    found = await asyncio.gather(*(_claim(bus, seq) for seq in range(end - 1, first - 1, -1)))
    return [claim for claim in found if claim is not None]


async def _claim(bus: Bus, seq: int) -> DeadClaim | None:
    letter = await stream.stored(bus, subjects.DEAD_STREAM, seq=seq)
    if letter is None:  # expired since
        return None
    said = msgspec.json.decode(letter.data, type=DeadLetter)
    created = await stream.stored(bus, subjects.EVENTS_STREAM, seq=said.stream_seq)
    return DeadClaim(
        seq=letter.seq,
        at_ms=letter.at_ms,
        consumer=said.consumer,
        stream_seq=said.stream_seq,
        deliveries=said.deliveries,
        match=subjects.split_event(created.subject)[1] if created else None,
    )
