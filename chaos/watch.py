"""The log as it grows, seen by the suite itself: which matches run where, and when things went on after a fault."""

import asyncio
import time
from collections.abc import Callable, Iterable

import asyncpg
import msgspec

from arena.bus import Bus
from arena.bus.pull import Delivery, Follower
from arena.bus.rewind import read_events
from arena.core.records import Entry
from arena.store.database import StoreError, translated
from arena.wire import subjects

POLL_S = 0.05


class _Claimed(msgspec.Struct, frozen=True):
    runner: str = ""


class _Seat(msgspec.Struct, frozen=True):
    agent: str = ""


class _Created(msgspec.Struct, frozen=True):
    seats: list[_Seat] = []


class Watch:
    """Reads along. What it saw must be in the log at the end, byte for byte."""

    def __init__(self, bus: Bus) -> None:
        self.entries: list[Entry] = []
        self.created = 0
        self.running: dict[str, str] = {}  # match -> the runner that claimed it last
        self.seats: dict[str, list[str]] = {}  # match -> agents
        self._changed = asyncio.Event()
        self._follower = Follower(bus, subjects.EVENTS_STREAM, [subjects.EVENTS_ALL], self._on)

    async def start(self) -> None:
        """Begin to read."""
        self._follower.start()
        await self._follower.caught_up.wait()

    async def stop(self) -> None:
        """Read no more."""
        await self._follower.stop()

    def _on(self, delivery: Delivery) -> None:
        entry = Entry(delivery.seq, delivery.subject, delivery.at_ms, delivery.payload)
        self.entries.append(entry)
        _, match, kind = subjects.split_event(entry.subject)
        if kind == "created":
            self.created += 1
            self.running[match] = ""
            self.seats[match] = [seat.agent for seat in msgspec.json.decode(entry.payload, type=_Created).seats]
        elif kind == "claimed" and match in self.running:
            self.running[match] = msgspec.json.decode(entry.payload, type=_Claimed).runner
        elif kind in {"ended", "voided"}:
            self.running.pop(match, None)
        self._changed.set()

    @property
    def last_seq(self) -> int:
        """The newest event's."""
        return self.entries[-1].seq if self.entries else 0

    def held_by(self, runner: str) -> list[str]:
        """Matches that this runner plays now."""
        return [match for match, holder in self.running.items() if holder == runner and runner]

    def played_by(self, agent: str) -> list[str]:
        """Matches in which this agent has a seat now."""
        return [match for match in self.running if agent in self.seats[match]]

    async def until(self, true: Callable[[], bool], timeout_s: float) -> bool:
        """Wait until it is true of what was read; False if it was not in time."""
        try:
            async with asyncio.timeout(timeout_s):
                while not true():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True


async def whole_log(bus: Bus) -> list[Entry]:
    """All there is, read at once."""
    found: list[Entry] = []
    while batch := await read_events(bus, found[-1].seq if found else 0):
        found += [Entry(event.seq, event.subject, event.at_ms, event.payload) for event in batch]
    return found


def next_of(entries: Iterable[Entry], matches: set[str], kinds: set[str], after_ms: int) -> dict[str, int]:
    """For each of these matches, milliseconds from `after_ms` to its next event of these kinds, where there is one.

    A match that was over before that counts for nothing: it waited for nobody.
    """
    found: dict[str, int] = {}
    over: set[str] = set()
    for entry in entries:
        _, match, kind = subjects.split_event(entry.subject)
        if entry.at_ms < after_ms or match not in matches or match in found or match in over:
            continue
        if kind in kinds:
            found[match] = entry.at_ms - after_ms
        elif kind in {"ended", "voided"}:
            over.add(match)
    return found


def next_any(entries: Iterable[Entry], kind: str, after_ms: int) -> int | None:
    """Milliseconds from `after_ms` to the next event of this kind in any match."""
    return next(
        (entry.at_ms - after_ms for entry in entries if entry.at_ms >= after_ms and entry.subject.endswith(kind)), None
    )


async def checkpoint(database_url: str) -> int:
    """How far the tables are. -1 while the database cannot say."""
    try:
        with translated():
            connection = await asyncpg.connect(database_url, timeout=2)
            try:
                return int(await connection.fetchval("SELECT last_seq FROM checkpoint", timeout=2) or 0)
            finally:
                connection.terminate()
    except StoreError:
        return -1


async def tables_reach(database_url: str, seq: int, timeout_s: float) -> float | None:
    """Milliseconds until the tables have this event; None if they did not in time."""
    began = time.monotonic()
    try:
        async with asyncio.timeout(timeout_s):
            while await checkpoint(database_url) < seq:  # noqa: ASYNC110 - tables give no signal
                await asyncio.sleep(POLL_S)
    except TimeoutError:
        return None
    return (time.monotonic() - began) * 1000
