"""Leduc hold'em by a table of how good a hand is and what it costs to go on."""

import random

import numpy as np

from arena.bots.policy import Policy, Turn

CALL, RAISE, FOLD, CHECK = range(4)
_JACK, _QUEEN, _KING = range(3)

# (card, board) -> chances to raise where one may, and to go on where the other has raised. Board None: before it is
# dealt; True: it pairs the card; False: it does not.
_TABLE = {
    (_KING, None): (0.9, 1.0),
    (_QUEEN, None): (0.3, 0.9),
    (_JACK, None): (0.15, 0.4),
    (_KING, False): (0.5, 0.8),
    (_QUEEN, False): (0.15, 0.4),
    (_JACK, False): (0.15, 0.05),
    (_KING, True): (1.0, 1.0),
    (_QUEEN, True): (1.0, 1.0),
    (_JACK, True): (1.0, 1.0),
}


def table(seed: int | None = None) -> Policy:
    """Raises good hands, bluffs now and then, folds bad ones."""
    rng = random.Random(seed)

    def act(turn: Turn) -> int:
        seen = np.asarray(turn.observation)
        card = int(seen[:3].argmax())
        board = bool(seen[3 + card]) if seen[3:6].any() else None
        raises, goes_on = _TABLE[card, board]
        legal = turn.legal or [FOLD]
        if RAISE in legal and rng.random() < raises:
            return RAISE
        if CHECK in legal:
            return CHECK
        return CALL if CALL in legal and rng.random() < goes_on else FOLD

    return act
