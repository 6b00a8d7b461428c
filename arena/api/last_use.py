"""When a credential was used last: the server says who connects, and it is written down now and then.

Every API process hears every connection. Each waits a little while, a different one, and then writes in one statement
what nobody wrote before: of N processes one does, and an agent that connects a hundred times costs one row.
"""

import asyncio
import contextlib
import secrets

import msgspec
import structlog

from arena.api.stamps import now_ms
from arena.bus import Bus, Msg
from arena.store.credential_use import note_used
from arena.store.database import Database
from arena.wire import ids, presence, subjects

WRITE_MS = 1_000  # at most so often, and up to twice as long
STEP_MS = 60_000  # what is known so exactly is not written again
WAITING_MAX = 10_000  # credentials whose use is not written yet; of more the last ones are not noted

log = structlog.get_logger("api")


class LastUse:
    """`open` and `close` it."""

    def __init__(self, bus: Bus, database: Database) -> None:
        self._bus = bus
        self._database = database
        self._decode = msgspec.json.Decoder(presence.ClientEvent).decode
        self._waiting: dict[str, int] = {}
        self._some = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.written = 0  # rows

    async def open(self) -> None:
        """Listen from now on."""
        await self._bus.subscribe(subjects.CONNECTED.at(), self._on_connected)
        self._task = asyncio.create_task(self._run(), name="last-use")

    async def close(self) -> None:
        """Listen no more, and write what is left."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self._write()

    def _on_connected(self, message: Msg) -> None:
        try:
            claims = presence.claims(self._decode(message.data))
        except msgspec.DecodeError:
            return  # a server of another version
        if claims.sub and ids.is_id(claims.name) and len(self._waiting) < WAITING_MAX:
            self._waiting[claims.sub] = now_ms()
            self._some.set()

    async def _run(self) -> None:
        while True:
            await self._some.wait()
            await asyncio.sleep((WRITE_MS + secrets.randbelow(WRITE_MS)) / 1000)
            self._some.clear()
            await self._write()

    async def _write(self) -> None:
        taken, self._waiting = self._waiting, {}
        try:
            async with self._database.begin() as connection:
                self.written += await note_used(connection, taken, STEP_MS)
        except Exception as error:  # noqa: BLE001 - whatever it is: the next one may be written
            log.warning("when credentials were used is not written yet", error=str(error) or repr(error))
            self._waiting = {**taken, **self._waiting}
