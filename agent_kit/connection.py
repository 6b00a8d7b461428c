"""The connection of one instance: comes back by itself, and says when it did or when it is gone for good."""

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from agent_kit import tls
from agent_kit.credentials import Identity
from agent_kit.errors import ConnectionFailed
from arena.wire import subjects

CONNECT_TIMEOUT_S = 10.0
REQUEST_TIMEOUT_S = 2.0
RETRY_FIRST_S, RETRY_MAX_S = 0.05, 0.8  # the first try is made at once; these are the pauses after it, with jitter
RETRY_LATE_S = 5.0  # the longest pause once the server has been away for RETRY_LATE_AFTER_S: nobody hurries any more
RETRY_LATE_AFTER_S = 60.0
STEADY_S = 1.0  # a connection that did not even last so long counts as one more failed try
PING_S, PINGS_MAX = 3, 2  # a connection that is silently dead is noticed after PING_S * (PINGS_MAX + 1) at most
PENDING_BYTES_MAX = 64 * 1024

log = logging.getLogger("agent_kit")


class Connection:
    """A NATS connection, named `agent/instance` so that an operator sees whose it is."""

    def __init__(self, identity: Identity, instance: str) -> None:
        self._identity = identity
        self._urls = identity.url.split(",")
        self._name = f"{identity.agent}/{instance}"
        self._client = Client()
        self._open = False
        self._closing = False
        self._problem: Exception | None = None
        self._mistakes = 0  # tries that failed for what no other try will mend
        self._hopeless = asyncio.Event()
        self._tries = 0
        self._lost_s = 0.0  # when the connection was lost
        self._up_s: float | None = None  # since when there is one; None while there is none
        self._lost, self._up = asyncio.Event(), asyncio.Event()

    @property
    def opened(self) -> bool:
        """Whether there ever was one."""
        return self._open

    @property
    def closed(self) -> bool:
        """Whether it is gone for good."""
        return self._client.is_closed

    async def open(self, on_up: Callable[[], None], on_closed: Callable[[str], None]) -> None:
        """Connect. Raises ConnectionFailed.

        on_up is called after each reconnect; on_closed with the cause when the server closed it for good.
        """

        # nats-py stops reading or reconnecting when one of these raises: they only note things.
        async def on_lost() -> None:
            self._up.clear()
            self._lost.set()

        async def on_reconnected() -> None:
            self._lost.clear()
            self._up.set()
            self._up_s = time.monotonic()
            log.info("connected again after %.1f s", self._up_s - self._lost_s)
            on_up()

        async def on_gone() -> None:
            if not self._closing:
                on_closed(str(self._client.last_error or "unknown cause"))

        connecting = self._client.connect(
            self._urls,
            user_credentials=str(self._identity.path),
            name=self._name,
            inbox_prefix=subjects.inbox(self._identity.agent).encode(),
            error_cb=self._on_error,
            disconnected_cb=on_lost,
            closed_cb=on_gone,
            reconnected_cb=on_reconnected,
            reconnect_to_server_handler=self._next,
            max_reconnect_attempts=-1,
            ping_interval=PING_S,
            max_outstanding_pings=PINGS_MAX,
            pending_size=PENDING_BYTES_MAX,
            **tls.options(self._identity),
        )
        try:
            await self._first(asyncio.create_task(connecting))
        except (NatsError, TimeoutError, OSError) as error:
            self._closing = True
            self._hang_up()
            await self._client.close()
            raise ConnectionFailed(f"cannot connect to {self._identity.url}: {self._why(error)}") from error
        self._open, self._up_s = True, time.monotonic()
        self._up.set()

    async def _first(self, connecting: asyncio.Task[None]) -> None:
        """Wait until connected, for CONNECT_TIMEOUT_S; not so long where every address has a mistake in it.

        Raises what nats-py raises, and TimeoutError.
        """
        hopeless = asyncio.create_task(self._hopeless.wait())
        try:
            await asyncio.wait({connecting, hopeless}, timeout=CONNECT_TIMEOUT_S, return_when=asyncio.FIRST_COMPLETED)
            if not connecting.done():
                raise TimeoutError
            connecting.result()
        finally:
            hopeless.cancel()
            while not connecting.done():  # nats-py may swallow a cancellation, and try on for ever
                connecting.cancel()
                await asyncio.wait({connecting}, timeout=0.1)

    @property
    def _writer(self) -> asyncio.StreamWriter | None:
        return getattr(self._client._transport, "_io_writer", None)

    def _hang_up(self) -> None:
        """Without waiting: a TLS handshake that nobody answered has no end that nats-py could wait for."""
        if writer := self._writer:
            writer.transport.abort()
        self._client._transport = None

    def _why(self, error: Exception) -> str:
        """In words: TimeoutErrors have none."""
        problem = self._problem or error
        if isinstance(problem, TimeoutError):
            return f"no answer within {CONNECT_TIMEOUT_S:g} s"
        return tls.mistake(problem) or str(problem) or type(problem).__name__

    async def subscribe(self, subject: str, handler: Callable[[Msg], Awaitable[None]]) -> None:
        """Call `handler` for each message, one after another; renewed by itself after a reconnect."""
        await self._client.subscribe(subject, cb=handler)

    async def publish(self, subject: str, payload: bytes) -> None:
        """Send, or leave it: after a reconnect the platform asks again for what it misses.

        Nothing is kept for later: the server takes an answer only from the connection that was asked.
        """
        if self._client.is_connected:
            with contextlib.suppress(NatsError, OSError):
                await self._client.publish(subject, payload)

    async def request(self, subject: str, payload: bytes) -> bytes:
        """Ask, and wait for the answer. Raises TimeoutError when there is none, at once when the connection is lost."""
        async with asyncio.timeout(REQUEST_TIMEOUT_S):
            await self._up.wait()
        asking = asyncio.create_task(self._client.request(subject, payload, timeout=REQUEST_TIMEOUT_S))
        lost = asyncio.create_task(self._lost.wait())
        try:
            await asyncio.wait({asking, lost}, return_when=asyncio.FIRST_COMPLETED)
            if not asking.done():
                raise TimeoutError("the connection was lost")
            return asking.result().data
        except (NatsError, OSError) as error:
            raise TimeoutError(str(error)) from error
        finally:
            asking.cancel()
            lost.cancel()

    async def close(self) -> None:
        """Send what is still to be sent, and close."""
        self._closing = True
        if self._client.is_connected:
            with contextlib.suppress(NatsError, TimeoutError, OSError):
                await asyncio.sleep(0)
                await self._client.flush(timeout=2)
        if not self._client.is_closed:
            if not self._client.is_connected:
                self._client._pending_data_size = 0  # nats-py would send it now, raise, and leave its tasks behind
            await self._client.close()

    async def _on_error(self, error: Exception) -> None:
        if self._problem is None or isinstance(error, NatsError):  # a reset connection says less than a refusal
            self._problem = error
        if not self._open and tls.mistake(error):
            self._problem = error
            self._mistakes += 1
            if self._mistakes >= len(self._urls):
                self._hopeless.set()
        if self._open and (self._client.is_connected or self._tries <= 1):  # not for each try while it is away
            log.warning("%s", str(error) or type(error).__name__)

    def _next(self, servers: list[Any], _info: Any) -> tuple[Any, float]:
        """Which server to try next, and after what pause, in seconds."""
        now_s = time.monotonic()
        if self._up_s is not None:
            self._tries = 0 if now_s - self._up_s > STEADY_S else self._tries
            self._lost_s, self._up_s = now_s, None
        self._tries += 1
        # nats-py forgets the socket of a try that was accepted and then hung up on, and leaves it open.
        if writer := self._writer:
            writer.close()
        server = servers[self._tries % len(servers)]
        if self._tries == 1:
            return server, 0.0
        pause_max_s = RETRY_LATE_S if now_s - self._lost_s > RETRY_LATE_AFTER_S else RETRY_MAX_S
        pause_s = min(RETRY_FIRST_S * 2 ** min(self._tries - 2, 10), pause_max_s)
        return server, pause_s * random.uniform(0.5, 1)
