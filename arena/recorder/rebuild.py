"""Fold the stored events into the tables again, from the first one."""

from collections.abc import Callable

from arena.bus import Bus, stream
from arena.bus.rewind import read_events
from arena.core.projection import decode
from arena.core.records import Entry
from arena.recorder import lineage
from arena.recorder.record import Models, record
from arena.store.database import Database
from arena.store.recording import Recording, recording
from arena.wire.subjects import EVENTS_STREAM

CHUNK = 5_000
Progress = Callable[[str, int, int], None]  # what is done, events done, events in all
Removed = Callable[[Entry], None]


async def rebuild(
    database: Database, models: Models, progress: Progress, bus: Bus | None = None, removed: Removed | None = None
) -> int:
    """Drop all projections and fold again, in one transaction; returns the number of events.

    A running recorder waits meanwhile and goes on afterwards; readers see the old rows until the end. Accounts and raw
    events are not touched, except that events missing in PostgreSQL are read from the stream if a `bus` is given.
    With `removed` the stream is right wherever the two differ: what PostgreSQL has and the stream has not is given to
    `removed`, event by event, and deleted. Raises StoreError, BusError, and ForeignLog if they differ without it.
    """
    async with recording(database) as tables, tables.transaction():
        checkpoint = await tables.lock_checkpoint()
        if bus is not None:
            if removed is None:
                await lineage.check(bus, tables)
                checkpoint = max(checkpoint, await _refill(tables, bus, progress, None))
            else:
                checkpoint = await _refill(tables, bus, progress, removed)
        await tables.clear()
        count, _ = await tables.count_events()
        done = after = 0
        while entries := await tables.events(after, CHUNK):
            await record(tables, entries, models, stored=True)
            after = entries[-1].seq
            done += len(entries)
            progress("folding", done, count)
        await tables.move_checkpoint(max(checkpoint, after))
        await tables.tell_rebuilt()
    return done


async def _refill(tables: Recording, bus: Bus, progress: Progress, removed: Removed | None) -> int:
    """Read the whole stream and add what is missing; returns the last sequence."""
    first = (await stream.state(bus, EVENTS_STREAM)).first_seq
    after = max(0, first - 1)  # what is older than the stream's first event is only in PostgreSQL, and stays
    done = 0
    while found := await read_events(bus, after):
        entries = [Entry(event.seq, event.subject, event.at_ms, event.payload) for event in found]
        if removed is not None:
            await _remove_others(tables, after, entries, removed)
        await tables.add_events(decode(entries).events)
        after = entries[-1].seq
        done += len(entries)
        progress("reading", done, done)
    if removed is not None:
        while beyond := await tables.events(after, CHUNK):
            await _remove(tables, beyond, removed)
    return after


async def _remove_others(tables: Recording, after: int, entries: list[Entry], removed: Removed) -> None:
    """Of the sequences up to the last of `entries`: remove the recorded events that the stream has not."""
    right = {entry.seq: entry for entry in entries}
    last = entries[-1].seq
    while recorded := [entry for entry in await tables.events(after, CHUNK) if entry.seq <= last]:
        after = recorded[-1].seq
        wrong = [
            entry
            for entry in recorded
            if not (same := right.get(entry.seq)) or not lineage.same(entry, same.subject, same.payload)
        ]
        await _remove(tables, wrong, removed)


async def _remove(tables: Recording, entries: list[Entry], removed: Removed) -> None:
    for entry in entries:
        removed(entry)
    await tables.delete_events([entry.seq for entry in entries])
