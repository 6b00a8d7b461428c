"""One connection to NATS, with the settings and the guards that nats-py needs (docs/decisions/0004-nats-py.md)."""

import asyncio
import inspect
import ssl
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import prometheus_client
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from nats.errors import NoRespondersError, SlowConsumerError
from nats.js import JetStreamContext

Handler = Callable[[Msg], Awaitable[None] | None]

CONNECT_TIMEOUT_S = 5.0
PENDING_MESSAGES_MAX = 65_536  # of one subscription, not handled yet; the newest beyond are dropped, and counted
PENDING_BYTES_MAX = 64 * 1024 * 1024
OFFLINE_BYTES_MAX = 64 * 1024  # written while there is no connection, and sent after it; more is refused
UNSENT_BYTES_MAX = 8 * 1024 * 1024  # that an open connection does not take; more is refused
BURST_BYTES = 64 * 1024  # sent together; see `give_way`
SAY_AGAIN_S = 10.0  # the same error is logged once in this time
ERRORS_MAX = 100  # different ones remembered for that

ERRORS = prometheus_client.Counter("arena_bus_errors", "What the NATS client reported.", ["kind"])
DROPPED = prometheus_client.Counter("arena_bus_dropped", "Messages dropped because a subscription's queue was full.")

log = structlog.get_logger("bus")


class BusError(Exception):
    """Something about NATS.

    BusError
    +-- Unreachable    no connection could be made in time, or it was closed for good
    +-- Unanswered     nobody answered a request in time
    |   +-- NobodyListens  nobody could: the server said so at once
    +-- Fenced         another writer was first
    +-- TooLarge       the message is larger than the server takes
    """


class Unreachable(BusError):
    """No server answered at this address, or it refused the credentials. Check ARENA_NATS_URL and the .creds file."""


class Unanswered(BusError):
    """The request had no answer in time: nobody listens, or the server denied it."""


class NobodyListens(Unanswered):
    """The server knows nobody who listens on the subject: the request was not heard, and may be repeated."""


class Fenced(BusError):
    """The log moved on: another process owns this match now. Stop writing to it."""


class TooLarge(BusError):
    """The message is larger than the server takes; it was not sent. A game's observation, or too many big actions."""


class Bus:
    """A connection. Create it with `connect`; `closed` is set when it is gone for good (revoked, expired, drained)."""

    def __init__(self, client: Client, inbox: str) -> None:
        self.client = client
        self.inbox = inbox
        self.closed = asyncio.Event()
        self.on_down: list[Callable[[], None]] = []
        self.on_up: list[Callable[[], None]] = []
        self._nobody_waits: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._nobody_waits.set_result(None)
        self.errors = 0
        self.last_error: Exception | None = None

    @property
    def jetstream(self) -> JetStreamContext:
        """The stream API, for what is done rarely."""
        return self.client.jetstream(timeout=5)

    @property
    def connected(self) -> bool:
        """Whether there is a server at the other end now."""
        return self.client.is_connected

    @property
    def subscriptions(self) -> int:
        """How many there are now, the client's own included."""
        return len(self.client._subs)

    def new_inbox(self) -> str:
        """A subject of our own that nobody else may read."""
        return self.client.new_inbox()

    async def publish(self, subject: str, payload: bytes, reply: str = "") -> None:
        """Send a message. Raises Unreachable when it can be neither sent nor buffered, and TooLarge."""
        self.post(subject, payload, reply)
        if self.client.pending_data_size > OFFLINE_BYTES_MAX:
            try:  # whoever sends without end waits for the server
                await self.client._flush_pending(force_flush=True)
            except (NatsError, OSError) as error:
                raise Unreachable(f"cannot publish: {_words(error)}") from error

    def post(self, subject: str, payload: bytes, reply: str = "", headers: bytes = b"") -> None:
        """As `publish`, without waiting: for who sends one message for each that comes, and calls `give_way` between.

        headers: as on the wire. nats-py's own `publish` is a coroutine in a coroutine in a coroutine, and checks
        subjects and headers that are right by construction: a tenth of a runner's time.
        """
        client = self.client
        unsent = client._pending_data_size
        if unsent > UNSENT_BYTES_MAX:
            raise Unreachable("cannot publish: the server takes nothing")
        size = len(headers) + len(payload)
        connected = client.is_connected
        if not connected and (client.is_closed or unsent + size > OFFLINE_BYTES_MAX):
            raise Unreachable("cannot publish: there is no connection")
        if size > client.max_payload:
            raise TooLarge(f"{len(payload):,} bytes for {subject}; expected {client.max_payload:,}")
        if headers:
            command = b"%b%b%b\r\n" % (f"HPUB {subject} {reply} {len(headers)} {size}\r\n".encode(), headers, payload)
        else:
            command = b"%b%b\r\n" % (f"PUB {subject} {reply} {size}\r\n".encode(), payload)
        client._pending.append(command)
        client._pending_data_size = unsent + len(command)
        flusher = client._flush_queue
        if connected and flusher is not None and flusher.empty():
            flusher.put_nowait(self._nobody_waits)  # wakes it

    async def give_way(self) -> None:
        """Let what was posted go out, if it is much.

        A burst of messages is handled without a pause: who is to answer the first would wait until the last is done.
        """
        if self.client._pending_data_size > BURST_BYTES:
            await asyncio.sleep(0)

    async def subscribe(self, subject: str, handler: Handler, queue: str = "") -> Subscription:
        """Call `handler` for each message. An exception in it is logged, and ends nothing."""

        async def call(message: Msg) -> None:
            result = handler(message)
            if result is not None:
                await result

        return await self.client.subscribe(
            subject,
            queue=queue,
            cb=handler if inspect.iscoroutinefunction(handler) else call,
            pending_msgs_limit=PENDING_MESSAGES_MAX,
            pending_bytes_limit=PENDING_BYTES_MAX,
        )

    async def request(
        self, subject: str, payload: bytes = b"", timeout_s: float = 5.0, headers: dict[str, str] | None = None
    ) -> Msg:
        """Ask, and wait for one answer. Raises Unanswered."""
        try:
            async with asyncio.timeout(timeout_s):
                return await self.client.request(subject, payload, timeout=timeout_s * 2, headers=headers)
        except NoRespondersError as error:
            raise NobodyListens(f"nobody listens on {subject}") from error
        except (TimeoutError, NatsError) as error:
            raise Unanswered(f"no answer on {subject} within {timeout_s:g} s") from error

    async def reconnect(self) -> None:
        """Give this connection up and make another one: it is open, but nothing answers."""
        await self.client.force_reconnect()

    async def barrier(self) -> None:
        """Wait until the server has taken all that was sent before; nats-py's flush alone does not."""
        await asyncio.sleep(0)
        await self.client.flush(timeout=5)
        await self.client.flush(timeout=5)

    async def close(self) -> None:
        """Send what is buffered and close."""
        if not self.client.is_closed:
            try:
                if self.client.is_connected:
                    await self.barrier()
            except (NatsError, TimeoutError, OSError):
                pass  # the server is gone: there is nobody to send it to
            if not self.client.is_connected:
                self.client._pending_data_size = 0  # nats-py would send it now, raise, and leave its tasks behind
            await self.client.close()


