"""The catalogue: one row per game, from three places, in this order.

1. the files of this package: `catalogue.toml`, then those below `rows/`. A row whose packages are not installed (the
   extra `games-more`) is reported, and the others stand;
2. the entry-point group `arena.games` of other packages: each entry point is a row, a list of rows, or a callable that
   returns either (a row is a `Game` or a mapping with its fields). One that fails is reported, and the others stand;
3. the operator's TOML file. A row with the name of a game that exists changes the fields it gives.

Loading imports no environment; `Game.make` does.
"""

import importlib
import importlib.metadata
import os
import re
import tomllib
import warnings
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from arena.games import report
from arena.games.environment import Environment, People, Unplayable
from arena.games.info import describe, told
from arena.wire.events import ClockRule, FaultRule
from arena.wire.lobby import GameInfo, Token

GROUP = "arena.games"
SEATS_MAX = 1024
BLOCK_SEATS_MAX = 4  # a block is so many matches at once
_HERE = Path(__file__).parent
_SHIPPED = (_HERE / "catalogue.toml", *sorted((_HERE / "rows").glob("*.toml")))
_PATH = r"^[A-Za-z_][\w.]*:[A-Za-z_][\w.]*$"
_FIELD = re.compile(r"^(?P<problem>.*?)(?: - at `\$\.?(?P<field>.*)`)?$", re.DOTALL)
_OWN = "arena-platform"
_ADAPTERS = {
    "aec": "arena.games.aec:AEC",
    "parallel": "arena.games.parallel:Parallel",
    "gymnasium": "arena.games.gym:Gym",
}

ObjectPath = Annotated[str, msgspec.Meta(pattern=_PATH)]


class CatalogueError(Exception):
    """A row is wrong. The message names the file or entry point, the row, the field, and what was expected."""


class Missing(CatalogueError):
    """A package that a row needs is not installed."""


