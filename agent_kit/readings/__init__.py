"""Observations read back into what a person, a language model or an engine understands.

A turn carries what the environment's own observation says: arrays, for most games.  `read` makes text of it, and names
the legal actions where players have names for them.  It shows what this seat sees, and nothing else.
"""

from collections.abc import Callable

from agent_kit.readings import boards, cards, go
from agent_kit.readings.reading import Reading, plain
from agent_kit.turn import Turn

__all__ = ["Reading", "plain", "read"]


def _chess(turn: Turn) -> Reading:
    try:
        from agent_kit.readings import chess
    except ImportError:  # chess and numpy are of the extra `uci`
        return plain(turn)
    return chess.read(turn)


_READERS: dict[str, Callable[[Turn], Reading]] = {
    "tictactoe": boards.tictactoe,
    "connect_four": boards.connect_four,
    "go_9x9": go.read,
    "chess": _chess,
    "leduc_holdem": cards.leduc,
    "texas_holdem": cards.limit,
    "texas_holdem_4": cards.limit,
    "texas_holdem_no_limit": cards.no_limit,
    "rock_paper_scissors": cards.rock_paper_scissors,
}


def read(turn: Turn) -> Reading:
    """What the turn shows, as text. Games that nothing is known of here show their observation as JSON."""
    return _READERS.get(turn.game, plain)(turn)
