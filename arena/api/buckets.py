"""Live copies of key-value buckets: what the API knows without asking. Every process has its own."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from arena.bus import Bus, Unanswered, kv

READ_S = 5.0  # for reading the whole bucket

Record = TypeVar("Record")


class LiveBucket(Generic[Record]):
    """`start` it in a process that stays; or `read` it once."""

    def __init__(self, bus: Bus, bucket: str, kind: type[Record]) -> None:
        self.bus = bus
        self.bucket = bucket
        self.listeners: list[Callable[[str, Record | None], None]] = []  # called for each change; None: it is gone
        self._mirror = kv.Mirror(bus, bucket, kind, self._tell)
        self._known = asyncio.Event()
        self._starting: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Follow the bucket from now on, as soon as the server lets us."""
        self._starting = asyncio.create_task(self._follow(), name=f"bucket-{self.bucket}")

    async def stop(self) -> None:
        """Follow it no more."""
        if self._starting:
            self._starting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._starting
        await self._mirror.stop()

    async def read(self) -> None:
        """Wait until all that is stored is known. Raises Unanswered."""
        self.start()
        try:
            async with asyncio.timeout(READ_S):
                await self._known.wait()
        except TimeoutError as error:
            raise Unanswered(f"bucket {self.bucket} cannot be read: was `arena provision` run?") from error

    @property
    def so_far(self) -> Mapping[str, Record]:
        """What is known by now, by key."""
        return self._mirror.records

    @property
    def records(self) -> Mapping[str, Record]:
        """All that is stored, by key. Raises Unanswered while it is not known."""
        if not self._known.is_set() or not self.bus.connected:
            raise Unanswered(f"bucket {self.bucket} is not known now: no connection to NATS")
        return self._mirror.records

    def _tell(self, key: str, record: Record | None) -> None:
        for listener in self.listeners:
            listener(key, record)

    async def _follow(self) -> None:
        await self._mirror.start()
        self._known.set()
