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
from collections.abc import Callable, Collection, Mapping
from itertools import islice
from typing import NamedTuple

import msgspec
import structlog

from arena.bus import Bus, BusError
from arena.bus.kv import Mirror, put
from arena.core.blocks import SEED_BITS, Draw
from arena.core.pairing import Meeting, Waiting
from arena.matchmaker.lobby import Lobby
from arena.wire import subjects
from arena.wire.events import Created
from arena.wire.registry import Clock, RatingRange, Request

SHARE_MAX = 0.25  # of what the runners could play on top of the ladder's matches
AHEAD_EVERY = 4  # of so many slots of an agent one is for requests first
TURNS_ALONE = 3  # of the ladder's matches, before an agent's only slot is for a request
TURNS_AGENTS_MAX = 100_000  # agents whose turns are counted; more, and all are counted anew
PENDING_MAX = 100  # requested matches created and not seen in the log yet; so many at most may be made twice
LEFT_OVER_MS, LEFT_OVER_ALONE_MS = 500, 5_000  # how long a slot waits for the ladder first; an agent's only slot
IN_RANGE_MAX = 200  # agents in a range of ratings that one wave looks at
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


# An agent, its slots on the ladder -> how many of these may sit in requests, after which wait (ms).
SlotsOf = Callable[[str, int], tuple[int, int]]


def left_over(_agent: str, slots: int) -> tuple[int, int]:
    """Behind the ladder's wave: half of an agent's slots, once they waited."""
    return -(-slots // 2), LEFT_OVER_MS if slots > 1 else LEFT_OVER_ALONE_MS


def ahead_of_the_ladder(turns: Mapping[str, int]) -> SlotsOf:
    """A small part of an agent's slots, or its only one in turn. turns: the ladder's matches since the last request."""

    def slots_of(agent: str, slots: int) -> tuple[int, int]:
        if slots > 1:
            return max(slots // AHEAD_EVERY, 1), 0
        return slots if turns.get(agent, 0) >= TURNS_ALONE else 0, 0

    return slots_of


class Free:
    """Slots that may be taken in one wave, by game and agent. sitting: in requested matches already, by agent."""

    def __init__(
        self, lobby: Lobby, games: Collection[str], sitting: Mapping[str, int], slots_of: SlotsOf, now_ms: int
    ) -> None:
        self._lobby = lobby
        waiting = {game: lobby.askable(game, now_ms) for game in games}
        agents = {slot.agent for slots in waiting.values() for slot in slots}
        here = {agent: [it for it in lobby.of(agent) if it.here] for agent in agents}
        on_ladder = {agent: slots_of(agent, sum(it.slots for it in here[agent] if it.ladder)) for agent in agents}
        self._allowed = {
            agent: on_ladder[agent][0] + sum(it.slots for it in here[agent] if not it.ladder) for agent in agents
        }
        self._sitting = Counter({agent: sitting.get(agent, 0) for agent in agents})
        self._slots: dict[tuple[str, str], list[Waiting]] = defaultdict(list)
        for game, slots in waiting.items():
            for slot in slots:
                if not slot.ladder or now_ms - slot.since_ms >= on_ladder[slot.agent][1]:
                    self._slots[game, slot.agent].append(slot)
        self._used: set[str] = set()
        self._ranges: dict[tuple[str, RatingRange | None, str], list[str]] = {}

    def take(self, request: Request, seats: int, number: int, met: Mapping[str, int]) -> tuple[Waiting, ...] | None:
        """Slots by seat for its match of this number, or None. Seats and named opponents go round with the number.

        met: how often each agent played in it. Of those in a range of ratings, who played least is taken first.
        """
        own = self._first(request, request.agent)
        if own is None:
            return None
        alone = not own.ladder and not self._sitting[own.agent]
        if request.rating:
            others = sorted(self._in_range(request, own), key=lambda agent: met.get(agent, 0))
        else:
            first = number // seats * (seats - 1) % max(len(request.opponents), 1)
            others = request.opponents[first:] + request.opponents[:first]
        found = [own]
        for agent in others:
            slot = self._first(request, agent, any_of_house=alone) if len(found) < seats else None
            if slot and self._agreed(own, slot) and not (request.rated and _unwanted(found, slot)):
                found.append(slot)
        if len(found) < seats:
            return None
        for slot in found:
            self._used.add(slot.slot)
            self._sitting[slot.agent] += 1
        seat = (request.seat + number) % seats
        return (*found[1 : seat + 1], own, *found[seat + 1 :])

    def _in_range(self, request: Request, own: Waiting) -> list[str]:
        """Other agents that agreed and have such a rating: the IN_RANGE_MAX first, the same all through a wave."""
        key = (request.game, request.rating, own.agent)
        if key not in self._ranges:
            found = (
                agent
                for (game, agent), slots in self._slots.items()
                if game == request.game and agent != own.agent and _within(request.rating, slots[0].mu)
                if self._agreed(own, slots[0])
            )
            self._ranges[key] = list(islice(found, IN_RANGE_MAX))
        return self._ranges[key]

    def _agreed(self, own: Waiting, other: Waiting) -> bool:
        """Whether the other's owner lets this agent's owner ask for it."""
        record = self._lobby.agents.get(other.agent)
        return other.house or other.owner == own.owner or (record is not None and record.open_to == "everybody")

    def _takes(self, request: Request, slot: Waiting) -> bool:
        """Whether its process said that it plays such matches."""
        instance = self._lobby.instance(slot)
        return (request.rated or instance.unrated) and (request.clock == "game" or instance.patient)

    def _first(self, request: Request, agent: str, *, any_of_house: bool = False) -> Waiting | None:
        """The agent's longest waiting slot that is not taken yet. Of one instance, games share the slots.

        Slots beside the ladder come first. any_of_house: also those that a house bot keeps, whatever part it plays in.
        """
        full = self._sitting[agent] >= self._allowed.get(agent, 0)
        free = (
            slot
            for slot in self._slots.get((request.game, agent), ())
            if slot.slot not in self._used
            and self._takes(request, slot)
            and ((any_of_house or (slot.ladder and not full)) if slot.house else not full)
        )
        return min(free, key=lambda slot: (slot.ladder, slot.since_ms), default=None)


def _unwanted(found: Collection[Waiting], slot: Waiting) -> bool:
    """Whether a rated match of these is nothing for one of them: of one owner, or outside the ratings it wants."""
    return any(
        slot.owner == other.owner
        or not (slot.mu_min <= other.mu <= slot.mu_max and other.mu_min <= slot.mu <= other.mu_max)
        for other in found
    )


def _within(wanted: RatingRange | None, mu: float) -> bool:
    return wanted is not None and wanted.low <= mu <= wanted.high
