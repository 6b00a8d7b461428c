"""What a connection may subscribe to: events of the log, what agents say, a match's board.

Each is opened by `open_subscription`, which asks and refuses; `start` then delivers, until `close`.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Literal, Protocol

import msgspec

from arena.api import live
from arena.api.acceptable import Invalid, Unknown
from arena.api.boards import Boards, Over, Shown
from arena.api.live import Streams, told
from arena.api.matches import OVER, known_match
from arena.api.openness import hidden_text, is_open
from arena.api.said import heard_by
from arena.bus import Bus, stream
from arena.bus.pull import Delivery
from arena.store import reading
from arena.store.database import Database
from arena.store.match_list import Wanted, list_matches
from arena.store.reading import Match
from arena.store.running import Watchable, find_watchable
from arena.wire import events, ids, subjects

ID_CHARACTERS_MAX = 64

Kind = Literal["created", "claimed", "moved", "faulted", "reseated", "ended", "voided"]


class Subscribe(msgspec.Struct, frozen=True, kw_only=True, tag_field="op", tag="subscribe", forbid_unknown_fields=True):
    """Tell me of a match, a game, an agent, or (nothing named) of everything; or of a match's board or its talk."""

    id: str
    match: str | None = None
    game: str | None = None
    agent: str | None = None
    board: str | None = None  # a match
    said: str | None = None  # a match
    kinds: list[Kind] = []  # of events; empty: all but `moved`; of a match, all
    after: int | None = None  # sequence of the log; None: from now on, and a match from its beginning


class Outlet(Protocol):
    """The connection, as its subscriptions know it."""

    def say(self, message: dict[str, Any]) -> None:
        """Put it behind what waits."""

    def draw(self, screen: "Screen") -> None:
        """A screen has a new position: send the newest one when its turn comes."""

    def drop(self, id_: str) -> None:
        """This subscription is over."""


class Sources(msgspec.Struct, frozen=True):
    """Where it comes from."""

    streams: Streams
    boards: Boards
    database: Database
    bus: Bus


class Subscription(Protocol):
    """One that stands, or could."""

    begins: dict[str, Any]  # told along with `subscribed`

    def check_room(self) -> None:
        """Whether it may begin. Raises Busy and Unshowable."""

    def start(self) -> None:
        """Deliver."""

    def close(self) -> None:
        """Deliver no more."""


async def open_subscription(
    wanted: Subscribe, outlet: Outlet, sources: Sources, whose: str, user: str | None
) -> Subscription:
    """What is wanted, not begun yet. whose: the client's `addresses.site`; user: who is logged in.

    Raises Invalid, Unknown, StoreError, BusError.
    """
    check(wanted)
    if wanted.board is not None:
        watchable = await _watchable(sources.database, wanted.board)
        return Screen(outlet, wanted.id, sources.boards, watchable, whose)
    if wanted.said is not None:
        match = await known_match(sources.database, wanted.said)
        return _talk(wanted, outlet, sources, whose, match, user)
    if wanted.match is not None:
        return await _of_match(wanted, outlet, sources, whose)
    return await _of_arena(wanted, outlet, sources, whose)


def check(wanted: Subscribe) -> None:
    """Whether it makes sense by itself. Raises Invalid."""
    named = (wanted.match, wanted.game, wanted.agent, wanted.board, wanted.said)
    tokens = [value for value in named if value is not None]
    if not 1 <= len(wanted.id) <= ID_CHARACTERS_MAX:
        raise Invalid(f"expected an id of 1 to {ID_CHARACTERS_MAX} characters that is not in use")
    if len(tokens) > 1 or not all(map(ids.is_token, tokens)):
        raise Invalid("expected a match, a game, an agent, a board or what is said in a match, one of them at most")
    if wanted.agent is not None and "moved" in wanted.kinds:
        raise Invalid("an agent's moves are not told: subscribe to its match")
    if wanted.after is not None and not 0 <= wanted.after < 1 << 63:
        raise Invalid("expected `after` to be a sequence of the log")
    if (wanted.board is not None or wanted.said is not None) and wanted.kinds:
        raise Invalid("expected no `kinds`: they are of events")
    if wanted.board is not None and wanted.after is not None:
        raise Invalid("expected no `after`: a board begins with its newest position")


async def _watchable(database: Database, id_: str) -> Watchable:
    async with database.begin() as connection:
        match = await find_watchable(connection, id_)
    if match is None:
        raise Unknown(f"there is no match {id_!r}")
    if match.status in OVER:
        raise Invalid(f"match {id_} is over: its frames are at /api/matches/{id_}/frames")
    if not match.open:
        raise Invalid(hidden_text(match.game))
    return match


class Followed:
    """Messages of a stream, read for this subscription alone: one of the places of `arena.api.live.STREAMS_MAX`."""

    def __init__(
        self,
        streams: Streams,
        filters: list[str],
        first: int,
        whose: str,
        take: Callable[[Delivery], None],
        begins: dict[str, Any],
        source: str = subjects.EVENTS_STREAM,
    ) -> None:
        self.begins = begins
        self._streams = streams
        self._whose = whose
        self._take_one = take
        self._place = asyncio.Event()
        self._open = False
        self._follower = streams.follower(filters, self._take, first, source)

    def check_room(self) -> None:
        """Raises Busy."""
        self._streams.check_room(self._whose)

    def start(self) -> None:
        """Read from now on."""
        self._open = True
        self._streams.begin(self._place, self._whose)
        self._follower.start()

    def close(self) -> None:
        """Read no more."""
        self._open = False
        self._streams.release(self._follower)
        self._streams.end(self._place)

    def _take(self, delivery: Delivery) -> None:
        if self._open:
            self._take_one(delivery)


