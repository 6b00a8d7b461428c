"""Live events over a WebSocket (/api/live/ws): the messages of the event streams, many subscriptions on one connection.

    client -> us   {"op": "subscribe", "id": "a", "match": ... | "game": ... | "agent": ..., "kinds": [...], "after": 7}
                   {"op": "unsubscribe", "id": "a"}
    us -> client   {"op": "subscribed", "id": "a", "after": 7}, {"op": "unsubscribed", "id": "a"},
                   {"op": "event", "id": "a", "kind": "ended", "seq": 8, "at_ms": ..., "game", "match", "event"},
                   {"op": "refused", "id": "a", "detail": "..."}, {"op": "slow"}

Events of one subscription come in the order of the log, without gaps or repeats, across restarts of NATS. Whoever was
cut off subscribes again with `after`: the last `seq` it saw of that subscription. A client that is too slow gets what
waits for it, then `slow`, and is closed (1013): it comes back like that.

It is public, as everything is that can be seen here; what is said while a match is played tells its players nothing.
"""

import asyncio
import contextlib
from collections import deque
from typing import Any, Literal

import msgspec
import structlog
from litestar import Controller, WebSocket, websocket
from litestar.di import NamedDependency
from litestar.exceptions import WebSocketDisconnect, WebSocketException

from arena.api import live
from arena.api.acceptable import Invalid, Unknown
from arena.api.addresses import client_address, site
from arena.api.live import Streams, told
from arena.api.matches import known_match
from arena.api.openness import is_open
from arena.api.passwords import Busy
from arena.bus import Bus, BusError, stream
from arena.bus.pull import Delivery, Follower
from arena.store import reading
from arena.store.database import Database, StoreError
from arena.store.match_list import Wanted, list_matches
from arena.wire import events, ids, subjects

SUBSCRIPTIONS_MAX = 20  # of one connection
ID_CHARACTERS_MAX = 64
REQUEST_BYTES_MAX = 4096  # of what a client sends; a longer message closes the connection
GOING_AWAY, TRY_AGAIN_LATER = 1001, 1013

log = structlog.get_logger("api")

Kind = Literal["created", "claimed", "moved", "faulted", "reseated", "ended", "voided"]


class Subscribe(msgspec.Struct, frozen=True, kw_only=True, tag_field="op", tag="subscribe", forbid_unknown_fields=True):
    """Tell me of one match, one game, one agent, or (none of them) of everything."""

    id: str
    match: str | None = None
    game: str | None = None
    agent: str | None = None
    kinds: list[Kind] = []  # empty: all but `moved`; of a match, all
    after: int | None = None  # sequence of the log; None: from now on, and a match from its beginning


class Unsubscribe(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="op", tag="unsubscribe", forbid_unknown_fields=True
):
    """Tell me no more of it."""

    id: str


_decode = msgspec.json.Decoder(Subscribe | Unsubscribe).decode


