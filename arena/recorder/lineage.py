"""Is the log still the one that the tables were made from?

A stream that lost its tail (power loss), or was made anew, numbers its events from an earlier place again. A recorder
that read on would skip what has a number the tables have already, and add the rest: two logs mixed into one. So before
anything is written, the newest recorded events are compared with what the stream has under their numbers.
"""

from arena.bus import Bus, stream
from arena.core.records import Entry
from arena.store.recording import Recording
from arena.wire.subjects import EVENTS_STREAM

COMPARED = 8  # an operator may have removed an event: the newest one that both have decides
WAY_OUT = (
    "restore the stream from its backup, and recording goes on by itself; or, if the stream is right, run "
    "`arena rebuild --from-log --replace FILE` (docs/operations.md)"
)


class ForeignLog(Exception):
    """The stream is not the log that the tables were made from, or ends before them. The message says what to do."""


async def check(bus: Bus, tables: Recording) -> None:
    """Compare the end of the tables with the stream. Raises ForeignLog, StoreError or BusError."""
    checkpoint = await tables.checkpoint()
    if checkpoint == 0:
        return
    state = await stream.state(bus, EVENTS_STREAM)
    if state.last_seq < checkpoint:
        raise ForeignLog(
            f"stream {EVENTS_STREAM} ends at {state.last_seq}, the tables at {checkpoint}: it lost its end, or is "
            f"another one; {WAY_OUT}"
        )
    for recorded in await tables.newest_events(COMPARED):
        found = await stream.stored(bus, EVENTS_STREAM, seq=recorded.seq) if recorded.seq >= state.first_seq else None
        if found is None:
            continue
        if not same(recorded, found.subject, found.data):
            raise ForeignLog(
                f"event {recorded.seq} is {found.subject} in stream {EVENTS_STREAM}, and another one in the tables "
                f"({recorded.subject}): the stream is not the one they were made from; {WAY_OUT}"
            )
        return


def same(recorded: Entry, subject: str, payload: bytes) -> bool:
    """Whether an event of the tables is this one of the stream."""
    return (recorded.subject, recorded.payload) == (subject, payload)
