"""Live events over a WebSocket (/api/live/ws): all that a page needs to know now, many subscriptions on one connection.

    client -> us   {"op": "subscribe", "id": "a", "match": ... | "game": ... | "agent": ..., "kinds": [...], "after": 7}
                   {"op": "subscribe", "id": "b", "board": <match>}, {"op": "subscribe", "id": "c", "said": <match>}
                   {"op": "unsubscribe", "id": "a"}
    us -> client   {"op": "subscribed", "id": "a", "after": 7}, {"op": "unsubscribed", "id": "a"},
                   {"op": "event", "id": "a", "kind": "ended", "seq": 8, "at_ms": ..., "game", "match", "event"},
                   {"op": "frame", "id": "b", "game", "match", "seq", "at_ms", "frame"},
                   {"op": "ended", "id": "b", "match", "kind", "seq", "at_ms"},
                   {"op": "said", "id": "c", "match", "kind", "seq", "at_ms", "seat", "ply", "text", "share", "done"},
                   {"op": "refused", "id": "a", "detail": "..."}, {"op": "slow"}

Events and words of one subscription come in their order, without gaps or repeats, across restarts of NATS. Whoever was
cut off subscribes again with `after`: the last `seq` it saw of that subscription. A client that is too slow
gets what waits for it, then `slow`, and is closed (1013): it comes back like that. Of a board it has no claim to every
position: a frame that waits is replaced by the next one.

It is public, as everything is that can be seen here; what is said while a match is played tells its players nothing.
Only thoughts are their owner's: of whoever opened the connection with a session's cookie or a token, as long as that
stands. (A cookie that is not good, or that another origin's page sent, is nobody's.)
"""

import asyncio
import contextlib
from collections import deque
from typing import Any

import msgspec
import structlog
from litestar import Controller, WebSocket, websocket
from litestar.di import NamedDependency
from litestar.exceptions import WebSocketDisconnect, WebSocketException

from arena.api import live
from arena.api.acceptable import Invalid, Unknown
from arena.api.addresses import client_address, site
from arena.api.authentication import Authentication, Visitor
from arena.api.boards import Boards
from arena.api.live import Streams
from arena.api.passwords import Busy
from arena.api.replays import Unshowable
from arena.api.subscriptions import Screen, Sources, Subscribe, Subscription, open_subscription
from arena.bus import Bus, BusError
from arena.store.database import Database, StoreError

SUBSCRIPTIONS_MAX = 100  # of one connection: a wall of boards, and what stands beside it
REQUEST_BYTES_MAX = 4096  # of what a client sends; a longer message closes the connection
GOING_AWAY, TRY_AGAIN_LATER = 1001, 1013

log = structlog.get_logger("api")


class Unsubscribe(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="op", tag="unsubscribe", forbid_unknown_fields=True
):
    """Tell me no more of it."""

    id: str


_decode = msgspec.json.Decoder(Subscribe | Unsubscribe).decode


