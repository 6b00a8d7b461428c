"""Key-value buckets in the standard layout (ADR-8: stream KV_<bucket>, subjects $KV.<bucket>.<key>).

`put` and `delete` are plain appends, `get` asks the leader for a record, `contents` reads a whole bucket; `Mirror`
keeps a typed copy of one in memory.
"""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

from arena.bus import stream
from arena.bus.connection import Bus, Unanswered
from arena.bus.pull import Delivery, Follower

CONTENTS_S = 30.0  # for reading a whole bucket

Record = TypeVar("Record")


async def put(bus: Bus, bucket: str, key: str, value: msgspec.Struct, headers: dict[str, str] | None = None) -> int:
    """Write a record and wait until it is stored; returns its revision. Raises Unanswered, or ApiError if refused."""
    return await stream.append(bus, f"$KV.{bucket}.{key}", msgspec.json.encode(value), headers)


async def get(bus: Bus, bucket: str, key: str, kind: type[Record]) -> Record | None:
    """A record as the bucket's leader has it; None if there is none. Raises like `put`, and DecodeError."""
    entry = await stream.stored(bus, f"KV_{bucket}", last_by=f"$KV.{bucket}.{key}")
    return msgspec.json.decode(entry.data, type=kind) if entry and entry.data else None


async def delete(bus: Bus, bucket: str, key: str) -> None:
    """Remove a record. Raises like `put`."""
    await stream.append(bus, f"$KV.{bucket}.{key}", b"", {"KV-Operation": "DEL"})


async def contents(bus: Bus, bucket: str, kind: type[Record], timeout_s: float = CONTENTS_S) -> dict[str, Record]:
    """All records of a bucket as they are now, by key. Raises Unanswered."""
    mirror = Mirror(bus, bucket, kind)
    try:
        async with asyncio.timeout(timeout_s):
            await mirror.start()
    except TimeoutError as error:
        raise Unanswered(f"bucket {bucket} cannot be read") from error
    finally:
        await mirror.stop()
    return mirror.records


class Mirror(Generic[Record]):
    """A live copy of a bucket: `records` by key. `changed(key, record or None)` is called for each change."""

    def __init__(
        self, bus: Bus, bucket: str, kind: type[Record], changed: Callable[[str, Record | None], None] | None = None
    ) -> None:
        self.records: dict[str, Record] = {}
        self.undecodable = 0
        self._prefix = len(f"$KV.{bucket}.")
        self._decode = msgspec.json.Decoder(kind).decode
        self._changed = changed
        self._follower = Follower(bus, f"KV_{bucket}", [f"$KV.{bucket}.>"], self._on_entry, latest_only=True)

    async def start(self) -> None:
        """Begin, and wait until all that is stored now is in `records`."""
        self._follower.start()
        await self._follower.caught_up.wait()

    async def stop(self) -> None:
        """Follow no more."""
        await self._follower.stop()

    def _on_entry(self, entry: Delivery) -> None:
        key = entry.subject[self._prefix :]
        gone = entry.headers is not None and ("KV-Operation" in entry.headers or "Nats-Marker-Reason" in entry.headers)
        record: Record | None = None
        if not gone:
            try:
                record = self._decode(entry.payload)
            except msgspec.DecodeError:
                self.undecodable += 1  # a newer writer's record: better the old one than none
                return
        if record is None:
            self.records.pop(key, None)
        else:
            self.records[key] = record
        if self._changed:
            self._changed(key, record)
