"""Fenced appends to the log.

Every append names the sequence of the last event of its match that the writer knows; the server refuses it when there
is a newer one (ADR-8 of NATS: `Nats-Expected-Last-Subject-Sequence`).  So two runners can never both write one match.
An append whose acknowledgement does not come is sent again; because a second try of a *successful* append is refused
as well, a refusal is only believed after a look at the last event: if it carries our message id, it is ours; if it is
not newer than what we know, then what we were refused for is not stored (it may be on its way in a cluster), and we try
again.  So an append ends in a sequence or in Fenced, and in nothing else: no server, no leader and no space left are
waited out, counted, and logged once each.

Everything here is callbacks, no task and no future per append: at thousands of moves a second those cost more than
the work (docs/performance.md).
"""

import asyncio
import time
from collections.abc import Callable

import msgspec
import prometheus_client
import structlog

from arena.bus.connection import Bus, BusError, Fenced, Msg, TooLarge, Unreachable
from arena.bus.stream import stored
from arena.wire import subjects

RETRY_S = 2.0  # without an acknowledgement for this long, send again
SWEEP_S = 0.5
QUIET_S = 5.0  # connected, and no answer at all for this long: somebody should look at the server
LOST_S = 10.0  # the log has less of a match than we know, for this long: it has lost what it acknowledged
_WRONG_LAST_SEQUENCE = 10071

REFUSED = prometheus_client.Counter(
    "arena_journal_refused", "Appends that the log refused and that are sent again, by JetStream's error.", ["code"]
)
SENT_AGAIN = prometheus_client.Counter("arena_journal_sent_again", "Appends sent once more.")
OLDEST = prometheus_client.Gauge("arena_journal_oldest_seconds", "How long the oldest append waits to be acknowledged.")
_SILENCE = 0  # in the place of an error code

log = structlog.get_logger("journal")


class _Error(msgspec.Struct, frozen=True):
    err_code: int = 0
    description: str = ""


class _Ack(msgspec.Struct, frozen=True):
    seq: int = 0
    error: _Error | None = None


Done = Callable[[int | Fenced], None]


class _Append(msgspec.Struct):
    subject: str
    payload: bytes
    headers: bytes
    done: Done
    fence: str  # the match's subjects
    after: int  # sequence of the last event there
    msg_id: str
    began_s: float
    sent_s: float
    doubted_s: float = 0.0  # since when the log refuses it without having anything newer


