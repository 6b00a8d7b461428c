"""Reading a stream from a given place: a durable consumer set back, or the stored messages themselves.

Stored events come by batched direct gets (NATS ADR-31): fast, and from any server that has the stream. So an answer may
lag behind the leader's log, or stop half-way while servers change: both readers ask again until they have what the
leader has, or their time is up.
"""

import asyncio
import contextlib

import msgspec

from arena.bus.connection import Bus, Msg, Unanswered
from arena.bus.stream import ApiError, call, milliseconds, stored
from arena.wire import subjects

BATCH = 1000  # events in one answer
TRY_S = 2.0  # for one answer; while a leader is elected there is none
PAUSE_S = 0.05


class StoredEvent(msgspec.Struct, frozen=True):
    """An event as the log has it, or a message of another stream."""

    seq: int
    subject: str
    payload: bytes
    at_ms: int = 0  # when it was stored


async def rewind(bus: Bus, consumer: str, seq: int) -> None:
    """Let the durable consumer of EVENTS deliver from `seq` on, whatever it delivered before (NATS ADR-60).

    Raises ApiError, or Unanswered: there is no such consumer, or the server is older than 2.14.
    """
    await call(bus, f"CONSUMER.RESET.{subjects.EVENTS_STREAM}.{consumer}", {"seq": seq})


async def read_match(bus: Bus, game: str, match: str, timeout_s: float = 10.0) -> list[StoredEvent]:
    """All events of a match, in order, up to the last one that the log's leader has now. Raises Unanswered."""
    subject = subjects.match_events(game, match)
    found: list[StoredEvent] = []
    try:
        async with asyncio.timeout(timeout_s):
            last = await _last(bus, subject)
            while (found[-1].seq if found else 0) < last:
                more = await _batch(bus, subject, found[-1].seq if found else 0)
                found += more
                if not more:
                    await asyncio.sleep(PAUSE_S)
    except TimeoutError as error:
        raise Unanswered(f"not all events of match {match} within {timeout_s:g} s") from error
    return found


async def read_events(bus: Bus, after: int, timeout_s: float = 10.0) -> list[StoredEvent]:
    """The next events of the whole log, up to 1,000, in order; empty only at its end. Raises Unanswered."""
    try:
        async with asyncio.timeout(timeout_s):
            while True:
                found = await _batch(bus, subjects.EVENTS_ALL, after)
                if found or await _last(bus, subjects.EVENTS_ALL) <= after:
                    return found
                await asyncio.sleep(PAUSE_S)
    except TimeoutError as error:
        raise Unanswered(f"no events after {after} within {timeout_s:g} s") from error


async def read_said(bus: Bus, match: str, agent: str, after: int = 0) -> list[StoredEvent]:
    """What an agent said in a match, behind a sequence of SAID, up to 1,000 messages; as far as the server has it."""
    return await _batch(bus, subjects.SAY.any(match=match, agent=agent), after, subjects.SAID_STREAM)


async def _last(bus: Bus, subject: str) -> int:
    """Sequence of the last event on `subject`, by the leader's word; 0 for none. Asks until there is an answer."""
    while True:
        try:
            last = await stored(bus, subjects.EVENTS_STREAM, last_by=subject, timeout_s=TRY_S)
            return last.seq if last else 0
        except (Unanswered, ApiError):
            await asyncio.sleep(PAUSE_S)


async def _batch(bus: Bus, subject: str, after: int, stream: str = subjects.EVENTS_STREAM) -> list[StoredEvent]:
    """Messages on `subject` behind `after`, without gaps, from whichever server answers. Empty if none does."""
    found: list[StoredEvent] = []
    finished = asyncio.Event()

    def collect(message: Msg) -> None:
        headers = message.headers or {}
        if "Status" in headers:  # 204: end of this answer; 404: nothing there; 503: nobody serves the stream now
            finished.set()
        elif not finished.is_set():
            if int(headers["Nats-Last-Sequence"]) != (found[-1].seq if found else 0):
                finished.set()  # one before it was lost between two servers: what came until then is good
                return
            at_ms = milliseconds(headers["Nats-Time-Stamp"])
            found.append(StoredEvent(int(headers["Nats-Sequence"]), headers["Nats-Subject"], message.data, at_ms))

    inbox = bus.new_inbox()
    subscription = await bus.subscribe(inbox, collect)
    request = {"seq": after + 1, "next_by_subj": subject, "batch": BATCH}
    try:
        await bus.publish(f"$JS.API.DIRECT.GET.{stream}", msgspec.json.encode(request), reply=inbox)
        with contextlib.suppress(TimeoutError):  # a server died over it: what came until then is good
            async with asyncio.timeout(TRY_S):
                await finished.wait()
    finally:
        await subscription.unsubscribe()
    return found
