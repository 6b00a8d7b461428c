"""/api/watch: the running matches that are most worth watching now (`arena.core.interest`). Public."""

from typing import Annotated

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from arena.api.answers import problems_of
from arena.api.lately import Lately
from arena.api.stamps import now_ms
from arena.core.interest import Interest, Rated, Running, Why, interest, ranked
from arena.core.rating import initial
from arena.store.database import Database
from arena.store.running import RunningMatch, RunningSeat, plies_so_far, running_matches

LIMIT_MAX = 60


class WatchItem(msgspec.Struct, frozen=True, kw_only=True):
    """A running match, and what makes it interesting."""

    match: str
    game: str
    title: str  # of the game
    board: bool  # it can be watched move by move: {"op": "subscribe", "board": <match>}
    started_ms: int
    plies: int  # steps so far
    score: float  # 0 to 1
    why: list[Why]
    seats: list[RunningSeat]


class Watching:
    """What may be watched now, for all who ask within a second."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._found = Lately(self._find)

    async def best(self, game: str | None, limit: int) -> list[WatchItem]:
        """The most interesting matches, best first. Raises StoreError."""
        found = await self._found.get()
        if game is not None and game not in found.games:
            return []
        if game not in found.answers:
            chosen = ranked((one for one in found.interests if game in {None, one.game}), LIMIT_MAX)
            async with self._database.begin() as connection:
                plies = await plies_so_far(connection, [one.match for one in chosen])
            found.answers[game] = [_item(found.matches[one.match], one, plies[one.match]) for one in chosen]
        return found.answers[game][:limit]

    async def _find(self) -> "_Found":
        async with self._database.begin() as connection:
            matches = await running_matches(connection)
        now = now_ms()
        return _Found([interest(_running(match, now)) for match in matches], {match.id: match for match in matches})


class _Found:
    """What was found at one time, and the answers made of it so far."""

    def __init__(self, interests: list[Interest], matches: dict[str, RunningMatch]) -> None:
        self.interests = interests
        self.matches = matches
        self.games = {match.game for match in matches.values()}
        self.answers: dict[str | None, list[WatchItem]] = {}  # by game; None: of all


class WatchController(Controller):
    """What happens now that is worth a look."""

    tags = ("live",)

    @get("/watch", exclude_from_auth=True, responses=problems_of(400, 503))
    async def watch(
        self,
        watching: NamedDependency[Watching],
        game: FromQuery[str | None] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=LIMIT_MAX)] = 12,
    ) -> list[WatchItem]:
        """List the running matches most worth watching, of one game or of all: well rated, close, drawn, just begun."""
        return await watching.best(game, limit)


def _running(match: RunningMatch, now: int) -> Running:
    unrated = initial(match.rating)
    return Running(
        match=match.id,
        game=match.game,
        model=match.rating,
        board=match.board,
        age_s=(now - (match.started_ms or match.created_ms)) / 1000,
        seats=[
            Rated(
                seat.agent,
                unrated.mu if seat.mu is None else seat.mu,
                unrated.sigma if seat.sigma is None else seat.sigma,
                seat.team,
            )
            for seat in match.seats
        ],
    )


def _item(match: RunningMatch, found: Interest, plies: int) -> WatchItem:
    return WatchItem(
        match=match.id,
        game=match.game,
        title=match.title,
        board=match.board,
        started_ms=match.started_ms or match.created_ms,
        plies=plies,
        score=round(found.score, 3),
        why=list(found.why),
        seats=match.seats,
    )