class Game(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A row of the catalogue."""

    name: Token  # one token of a subject
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    environment: ObjectPath  # "module:callable"; the callable takes `arguments` and returns an environment
    arguments: dict[str, Any] = {}
    kind: Literal["aec", "parallel", "gymnasium"]
    seats: Annotated[int, msgspec.Meta(ge=1, le=SEATS_MAX)]
    clock: ClockRule = ClockRule()
    faults: FaultRule = FaultRule()
    rating: Literal["openskill", "score"] = "openskill"  # score: one seat, or all seats together; ranked by mean score
    cooperative: bool = False  # all seats share one aim and one score
    teams: tuple[tuple[int, ...], ...] = ()  # the seats of each team; none: every seat plays for itself
    full_observation: bool = False  # one observation says all that a seat's player needs: nothing has to be remembered
    perfect_information: bool = False  # every seat sees everything: positions may be shown while the match goes on
    blocks: bool = False  # the ladder's matches are made in seat-fair blocks (arena.core.blocks), where slots are free
    determinism: Literal["everywhere", "machine", "none"] = "everywhere"  # where a replay gives the same bits
    plies_max: Annotated[int, msgspec.Meta(ge=0)] = 0  # then the match ends with the scores so far; 0: no limit
    tags: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()  # distributions whose versions matter to a replay; default: the environment's own
    renderer: ObjectPath | None = None  # "module:function" of the environment, returning a Board; None: `render`
    guide: ObjectPath | None = None  # "module:function" of the environment, a seat and its actions, returning a Guide
    frames: bool = False  # the environment draws itself in pixels (render_mode rgb_array)
    version: str = ""  # environment, arguments and package versions; made when the row is loaded

    def make(self) -> Environment:
        """A new match's environment. Raises Unplayable when it cannot be set up."""
        adapter = resolve(_ADAPTERS[self.kind])
        people = People(*(resolve(path) if path else None for path in (self.renderer, self.guide)))
        made: Environment = adapter(self.bare(), self.plies_max, people)
        if made.seats != self.seats:
            raise Unplayable(f"{self.name}: the row says {self.seats} seats, the environment has {made.seats}")
        return made

    def bare(self) -> Any:
        """The PettingZoo or Gymnasium environment itself. Raises Unplayable when it cannot be set up."""
        # Some environments import pygame; nothing here may open a window or print a banner.
        os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
        os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
        try:
            with warnings.catch_warnings():
                # PettingZoo deprecates its modules' `env` in favour of a registry that not every package has yet, and
                # spaces warn of their precision: nothing a platform's operator could act on. Admission shows them.
                warnings.simplefilter("ignore")
                return resolve(self.environment)(**self.arguments)
        except Exception as error:
            why = f"{type(error).__name__}: {error}"
            raise Unplayable(f"{self.name}: cannot set up {self.environment} with {self.arguments}: {why}") from error

    @property
    def team_of_seat(self) -> tuple[int | None, ...]:
        """By seat, the number of its team; None where every seat plays for itself."""
        found = {seat: number for number, team in enumerate(self.teams) for seat in team}
        return tuple(found.get(seat) for seat in range(self.seats))

    def info(self) -> GameInfo:
        """What agents are told of the game. Sets an environment up if its spaces are not kept. Raises Unplayable."""
        key = msgspec.json.encode(self)
        if key not in _INFOS:
            known = report.shipped().get(self.name)
            if known is not None and known.report.version == self.version:
                _INFOS[key] = told(self, known.observation_space, known.action_space, known.spaces)
            else:
                _INFOS[key] = describe(self)
        return _INFOS[key]


_INFOS: dict[bytes, GameInfo] = {}  # a game's spaces never change, and making an environment to print them is slow


class Catalogue(dict[str, Game]):
    """Games by name. `problems` are the third-party rows that could not be loaded, in words."""

    def __init__(self) -> None:
        super().__init__()
        self.problems: list[str] = []


def load_catalogue(settings_file: Path | None = None) -> Catalogue:
    """All rows. Raises CatalogueError for a wrong row in our own or the operator's file."""
    catalogue = Catalogue()
    for file in _SHIPPED:
        _add_shipped(catalogue, file)
    for entry_point in sorted(importlib.metadata.entry_points(group=GROUP)):
        source = f"entry point {entry_point.name} = {entry_point.value}"
        try:
            for game in [_game(row, source) for row in _rows(entry_point.load())]:
                if game.name in catalogue:
                    raise CatalogueError(f"{source}: game {game.name!r}: field name: there is a game of this name")
                catalogue[game.name] = game
        except CatalogueError as error:
            catalogue.problems.append(str(error))
        except Exception as error:  # noqa: BLE001 - somebody else's package must not take the platform down
            catalogue.problems.append(f"{source}: {type(error).__name__}: {error}")
    if settings_file is not None:
        for row in _read(settings_file):
            _add(catalogue, row, str(settings_file))
    return catalogue


def _add_shipped(catalogue: Catalogue, file: Path) -> None:
    for row in _read(file):
        try:
            _add(catalogue, row, file.name)
        except Missing as error:
            catalogue.problems.append(str(error))


def checked(row: Mapping[str, Any]) -> Game:
    """A row as it would stand in the operator's file. Raises CatalogueError."""
    return _game(row, "the row")


def appended(file: Path, game: Game) -> None:
    """Add the game to the operator's file, which is made if there is none. Raises CatalogueError if it is there."""
    if file.exists() and any(isinstance(row, Mapping) and row.get("name") == game.name for row in _read(file)):
        raise CatalogueError(f"{file}: game {game.name!r} is there already")
    fields = {key: value for key, value in msgspec.to_builtins(game).items() if key != "version"}
    lines = [f"{key} = {_toml(value)}" for key, value in fields.items()]
    with file.open("a") as stream:
        stream.write("\n".join(["", "[[game]]", *lines, ""]))


def _toml(value: Any) -> str:
    """A value on one line. TOML's numbers, texts, lists and booleans are JSON's."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return msgspec.json.encode(value).decode()


def resolve(path: str) -> Any:
    """What "module:attribute" names. Raises ImportError or AttributeError."""
    module, _, attribute = path.partition(":")
    found = importlib.import_module(module)
    for name in attribute.split("."):
        found = getattr(found, name)
    return found


def _read(file: Path) -> list[Any]:
    try:
        content = tomllib.loads(file.read_text())
    except OSError as error:
        raise CatalogueError(f"{file}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{file}: not valid TOML: {error}") from error
    rows = content.pop("game", [])
    if content or not isinstance(rows, list):
        raise CatalogueError(f"{file}: expected tables [[game]] and nothing else, got {', '.join(content) or 'game'}")
    return rows


def _rows(loaded: Any) -> Iterable[Any]:
    if isinstance(loaded, Callable):  # type: ignore[arg-type]
        loaded = loaded()
    return [loaded] if isinstance(loaded, Game | Mapping) else loaded


def _add(catalogue: Catalogue, row: Any, source: str) -> None:
    name = row.get("name") if isinstance(row, Mapping) else None
    if isinstance(name, str) and name in catalogue:
        row = {**msgspec.to_builtins(catalogue[name]), "version": "", **row}
    game = _game(row, source)
    catalogue[game.name] = game


def _game(row: Any, source: str) -> Game:
    """The validated row, with its version."""
    fields = msgspec.to_builtins(row)
    name = fields.get("name") if isinstance(fields, Mapping) else None
    where = f"{source}: game {name!r}" if name else source
    try:
        game = msgspec.convert(fields, Game)
    except msgspec.ValidationError as error:
        found = _FIELD.match(str(error))
        field, problem = (found["field"], found["problem"]) if found else (None, str(error))
        raise CatalogueError(f"{where}: {f'field {field}: ' if field else ''}{problem}") from error
    for field, problem in _contradictions(game):
        raise CatalogueError(f"{where}: field {field}: {problem}")
    return msgspec.structs.replace(game, version=game.version or _version(game, where))


def _contradictions(game: Game) -> Iterable[tuple[str, str]]:
    if game.kind == "gymnasium" and game.seats != 1:
        yield "seats", f"Expected 1 for a Gymnasium environment, got {game.seats}"
    if (game.seats == 1 or game.cooperative) != (game.rating == "score"):
        expected = "score" if game.rating != "score" else "openskill"
        yield "rating", f"Expected `{expected}` where cooperative is {game.cooperative} and seats is {game.seats}"
    if game.teams and sorted(seat for team in game.teams for seat in team) != list(range(game.seats)):
        yield "teams", f"Expected lists in which each seat from 0 to {game.seats - 1} stands once, got {game.teams}"
    if game.teams and (len(game.teams) < 2 or not all(game.teams)):
        yield "teams", f"Expected two teams or more with a seat each (one team is `cooperative`), got {game.teams}"
    if game.blocks and (game.teams or game.rating == "score" or not 2 <= game.seats <= BLOCK_SEATS_MAX):
        expected = f"Expected false but for games of 2 to {BLOCK_SEATS_MAX} seats, each for itself, rated by openskill"
        yield "blocks", f"{expected}; seats is {game.seats}, rating `{game.rating}`"
    if game.clock.move_ms <= 0 and game.clock.bank_ms <= 0:
        yield "clock", "Expected move_ms or bank_ms above 0: a match must end when an agent stays silent"


def _version(game: Game, where: str) -> str:
    """For example `go_v5(board_size=9), pettingzoo 1.27.0`."""
    module = game.environment.partition(":")[0]
    arguments = dict(game.arguments)
    identity = arguments.pop("id", None) if game.kind == "gymnasium" else None
    identity = identity or module.rpartition(".")[2]
    shown = ", ".join(f"{key}={value!r}" for key, value in sorted(arguments.items()))
    package = module.partition(".")[0]
    packages = game.packages or (_OWN if package == "arena" else package,)
    return ", ".join([f"{identity}({shown})", *(f"{package} {_installed(package, where)}" for package in packages)])


def _installed(package: str, where: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        if package == _OWN:  # a checkout that is not installed
            return "0"
        providers = importlib.metadata.packages_distributions().get(package)
        if not providers:
            problem = f"Expected installed packages, {package} is not: pip install 'arena-platform[games,games-more]'"
            raise Missing(f"{where}: field packages: {problem}") from None
        return f"({importlib.metadata.version(providers[0])})"
