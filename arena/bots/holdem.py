"""Texas hold'em, limit and no limit, by the hand's chance to win against random hands.

The observation does not tell the hand from the board; the hand is what was seen before there was a board, so it is
remembered per match.
"""

import random
from collections.abc import Sequence

import numpy as np

from arena.bots.policy import Factory, Memory, Policy, Turn

SAMPLES = 60  # of unknown cards, per decision

# Limit: four raises at most in each of four rounds.
CALL, RAISE, FOLD, CHECK = range(4)
# No limit.
NL_FOLD, NL_CALL, NL_HALF_POT, NL_POT, NL_ALL_IN = range(5)


def limit(others: int, raise_from: float = 1.25, call_from: float = 0.8) -> Factory:
    """Raises with much more than a fair share of the wins, calls with nearly one. from: in fair shares."""

    def factory(seed: int | None = None) -> Policy:
        rng = random.Random(seed)
        hands: Memory[list[int]] = Memory(list)

        def act(turn: Turn) -> int:
            legal = turn.legal or [FOLD]
            fair = chance(rng, *cards(turn, hands), others) * (others + 1)
            if RAISE in legal and fair > raise_from:
                return RAISE
            if CHECK in legal:
                return CHECK
            return CALL if CALL in legal and fair > call_from else FOLD

        return act

    return factory


def no_limit(seed: int | None = None) -> Policy:
    """Bets by its chance to win, and calls when the pot is worth it. Two seats."""
    rng = random.Random(seed)
    hands: Memory[list[int]] = Memory(list)

    def act(turn: Turn) -> int:
        legal = turn.legal or [NL_FOLD]
        mine, most = (float(chips) for chips in np.asarray(turn.observation)[52:54])
        wins = chance(rng, *cards(turn, hands), 1)
        price = (most - mine) / max(2 * most, 1.0)  # what a call costs, as a part of the pot it makes
        if wins > 0.75 and most > mine and NL_ALL_IN in legal:
            return NL_ALL_IN
        if wins > 0.6:
            return next((bet for bet in (NL_POT, NL_HALF_POT) if bet in legal), NL_CALL)
        return NL_CALL if mine >= most or wins > price + 0.05 else NL_FOLD

    return act


def cards(turn: Turn, hands: Memory[list[int]]) -> tuple[list[int], list[int]]:
    """Hand and board, as numbers 0..51: four suits of A, 2, ..., K."""
    seen = np.asarray(turn.observation)[:52].nonzero()[0].tolist()
    hand = hands.of(turn.match)
    if not hand:
        hand += seen[:2]
    return hand, [card for card in seen if card not in hand]


def chance(rng: random.Random, hand: Sequence[int], board: Sequence[int], others: int) -> float:
    """The part of the pot that this hand wins on average against this many random hands."""
    known = {*hand, *board}
    deck = [card for card in range(52) if card not in known]
    missing = 5 - len(board)
    won = 0.0
    for _ in range(SAMPLES):
        drawn = rng.sample(deck, missing + 2 * others)
        table = [*board, *drawn[:missing]]
        mine = strength([*hand, *table])
        rivals = [strength([*drawn[at : at + 2], *table]) for at in range(missing, missing + 2 * others, 2)]
        best = max(rivals)
        if mine >= best:
            won += 1 / (1 + rivals.count(mine)) if mine == best else 1
    return won / SAMPLES


def strength(held: Sequence[int]) -> tuple[int, ...]:
    """How good the best five of seven cards are: category, then ranks; more is better."""
    ranks = [(card % 13 or 13) for card in held]  # the ace is 13, the two is 1
    for suit in range(4):
        same = [rank for rank, card in zip(ranks, held, strict=True) if card // 13 == suit]
        if len(same) >= 5:
            top = _straight(same)
            return (8, top) if top else _quads_or_full(ranks) or (5, *sorted(same, reverse=True)[:5])
    made = _quads_or_full(ranks)
    if made:
        return made
    top = _straight(ranks)
    if top:
        return (4, top)
    groups = _groups(ranks)
    singles = [rank for _, rank in groups]
    if groups[0][0] == 3:
        return (3, *singles[:3])
    if groups[1][0] == 2:
        return (2, *singles[:2], max(singles[2:]))
    return (1, *singles[:4]) if groups[0][0] == 2 else (0, *singles[:5])


def _quads_or_full(ranks: Sequence[int]) -> tuple[int, ...] | None:
    groups = _groups(ranks)
    if groups[0][0] == 4:
        return (7, groups[0][1], max(rank for _, rank in groups[1:]))
    if groups[0][0] == 3 and groups[1][0] >= 2:
        return (6, groups[0][1], groups[1][1])
    return None


def _groups(ranks: Sequence[int]) -> list[tuple[int, int]]:
    """(how many, rank), the largest groups and then the highest ranks first."""
    return sorted(((ranks.count(rank), rank) for rank in set(ranks)), reverse=True)


def _straight(ranks: Sequence[int]) -> int:
    """The highest rank of a straight, or 0. The ace counts below the two as well."""
    bits = sum(1 << rank for rank in set(ranks))
    bits |= bits >> 13 & 1
    return next((low + 4 for low in range(9, -1, -1) if bits >> low & 31 == 31), 0)
