"""Requested matches: what somebody asked for, made of the slots that the ladder leaves over.

Bucket REQUESTS says what is wanted (the API writes it), the log says what was made (`Created.request`).  Every
matchmaker mirrors the one and folds the other, so each knows how many matches of a request there are: those created
before the checkpoint, which stand in it as `LogPosition.made`, and those it read since.  Position and counts are one
record, so an older one that is written late still agrees with itself.  A match that is on its way to the log counts
for whoever sent it, and for nobody else.

So a request of `count` matches gets exactly that many, unless the matchmaker dies, or loses its lease, while appends
are on their way: the next one does not know of those that reach the log after it has looked.  They are at most
PENDING_MAX for each such takeover, over all requests together.

**The ladder is never starved, and neither are requests.**  Of the runners' room, requested matches get before the
ladder what one game would (arena.matchmaker.ladder), and behind it what is left, but never more than SHARE_MAX of what
the runners could play beside the ladder.  Of the slots: on a busy ladder none is ever left over, so a small part is for
requests before the wave, of an agent's slots one in AHEAD_EVERY (one at least, of two and more), and an agent's only
slot after it played TURNS_ALONE of the ladder's matches.  What the wave left over comes on top, once it waited
LEFT_OVER_MS, so that at least one wave could have had it (an only slot: LEFT_OVER_ALONE_MS), up to half of an agent's
slots; the others wait on while limits widen: a house bot that somebody wants ten thousand matches of is there for
others all the same.

**Who is there for such matches alone** (`ladder` false in the hello: a person in a browser) waits for nothing: all
slots of that instance are for requests, at once.  Its agent's first match comes before all others, and may take any
free slot of a house bot, also those that neither the ladder nor any other request gets (arena.matchmaker.lobby): no
batch is in a person's way.

**Nobody plays whom it did not agree to play.**  Opponents are the asking agent's owner's own, the house's, and those
that are `open_to` everybody: the API looks when somebody asks, and here it is looked at again for every match, so an
owner who changes its mind is heard at once.  In rated matches all seats are of different owners, and of ratings that
each of them wants to meet.  A process may say that it plays no unrated matches, or none by the clock for people.

**Who compares wants the same conditions.**  The agent's seat goes round from match to match, and so do named opponents,
once for each round of seats.  The matches of a round are a block (arena.core.blocks): they share a seed, if the same
opponents are free for all of them.  In every game, and one after the other: such matches are unrated, and an agent that
remembers a deal deceives the one who asked.  Not by the clock for people, who remember.
"""

import secrets
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from typing import NamedTuple

import msgspec
import structlog

from arena.bus import Bus, BusError
from arena.bus.kv import Mirror, put
from arena.core.blocks import SEED_BITS, Draw
from arena.core.pairing import Meeting
from arena.matchmaker.free import Free, ahead_of_the_ladder, left_over
from arena.matchmaker.lobby import Lobby
from arena.wire import subjects
from arena.wire.events import Created
from arena.wire.registry import Clock, Request

SHARE_MAX = 0.25  # of what the runners could play on top of the ladder's matches
TURNS_AGENTS_MAX = 100_000  # agents whose turns are counted; more, and all are counted anew
PENDING_MAX = 100  # requested matches created and not seen in the log yet; so many at most may be made twice
KEPT_S = 30 * 24 * 3600  # how long the bucket remembers a request

log = structlog.get_logger("matchmaker")


class Asked(NamedTuple):
    """A match to be made for a request."""

    request: str
    game: str
    meeting: Meeting
    rated: bool
    clock: Clock
    draw: Draw


