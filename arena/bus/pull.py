"""Reading streams: pull consumers with one subscription each, by the plain protocol (ADR-37).

`Pull` asks a consumer for messages and calls back; nats-py's `fetch` makes a task and a timer a batch and takes a
deleted consumer (409) for an empty one. `Follower` keeps an ordered reading of a stream alive across anything.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import structlog
from nats.errors import Error as NatsError

from arena.bus.connection import Bus, Msg
from arena.bus.stream import ApiError, call, stored

IDLE_HEARTBEAT_S = 1.0
SILENCE_S = 2.5 * IDLE_HEARTBEAT_S  # nothing heard for this long: the server that had the consumer is gone
EXPIRES_S = 30.0
OPEN_S, OPEN_S_MAX = 1.0, 5.0  # for one try to make a consumer: it may be placed on a server that has just died
INACTIVE_S = 10.0  # a follower's consumer goes, so long after nothing was asked of it any more
BATCH = 512  # messages a follower asks for at a time
TIME_IS_UP = "408"  # the one status after which the consumer is still there

log = structlog.get_logger("bus")


class Delivery(msgspec.Struct, frozen=True):
    """One message of a consumer."""

    subject: str
    payload: bytes
    seq: int  # in the stream
    attempt: int  # 1 for the first delivery
    at_ms: int  # when the stream stored it, ms since the epoch
    pending: int  # messages behind this one
    reply: str  # where acknowledgements go
    headers: dict[str, str] | None
    order: int  # 1 for the first message of this consumer, without gaps


def delivery(message: Msg) -> Delivery:
    """Parse the acknowledgement subject: $JS.ACK.<stream>.<consumer>.<attempt>.<seq>.<consumer seq>.<ns>.<pending>."""
    tokens = message.reply.split(".")
    return Delivery(
        message.subject,
        message.data,
        int(tokens[5]),
        int(tokens[4]),
        int(tokens[7]) // 1_000_000,
        int(tokens[8]),
        message.reply,
        message.headers,
        int(tokens[6]),
    )


class Pull:
    """The reading end of one pull consumer. `on_end(status, unfilled)` is called when a request ends unfilled.

    on_idle: called with each idle heartbeat, with the order of the last message that the consumer sent.
    """

    def __init__(
        self,
        bus: Bus,
        stream: str,
        consumer: str,
        on_message: Callable[[Delivery], Any],
        on_end: Callable[[str, int], None],
        on_idle: Callable[[int], None] | None = None,
    ) -> None:
        self._bus = bus
        self._next = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"
        self._on_message = on_message
        self._on_end = on_end
        self._on_idle = on_idle
        self._subscription: Any = None
        self._inbox = bus.new_inbox()
        self.heard_s = time.monotonic()

    async def start(self) -> None:
        """Subscribe to what the consumer sends."""
        self._subscription = await self._bus.subscribe(self._inbox, self._on)

    async def stop(self) -> None:
        """Hear no more. Messages on their way are delivered again to somebody else after their ack_wait."""
        if self._subscription is not None and not self._bus.client.is_closed:
            with contextlib.suppress(NatsError):  # the connection is going away, and the subscription with it
                await self._subscription.unsubscribe()

    async def ask(self, batch: int, expires_s: float = EXPIRES_S, heartbeat: bool = True) -> None:
        """Ask for up to `batch` messages, as they come, for `expires_s` seconds."""
        request: dict[str, int] = {"batch": batch, "expires": int(expires_s * 1e9)}
        if heartbeat and expires_s > 2 * IDLE_HEARTBEAT_S:
            request["idle_heartbeat"] = int(IDLE_HEARTBEAT_S * 1e9)
        self.heard_s = time.monotonic()
        await self._bus.publish(self._next, msgspec.json.encode(request), reply=self._inbox)

    async def ack(self, reply: str) -> None:
        """This message is done with (and, under AckPolicy.ALL, all before it)."""
        await self._bus.publish(reply, b"+ACK")

    def _on(self, message: Msg) -> Any:
        self.heard_s = time.monotonic()
        status = (message.headers or {}).get("Status")
        if status is None:
            return self._on_message(delivery(message))
        if status == "100":
            if self._on_idle:
                self._on_idle(int((message.headers or {}).get("Nats-Last-Consumer", 0)))
        else:  # 404 no messages, 408 time is up, 409 deleted or limit, 503 no such consumer
            self._on_end(status, int((message.headers or {}).get("Nats-Pending-Messages", 0)))
        return None


class Follower:
    """Reads a stream in order from a sequence on, without gaps or repeats, across reconnects and lost consumers."""

    def __init__(
        self,
        bus: Bus,
        stream: str,
        filters: Sequence[str],
        handler: Callable[[Delivery], None],
        *,
        after: int = 0,
        latest_only: bool = False,
    ) -> None:
        self._bus = bus
        self._stream = stream
        self._filters = list(filters)
        self._handler = handler
        self._latest_only = latest_only
        self.seq = after  # of the last message handled
        self.caught_up = asyncio.Event()
        self._goal: int | None = None  # the last message that was there at the beginning
        self._broken = False
        self._wake = asyncio.Event()
        self._wanted = 0
        self._order = 0
        self._open_s = OPEN_S
        self._stopped = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, in a task of its own. `caught_up` is set when all that was there at the beginning was handled."""
        self._bus.on_down.append(self._on_down)
        self._task = asyncio.create_task(self._run(), name=f"follow-{self._stream}")

    async def stop(self) -> None:
        """Stop reading."""
        if self._on_down in self._bus.on_down:
            self._bus.on_down.remove(self._on_down)
        self._stopped = True  # nats-py may swallow the cancellation
        self._wake.set()
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        problem = ""
        while not self._stopped:
            pull: Pull | None = None
            try:
                pull = await self._open()
                self._open_s = OPEN_S
                await self._read(pull)
            except Exception as error:  # noqa: BLE001 - whatever it is: a reader that ends in silence is worse
                self._open_s = min(self._open_s * 2, OPEN_S_MAX)
                cause = str(error.code) if isinstance(error, ApiError) else str(error)
                if cause != problem:  # open another one, from where this one stood
                    problem = cause
                    log.warning("a stream cannot be read; trying on", stream=self._stream, error=str(error))
            finally:
                if pull:
                    await pull.stop()
            await asyncio.sleep(0.2)

    async def _look(self) -> None:
        """Learn how far there is to go, from the stream's leader: a consumer knows only what its own server has yet."""
        last = [await stored(self._bus, self._stream, last_by=name, timeout_s=self._open_s) for name in self._filters]
        self._goal = max((message.seq for message in last if message), default=0)
        if self.seq >= self._goal:
            self.caught_up.set()

    async def _open(self) -> Pull:
        if self._goal is None:
            await self._look()
        config: dict[str, Any] = {
            "ack_policy": "none",
            "replay_policy": "instant",
            "inactive_threshold": int(INACTIVE_S * 1e9),
            "mem_storage": True,
            "num_replicas": 1,
            "filter_subjects": self._filters,
        }
        if self.seq:
            config |= {"deliver_policy": "by_start_sequence", "opt_start_seq": self.seq + 1}
        else:
            config |= {"deliver_policy": "last_per_subject" if self._latest_only else "all"}
        name = self._bus.new_inbox().rpartition(".")[2]
        request = {"stream_name": self._stream, "config": config | {"name": name}, "action": "create"}
        await call(self._bus, f"CONSUMER.CREATE.{self._stream}.{name}", request, self._open_s)
        self._broken = False
        self._order = 0
        pull = Pull(self._bus, self._stream, name, self._on_message, self._on_end, self._on_idle)
        await pull.start()
        return pull

    async def _read(self, pull: Pull) -> None:
        """Keep between half a batch and one and a half asked for. Returns when the consumer is lost."""
        self._wanted = 0
        while not (self._broken or self._stopped):
            self._wake.clear()
            if self._wanted <= BATCH // 2:
                self._wanted += BATCH
                await pull.ask(BATCH)
            try:
                async with asyncio.timeout(IDLE_HEARTBEAT_S):
                    await self._wake.wait()
            except TimeoutError:
                if time.monotonic() - pull.heard_s > SILENCE_S:
                    return
                if not self.caught_up.is_set():
                    await self._look()  # what was last then may have been deleted since

    def _on_message(self, delivery: Delivery) -> None:
        if self._broken or delivery.order != self._order + 1:  # one was lost with a connection: read it again
            self._broken = True
            self._wake.set()
            return
        self._order += 1
        self._wanted -= 1
        if self._wanted == BATCH // 2:
            self._wake.set()
        if delivery.seq > self.seq:
            self.seq = delivery.seq
            self._handler(delivery)
        if self._goal is not None and self.seq >= self._goal:
            self.caught_up.set()

    def _on_idle(self, last: int) -> None:
        """The consumer has nothing more: if its last message did not arrive, it was lost on its way."""
        if last > self._order:
            self._broken = True
            self._wake.set()

    def _on_down(self) -> None:
        """What was on its way is lost, and the server has forgotten what was asked for: open another consumer."""
        self._broken = True
        self._wake.set()

    def _on_end(self, status: str, unfilled: int) -> None:
        self._wanted -= unfilled
        self._broken = self._broken or status != TIME_IS_UP
        self._wake.set()
