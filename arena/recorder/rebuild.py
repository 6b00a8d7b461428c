"""Fold the stored events into the tables again, from the first one."""

from collections.abc import Callable

from arena.bus import Bus
from arena.bus.rewind import read_events
from arena.core.projection import decode
from arena.core.records import Entry
from arena.recorder.record import Models, record
from arena.store.database import Database
from arena.store.recording import Recording, recording

CHUNK = 5_000
Progress = Callable[[str, int, int], None]  # what is done, events done, events in all


async def rebuild(database: Database, models: Models, progress: Progress, bus: Bus | None = None) -> int:
    """Drop all projections and fold again, in one transaction; returns the number of events. Raises StoreError.

    A running recorder waits meanwhile and goes on afterwards; readers see the old rows until the end. Accounts and raw
    events are not touched, except that events missing in PostgreSQL are read from the stream if a `bus` is given.
    """
    async with recording(database) as tables, tables.transaction():
        checkpoint = await tables.lock_checkpoint()
        if bus is not None:
            checkpoint = max(checkpoint, await _refill(tables, bus, progress))
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


async def _refill(tables: Recording, bus: Bus, progress: Progress) -> int:
    """Read the whole stream and add what is missing; returns the last sequence."""
    after = 0
    done = 0
    while found := await read_events(bus, after):
        entries = [Entry(event.seq, event.subject, event.at_ms, event.payload) for event in found]
        await tables.add_events(decode(entries).events)
        after = entries[-1].seq
        done += len(entries)
        progress("reading", done, done)
    return after
