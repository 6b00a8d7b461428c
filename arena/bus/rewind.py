"""Reading the log from a given place: a durable consumer set back, or the stored events themselves."""

import asyncio
from datetime import datetime

import msgspec

from arena.bus.connection import Bus, BusError, Msg, Unanswered
from arena.wire import subjects

BATCH = 1000


class StreamEvent(msgspec.Struct, frozen=True):
    """An event as the stream has it."""

    seq: int
    subject: str
    at_ms: int  # when it was stored
    payload: bytes


class _Error(msgspec.Struct, frozen=True):
    description: str = ""


class _Answer(msgspec.Struct, frozen=True):
    error: _Error | None = None


async def rewind(bus: Bus, consumer: str, seq: int) -> None:
    """Let the durable consumer of EVENTS deliver from `seq` on, whatever it delivered before (NATS ADR-60).

    Raises Unanswered when there is no such consumer (`arena provision` makes it) or the server is older than 2.14.
    """
    request = msgspec.json.encode({"seq": seq})
    answer = await bus.request(f"$JS.API.CONSUMER.RESET.{subjects.EVENTS_STREAM}.{consumer}", request)
    if error := msgspec.json.decode(answer.data, type=_Answer).error:
        raise BusError(f"consumer {consumer} cannot be set to {seq}: {error.description}")


async def read_events(bus: Bus, after: int, timeout_s: float = 10.0) -> list[StreamEvent]:
    """The next events of the whole log, up to 1,000, in order (NATS ADR-31). Empty at its end. Raises Unanswered."""
    found: list[StreamEvent] = []
    finished = asyncio.Event()

    def collect(message: Msg) -> None:
        headers = message.headers or {}
        if status := headers.get("Status"):
            if status in {"204", "404"}:  # end of this batch; nothing there
                finished.set()  # any other (503: the stream has no leader now) says nothing about what there is
        else:
            at_ms = _milliseconds(headers["Nats-Time-Stamp"])
            found.append(StreamEvent(int(headers["Nats-Sequence"]), headers["Nats-Subject"], at_ms, message.data))

    inbox = bus.new_inbox()
    subscription = await bus.subscribe(inbox, collect)
    request = {"seq": after + 1, "next_by_subj": subjects.EVENTS_ALL, "batch": BATCH}
    try:
        await bus.publish(f"$JS.API.DIRECT.GET.{subjects.EVENTS_STREAM}", msgspec.json.encode(request), reply=inbox)
        async with asyncio.timeout(timeout_s):
            await finished.wait()
    except TimeoutError as error:
        raise Unanswered(f"no events after {after} within {timeout_s:g} s") from error
    finally:
        await subscription.unsubscribe()
    return found


def _milliseconds(stamp: str) -> int:
    """RFC 3339 with up to nine decimals, in UTC, as the server writes it; cut, not rounded."""
    seconds, _, fraction = stamp.rstrip("Z").partition(".")
    return int(datetime.fromisoformat(seconds + "+00:00").timestamp()) * 1000 + int(fraction.ljust(3, "0")[:3])
