"""The games: a catalogue row -> an environment behind one small interface -> views, checked actions, rewards.

    catalogue.toml, entry points `arena.games`, the operator's file -> Game -> Game.make() -> Environment

This package alone imports PettingZoo and Gymnasium, and each environment only when a match needs it.
"""

from arena.games.catalogue import Catalogue, CatalogueError, Game, load_catalogue
from arena.games.environment import Environment, Illegal, Malformed, Unplayable, View

__all__ = [
    "Catalogue",
    "CatalogueError",
    "Environment",
    "Game",
    "Illegal",
    "Malformed",
    "Unplayable",
    "View",
    "load_catalogue",
]
