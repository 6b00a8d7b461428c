"""Live boards: running matches that somebody watches, each followed and drawn once, for all browsers of this process.

    log -> Follower -> Watched -> a Drawer's child: step, draw -> the newest frame -> every viewer

An event that comes after a pause is drawn at once. While moves come faster than FRAME_GAP_S, those that came meanwhile
are stepped together, and only the newest position is drawn and sent. A child that dies takes the environments of other
matches with it: those are begun again, from the log, with their next move.
"""

import asyncio
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import msgspec
import structlog
from prometheus_client import Gauge

from arena.api.drawers import DRAWERS, Crashed, Drawer
from arena.api.passwords import Busy
from arena.api.replays import EVENTS_MAX, Unshowable
from arena.bus import Bus
from arena.bus.pull import Delivery, Follower
from arena.store.running import Watchable
from arena.wire import subjects

WATCHED_MAX = 200  # matches at once, of one API process: each is an environment in memory, and a consumer of the log
ADDRESS_WATCHED_MAX = 100  # of one client's address
FRAME_GAP_S = 0.06  # between two frames of a match: 16 a second, and no more than this behind
EVENTS_AT_ONCE = 500  # for one request to a child: other matches wait for it
CRASHES_MAX = 2  # of the child, while it had a match in hand, until that match is refused
REFUSED_MAX = 1_000  # matches remembered that cannot be shown

WATCHED = Gauge("arena_api_boards", "Running matches that are watched now, board by board.")

log = structlog.get_logger("api")


class Shown(msgspec.Struct, frozen=True):
    """A position of a match that is played."""

    game: str
    match: str
    seq: int  # of the event that led there
    at_ms: int  # when the log stored it
    frame: bytes  # JSON of a ReplayFrame


class Over(msgspec.Struct, frozen=True):
    """The match is over; its last position was shown before."""

    match: str
    kind: str  # ended or voided
    seq: int
    at_ms: int


class Viewer(Protocol):
    """Who watches one match. Called from the event loop; must not block."""

    def show(self, shown: Shown) -> None:
        """The newest position."""

    def end(self, over: Over) -> None:
        """Nothing follows."""

    def refuse(self, detail: str) -> None:
        """It cannot be shown (any more); nothing follows."""


class Boards:
    """All watched matches of this process. `stop` it."""

    def __init__(self, bus: Bus, games_file: Path | None) -> None:
        self._bus = bus
        self._drawers = [Drawer(games_file) for _ in range(DRAWERS)]
        self._watched: dict[str, Watched] = {}
        self._of: defaultdict[str, Counter[str]] = defaultdict(Counter)  # by address: matches, and how often
        self._refused: OrderedDict[str, str] = OrderedDict()
        self._ending: set[asyncio.Task[None]] = set()

    def check_room(self, match: str, whose: str) -> None:
        """Whether it may be watched. whose: the client's `addresses.site`. Raises Busy and Unshowable."""
        if (problem := self._refused.get(match)) is not None:
            raise Unshowable(problem)
        if match not in self._watched and len(self._watched) >= WATCHED_MAX:
            raise Busy(f"{WATCHED_MAX} matches are watched in this process: try again later")
        own = self._of.get(whose) or ()
        if match not in own and len(own) >= ADDRESS_WATCHED_MAX:
            raise Busy(f"{ADDRESS_WATCHED_MAX} matches are watched from your address: unsubscribe from some first")

    def watch(self, match: Watchable, viewer: Viewer, whose: str) -> None:
        """Show it from now on, the newest position first, if there is room."""
        self._of[whose][match.id] += 1
        if match.id not in self._watched:
            drawer = min(self._drawers, key=lambda one: one.kept)
            self._watched[match.id] = Watched(self._bus, drawer, match, self._forget)
            WATCHED.inc()
        self._watched[match.id].add(viewer)

    def leave(self, match: str, viewer: Viewer, whose: str) -> None:
        """Show it no more; with its last viewer, its environment is closed."""
        self._of[whose] -= Counter([match])
        if not self._of[whose]:
            del self._of[whose]
        watched = self._watched.get(match)
        if watched is not None and watched.remove(viewer):
            self._forget(watched, "")

    def _forget(self, watched: "Watched", problem: str) -> None:
        if self._watched.get(watched.match) is watched:
            del self._watched[watched.match]
            WATCHED.dec()
        if problem:
            self._refused[watched.match] = problem
            if len(self._refused) > REFUSED_MAX:
                self._refused.popitem(last=False)
        task = asyncio.create_task(watched.close(), name="board-ends")
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def stop(self) -> None:
        """End all of it."""
        for watched in list(self._watched.values()):
            self._forget(watched, "")
        for drawer in self._drawers:
            await drawer.stop()
        await asyncio.gather(*self._ending)


