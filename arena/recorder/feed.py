"""Ratings from PostgreSQL to bucket RATINGS, where the matchmaker reads them.

They follow the commit: after a crash between the two, the next start finds what differs.
"""

import asyncio
from collections.abc import Iterable

import structlog

from arena.bus import Bus, BusError, kv
from arena.core.rating import Rating
from arena.core.records import RatingKey, Rows
from arena.wire.registry import RatingRecord
from arena.wire.subjects import RATINGS_BUCKET

COALESCE_S = 0.25  # of several changes in this time only the last is published
RETRY_S = 1.0
AT_ONCE = 100


class Feed:
    """Publishes ratings that changed. `run` it in a task of its own."""

    def __init__(self, bus: Bus, log: structlog.stdlib.BoundLogger) -> None:
        self._bus = bus
        self._log = log
        self._changed: dict[str, RatingRecord] = {}
        self._wake = asyncio.Event()

    def add(self, batch: Iterable[Rows]) -> None:
        """What a committed batch changed."""
        for rows in batch:
            for key, (rating, seq) in rows.ratings.items():
                self._changed[_key(key)] = _record(rating, seq)
        if self._changed:
            self._wake.set()

    def forget(self) -> None:
        """Publish nothing more of this: another recorder may be active now, and know better."""
        self._changed.clear()

    async def sync(self, ratings: Iterable[tuple[RatingKey, Rating, int]]) -> None:
        """Publish what differs from these, and remove what is not among them. Raises BusError."""
        wanted = {_key(key): _record(rating, seq) for key, rating, seq in ratings}
        published = await kv.contents(self._bus, RATINGS_BUCKET, RatingRecord)
        self._changed |= {key: record for key, record in wanted.items() if published.get(key) != record}
        for key in published.keys() - wanted.keys():
            await kv.delete(self._bus, RATINGS_BUCKET, key)
        if self._changed:
            self._wake.set()

    async def run(self) -> None:
        """Publish, until cancelled."""
        while True:
            await self._wake.wait()
            await asyncio.sleep(COALESCE_S)
            self._wake.clear()
            try:
                await self.flush()
            except BusError as error:
                self._log.warning("ratings not published yet", error=str(error))
                self._wake.set()
                await asyncio.sleep(RETRY_S)

    async def flush(self) -> None:
        """Publish what changed. Raises BusError; what was not stored is tried again the next time."""
        while self._changed:
            some = list(self._changed.items())[:AT_ONCE]
            # All of them end before any is tried again: one that still tried would put an old rating over a newer one.
            outcomes = await asyncio.gather(
                *(kv.put(self._bus, RATINGS_BUCKET, key, record) for key, record in some), return_exceptions=True
            )
            for (key, record), outcome in zip(some, outcomes, strict=True):
                if isinstance(outcome, int) and self._changed.get(key) is record:
                    del self._changed[key]
            for outcome in outcomes:
                if isinstance(outcome, BaseException):
                    raise outcome


def _key(key: RatingKey) -> str:
    return f"{key[0]}.{key[1]}"


def _record(rating: Rating, seq: int) -> RatingRecord:
    return RatingRecord(
        mu=rating.mu,
        sigma=rating.sigma,
        played=rating.played,
        seq=seq,
        version=rating.version,
        rated_ms=rating.rated_ms,
    )