async def _of_match(wanted: Subscribe, outlet: Outlet, sources: Sources, whose: str) -> Followed:
    assert wanted.match is not None  # noqa: S101 - asked before
    found = await known_match(sources.database, wanted.match)
    of_open_game = await is_open(sources.database, found.game)
    after = max(wanted.after or 0, found.created_seq - 1)
    chosen = frozenset(wanted.kinds or events.KINDS)
    feed = _Feed(outlet, wanted.id, after, chosen, of_open_game=of_open_game)
    filters = [subjects.match_events(found.game, found.id)]
    return Followed(sources.streams, filters, after, whose, feed.take, {"after": after})


async def _of_arena(wanted: Subscribe, outlet: Outlet, sources: Sources, whose: str) -> Followed:
    """Of everything, a game, or an agent."""
    kinds = tuple(dict.fromkeys(wanted.kinds)) or live.KINDS
    chosen = frozenset(kinds)
    after = wanted.after
    if after is None:
        after = (await stream.state(sources.bus, subjects.EVENTS_STREAM)).last_seq
    first = after
    members: set[str] | None = None
    if wanted.agent is not None:
        members, known = await _matches_of(sources.database, wanted.agent)
        first = min(after, known)
        kinds = tuple({*kinds, "created", "ended", "voided"})  # they say which matches are the agent's
    feed = _Feed(outlet, wanted.id, after, chosen, agent=wanted.agent, members=members)
    filters = [subjects.event(wanted.game or "*", "*", kind) for kind in kinds]
    return Followed(sources.streams, filters, first, whose, feed.take, {"after": after})


async def _matches_of(database: Database, agent: str) -> tuple[set[str], int]:
    """An agent's newest matches as the tables know them, and how far in the log they know."""
    async with database.begin() as connection:
        known = await reading.last_seq(connection)
        found = await list_matches(connection, Wanted(agent=agent), limit=reading.PAGE_MAX)
    return {match.id for match in found}, known


class _Feed:
    """What of the log is one subscription's."""

    def __init__(
        self,
        outlet: Outlet,
        id_: str,
        after: int,
        kinds: frozenset[str],
        *,
        of_open_game: bool = False,
        agent: str | None = None,
        members: set[str] | None = None,
    ) -> None:
        self._outlet = outlet
        self._id = id_
        self._after = after
        self._kinds = kinds
        self._of_open_game = of_open_game
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
            data, _ = told(delivery, of_open_game=self._of_open_game)
            self._outlet.say({"op": "event", "id": self._id, "kind": kind, **data})

    def _sits_in(self, payload: bytes) -> bool:
        try:
            created = msgspec.json.decode(payload, type=events.Created)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return False
        return any(seat.agent == self._agent for seat in created.seats)


def _talk(wanted: Subscribe, outlet: Outlet, sources: Sources, whose: str, match: Match, user: str | None) -> Followed:
    """What is said in a match; thoughts of the user's own agents too."""
    hearing = heard_by(match, user)
    after = wanted.after or 0

    def take(delivery: Delivery) -> None:
        if words := hearing.words(delivery):
            data, kind = words
            outlet.say({"op": "said", "id": wanted.id, "match": match.id, "kind": kind, **data})

    own = [seat.seat for seat in match.seats if seat.owner == user]
    begins = {"after": after, "own": own}
    return Followed(sources.streams, hearing.filters, after, whose, take, begins, subjects.SAID_STREAM)


class Screen:
    """A board that one connection watches. Of what it has not taken yet only the newest position is kept."""

    def __init__(self, outlet: Outlet, id_: str, boards: Boards, match: Watchable, whose: str) -> None:
        self.begins: dict[str, Any] = {"match": match.id}
        self._outlet = outlet
        self._id = id_
        self._boards = boards
        self._match = match
        self._whose = whose
        self._open = False
        self._newest: Shown | None = None

    def check_room(self) -> None:
        """Raises Busy and Unshowable."""
        self._boards.check_room(self._match.id, self._whose)

    def start(self) -> None:
        """Watch it."""
        self._open = True
        self._boards.watch(self._match, self, self._whose)

    def close(self) -> None:
        """Watch it no more."""
        self._open = False
        self._newest = None
        self._boards.leave(self._match.id, self, self._whose)

    def taken(self) -> bytes | None:
        """The message of the newest position; None: it was taken before, or nobody watches any more."""
        shown, self._newest = self._newest, None
        if shown is None:
            return None
        return msgspec.json.encode(
            {
                "op": "frame",
                "id": self._id,
                "game": shown.game,
                "match": shown.match,
                "seq": shown.seq,
                "at_ms": shown.at_ms,
                "frame": msgspec.Raw(shown.frame),
            }
        )

    def show(self, shown: Shown) -> None:
        """The newest position."""
        if self._newest is None and self._open:
            self._outlet.draw(self)
        self._newest = shown if self._open else None

    def end(self, over: Over) -> None:
        """The match is over, and with it the subscription."""
        told_ = {"match": over.match, "kind": over.kind, "seq": over.seq, "at_ms": over.at_ms}
        self._finish({"op": "ended", "id": self._id, **told_})

    def refuse(self, detail: str) -> None:
        """It cannot be shown (any more), and the subscription is over."""
        self._finish({"op": "refused", "id": self._id, "detail": detail})

    def _finish(self, message: dict[str, Any]) -> None:
        if self._open:
            last = self._newest  # still waits for its turn, before the message
            self._outlet.say(message)
            self._outlet.drop(self._id)
            self._newest = last
