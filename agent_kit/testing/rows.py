"""The games that can be played here: those of the platform that is installed, by name."""

import os
from functools import cache
from pathlib import Path

from agent_kit.errors import MountFailed
from agent_kit.extras import need
from arena.games import Catalogue, CatalogueError, Game, Unplayable, load_catalogue

GAMES_FILE = "ARENA_GAMES_FILE"  # an operator's rows, as the platform itself takes them


def row(game: str | Game) -> Game:
    """The game with this name. Raises MountFailed: nothing is installed to play it with, or there is no such game."""
    for package in ("gymnasium", "pettingzoo"):
        need(package, "games")
    if isinstance(game, Game):
        return game
    try:
        catalogue = _catalogue(os.environ.get(GAMES_FILE, ""))
    except CatalogueError as error:
        raise MountFailed(str(error)) from error
    if game not in catalogue:
        problems = "".join(f"\n{problem}" for problem in catalogue.problems)
        raise MountFailed(f"there is no game {game!r}; known: {', '.join(sorted(catalogue))}{problems}")
    try:
        catalogue[game].info()
    except Unplayable as error:
        raise MountFailed(f"{error}; is everything there? pip install 'arena-platform[games]'") from error
    return catalogue[game]


@cache
def _catalogue(file: str) -> Catalogue:
    return load_catalogue(Path(file) if file else None)
