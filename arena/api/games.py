"""/api/games: what can be played. Public."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec
from litestar import Controller, Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from arena.api.acceptable import Unknown
from arena.api.answers import problems_of, tagged, tagged_as
from arena.api.replays import Replays, Unshowable
from arena.games import report
from arena.store.admissions import Admission, read_admissions
from arena.store.database import Database
from arena.store.game_types import GameType, read_game_types
from arena.wire import spaces
from arena.wire.lobby import GameInfo

ActionKind = Literal["discrete", "continuous", "text", "several"]  # several: a tuple, a dict, many numbers at once


class ListedGame(GameType, frozen=True, kw_only=True):
    """One game, and what its last admission test found."""

    actions: list[ActionKind]  # what its seats send; none: nobody looked at this version of the game
    admission: Admission | None  # null: nobody kept one (`arena games admit --keep`)


class ShownGame(ListedGame, frozen=True, kw_only=True):
    """One game, with its spaces as agents are told of them."""

    info: GameInfo | None  # null: it cannot be set up here; `problem` says why
    problem: str | None


class GamesController(Controller):
    """What can be played."""

    path = "/games"
    tags = ("games",)

    @get(exclude_from_auth=True, responses={**tagged_as(list[ListedGame]), **problems_of(503)})
    async def list_games(self, request: Request[Any, Any, Any], database: NamedDependency[Database]) -> Response[Any]:
        """List all games: seats, rating model, clock, fault rule, environment, versions, admission. With an ETag."""
        return tagged(request, msgspec.json.encode(await _listed(database, await read_game_types(database))))

    @get(
        "/{game:str}",
        exclude_from_auth=True,
        responses={**tagged_as(ShownGame), **problems_of(404, 503)},
    )
    async def show(
        self,
        game: FromPath[str],
        request: Request[Any, Any, Any],
        database: NamedDependency[Database],
        replays: NamedDependency[Replays],
    ) -> Response[Any]:
        """Show one game, with its observation and action spaces. With an ETag."""
        (found,) = await _listed(database, [await known_game(database, game)])
        try:
            body = await replays.ask("spaces", game, [], key=("spaces", game))
            info, problem = msgspec.json.decode(body, type=GameInfo), None
        except Unshowable as error:
            info, problem = None, str(error)
        shown = ShownGame(**msgspec.structs.asdict(found), info=info, problem=problem)
        return tagged(request, msgspec.json.encode(shown))


async def _listed(database: Database, games: Sequence[GameType]) -> list[ListedGame]:
    async with database.begin() as connection:
        admissions = await read_admissions(connection)
    return [
        ListedGame(**msgspec.structs.asdict(game), actions=_actions(game), admission=admissions.get(game.name))
        for game in games
    ]


def _actions(game: GameType) -> list[ActionKind]:
    """From the reports that come with the platform: setting up a hundred environments would take a minute."""
    known = report.shipped().get(game.name)
    if known is None or known.report.version != game.details.get("version"):
        return []
    return sorted({_kind(seat.action) for seat in known.spaces})


def _kind(action: spaces.AnySpace) -> ActionKind:
    match action:
        case spaces.Discrete():
            return "discrete"
        case spaces.Box():
            return "continuous"
        case spaces.Text():
            return "text"
        case _:
            return "several"


async def known_game(database: Database, name: str) -> GameType:
    """The game of this name. Raises Unknown and Unavailable."""
    for game in await read_game_types(database):
        if game.name == name:
            return game
    raise Unknown(f"there is no game {name!r}")
