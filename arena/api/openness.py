"""What everybody may see of a match that is being played.

Not its seed (with which anybody could play ahead), and in games whose seats hide something from each other, not what
they did.  A digest is kept back with the actions: it says whether a guess of them is right.  So is what a fault quotes.
"""

from typing import Any

import msgspec

from arena.store.database import Database
from arena.store.game_types import find_game_type
from arena.store.reading import Fault, Match, PlayedTurn

_OF_EVENTS = {"digest", "expected", "evidence"}


async def is_open(database: Database, game: str) -> bool:
    """Whether all seats of a game see everything. A game that is not in the catalogue (any more) is not open."""
    found = await find_game_type(database, game)
    return found is not None and bool(found.details.get("perfect_information"))


async def why_hidden(database: Database, game: str) -> str:
    """Why positions of a match that goes on are not shown; "" where they are."""
    return "" if await is_open(database, game) else hidden_text(game)


def hidden_text(game: str) -> str:
    """Why positions of a game that is not open are not shown."""
    return f"players of {game} do not see everything: shown when the match is over"


def discreet_match(match: Match) -> Match:
    """Without its seed."""
    return msgspec.structs.replace(match, seed=None)


def discreet_event(event: Any, *, of_open_game: bool) -> Any:
    """A decoded event. What it does not say is not there."""
    if not isinstance(event, dict):
        return event
    hidden = {"seed"} if of_open_game else {"seed", *_OF_EVENTS}
    shown = {name: value for name, value in event.items() if name not in hidden}
    if isinstance(moves := shown.get("moves"), list) and not of_open_game:
        shown["moves"] = [{name: value for name, value in move.items() if name != "action"} for move in moves]
    return shown


def discreet_turn(turn: PlayedTurn) -> PlayedTurn:
    """A turn in a game that is not open: the action is null."""
    return msgspec.structs.replace(turn, action=None)


def discreet_fault(fault: Fault) -> Fault:
    """A fault in a game that is not open: what it was, but not what was sent or what else could have been."""
    return msgspec.structs.replace(fault, expected="", evidence="")
