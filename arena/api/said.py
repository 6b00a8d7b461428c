"""/api/matches/{match_id}/said: what agents say beside their moves, put together, or live.

Remarks and progress are for everybody. Thoughts tell an opponent too much while the match is played: until its end
only the owner of the seat gets them (`/said/own`). All of it is kept for a time in stream SAID and nowhere else.

Any agent may say anything under any match's subject. So only those who sit in it are asked for, each by itself: nobody
else fills an answer, or pushes out what they said, and of each the stream keeps a bounded number of messages.
"""

from collections.abc import Iterable
from typing import Any

import msgspec
from litestar import Controller, Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import ServerSentEvent

from arena.api.answers import problems_of
from arena.api.live import LastEventId, Streams
from arena.api.matches import OVER, known_match
from arena.api.tokens import Grant, Identity
from arena.bus import Bus
from arena.bus.pull import Delivery
from arena.bus.rewind import StoredEvent, read_said
from arena.store.database import Database
from arena.store.reading import Match
from arena.wire import subjects
from arena.wire.said import KINDS, Kind, Said

OPEN: tuple[Kind, ...] = ("progress", "commentary")


class Utterance(msgspec.Struct, kw_only=True):
    """All that was said of one kind with one move."""

    seat: int
    ply: int
    kind: Kind
    text: str
    share: float | None  # progress: how much of the work is done, 0 to 1
    done: bool  # nothing follows
    at_ms: int  # of the first word
    seq: int  # of the last one, in stream SAID: what follows has a higher one


Utterances = dict[tuple[int, int, Kind], Utterance]  # by seat, ply and kind


class Hearing(msgspec.Struct, frozen=True):
    """Whose words in a match are heard, and which."""

    match: str
    seats: dict[str, int]  # by agent
    kinds: dict[str, tuple[Kind, ...]]  # by agent

    def understand(self, subject: str, payload: bytes) -> tuple[int, Kind, Said] | None:
        """Seat, kind and message; None for what is not to be heard here."""
        tokens = subjects.SAY.parse(subject)
        seat = self.seats.get(tokens["agent"])
        kind = next((one for one in self.kinds.get(tokens["agent"], ()) if one == tokens["kind"]), None)
        if seat is None or kind is None:
            return None
        try:
            return seat, kind, _decode(payload)
        except msgspec.DecodeError:
            return None  # an agent may send anything; this is only what it says

    @property
    def filters(self) -> list[str]:
        """Where it is said."""
        return [subjects.SAY.any(match=self.match, agent=agent) for agent in self.seats or ["-"]]  # nobody's

    def words(self, delivery: Delivery) -> tuple[dict[str, Any], str] | None:
        """What is told of a message, and its kind; None for what is not to be heard here."""
        understood = self.understand(delivery.subject, delivery.payload)
        if understood is None:
            return None
        seat, kind, said = understood
        words = {"seat": seat, "ply": said.ply, "text": said.text, "share": said.share, "done": said.done}
        return {"seq": delivery.seq, "at_ms": delivery.at_ms, **words}, kind


_decode = msgspec.json.Decoder(Said).decode


class SaidController(Controller):
    """Beside the game."""

    path = "/matches/{match_id:str}/said"
    tags = ("live",)

    @get(exclude_from_auth=True, responses=problems_of(404, 503))
    async def said(
        self, match_id: FromPath[str], database: NamedDependency[Database], bus: NamedDependency[Bus]
    ) -> list[Utterance]:
        """Show what was said so far, in its order; of a match that is over, thoughts too."""
        found = await known_match(database, match_id)
        return await _utterances(bus, heard_by(found, None))

    @get("/own", responses=problems_of(401, 403, 404, 503))
    async def own(
        self,
        match_id: FromPath[str],
        request: Request[Identity, Grant, Any],
        database: NamedDependency[Database],
        bus: NamedDependency[Bus],
    ) -> list[Utterance]:
        """Show what your agents said so far, thoughts too."""
        found = await known_match(database, match_id)
        return await _utterances(bus, heard_by(found, request.user.id, everybody=False))

    @get("/live", exclude_from_auth=True, responses=problems_of(404, 503))
    async def live(
        self,
        match_id: FromPath[str],
        request: Request[Any, Any, Any],
        database: NamedDependency[Database],
        streams: NamedDependency[Streams],
        last_event_id: LastEventId = None,
    ) -> ServerSentEvent:
        """Follow what is said, word by word, from the beginning or from Last-Event-ID."""
        found = await known_match(database, match_id)
        return _follow(streams, request, heard_by(found, None), last_event_id or 0)

    @get("/own/live", responses=problems_of(401, 403, 404, 503))
    async def own_live(
        self,
        match_id: FromPath[str],
        request: Request[Identity, Grant, Any],
        database: NamedDependency[Database],
        streams: NamedDependency[Streams],
        last_event_id: LastEventId = None,
    ) -> ServerSentEvent:
        """Follow what your agents say, thoughts too, from the beginning or from Last-Event-ID."""
        found = await known_match(database, match_id)
        return _follow(streams, request, heard_by(found, request.user.id, everybody=False), last_event_id or 0)


def heard_by(match: Match, owner: str | None, *, everybody: bool = True) -> Hearing:
    """What is heard by a user (None: by whoever is not logged in). everybody: not only its own agents."""
    public = KINDS if match.status in OVER else OPEN
    heard = [seat for seat in match.seats if everybody or seat.owner == owner]
    return Hearing(
        match.id,
        {seat.agent: seat.seat for seat in heard},
        {seat.agent: KINDS if seat.owner == owner else public for seat in heard},
    )


async def _utterances(bus: Bus, hearing: Hearing) -> list[Utterance]:
    """In the order in which they began."""
    found: Utterances = {}
    for agent in hearing.seats:
        after = 0
        while messages := await read_said(bus, hearing.match, agent, after):
            put_together(messages, hearing, found)
            after = messages[-1].seq
    return sorted(found.values(), key=lambda one: (one.at_ms, one.seq))


def put_together(messages: Iterable[StoredEvent], hearing: Hearing, found: Utterances) -> None:
    """Add deltas, in their order, to what they are parts of."""
    for message in messages:
        understood = hearing.understand(message.subject, message.payload)
        if understood is None:
            continue
        seat, kind, said = understood
        whole = found.setdefault(
            (seat, said.ply, kind),
            Utterance(
                seat=seat,
                ply=said.ply,
                kind=kind,
                text="",
                share=None,
                done=False,
                at_ms=message.at_ms,
                seq=message.seq,
            ),
        )
        whole.text += said.text
        whole.share = whole.share if said.share is None else said.share
        whole.done, whole.seq = whole.done or said.done, message.seq


def _follow(streams: Streams, request: Request[Any, Any, Any], hearing: Hearing, after: int) -> ServerSentEvent:
    return streams.follow(request, hearing.filters, after, source=subjects.SAID_STREAM, show=hearing.words)
