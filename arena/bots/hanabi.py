"""Hanabi for two, by what the hints so far prove: play what must fit, hint what fits, discard what is of no use.

The observation is OpenSpiel's encoding for two players, five colours and ranks, hands of five (658 bits; the table is
in PettingZoo's hanabi.py). Actions: 0-4 discard, 5-9 play, 10-14 hint a colour, 15-19 hint a rank.
"""

import random

import numpy as np

from arena.bots.policy import Policy, Turn

HAND, COLOURS, RANKS = 5, 5, 5
KINDS = COLOURS * RANKS
COPIES = np.tile([3, 2, 2, 2, 1], COLOURS)  # of each rank of a colour
DISCARD, PLAY, HINT_COLOUR, HINT_RANK = 0, 5, 10, 15

_OTHER_HAND = slice(0, HAND * KINDS)
_FIREWORKS = slice(167, 192)
_HINTS_LEFT = slice(192, 200)
_DISCARDS = slice(203, 253)
_OWN_KNOWLEDGE = slice(308, 483)
_OTHER_KNOWLEDGE = slice(483, 658)


def prover(seed: int | None = None) -> Policy:
    """Never plays a card that may not fit."""
    rng = random.Random(seed)

    def act(turn: Turn) -> int:
        legal = turn.legal or []
        table = Table(np.asarray(turn.observation))
        for action in (table.play(), table.hint(), table.discard()):
            if action in legal:
                return int(action)
        discards = [action for action in legal if action < PLAY]
        hints = [action for action in legal if action >= HINT_COLOUR]
        return rng.choice(discards or hints or legal)

    return act


class Table:
    """What one player knows. Cards are 5 * colour + rank, ranks from 0; -1 is no card."""

    def __init__(self, seen: np.ndarray) -> None:
        shown = seen[_OTHER_HAND].reshape(HAND, KINDS)
        self.others = [int(card.argmax()) if card.any() else -1 for card in shown]
        self.height = seen[_FIREWORKS].reshape(COLOURS, RANKS)
        self.built = [int(pile.argmax()) + 1 if pile.any() else 0 for pile in self.height]  # cards on each pile
        gone = discarded(seen[_DISCARDS])
        played = np.array([rank < self.built[colour] for colour in range(COLOURS) for rank in range(RANKS)], int)
        visible = gone + played
        for card in self.others:
            if card >= 0:
                visible[card] += 1
        self.fits = {5 * colour + height for colour, height in enumerate(self.built) if height < RANKS}
        self.useless = {card for card in range(KINDS) if self._is_useless(card, gone)}
        own = seen[_OWN_KNOWLEDGE].reshape(HAND, 35)
        # What each own card may be: what hints allow, less the kinds of which all copies are elsewhere.
        self.own = [
            {int(card) for card in np.flatnonzero(bits[:KINDS]) if visible[card] < COPIES[card]} for bits in own
        ]
        self.own_hinted = [bool(bits[KINDS:].any()) for bits in own]
        other = seen[_OTHER_KNOWLEDGE].reshape(HAND, 35)
        self.others_know = [{int(card) for card in np.flatnonzero(bits[:KINDS])} for bits in other]

    def play(self) -> int:
        """An own card that fits whatever it is, the lowest first; -1 for none."""
        sure = [
            (min(card % 5 for card in kinds), at) for at, kinds in enumerate(self.own) if kinds and kinds <= self.fits
        ]
        return PLAY + min(sure)[1] if sure else -1

    def hint(self) -> int:
        """The hint that lets the other play most, or narrows what it knows of cards that fit; -1 for none."""
        hints = [HINT_COLOUR + colour for colour in range(COLOURS)] + [HINT_RANK + rank for rank in range(RANKS)]
        worth, best = max((self._worth(hint), hint) for hint in hints)
        return best if worth > 0 else -1

    def discard(self) -> int:
        """A card that is of no use, else the oldest without a hint, else the oldest."""
        held = [at for at, kinds in enumerate(self.own) if kinds]
        for at in held:
            if self.own[at] <= self.useless:
                return DISCARD + at
        plain = [at for at in held if not self.own_hinted[at]]
        return DISCARD + min(plain or held, default=0)

    def _worth(self, hint: int) -> float:
        """Ten for every card that becomes playable, one for every kind ruled out of a card that fits."""
        worth = 0.0
        for card, known in zip(self.others, self.others_know, strict=True):
            if card not in self.fits or known <= self.fits:
                continue
            left = {kind for kind in known if _touches(hint, kind) == _touches(hint, card)}
            worth += 10 if left <= self.fits else (len(known) - len(left)) / KINDS
        return worth

    def _is_useless(self, card: int, gone: np.ndarray) -> bool:
        """Built already, or above a kind of which all copies are discarded."""
        colour, rank = divmod(card, 5)
        below = range(5 * colour + self.built[colour], card)
        return rank < self.built[colour] or any(gone[kind] >= COPIES[kind] for kind in below)


def discarded(bits: np.ndarray) -> np.ndarray:
    """How many of each kind are on the discard pile: a thermometer of 3, 2, 2, 2 and 1 bits for each colour."""
    starts = np.concatenate([[0], np.cumsum(COPIES)[:-1]])
    return np.add.reduceat(bits.astype(int), starts)


def _touches(hint: int, card: int) -> bool:
    colour, rank = divmod(card, 5)
    return colour == hint - HINT_COLOUR if hint < HINT_RANK else rank == hint - HINT_RANK
