"""Event streams (SSE): one match, or the whole arena, straight from the log.

Each stream reads the log by itself from where its browser stands: the id of every event is its sequence in the log, so
a browser that reconnects (Last-Event-ID) misses nothing. One that is too slow gets what waits for it, then an event
`slow`, and the end of the stream: it comes back like that. One that takes nothing at all is dropped by the kernel
(`arena.api.service.UNREAD_MS_MAX`).
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, HeaderParameter
from litestar.response import ServerSentEvent, ServerSentEventMessage
from prometheus_client import Counter as Count
from prometheus_client import Gauge

from arena.api.acceptable import Invalid
from arena.api.addresses import client_address, site
from arena.api.answers import problems_of
from arena.api.matches import SEQ_MAX, known_match
from arena.api.openness import discreet_event, is_open
from arena.api.passwords import Busy
from arena.bus import Bus, stream
from arena.bus.pull import Delivery, Follower
from arena.store.database import Database
from arena.wire import events, ids, subjects

# At once, of one API process: event streams, WebSockets, and their subscriptions to what is read for them alone. Boards
# are shared, and counted by `arena.api.boards`. One address may have some tabs, and not all places.
STREAMS_MAX = 1_000
ADDRESS_STREAMS_MAX = 200
WAITING_MAX = 2_000  # events of a stream that its browser has not taken; with more, the stream ends behind them
KEEP_ALIVE_S = 15.0
KINDS = ("created", "claimed", "faulted", "ended", "voided")  # of the whole arena, unless `kinds` says otherwise
SLOW = "slow"
SENT_AWAY = Count("arena_api_streams_slow", "Event streams that ended because nobody read them fast enough.")
OPEN = Gauge("arena_api_streams", "Event streams open now.")

Show = Callable[[Delivery], tuple[dict[str, Any], str] | None]  # data and kind; None: not for this browser
LastEventId = Annotated[int | None, HeaderParameter(name="Last-Event-ID", ge=0, le=SEQ_MAX)]


class Streams:
    """All event streams of this process. `close` ends them."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._open: dict[asyncio.Event, str] = {}  # and whose it is
        self._of: Counter[str] = Counter()
        self._closed = False
        self._ending: set[asyncio.Task[None]] = set()

    def close(self) -> None:
        """End every stream; browsers come back to another process, or to the next one."""
        for wake in self._open:
            wake.set()
        self._closed = True

    @property
    def closed(self) -> bool:
        """Whether this process is ending."""
        return self._closed

    def follower(
        self,
        filters: Sequence[str],
        take: Callable[[Delivery], None],
        after: int,
        source: str = subjects.EVENTS_STREAM,
    ) -> Follower:
        """Reads the log (or another stream) for one browser, once it is started."""
        return Follower(self._bus, source, filters, take, after=after)

    def check_room(self, whose: str) -> None:
        """Whether there may be one more. whose: the client's `addresses.site`. Raises Busy.

        Asked before an answer begins: once a stream has begun nobody can be told 503.
        """
        if len(self._open) >= STREAMS_MAX:
            raise Busy(f"{STREAMS_MAX} event streams are open in this process: try again later")
        if self._of[whose] >= ADDRESS_STREAMS_MAX:
            raise Busy(f"{ADDRESS_STREAMS_MAX} streams and subscriptions of your address are open: end some first")

    def begin(self, wake: asyncio.Event, whose: str) -> None:
        """One more stream; `wake` is set when it must end."""
        self._open[wake] = whose
        self._of[whose] += 1
        OPEN.set(len(self._open))

    def end(self, wake: asyncio.Event) -> None:
        """One stream less."""
        if (whose := self._open.pop(wake, None)) is not None:
            self._of -= Counter([whose])  # and forget who has none
        OPEN.set(len(self._open))

    def follow(
        self,
        request: Request[Any, Any, Any],
        filters: Sequence[str],
        after: int,
        *,
        until: tuple[str, ...] = (),
        source: str = subjects.EVENTS_STREAM,
        show: Show | None = None,
    ) -> ServerSentEvent:
        """What comes on these subjects behind `after`, for ever, or until one of a kind in `until`. Raises Busy."""
        whose = site(client_address(request))
        self.check_room(whose)
        return ServerSentEvent(self._messages(whose, filters, after, until, source, show or told))

    async def _messages(
        self, whose: str, filters: Sequence[str], after: int, until: tuple[str, ...], source: str, show: Show
    ) -> AsyncIterator[ServerSentEventMessage]:
        wake = asyncio.Event()
        waiting: deque[Delivery] = deque()
        full = False

        def take(delivery: Delivery) -> None:
            nonlocal full
            if len(waiting) < WAITING_MAX and not full:
                waiting.append(delivery)
            elif not full:
                full = True
                self.release(follower)
            wake.set()

        follower = self.follower(filters, take, after, source)
        self.begin(wake, whose)
        try:
            follower.start()
            yield ServerSentEventMessage(data=None, comment="follows the log", retry=1000)
            while not self._closed:
                while waiting:
                    delivery = waiting.popleft()
                    if (shown := show(delivery)) is None:
                        continue
                    data, kind = shown
                    yield ServerSentEventMessage(msgspec.json.encode(data).decode(), event=kind, id=delivery.seq)
                    if kind in until:
                        return
                if full:
                    SENT_AWAY.inc()
                    yield ServerSentEventMessage(data="too slow: come back with Last-Event-ID", event=SLOW)
                    return
                wake.clear()
                try:
                    async with asyncio.timeout(KEEP_ALIVE_S):
                        await wake.wait()
                except TimeoutError:
                    yield ServerSentEventMessage(data=None, comment="still here")
        finally:
            self.end(wake)
            self.release(follower)

    def release(self, follower: Follower) -> None:
        """Stop it, in a task of its own: that of a request is cancelled at every await once its browser is gone."""
        task = asyncio.create_task(follower.stop(), name="stream-ends")
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)


