"""Follows one of PostgreSQL's notification channels on a connection of its own."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import asyncpg

from arena.store.database import CONNECT_TIMEOUT_S

RETRY_S = 1.0
ALIVE_S = 5.0  # how often the connection is tried; a dead one is noticed within this and as much again


class Watch:
    """Calls `heard` with the payload of each notification, and `lost` when some may have been missed.

    `following` says whether notifications arrive now.
    """

    def __init__(self, url: str, channel: str, heard: Callable[[str], None], lost: Callable[[], None]) -> None:
        self._url = url
        self._channel = channel
        self._heard = heard
        self._lost = lost
        self._task: asyncio.Task[None] | None = None
        self.following = False

    def start(self) -> None:
        """Follow it from now on, as soon as the server lets us."""
        self._task = asyncio.create_task(self._run(), name=f"watch-{self._channel}")

    async def stop(self) -> None:
        """Follow it no more."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self.following = False

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await self._follow()
            await asyncio.sleep(RETRY_S)

    async def _follow(self) -> None:
        connection = await asyncpg.connect("postgresql://" + self._url.partition("://")[2], timeout=CONNECT_TIMEOUT_S)
        ended = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _connection: self._end(ended))
            await connection.add_listener(self._channel, self._take)
            self._lost()  # what was said before, nobody heard
            self.following = True
            while not ended.is_set():
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(ALIVE_S):
                        await ended.wait()
                await connection.execute("SELECT 1", timeout=ALIVE_S)
        finally:
            self._end(ended)
            connection.terminate()

    def _take(self, _connection: Any, _pid: int, _channel: str, payload: object) -> None:
        self._heard(str(payload))

    def _end(self, ended: asyncio.Event) -> None:
        self.following = False
        ended.set()
        self._lost()