def _words(error: Exception) -> str:
    """What an error says, or at least what it is."""
    return str(error) or type(error).__name__


def _foreign(error: Exception) -> Exception | None:
    """The error if it came out of a handler of ours: its traceback is wanted."""
    return None if isinstance(error, NatsError | OSError) else error


class _Complaints:
    """Counts what the client reports, and logs each thing once in a while: a full queue reports every message."""

    def __init__(self) -> None:
        self._said_s: dict[str, float] = {}

    def say(self, error: Exception) -> None:
        ERRORS.labels(type(error).__name__).inc()
        words = key = _words(error)
        if isinstance(error, SlowConsumerError):
            DROPPED.inc()
            key = f"subscription {error.sid}"
            words = f"a queue is full, as of {error.subject}: messages are dropped, and read or asked for again"
        now = time.monotonic()
        if now - self._said_s.get(key, -SAY_AGAIN_S) < SAY_AGAIN_S:
            return
        if len(self._said_s) >= ERRORS_MAX:
            self._said_s.clear()
        self._said_s[key] = now
        log.warning("nats error", error=words, exc_info=_foreign(error))


def _tls(url: str, creds: Path | None) -> dict[str, Any]:
    """How to speak TLS: always verified, by `ca.pem` beside the credentials or else by the system's CAs.

    With tls:// it begins at once. After the server's INFO it would be too late: who stands between could leave out
    that TLS is required, and nats-py would go on without.
    """
    ca = creds.with_name("ca.pem") if creds else None
    known = ca is not None and ca.exists()
    secured = any(one.startswith(("tls://", "wss://")) for one in url.split(","))
    if not secured and not known:
        return {}  # a server that wants TLS all the same gets it, verified by the system's CAs
    context = ssl.create_default_context(cafile=ca if known else None)
    return {"tls": context, "tls_handshake_first": "tls://" in url}


async def connect(url: str, creds: Path | None, *, name: str, inbox: str, timeout_s: float = CONNECT_TIMEOUT_S) -> Bus:
    """Connect, and reconnect for ever afterwards. Raises Unreachable when the first connection fails.

    url: `nats://host:port` or `tls://host:port`, several separated by commas; creds: a .creds file; inbox: the prefix
    that the credentials' role may subscribe to.
    """
    client = Client()
    bus = Bus(client, inbox)
    complaints = _Complaints()

    # A callback that raises kills nats-py's read loop or its reconnecting: these only set flags and call ours.
    async def on_error(error: Exception) -> None:
        bus.errors += 1
        # Of a try that failed: nats-py leaves its socket to the garbage collector.
        if (client.is_connecting or client.is_reconnecting) and client._transport and _foreign(error) is None:
            client._transport.close()  # type: ignore[no-untyped-call]
        if bus.last_error is None or isinstance(error, NatsError):  # a reset connection says less than a refusal
            bus.last_error = error
        complaints.say(error)

    async def on_down() -> None:
        for callback in bus.on_down:
            callback()

    async def on_up() -> None:
        for callback in bus.on_up:
            callback()

    async def on_closed() -> None:
        bus.last_error = client.last_error or bus.last_error
        bus.closed.set()

    try:
        async with asyncio.timeout(timeout_s):
            await client.connect(
                url.split(","),
                user_credentials=str(creds) if creds else None,
                name=name,
                inbox_prefix=inbox.encode(),
                error_cb=on_error,
                disconnected_cb=on_down,
                reconnected_cb=on_up,
                closed_cb=on_closed,
                max_reconnect_attempts=-1,
                reconnect_time_wait=1,
                ping_interval=10,
                max_outstanding_pings=2,
                pending_size=OFFLINE_BYTES_MAX,
                **_tls(url, creds),
            )
    except (NatsError, TimeoutError, OSError) as error:
        await client.close()
        raise Unreachable(f"cannot connect to NATS at {url}: {_words(bus.last_error or error)}") from error
    return bus


__all__ = [
    "Bus",
    "BusError",
    "Fenced",
    "Handler",
    "Msg",
    "NobodyListens",
    "Subscription",
    "TooLarge",
    "Unanswered",
    "Unreachable",
    "connect",
]