class LiveController(Controller):
    """What happens now."""

    tags = ("live",)

    @get("/live", exclude_from_auth=True, responses=problems_of(503))
    async def arena(
        self,
        request: Request[Any, Any, Any],
        streams: NamedDependency[Streams],
        bus: NamedDependency[Bus],
        game: FromQuery[str | None] = None,
        kinds: FromQuery[str | None] = None,
        last_event_id: LastEventId = None,
    ) -> ServerSentEvent:
        """Follow the arena from now on (or from Last-Event-ID). kinds: separated by commas, `moved` among them."""
        wanted = tuple(dict.fromkeys(kinds.split(","))) if kinds else KINDS
        if not set(wanted) <= set(events.KINDS) or (game is not None and not ids.is_token(game)):
            raise Invalid(f"expected a game's name, and kinds among {', '.join(events.KINDS)}")
        if last_event_id is None:
            last_event_id = (await stream.state(bus, subjects.EVENTS_STREAM)).last_seq
        filters = [subjects.event(game or "*", "*", kind) for kind in wanted]
        return streams.follow(request, filters, last_event_id)

    @get("/matches/{match_id:str}/live", exclude_from_auth=True, responses=problems_of(404, 503))
    async def match(
        self,
        match_id: FromPath[str],
        database: NamedDependency[Database],
        request: Request[Any, Any, Any],
        streams: NamedDependency[Streams],
        last_event_id: LastEventId = None,
    ) -> ServerSentEvent:
        """Follow one match from its beginning (or from Last-Event-ID) to its end."""
        found = await known_match(database, match_id)
        after = max(last_event_id or 0, found.created_seq - 1)
        filters = [subjects.match_events(found.game, match_id)]
        show = partial(told, of_open_game=await is_open(database, found.game))
        return streams.follow(request, filters, after, until=("ended", "voided"), show=show)


def told(delivery: Delivery, *, of_open_game: bool = False) -> tuple[dict[str, Any], str]:
    """What everybody is told of an event while its match is played, and its kind.

    of_open_game: nobody hides anything in it; where that is not known, it is taken not to be so.
    """
    game, match, kind = subjects.split_event(delivery.subject)
    try:
        payload = discreet_event(msgspec.json.decode(delivery.payload), of_open_game=of_open_game)
    except (msgspec.DecodeError, UnicodeDecodeError):
        payload = None
    data = {"seq": delivery.seq, "at_ms": delivery.at_ms, "game": game, "match": match, "event": payload}
    return data, kind
