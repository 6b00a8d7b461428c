"""/api/requests: matches of one's own agents that somebody asks for, made beside the ladder's.

Opponents are named, or whoever is here with a rating in a range. Either way they agreed: they are of the same owner,
the house's, or `open_to` everybody. Matches are unrated, or rated by this rule, under which nobody can choose whom to
win rating from:

- opponents are asked for by a range of ratings at least RANGE_RATED_MIN wide, not by name;
- all seats are of different owners;
- the game's ladder compares seats (rating model `openskill`), and does not only average an agent's own scores.

Unrated ones may be played by a clock for people, `patient`: slower than any game's own, to which opponents agreed.

What is wanted stands in bucket REQUESTS, from which the matchmaker takes it (arena.matchmaker.requests); what came of
it is counted in the tables. So any API process answers for every request.
"""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Controller, Request, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from arena.api.acceptable import Invalid, Unknown
from arena.api.agents import own_agent
from arena.api.answers import problems_of
from arena.api.buckets import LiveBucket
from arena.api.paging import Page, page
from arena.api.registrar import Registrar
from arena.api.stamps import new_id, now_ms
from arena.api.tokens import Identity
from arena.bus import Bus, BusError, kv, stream
from arena.store.accounts import Agent
from arena.store.agent_records import agent_records
from arena.store.database import Database
from arena.store.game_types import GameType, read_game_types
from arena.store.requests import NOTHING, Progress, read_progress
from arena.wire import ids, registry
from arena.wire.subjects import REQUESTS_BUCKET

COUNT_MAX = 10_000  # matches of one request
PATIENT_COUNT_MAX = 10  # by the clock for people: such a match may hold its seats for hours
OPPONENTS_MAX = 32
RATING_MAX = 1e6
RANGE_RATED_MIN = 8.0  # units of rating: about two standard deviations of how well one agent plays from day to day
OPEN_MAX, OPEN_ALL_MAX = 20, 1_000  # requests that are neither complete nor cancelled: of one user, of all
KEPT_S = 30 * 24 * 3600  # then a request is forgotten; its matches stay
PAGE_MAX = 100
ID_MAX = 64  # characters

Caller = Request[Identity, Any, Any]
Status = Literal["queued", "running", "done", "cancelled"]
AgentId = Annotated[str, msgspec.Meta(min_length=1, max_length=ID_MAX)]


class RatingWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ratings (mu) from `low` to `high`, both included."""

    low: Annotated[float, msgspec.Meta(ge=-RATING_MAX, le=RATING_MAX)]
    high: Annotated[float, msgspec.Meta(ge=-RATING_MAX, le=RATING_MAX)]


class NewRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is asked for: `opponents`, who take turns, or a range of ratings; neither for games of one seat."""

    game: Annotated[str, msgspec.Meta(min_length=1, max_length=ID_MAX)]
    agent: AgentId
    opponents: Annotated[list[AgentId], msgspec.Meta(max_length=OPPONENTS_MAX)] = []
    rating: RatingWanted | None = None
    count: Annotated[int, msgspec.Meta(ge=1, le=COUNT_MAX)]
    rated: bool = False  # only with `rating`
    seat: Annotated[int, msgspec.Meta(ge=0)] = 0  # the agent's in the first match; in the following ones it goes round
    clock: registry.Clock = "game"  # "patient": ten minutes a move and no bank, for people; unrated, a few at once


class RequestedMatches(msgspec.Struct, frozen=True, kw_only=True):
    """A request, and how far it is."""

    id: str
    status: Status
    game: str
    agent: str
    opponents: list[str]
    rating: RatingWanted | None  # of opponents; null: they are named, or there are none
    count: int  # matches asked for
    rated: bool
    clock: registry.Clock
    seat: int  # the agent's in the first match
    created_ms: int
    cancelled_ms: int | None
    progress: Progress
    estimated_ms: int | None  # until all are over, at the rate so far; null: none is over yet, or nothing is to come