_HEADERS = (
    "NATS/1.0\r\nNats-Msg-Id: %s\r\nNats-Expected-Last-Subject-Sequence: %d\r\n"
    "Nats-Expected-Last-Subject-Sequence-Subject: %s\r\n\r\n"
)
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
        self._complaints: set[int] = set()  # what was logged, and lasts: error codes

    async def start(self) -> None:
        """Subscribe to the acknowledgements."""
        self._bus.on_up.append(self._on_up)
        await self._bus.subscribe(self._prefix + "*", self._on_ack)
        self._sweeper = asyncio.create_task(self._sweep(), name="journal-sweep")

    def stop(self) -> None:
        """Stop sending again. What has no acknowledgement yet gets none."""
        if self._on_up in self._bus.on_up:
            self._bus.on_up.remove(self._on_up)
        for task in (self._sweeper, *self._checks):
            if task:
                task.cancel()

    @property
    def waiting(self) -> int:
        """Appends without an acknowledgement."""
        return len(self._waiting)

    def send(self, game: str, match: str, kind: str, payload: bytes, *, after: int, msg_id: str, done: Done) -> None:
        """Append; `done` is called with the event's sequence, or with Fenced. Raises TooLarge.

        after: sequence of this match's last event as the writer knows it, 0 for none. msg_id: the same for every
        try of the same event, different for every other event.
        """
        fence = subjects.match_events(game, match)
        headers = _HEADERS % (msg_id, after, fence)
        now = time.monotonic()
        self._sent += 1
        token = str(self._sent)
        append = _Append(
            subjects.event(game, match, kind), payload, headers.encode(), done, fence, after, msg_id, now, now
        )
        self._waiting[token] = append
        self.idle.clear()
        try:
            self._transmit(token, append)
        except TooLarge:
            self._forget(token)
            raise

    async def append(self, game: str, match: str, kind: str, payload: bytes, *, after: int, msg_id: str) -> int:
        """Append, wait, and return the event's sequence. Raises Fenced or TooLarge."""
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def done(outcome: int | Fenced) -> None:
            if future.cancelled():
                return
            if isinstance(outcome, Fenced):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)

        self.send(game, match, kind, payload, after=after, msg_id=msg_id, done=done)
        return await future

    def _transmit(self, token: str, append: _Append) -> None:
        try:
            self._bus.post(append.subject, append.payload, self._prefix + token, append.headers)
        except Unreachable:
            return  # the sweep sends it again

    async def _on_ack(self, message: Msg) -> None:
        token = message.subject[len(self._prefix) :]
        append = self._waiting.get(token)
        if append is None:  # a second acknowledgement
            return
        if not message.data:  # no responders: the stream is not there yet. The next sweep sends it again
            append.sent_s = 0.0
            return
        ack = _ack_decoder.decode(message.data)
        if ack.error is None:
            self._forget(token)
            if self._complaints:
                self._complaints.clear()
                log.info("the log takes events again", waiting=self.waiting)
            append.done(ack.seq)
            await self._bus.give_way()
        elif ack.error.err_code == _WRONG_LAST_SEQUENCE:
            task = asyncio.create_task(self._settle(token, append))
            self._checks.add(task)
            task.add_done_callback(self._checks.discard)
        else:
            self._refused(ack.error, append)

    def _refused(self, error: _Error, append: _Append) -> None:
        """No space, no quorum, ...: sent again until it passes; somebody may have to do something for that."""
        REFUSED.labels(error.err_code).inc()
        self._complain(error.err_code, error.description, append)

    def _complain(self, code: int, error: str, append: _Append) -> None:
        """Once for each cause, until the log takes events again."""
        if code not in self._complaints:
            self._complaints.add(code)
            log.error(
                "the log takes no events; trying on",
                error=error,
                code=code,
                subject=append.subject,
                waiting=self.waiting,
                hint="is the server's disk full? Its log says so; restart it when there is room",
            )

    async def _settle(self, token: str, append: _Append) -> None:
        """The fence held: was it against us, or against the second try of an append that had succeeded?"""
        try:
            last = await stored(self._bus, subjects.EVENTS_STREAM, last_by=append.fence)
        except BusError:
            return  # sent again later
        seq = last.seq if last else 0
        ours = last is not None and append.msg_id.encode() in last.headers.split()
        if not ours and seq <= append.after and not self._is_lost(append, seq):
            return  # sent again later
        if self._forget(token):
            append.done(seq if ours else Fenced(f"{append.subject}: another writer was first"))

    def _is_lost(self, append: _Append, seq: int) -> bool:
        """Whether the log misses what it acknowledged (as after a power loss), and not only for a moment."""
        now = time.monotonic()
        append.doubted_s = append.doubted_s or now
        lost = now - append.doubted_s > LOST_S
        if lost:
            log.error("the log has lost events", subject=append.subject, known=append.after, stored=seq)
        return lost

    def _forget(self, token: str) -> bool:
        found = self._waiting.pop(token, None) is not None
        if not self._waiting:
            self.idle.set()
        return found

    def _on_up(self) -> None:
        """What was on its way when the connection broke may be lost: the next sweep sends it again."""
        for append in self._waiting.values():
            append.sent_s = 0.0

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            try:
                await self._send_again(time.monotonic())
            except Exception:  # whatever it is: a journal that sends nothing again loses matches in silence
                log.exception("appends were not sent again; trying on")

    async def _send_again(self, now: float) -> None:
        oldest = next(iter(self._waiting.values()), None)
        OLDEST.set(now - oldest.began_s if oldest else 0.0)
        if not self._bus.connected:
            return
        if oldest and now - oldest.began_s > QUIET_S:
            self._complain(_SILENCE, f"no answer within {QUIET_S:g} s", oldest)
        for token, append in list(self._waiting.items()):
            if now - append.sent_s >= RETRY_S:
                append.sent_s = now
                SENT_AGAIN.inc()
                self._transmit(token, append)
        await self._bus.give_way()