class Session:
    """One connection: what it subscribed to, and what waits for it."""

    def __init__(self, socket: WebSocket[Any, Any, Any], streams: Streams, database: Database, bus: Bus) -> None:
        self._socket = socket
        self._whose = site(client_address(socket))
        self._streams = streams
        self._database = database
        self._bus = bus
        self._wake = asyncio.Event()
        self._waiting: deque[bytes] = deque()
        self._full = False
        self._followers: dict[str, tuple[Follower, asyncio.Event]] = {}
        self._open: set[str] = set()  # subscriptions to matches of games in which nothing is hidden

    async def run(self) -> None:
        """Until the client goes, is too slow, or this process ends. Raises Busy."""
        self._streams.check_room(self._whose)
        self._streams.begin(self._wake, self._whose)
        reading_ = asyncio.create_task(self._read(), name="socket-reads")
        reading_.add_done_callback(lambda _: self._wake.set())
        try:
            while not (reading_.done() or self._streams.closed):
                while self._waiting:
                    await self._socket.send_data(self._waiting.popleft(), mode="text")
                if self._full:
                    live.SENT_AWAY.inc()
                    await self._socket.send_data(b'{"op":"slow"}', mode="text")
                    await self._socket.close(TRY_AGAIN_LATER, "too slow: come back with `after`")
                    return
                self._wake.clear()
                if not self._waiting:
                    await self._wake.wait()
            if self._streams.closed:
                await self._socket.close(GOING_AWAY, "this server ends: come back with `after`")
        except (WebSocketDisconnect, WebSocketException, RuntimeError):
            return  # it went while we were sending
        finally:
            reading_.cancel()
            (ended,) = await asyncio.gather(reading_, return_exceptions=True)
            if isinstance(ended, Exception):
                log.error("a WebSocket's requests cannot be read", exc_info=ended)
            for id_ in list(self._followers):
                self._drop(id_)
            self._streams.end(self._wake)

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
                self._drop(id_)
                self._say({"op": "unsubscribed", "id": id_})
            else:
                await self._subscribe(request)
        except msgspec.DecodeError as error:
            self._say({"op": "refused", "id": id_, "detail": f"expected a subscribe or unsubscribe: {error}"})
        except (Invalid, Unknown, Busy) as error:
            self._say({"op": "refused", "id": id_, "detail": str(error)})
        except (BusError, StoreError):
            self._say({"op": "refused", "id": id_, "detail": "a part of the platform is down: try again soon"})

    async def _subscribe(self, wanted: Subscribe) -> None:
        self._check(wanted)
        kinds = tuple(dict.fromkeys(wanted.kinds)) or live.KINDS
        members: set[str] | None = None
        if wanted.match is not None:
            filters, after = await self._match(wanted)
            first = after
        else:
            after = wanted.after if wanted.after is not None else await self._last()
            first = after
            game = wanted.game or "*"
            if wanted.agent is not None:
                members, known = await self._matches_of(wanted.agent)
                first = min(after, known)
                kinds = tuple({*kinds, "created", "ended", "voided"})  # they say which matches are the agent's
            filters = [subjects.event(game, "*", kind) for kind in kinds]
        if self._full:
            return
        self._streams.check_room(self._whose)
        place = asyncio.Event()
        self._streams.begin(place, self._whose)
        chosen = frozenset(wanted.kinds or (events.KINDS if wanted.match else live.KINDS))
        take = _Feed(self, wanted.id, after, chosen, wanted.agent, members)
        follower = self._streams.follower(filters, take.take, first)
        self._followers[wanted.id] = follower, place
        self._say({"op": "subscribed", "id": wanted.id, "after": after})
        follower.start()

    def _check(self, wanted: Subscribe) -> None:
        tokens = [value for value in (wanted.match, wanted.game, wanted.agent) if value is not None]
        if not 1 <= len(wanted.id) <= ID_CHARACTERS_MAX or wanted.id in self._followers:
            raise Invalid(f"expected an id of 1 to {ID_CHARACTERS_MAX} characters that is not in use")
        if len(tokens) > 1 or not all(map(ids.is_token, tokens)):
            raise Invalid("expected a match, a game or an agent, one of them at most")
        if wanted.agent is not None and "moved" in wanted.kinds:
            raise Invalid("an agent's moves are not told: subscribe to its match")
        if wanted.after is not None and not 0 <= wanted.after < 1 << 63:
            raise Invalid("expected `after` to be a sequence of the log")
        if len(self._followers) >= SUBSCRIPTIONS_MAX:
            raise Invalid(
                f"expected at most {SUBSCRIPTIONS_MAX} subscriptions of a connection: unsubscribe, or open another"
            )

    async def _match(self, wanted: Subscribe) -> tuple[list[str], int]:
        assert wanted.match is not None  # noqa: S101 - asked before
        found = await known_match(self._database, wanted.match)
        if await is_open(self._database, found.game):
            self._open.add(wanted.id)
        return [subjects.match_events(found.game, found.id)], max(wanted.after or 0, found.created_seq - 1)

    async def _matches_of(self, agent: str) -> tuple[set[str], int]:
        """An agent's newest matches as the tables know them, and how far in the log they know."""
        async with self._database.begin() as connection:
            known = await reading.last_seq(connection)
            found = await list_matches(connection, Wanted(agent=agent), limit=reading.PAGE_MAX)
        return {match.id for match in found}, known

    async def _last(self) -> int:
        return (await stream.state(self._bus, subjects.EVENTS_STREAM)).last_seq

    def _drop(self, id_: str) -> None:
        self._open.discard(id_)
        follower, place = self._followers.pop(id_, (None, None))
        if follower and place:
            self._streams.release(follower)
            self._streams.end(place)

    def event(self, id_: str, delivery: Delivery) -> None:
        """Tell it, if the subscription still stands."""
        if id_ in self._followers:
            data, kind = told(delivery, of_open_game=id_ in self._open)
            self._say({"op": "event", "id": id_, "kind": kind, **data})

    def _say(self, message: dict[str, Any]) -> None:
        """Put it behind what waits; with too much of that, everything ends."""
        if len(self._waiting) >= live.WAITING_MAX:
            self._full = True
            for id_ in list(self._followers):
                self._drop(id_)
        elif not self._full:
            self._waiting.append(msgspec.json.encode(message))
        self._wake.set()


class _Feed:
    """What of the log is one subscription's."""

    def __init__(
        self,
        session: Session,
        id_: str,
        after: int,
        kinds: frozenset[str],
        agent: str | None,
        members: set[str] | None,
    ) -> None:
        self._session = session
        self._id = id_
        self._after = after
        self._kinds = kinds
        self._agent = agent
        self._members = members  # matches of `agent`

    def take(self, delivery: Delivery) -> None:
        _, match, kind = subjects.split_event(delivery.subject)
        if self._members is not None:
            if kind == "created" and self._sits_in(delivery.payload):
                self._members.add(match)
            if match not in self._members:
                return
            if kind in {"ended", "voided"}:
                self._members.discard(match)
        if delivery.seq > self._after and kind in self._kinds:
            self._session.event(self._id, delivery)

    def _sits_in(self, payload: bytes) -> bool:
        try:
            created = msgspec.json.decode(payload, type=events.Created)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return False
        return any(seat.agent == self._agent for seat in created.seats)


class SocketsController(Controller):
    """What happens now, over a WebSocket."""

    tags = ("live",)

    @websocket("/live/ws", exclude_from_auth=True)
    async def follow(
        self,
        socket: WebSocket[Any, Any, Any],
        streams: NamedDependency[Streams],
        database: NamedDependency[Database],
        bus: NamedDependency[Bus],
    ) -> None:
        """Follow matches, games and agents."""
        await socket.accept()
        try:
            await Session(socket, streams, database, bus).run()
        except Busy as error:
            await socket.close(TRY_AGAIN_LATER, str(error))