class Watched:
    """One match: its events, the child that has its environment, and who watches."""

    def __init__(self, bus: Bus, drawer: Drawer, match: Watchable, on_end: Callable[["Watched", str], None]) -> None:
        self.match = match.id
        self._bus = bus
        self._drawer = drawer
        self._game = match.game
        self._before = match.created_seq - 1
        self._on_end = on_end
        self._viewers: list[Viewer] = []
        self._newest: Shown | None = None
        self._events: deque[Delivery] = deque()
        self._reached = False  # all that was there at the beginning has come
        self._first = True
        self._crashes = 0
        self._wake = asyncio.Event()
        self._closed = False
        self._follower: Follower | None = None
        self._drawer.kept += 1
        self._task = asyncio.create_task(self._run(), name=f"board-{match.id}")

    def add(self, viewer: Viewer) -> None:
        """One viewer more."""
        self._viewers.append(viewer)
        if self._newest is not None:
            viewer.show(self._newest)

    def remove(self, viewer: Viewer) -> bool:
        """One less; whether it was the last."""
        if viewer in self._viewers:
            self._viewers.remove(viewer)
        return not self._viewers

    async def close(self) -> None:
        """Read and draw no more."""
        self._closed = True
        self._wake.set()
        await self._task
        if self._follower:
            await self._follower.stop()
        self._drawer.kept -= 1
        try:
            await self._drawer.close(self._game, self.match)
        except (Crashed, Unshowable) as error:
            log.warning("a watched match could not be closed", match=self.match, error=str(error) or repr(error))

    async def _run(self) -> None:
        """To its end. All that can go wrong is told to the viewers."""
        problem, over = "", None
        try:
            while over is None and not self._closed:
                await self._begin()
                over = await self._follow()
        except Unshowable as error:
            problem = str(error)
        except Exception:  # whatever it is: viewers that wait in silence are worse
            log.exception("a watched match cannot be shown", match=self.match)
            problem = "it cannot be shown here"
        if self._closed:
            return
        viewers, self._viewers = self._viewers, []
        self._on_end(self, problem)
        for viewer in viewers:
            if over is not None:
                viewer.end(over)
            else:
                viewer.refuse(problem)

    async def _begin(self) -> None:
        """Read the log from the match's first event on."""
        if self._follower:
            await self._follower.stop()
        self._events.clear()
        self._reached, self._first = False, True
        filters = [subjects.match_events(self._game, self.match)]
        self._follower = Follower(self._bus, subjects.EVENTS_STREAM, filters, self._take, after=self._before)
        self._follower.start()

    def _take(self, delivery: Delivery) -> None:
        self._events.append(delivery)
        self._reached = self._reached or not delivery.pending
        self._wake.set()

    async def _follow(self) -> Over | None:
        """Draw what comes. None: the child lost it, or nobody watches any more. Raises Unshowable."""
        while not self._closed:
            self._wake.clear()
            while self._events and not self._closed:
                if len(self._events) > EVENTS_MAX:
                    raise Unshowable(f"more than {EVENTS_MAX:,} events: see its moves instead")
                batch = [self._events.popleft() for _ in range(min(len(self._events), EVENTS_AT_ONCE))]
                if not await self._draw(batch):
                    return None
                kind = subjects.split_event(batch[-1].subject)[2]
                if kind in {"ended", "voided"}:
                    return Over(self.match, kind, batch[-1].seq, batch[-1].at_ms)
            if self._newest is not None:
                await asyncio.sleep(FRAME_GAP_S)
            await self._wake.wait()
        return None

    async def _draw(self, batch: list[Delivery]) -> bool:
        """Step and draw; whether the child still has the match. Raises Unshowable."""
        events = [(delivery.seq, delivery.subject, delivery.payload) for delivery in batch]
        draw = self._reached and not self._events
        try:
            drawn = await self._drawer.feed(self._game, self.match, events, first=self._first, draw=draw)
        except Crashed:
            self._crashes += 1
            if self._crashes >= CRASHES_MAX:
                raise Unshowable("the environment ended its process: it cannot be shown here") from None
            return False
        self._first = False
        if drawn.forgotten:
            return False
        if drawn.frame:
            self._show(batch, drawn.frame)
        return True

    def _show(self, batch: list[Delivery], frame: bytes) -> None:
        led = next(
            (one for one in reversed(batch) if subjects.split_event(one.subject)[2] in {"created", "moved"}), batch[-1]
        )
        self._newest = Shown(self._game, self.match, led.seq, led.at_ms, frame)
        for viewer in self._viewers:
            viewer.show(self._newest)
