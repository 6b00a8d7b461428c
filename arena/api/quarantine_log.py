"""Keeps what bucket QUARANTINE said of agents, for owners who come when it is over.

Every API process writes all that it hears, and the table takes each once: so one process may end, or PostgreSQL be away
for a while, and nothing is lost as long as one of them lives.
"""

import asyncio
import contextlib

import structlog

from arena.api.quarantine import Quarantines
from arena.store.database import Database, Refused
from arena.store.quarantine_log import PastQuarantine, add_quarantines
from arena.wire.registry import Quarantine

RETRY_S = 2.0
WAITING_MAX = 10_000  # while PostgreSQL is away; more are forgotten, the oldest first


class QuarantineLog:
    """`start` it before the bucket is followed, `stop` it behind that."""

    def __init__(self, quarantines: Quarantines, database: Database, log: structlog.stdlib.BoundLogger) -> None:
        self._database = database
        self._log = log
        self._waiting: dict[tuple[str, str, int], PastQuarantine] = {}
        self._wake = asyncio.Event()
        self._writing: asyncio.Task[None] | None = None
        quarantines.listeners.append(self._on_entry)

    def start(self) -> None:
        """Write from now on."""
        self._writing = asyncio.create_task(self._write(), name="quarantine-log")

    async def stop(self) -> None:
        """Write no more."""
        if self._writing:
            self._writing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._writing

    def _on_entry(self, _key: str, record: Quarantine | None) -> None:
        if record is None or not record.agent:
            return
        one = PastQuarantine(
            agent=record.agent,
            game=record.game,
            why=record.why,
            matches=record.matches,
            times=record.times,
            since_ms=record.since_ms,
            until_ms=record.until_ms,
        )
        self._waiting[one.agent, one.game, one.since_ms] = one
        if len(self._waiting) > WAITING_MAX:
            del self._waiting[next(iter(self._waiting))]
        self._wake.set()

    async def _write(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            some = dict(self._waiting)
            try:
                async with self._database.begin() as connection:
                    await add_quarantines(connection, list(some.values()))
            except Refused as error:  # it never will be: without it the others are
                self._log.error("quarantines cannot be kept", error=str(error), quarantines=list(some.values()))
            except Exception as error:  # noqa: BLE001 - whatever it is: a writer that ends in silence is worse
                self._log.warning("quarantines are not kept yet", error=str(error) or repr(error))
                self._wake.set()
                await asyncio.sleep(RETRY_S)
                continue
            for key in some:
                self._waiting.pop(key, None)
