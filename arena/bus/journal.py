"""Fenced appends to the log.

Every append names the sequence of the last event of its match that the writer knows; the server refuses it when there
is a newer one (ADR-8 of NATS: `Nats-Expected-Last-Subject-Sequence`).  So two runners can never both write one match.
An append whose acknowledgement does not come is sent again; because a second try of a *successful* append is refused
as well, a refusal is only believed after a look at the last event: if it carries our message id, it is ours.

Everything here is callbacks, no task and no future per append: at thousands of moves a second those cost more than
the work (docs/performance.md).
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

import msgspec

from arena.bus.connection import Bus, Fenced, Msg, TooLarge, Unanswered, Unreachable
from arena.wire import subjects

RETRY_S = 2.0  # without an acknowledgement for this long, send again
SWEEP_S = 0.5
_WRONG_LAST_SEQUENCE = 10071


class _Error(msgspec.Struct, frozen=True):
    code: int = 0
    err_code: int = 0
    description: str = ""


class _Ack(msgspec.Struct, frozen=True):
    seq: int = 0
    error: _Error | None = None


class _Stored(msgspec.Struct, frozen=True):
    """One message of a stream as `STREAM.MSG.GET` answers it."""

    subject: str
    seq: int
    data: bytes = b""
    hdrs: bytes = b""


class StoredEvent(msgspec.Struct, frozen=True):
    """An event of one match, as the log has it."""

    seq: int
    subject: str
    payload: bytes


Done = Callable[[int | Fenced], Awaitable[None]]


class _Append(msgspec.Struct):
    subject: str
    payload: bytes
    headers: dict[str, str]
    done: Done
    sent_s: float


_ack_decoder = msgspec.json.Decoder(_Ack)


class Journal:
    """The writing side of the log, over one connection. `start` before the first append."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._prefix = f"{bus.new_inbox()}."
        self._waiting: dict[str, _Append] = {}
        self.idle = asyncio.Event()  # set while everything sent is acknowledged
        self.idle.set()
        self._sent = 0
        self._sweeper: asyncio.Task[None] | None = None
        self._checks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Subscribe to the acknowledgements."""
        await self._bus.subscribe(self._prefix + "*", self._on_ack)
        self._sweeper = asyncio.create_task(self._sweep(), name="journal-sweep")

    def stop(self) -> None:
        """Stop sending again. What has no acknowledgement yet gets none."""
        for task in (self._sweeper, *self._checks):
            if task:
                task.cancel()

    @property
    def waiting(self) -> int:
        """Appends without an acknowledgement."""
        return len(self._waiting)

    async def send(
        self, game: str, match: str, kind: str, payload: bytes, *, after: int, msg_id: str, done: Done
    ) -> None:
        """Append; `done` is awaited with the event's sequence, or with Fenced. Raises TooLarge.

        after: sequence of this match's last event as the writer knows it, 0 for none. msg_id: the same for every
        try of the same event, different for every other event.
        """
        headers = {
            "Nats-Msg-Id": msg_id,
            "Nats-Expected-Last-Subject-Sequence": str(after),
            "Nats-Expected-Last-Subject-Sequence-Subject": subjects.match_events(game, match),
        }
        self._sent += 1
        token = str(self._sent)
        append = _Append(subjects.event(game, match, kind), payload, headers, done, time.monotonic())
        self._waiting[token] = append
        self.idle.clear()
        try:
            await self._transmit(token, append)
        except TooLarge:
            self._forget(token)
            raise

    async def append(self, game: str, match: str, kind: str, payload: bytes, *, after: int, msg_id: str) -> int:
        """Append, wait, and return the event's sequence. Raises Fenced or TooLarge."""
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        async def done(outcome: int | Fenced) -> None:
            if future.cancelled():
                return
            if isinstance(outcome, Fenced):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)

        await self.send(game, match, kind, payload, after=after, msg_id=msg_id, done=done)
        return await future

    async def _transmit(self, token: str, append: _Append) -> None:
        try:
            await self._bus.publish(append.subject, append.payload, self._prefix + token, append.headers)
        except Unreachable:
            return  # the sweep sends it again

    async def _on_ack(self, message: Msg) -> None:
        token = message.subject[len(self._prefix) :]
        append = self._waiting.get(token)
        if append is None or not message.data:  # a second acknowledgement, or "no responders": sent again later
            return
        ack = _ack_decoder.decode(message.data)
        if ack.error is None:
            self._forget(token)
            await append.done(ack.seq)
        elif ack.error.err_code == _WRONG_LAST_SEQUENCE:
            task = asyncio.create_task(self._settle(token, append))
            self._checks.add(task)
            task.add_done_callback(self._checks.discard)
        # every other refusal (no quorum, no space, ...) may pass: sent again later

    async def _settle(self, token: str, append: _Append) -> None:
        """The fence held: was it against us, or against the second try of an append that had succeeded?"""
        fence = append.headers["Nats-Expected-Last-Subject-Sequence-Subject"]
        try:
            last = await last_event(self._bus, fence)
        except Unanswered:
            return  # sent again later
        if not self._forget(token):
            return
        if last and append.headers["Nats-Msg-Id"].encode() in last.hdrs.split():
            await append.done(last.seq)
        else:
            await append.done(Fenced(f"{append.subject}: another writer was first"))

    def _forget(self, token: str) -> bool:
        found = self._waiting.pop(token, None) is not None
        if not self._waiting:
            self.idle.set()
        return found

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            if not self._bus.connected:
                continue
            now = time.monotonic()
            for token, append in list(self._waiting.items()):
                if now - append.sent_s >= RETRY_S:
                    append.sent_s = now
                    await self._transmit(token, append)