class Requests(LiveBucket[registry.Request]):
    """Bucket REQUESTS."""

    def __init__(self, bus: Bus) -> None:
        super().__init__(bus, REQUESTS_BUCKET, registry.Request)
        self._fresh: dict[str, registry.Request] = {}  # added here, and not heard of yet from the bucket

    def of(self, owner: str) -> dict[str, registry.Request]:
        """A user's, the newest first. Raises Unanswered."""
        found = {id_: record for id_, record in self.records.items() if record.owner == owner}
        return dict(sorted(found.items(), reverse=True))

    async def one(self, id_: str, owner: str) -> registry.Request:
        """This one of the user's, as it is stored now. Raises Unknown and BusError."""
        if ids.is_id(id_):
            found = await stream.stored(self.bus, f"KV_{REQUESTS_BUCKET}", last_by=f"$KV.{REQUESTS_BUCKET}.{id_}")
            if found and found.data:
                record = msgspec.json.decode(found.data, type=registry.Request)
                if record.owner == owner:
                    return record
        raise Unknown(f"you have no request {id_!r}; they are forgotten after {KEPT_S // 86_400} days")

    async def add(self, record: registry.Request) -> str:
        """A new one; returns its id. Raises Invalid and BusError.

        The bounds hold for many at once in this process; of others it counts what has come over the bucket.
        """
        self._fresh = {id_: it for id_, it in self._fresh.items() if id_ not in self.records}
        still = [it for it in {**self._fresh, **self.records}.values() if _is_open(it)]
        if sum(it.owner == record.owner for it in still) >= OPEN_MAX:
            raise Invalid(f"you have {OPEN_MAX} requests that are not complete: wait, or cancel one")
        if len(still) >= OPEN_ALL_MAX:
            raise Invalid(f"the platform has {OPEN_ALL_MAX} requests that are not complete: try again later")
        id_ = new_id()
        self._fresh[id_] = record
        try:
            await self.write(id_, record)
        except BusError:
            del self._fresh[id_]
            raise
        return id_

    async def cancel_orphans(self, database: Database) -> None:
        """Cancel what is open for agents that are deleted: nobody else would. Raises BusError and StoreError."""
        wanted = {id_: record for id_, record in self.so_far.items() if _is_open(record)}
        async with database.begin() as connection:
            stand = await agent_records(connection, {record.agent for record in wanted.values()})
        for id_, record in wanted.items():
            if record.agent not in stand:
                await self.write(id_, msgspec.structs.replace(record, cancelled_ms=now_ms()))

    async def write(self, id_: str, record: registry.Request) -> None:
        """Store it, for KEPT_S from now on. Raises BusError."""
        await kv.put(self.bus, REQUESTS_BUCKET, id_, record, {"Nats-TTL": f"{KEPT_S}s"})


class RequestsController(Controller):
    """Matches that you ask for."""

    path = "/requests"
    tags = ("requests",)

    @get(responses=problems_of(400, 401, 403, 503))
    async def list_requests(
        self,
        request: Caller,
        requests: NamedDependency[Requests],
        database: NamedDependency[Database],
        cursor: FromQuery[str | None] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = 20,
    ) -> Page[RequestedMatches]:
        """List your requests, newest first."""
        own = requests.of(request.user.id)
        chosen = [id_ for id_ in own if cursor is None or id_ < cursor][: limit + 1]
        return page(await _shown(database, {id_: own[id_] for id_ in chosen}), limit)

    @post(status_code=202, responses=problems_of(400, 401, 403, 404, 413, 503))
    async def ask(
        self,
        data: JSONBody[NewRequest],
        request: Caller,
        requests: NamedDependency[Requests],
        registrar: NamedDependency[Registrar],
    ) -> RequestedMatches:
        """Ask for up to 10,000 matches of an agent of yours, against others that agreed: named, or by their rating."""
        agent = await own_agent(registrar, request.user, data.agent)
        await _check(data, agent, registrar)
        record = registry.Request(
            owner=request.user.id,
            game=data.game,
            agent=agent.id,
            opponents=data.opponents,
            rating=registry.RatingRange(low=data.rating.low, high=data.rating.high) if data.rating else None,
            rated=data.rated,
            clock=data.clock,
            seat=data.seat,
            count=data.count,
            created_ms=now_ms(),
        )
        id_ = await requests.add(record)
        return _as_shown(id_, record, NOTHING)

    @get("/{request_id:str}", responses=problems_of(401, 403, 404, 503))
    async def show(
        self,
        request_id: FromPath[str],
        request: Caller,
        requests: NamedDependency[Requests],
        database: NamedDependency[Database],
    ) -> RequestedMatches:
        """Show how far it is, and the results so far."""
        (shown,) = await _shown(database, {request_id: await requests.one(request_id, request.user.id)})
        return shown

    @delete("/{request_id:str}", responses=problems_of(401, 403, 404, 503))
    async def cancel(self, request_id: FromPath[str], request: Caller, requests: NamedDependency[Requests]) -> None:
        """Make no more matches of it. Those that run are played to their end; of a complete one nothing changes."""
        record = await requests.one(request_id, request.user.id)
        if _is_open(record):
            await requests.write(request_id, msgspec.structs.replace(record, cancelled_ms=now_ms()))


