"""A lease: at most one holder of a name, for as long as it renews (docs/decisions/0005-lease.md).

The holder's entry in bucket LEASES carries `Nats-TTL`, so that it vanishes with a dead holder, and is renewed by a
publish with its expected sequence, so that a holder that slept past its lease notices.  Time is the server's alone.
A renewal whose acknowledgement was lost is the holder's own all the same: its name stands in the entry.
"""

import asyncio
import contextlib
import time

import msgspec
import structlog

from arena.bus import stream
from arena.bus.connection import Bus, BusError
from arena.wire import subjects
from arena.wire.registry import Lease

RETRY_S = 0.1  # after a try that failed

log = structlog.get_logger("bus")


class Leadership:
    """Tries to get the lease of `name` and keeps it. `held` is set while it is ours. holder: no two have the same."""

    def __init__(self, bus: Bus, name: str, holder: str, ttl_ms: int) -> None:
        self._bus = bus
        self._subject = f"$KV.{subjects.LEASES_BUCKET}.{name}"
        self._holder = holder
        self._ttl_s = max(1, round(ttl_ms / 1000))
        self._revision: int | None = None
        self._until_s = 0.0
        self.held = asyncio.Event()
        self._stopped = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to try, in a task of its own."""
        self._task = asyncio.create_task(self._run(), name="lease")

    @property
    def valid(self) -> bool:
        """Whether the lease is ours for sure: renewed less than its length ago, by our own monotonic clock."""
        return self.held.is_set() and time.monotonic() < self._until_s

    async def stop(self) -> None:
        """Give the lease back, so that a standby takes over at once."""
        self._stopped = True  # nats-py may swallow the cancellation
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self.held.is_set() and self._revision is not None:
            self.held.clear()
            with contextlib.suppress(BusError):
                await self._write(b"", {"KV-Operation": "DEL"}, self._revision)

    async def _run(self) -> None:
        while not self._stopped:
            began = time.monotonic()
            pause_s = self._ttl_s / 3
            try:
                await self._try(began)
            except Exception as error:  # without this task nobody would ever be active again
                pause_s = RETRY_S
                if not isinstance(error, BusError):
                    log.exception("the lease cannot be renewed; trying on", lease=self._subject)
                if time.monotonic() >= self._until_s:
                    self.held.clear()
                    self._revision = None
            await asyncio.sleep(pause_s)

    async def _try(self, began: float) -> None:
        if self._revision is None:
            self._revision = await self._vacant_revision()
            if self._revision is None:
                self.held.clear()
                return
        lease = Lease(holder=self._holder, since_ms=int(time.time() * 1000))
        headers = {"Nats-TTL": f"{self._ttl_s}s"}
        try:
            self._revision = await self._write(msgspec.json.encode(lease), headers, self._revision)
        except stream.ApiError:
            self._revision = None
            raise
        self._until_s = began + self._ttl_s
        self.held.set()

    async def _write(self, payload: bytes, headers: dict[str, str], after: int) -> int:
        headers = headers | {"Nats-Expected-Last-Subject-Sequence": str(after)}
        return await stream.append(self._bus, self._subject, payload, headers, timeout_s=self._ttl_s / 3)

    async def _vacant_revision(self) -> int | None:
        """The sequence to write after if nobody else holds the lease, else None."""
        last = await stream.stored(self._bus, f"KV_{subjects.LEASES_BUCKET}", last_by=self._subject)
        if last is None:
            return 0
        if last.data and msgspec.json.decode(last.data, type=Lease).holder != self._holder:
            return None
        return last.seq
