"""Everything that decides who comes in, put together for one API process."""

import asyncio
import contextlib
from typing import Any

import structlog
from litestar.config.app import AppConfig

from arena.api.audit import Auditing, AuditLog
from arena.api.authentication import Authentication
from arena.api.cookies import Cookies
from arena.api.holders import Holders
from arena.api.limits import Limits
from arena.api.sessions import Sessions
from arena.api.stamps import now_ms
from arena.api.tokens import Tokens, ensure_key
from arena.settings import Settings
from arena.store.announcements import prune_announcements
from arena.store.audit import prune_entries
from arena.store.database import Database
from arena.store.limits import prune_limits
from arena.store.quarantine_log import prune_quarantines
from arena.store.sessions import prune_sessions
from arena.wire import ids

PRUNE_S = 600.0  # between two rounds of deleting what is over; every process does it, and the others find nothing
PRUNE_ROWS_MAX = 5_000  # in one statement
QUARANTINE_DAYS = 90  # how long owners may read of a quarantine that is over
DAY_MS = 24 * 3_600_000


class Access:
    """`start` it before the first request, `stop` it behind the last."""

    def __init__(self, settings: Settings, database: Database, log: structlog.stdlib.BoundLogger) -> None:
        self.settings = settings
        self._database = database
        self._log = log
        self._pruning: asyncio.Task[None] | None = None
        self.tokens, cookies = Tokens(ensure_key(settings.home)), Cookies(settings)
        self.holders = Holders(database, settings.database_url)
        self.authentication = Authentication(self.tokens, self.holders, cookies)
        self.sessions = Sessions(database, self.tokens, self.holders, cookies)
        self.limits = Limits(database, settings)
        self.audit = AuditLog(database, log)

    @property
    def given(self) -> dict[str, Any]:
        """What routes may ask for, by name."""
        return {
            "sessions": self.sessions,
            "holders": self.holders,
            "limits": self.limits,
            "tokens": self.tokens,
            "authentication": self.authentication,
        }

    def on_app_init(self, config: AppConfig) -> AppConfig:
        """Let nobody in who may not; and note who wanted to, outside of that."""
        self.authentication.on_app_init(config)
        config.middleware.insert(0, Auditing(self.audit))
        return config

    def start(self) -> None:
        """Listen, write, and clear away."""
        self.holders.start()
        self.audit.start()
        self._pruning = asyncio.create_task(self._prune(), name="prune")

    async def stop(self) -> None:
        """Write what waits, and end."""
        if self._pruning:
            self._pruning.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._pruning
        await self.holders.stop()
        await self.audit.stop()

    async def _prune(self) -> None:
        while True:
            try:
                await prune(self._database, self.settings.audit_days)
            except Exception as error:  # noqa: BLE001 - whatever it is: tables that nobody prunes fill the disk
                self._log.warning("what is over is not deleted yet", error=str(error) or repr(error))
            await asyncio.sleep(PRUNE_S)


async def prune(database: Database, audit_days: int) -> None:
    """Delete limits that limit nothing, sessions a day after their end, and what else is old enough."""
    now = now_ms()
    oldest = ids.make(now - audit_days * DAY_MS, bytes(ids.ENTROPY_BYTES))
    async with database.begin() as connection:
        await prune_limits(connection, now)
        await prune_announcements(connection, now - DAY_MS)
        await prune_quarantines(connection, now - QUARANTINE_DAYS * DAY_MS)
    rows = PRUNE_ROWS_MAX
    while rows == PRUNE_ROWS_MAX:
        async with database.begin() as connection:
            rows = await prune_sessions(connection, now - DAY_MS, PRUNE_ROWS_MAX)
    rows = PRUNE_ROWS_MAX
    while rows == PRUNE_ROWS_MAX:
        async with database.begin() as connection:
            rows = await prune_entries(connection, oldest, PRUNE_ROWS_MAX)