class Session:
    """One connection: what it subscribed to, and what waits for it."""

    def __init__(self, socket: WebSocket[Any, Any, Any], sources: Sources, visitor: Visitor) -> None:
        self._socket = socket
        self._whose = site(client_address(socket))
        self._sources = sources
        self._visitor = visitor
        self._wake = asyncio.Event()
        self._waiting: deque[bytes | Screen] = deque()  # a screen: its newest position, whatever that is then
        self._full = False
        self._subscriptions: dict[str, Subscription] = {}

    async def run(self) -> None:
        """Until the client goes, is too slow, or this process ends. Raises Busy."""
        streams = self._sources.streams
        streams.check_room(self._whose)
        streams.begin(self._wake, self._whose)
        reading = asyncio.create_task(self._read(), name="socket-reads")
        reading.add_done_callback(lambda _: self._wake.set())
        try:
            while not (reading.done() or streams.closed):
                await self._send_waiting()
                if self._full:
                    live.SENT_AWAY.inc()
                    await self._socket.send_data(b'{"op":"slow"}', mode="text")
                    await self._socket.close(TRY_AGAIN_LATER, "too slow: come back with `after`")
                    return
                self._wake.clear()
                if not self._waiting:
                    await self._wake.wait()
            if streams.closed:
                await self._socket.close(GOING_AWAY, "this server ends: come back with `after`")
        except (WebSocketDisconnect, WebSocketException, RuntimeError):
            return  # it went while we were sending
        finally:
            reading.cancel()
            (ended,) = await asyncio.gather(reading, return_exceptions=True)
            if isinstance(ended, Exception):
                log.error("a WebSocket's requests cannot be read", exc_info=ended)
            for id_ in list(self._subscriptions):
                self.drop(id_)
            streams.end(self._wake)

    async def _send_waiting(self) -> None:
        while self._waiting:
            next_ = self._waiting.popleft()
            message = next_.taken() if isinstance(next_, Screen) else next_
            if message is not None:
                await self._socket.send_data(message, mode="text")

    async def _read(self) -> None:
        with contextlib.suppress(WebSocketDisconnect):
            while True:
                await self._on_request(await self._socket.receive_data(mode="text"))

    async def _on_request(self, text: str | bytes) -> None:
        id_ = ""
        try:
            request = _decode(text)
            id_ = request.id
            if isinstance(request, Unsubscribe):
                self.drop(id_)
                self.say({"op": "unsubscribed", "id": id_})
            else:
                await self._subscribe(request)
        except msgspec.DecodeError as error:
            self.say({"op": "refused", "id": id_, "detail": f"expected a subscribe or unsubscribe: {error}"})
        except (Invalid, Unknown, Busy, Unshowable) as error:
            self.say({"op": "refused", "id": id_, "detail": str(error)})
        except (BusError, StoreError):
            self.say({"op": "refused", "id": id_, "detail": "a part of the platform is down: try again soon"})

    async def _subscribe(self, wanted: Subscribe) -> None:
        if wanted.id in self._subscriptions:
            raise Invalid("expected an id that is not in use")
        if len(self._subscriptions) >= SUBSCRIPTIONS_MAX:
            raise Invalid(
                f"expected at most {SUBSCRIPTIONS_MAX} subscriptions of a connection: unsubscribe, or open another"
            )
        user = await self._visitor.user() if wanted.said is not None else None
        subscription = await open_subscription(wanted, self, self._sources, self._whose, user)
        if self._full:
            return
        subscription.check_room()
        self._subscriptions[wanted.id] = subscription
        self.say({"op": "subscribed", "id": wanted.id, **subscription.begins})
        if wanted.id in self._subscriptions:  # there was room for the message
            subscription.start()

    def drop(self, id_: str) -> None:
        """This subscription is over."""
        if subscription := self._subscriptions.pop(id_, None):
            subscription.close()

    def draw(self, screen: Screen) -> None:
        """Send its newest position, behind what waits."""
        self._waiting.append(screen)
        self._wake.set()

    def say(self, message: dict[str, Any]) -> None:
        """Put it behind what waits; with too much of that, everything ends."""
        if len(self._waiting) >= live.WAITING_MAX:
            self._full = True
            for id_ in list(self._subscriptions):
                self.drop(id_)
        elif not self._full:
            self._waiting.append(msgspec.json.encode(message))
        self._wake.set()


class SocketsController(Controller):
    """What happens now, over a WebSocket."""

    tags = ("live",)

    @websocket("/live/ws", exclude_from_auth=True)
    async def follow(
        self,
        socket: WebSocket[Any, Any, Any],
        streams: NamedDependency[Streams],
        boards: NamedDependency[Boards],
        database: NamedDependency[Database],
        bus: NamedDependency[Bus],
        authentication: NamedDependency[Authentication],
    ) -> None:
        """Follow matches, games and agents, watch boards, hear what is said."""
        visitor = await authentication.visitor(socket)
        await socket.accept()
        try:
            await Session(socket, Sources(streams, boards, database, bus), visitor).run()
        except Busy as error:
            await socket.close(TRY_AGAIN_LATER, str(error))