class _Get(msgspec.Struct, frozen=True):
    message: _Stored | None = None


async def last_event(bus: Bus, subject: str) -> _Stored | None:
    """The newest stored event on `subject` (wildcards allowed), or None. Raises Unanswered."""
    request = msgspec.json.encode({"last_by_subj": subject})
    answer = await bus.request(f"$JS.API.STREAM.MSG.GET.{subjects.EVENTS_STREAM}", request)
    return msgspec.json.decode(answer.data, type=_Get).message


async def read_match(bus: Bus, game: str, match: str, timeout_s: float = 10.0) -> list[StoredEvent]:
    """All events of a match, in order, by batched direct gets (ADR-31). Raises Unanswered."""
    found: list[StoredEvent] = []
    finished: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
    inbox = bus.new_inbox()

    def collect(message: Msg) -> None:
        headers = message.headers or {}
        if "Status" in headers:  # 204: end of this batch; 404: nothing (more)
            if not finished.done():
                if headers["Status"] not in {"204", "404"}:  # 503: nobody serves the stream now
                    finished.set_exception(Unanswered(f"the log cannot be read now: status {headers['Status']}"))
                else:
                    finished.set_result(headers["Status"] == "204" and int(headers.get("Nats-Num-Pending", 0)) > 0)
        else:
            found.append(StoredEvent(int(headers["Nats-Sequence"]), headers["Nats-Subject"], message.data))

    subscription = await bus.subscribe(inbox, collect)
    try:
        async with asyncio.timeout(timeout_s):
            more = True
            while more:
                finished = asyncio.get_running_loop().create_future()
                request = {
                    "seq": found[-1].seq + 1 if found else 1,
                    "next_by_subj": subjects.match_events(game, match),
                    "batch": 1000,
                }
                direct_get = f"$JS.API.DIRECT.GET.{subjects.EVENTS_STREAM}"
                await bus.publish(direct_get, msgspec.json.encode(request), reply=inbox)
                more = await finished
    except TimeoutError as error:
        raise Unanswered(f"no events of match {match} within {timeout_s:g} s") from error
    finally:
        await subscription.unsubscribe()
    return found