class Requests:
    """Who wants which matches, and how many of them there are. seats: of every game."""

    def __init__(self, bus: Bus, lobby: Lobby, seats: Mapping[str, int]) -> None:
        self._bus = bus
        self._lobby = lobby
        self._seats = seats
        self._mirror = Mirror(bus, subjects.REQUESTS_BUCKET, Request, self._on_entry)
        self._made: dict[str, int] = {}  # by request, before the sequences in `_seqs`
        self._seqs: defaultdict[str, list[int]] = defaultdict(list)
        self._pending: dict[str, str] = {}  # match -> request
        self._running: dict[str, Created] = {}  # requested matches that are not over
        self._sitting: Counter[str] = Counter()  # agent -> its seats in them
        self._met: defaultdict[str, Counter[str]] = defaultdict(Counter)  # request -> agent -> its matches in it
        self._rounds: dict[str, tuple[Draw, set[str]]] = {}  # request -> its newest round of seats, and who plays in it
        self._turns: Counter[str] = Counter()  # agent -> the ladder's matches since its last requested one
        self._last = ""  # the request that was served last

    async def start(self, made: Mapping[str, int]) -> None:
        """Learn what is wanted. made: of each request, before the log's part that is read next."""
        await self._mirror.start()
        self._made = {request: count for request, count in made.items() if request in self._mirror.records}

    async def stop(self) -> None:
        """Follow no more."""
        await self._mirror.stop()

    # Counting

    def sent(self, match: str, created: Created) -> None:
        """A requested match is on its way to the log."""
        if created.request:
            self._pending[match] = created.request
            self._begun(match, created)

    def seen(self, seq: int, match: str, created: Created) -> None:
        """The log has a match. Hearing it twice changes nothing."""
        if not created.request:
            if len(self._turns) > TURNS_AGENTS_MAX:
                self._turns.clear()
            self._turns.update(seat.agent for seat in created.seats)
            return
        self._pending.pop(match, None)
        seqs = self._seqs[created.request]
        if not seqs or seq > seqs[-1]:
            seqs.append(seq)
            self._begun(match, created)

    def over(self, match: str) -> None:
        """A match ended or was voided."""
        if (created := self._running.pop(match, None)) is not None:
            self._sitting.subtract(seat.agent for seat in created.seats)

    def made(self, request: str) -> int:
        """How many of its matches the log has."""
        return self._made.get(request, 0) + len(self._seqs.get(request, ()))

    def made_before(self, seq: int) -> dict[str, int]:
        """By open request, how many of its matches were created before this sequence: for the checkpoint."""
        for id_, record in self._mirror.records.items():
            if record.closed or record.cancelled_ms:
                self._forget(id_)
        for request, seqs in self._seqs.items():
            before = sum(it < seq for it in seqs)
            self._made[request] = self._made.get(request, 0) + before
            del seqs[:before]
        return {request: count for request, count in self._made.items() if count}

    async def close_complete(self) -> None:
        """Say of every request of which the log has all matches that no more are made."""
        for id_, request in list(self._mirror.records.items()):
            if not request.closed and self.made(id_) >= request.count:
                closed = msgspec.structs.replace(request, closed=True)
                try:
                    await put(self._bus, subjects.REQUESTS_BUCKET, id_, closed, {"Nats-TTL": f"{KEPT_S}s"})
                except BusError as error:  # nothing more is made all the same
                    log.warning("a request was not closed; trying on", request=id_, error=str(error))
                    return

    def _on_entry(self, request: str, record: Request | None) -> None:
        if record is None:
            self._forget(request)

    def _forget(self, request: str) -> None:
        for of_request in (self._made, self._seqs, self._met, self._rounds):
            of_request.pop(request, None)

    def _begun(self, match: str, created: Created) -> None:
        if match not in self._running:
            self._running[match] = created
            agents = [seat.agent for seat in created.seats]
            self._sitting.update(agents)
            self._met[created.request].update(agents)
            for agent in agents:
                self._turns.pop(agent, None)

    # Making

    @property
    def running(self) -> int:
        """Requested matches that are not over."""
        return len(self._running)

    def meetings(self, room: int, playable: Collection[str], now_ms: int, *, ahead: int | None = None) -> list[Asked]:
        """What to make now. room: matches for which there are runners; ahead: how many before the ladder's wave.

        Without `ahead` it is what the wave left over. A person who plays nothing yet is first, and in nobody's share.
        """
        share = min(self._share(room), room if ahead is None else ahead)
        most = min(room, PENDING_MAX - len(self._pending))
        wanted = self._wanted(playable)
        people = {request.agent for request in wanted.values() if self._waits_alone(request.agent)}
        if most <= 0 or not (people or (wanted and share > 0)):
            return []
        slots_of = left_over if ahead is None else ahead_of_the_ladder(self._turns)
        free = Free(self._lobby, {request.game for request in wanted.values()}, self._sitting, slots_of, now_ms)
        found: list[Asked] = []
        left = {id_: request.count - self.made(id_) for id_, request in wanted.items()}
        for id_ in self._pending.values():
            if id_ in left:
                left[id_] -= 1
        turn = sorted(wanted, key=lambda id_: (wanted[id_].agent not in people, id_ <= self._last, id_))
        while turn and len(found) < most:
            id_ = turn.pop(0)
            request = wanted[id_]
            number = request.count - left[id_]
            seats, met = self._seats[request.game], self._met[id_]
            if left[id_] <= 0 or not (request.agent in people or share > 0):
                continue
            if (slots := free.take(request, seats, number, met)) is None:
                continue
            share -= request.agent not in people
            people.discard(request.agent)
            left[id_] -= 1
            self._last = id_
            meeting = Meeting(slots, f"requested, {number + 1} of {request.count}")
            draw = self._draw(id_, request, number, {slot.agent for slot in slots})
            found.append(Asked(id_, request.game, meeting, request.rated, request.clock, draw))
            turn.append(id_)
        return found

    def _draw(self, id_: str, request: Request, number: int, agents: set[str]) -> Draw:
        """The seed of its match of this number, which the others of the round have too, against the same opponents."""
        seats = len(agents)
        turn, seat = divmod(number, seats)
        fresh = Draw("", secrets.randbits(SEED_BITS))
        compares = request.opponents and not request.rated and request.clock != "patient"
        if not compares or seats == 1 or (turn + 1) * seats > request.count:
            return fresh
        block = f"{id_}-{turn}"
        if seat == 0:
            self._rounds[id_] = Draw(block, fresh.seed), agents
        draw, others = self._rounds.get(id_, (fresh, set()))
        return draw if draw.block == block and others == agents else fresh

    def _waits_alone(self, agent: str) -> bool:
        """Whether it is here for such matches alone, as people are, and plays none yet."""
        return not self._sitting[agent] and any(it.here and not it.ladder for it in self._lobby.of(agent))

    def _share(self, room: int) -> int:
        """How many more requested matches may run. One may always, where there is room at all."""
        if room <= 0:
            return 0
        return max(int((room + len(self._running)) * SHARE_MAX), 1) - len(self._running)

    def _wanted(self, playable: Collection[str]) -> dict[str, Request]:
        return {
            id_: request
            for id_, request in self._mirror.records.items()
            if not (request.closed or request.cancelled_ms) and request.game in playable and request.game in self._seats
        }