def _is_open(record: registry.Request) -> bool:
    return not (record.closed or record.cancelled_ms)


async def _check(data: NewRequest, agent: Agent, registrar: Registrar) -> None:
    """Raises Invalid."""
    game = {game.name: game for game in await read_game_types(registrar.database)}.get(data.game)
    if game is None:
        raise Invalid(f"there is no game {data.game!r}: GET /api/games lists them")
    if game.seats == 1 and (data.opponents or data.rating):
        raise Invalid(f"{game.name} has 1 seat: expected no opponents")
    if game.seats > 1 and bool(data.opponents) == bool(data.rating):
        raise Invalid(f"{game.name} has {game.seats} seats: expected either opponents, or a range of ratings")
    if data.seat >= game.seats:
        raise Invalid(f"{game.name} has {game.seats} seats: expected a seat from 0 to {game.seats - 1}")
    if data.rating and data.rating.low > data.rating.high:
        raise Invalid("expected a rating range with low <= high")
    if data.clock == "patient" and (data.rated or data.count > PATIENT_COUNT_MAX):
        raise Invalid(f"expected at most {PATIENT_COUNT_MAX} unrated matches by the clock `patient`")
    if data.rated:
        _check_rated(data.rating, game)
    if data.opponents:
        await _check_opponents(data, agent, game.seats, registrar)


def _check_rated(rating: RatingWanted | None, game: GameType) -> None:
    """Raises Invalid."""
    if game.rating != "openskill":
        raise Invalid(f"{game.name} is rated by an agent's own score: matches that are asked for are unrated")
    if rating is None:
        raise Invalid("rated matches are asked for by a range of ratings, not by opponents' names")
    if rating.high - rating.low < RANGE_RATED_MIN:
        raise Invalid(f"expected a range of at least {RANGE_RATED_MIN:g} for rated matches")


async def _check_opponents(data: NewRequest, agent: Agent, seats: int, registrar: Registrar) -> None:
    """Raises Invalid."""
    if len({*data.opponents, agent.id}) <= len(data.opponents):
        raise Invalid("expected every opponent once, and not the agent itself")
    if len(data.opponents) < seats - 1:
        raise Invalid(f"{data.game} has {seats} seats: expected at least {seats - 1} opponents")
    for opponent in data.opponents:
        try:
            found = await registrar.agent(opponent)
        except Unknown as error:
            raise Invalid(f"there is no agent {opponent!r}; expected an id") from error
        if found.id != opponent:
            raise Invalid(f"expected the id of {opponent!r}, which is {found.id}")
        if not (found.house or found.owner == agent.owner or found.open_to == "everybody"):
            raise Invalid(f"agent {opponent!r} is open to nobody: only its owner asks for matches against it")


async def _shown(database: Database, records: dict[str, registry.Request]) -> list[RequestedMatches]:
    async with database.begin() as connection:
        found = await read_progress(connection, [(id_, record.agent) for id_, record in records.items()])
    return [_as_shown(id_, record, found.get(id_, NOTHING)) for id_, record in records.items()]


def _as_shown(id_: str, record: registry.Request, progress: Progress) -> RequestedMatches:
    status = _status(record, progress)
    over = progress.ended + progress.voided
    left = max(record.count if status != "cancelled" else progress.created, progress.created) - over
    spent_ms = max((progress.last_ms or 0) - (progress.first_ms or 0), 1)
    return RequestedMatches(
        id=id_,
        status=status,
        game=record.game,
        agent=record.agent,
        opponents=record.opponents,
        count=record.count,
        rating=RatingWanted(low=record.rating.low, high=record.rating.high) if record.rating else None,
        rated=record.rated,
        clock=record.clock,
        seat=record.seat,
        created_ms=record.created_ms,
        cancelled_ms=record.cancelled_ms or None,
        progress=progress,
        estimated_ms=round(left * spent_ms / over) if over and left > 0 else None,
    )


def _status(record: registry.Request, progress: Progress) -> Status:
    if progress.ended + progress.voided >= record.count:
        return "done"
    if record.cancelled_ms:
        return "cancelled"
    return "running" if progress.created else "queued"
