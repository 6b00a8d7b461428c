"""Which running matches are worth watching: a score from 0 to 1, and an order in which not all is of one kind.

    score  =  0.30 board  +  0.25 strength  +  0.25 closeness  +  0.10 certainty  +  0.10 freshness

    board       it can be watched move by move (positions are open and there is a drawing): 1, else 0. Of the others
                there is nothing to see but who plays
    strength    how good the seats are, by their mean mu: 0.5 at the rating everybody begins with, 0.73 one BETA above
    closeness   how open the result is: exp(-(gap / 2 BETA)^2), where the gap lies between the best and the worst
                side's mean mu. In OpenSkill, BETA of difference is a chance of about 76 %
    certainty   how much of the seats' initial sigma is gone. As far as it is not, strength and closeness are 0.5: two
                whom nobody knows are neither strong nor close
    freshness   halves with every FRESH_HALF_S seconds: who comes wants to see a match, and not its last move

Games rated by score have no common scale: strength and certainty count half. Matches of one side are not close: nobody
contests them, and they are for their owners to watch.

The order is greedy, as in maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998): next comes the match
with the highest score less GAME_COST for each chosen one of its game, AGENT_COST for each chosen one with its agents.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from arena.core.rating import MU, SIGMA, Model
from arena.core.standings import sides

Why = Literal["board", "strong", "close", "settled", "new"]

BETA = SIGMA / 2
FRESH_HALF_S = 300.0
NEW_S = 60.0
GAME_COST, AGENT_COST = 0.08, 0.12
POOL = 200  # the best by score, among which an order is made


class Rated(msgspec.Struct, frozen=True):
    """A seat."""

    agent: str
    mu: float
    sigma: float
    team: int | None = None


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a running match."""

    match: str
    game: str
    model: Model
    board: bool  # its positions are open, and drawn
    age_s: float
    seats: Sequence[Rated]


class Interest(msgspec.Struct, frozen=True, kw_only=True):
    """How interesting a match is, and by what."""

    match: str
    game: str
    agents: frozenset[str]
    score: float
    why: tuple[Why, ...]  # what speaks for it, the heaviest first


def interest(running: Running) -> Interest:
    """The score of one match, by itself."""
    strength, closeness, certainty = _skill(running)
    freshness = 0.5 ** (max(running.age_s, 0.0) / FRESH_HALF_S)
    score = 0.30 * running.board + 0.25 * strength + 0.25 * closeness + 0.10 * certainty + 0.10 * freshness
    why: list[tuple[Why, bool]] = [
        ("board", running.board),
        ("strong", strength >= 0.7),
        ("close", closeness >= 0.8),
        ("settled", certainty >= 0.6),
        ("new", running.age_s < NEW_S),
    ]
    return Interest(
        match=running.match,
        game=running.game,
        agents=frozenset(seat.agent for seat in running.seats),
        score=score,
        why=tuple(code for code, speaks in why if speaks),
    )


def _skill(running: Running) -> tuple[float, float, float]:
    """Strength, closeness, certainty; each from 0 to 1."""
    seats = running.seats
    if running.model == "score" or not seats:
        return 0.5, 0.0, 0.5
    strength = 1 / (1 + math.exp((MU - sum(seat.mu for seat in seats) / len(seats)) / BETA))
    certainty = 1 - min(1.0, sum(seat.sigma for seat in seats) / len(seats) / SIGMA)
    between = sides([seat.team for seat in seats])
    means = [sum(seats[seat].mu for seat in side) / len(side) for side in between]
    closeness = math.exp(-(((max(means) - min(means)) / (2 * BETA)) ** 2)) if len(between) > 1 else None
    close = 0.0 if closeness is None else 0.5 + (closeness - 0.5) * certainty
    return 0.5 + (strength - 0.5) * certainty, close, certainty


def ranked(found: Iterable[Interest], limit: int) -> list[Interest]:
    """The most interesting ones, best first, and varied. The first n are the same for every limit of n and more."""
    left = sorted(found, key=lambda one: (-one.score, one.match))[:POOL]
    games: Counter[str] = Counter()
    agents: Counter[str] = Counter()
    chosen: list[Interest] = []
    while left and len(chosen) < limit:
        best = max(left, key=lambda one: one.score - _cost(one, games, agents))
        left.remove(best)
        chosen.append(best)
        games[best.game] += 1
        agents.update(best.agents)
    return chosen


def _cost(one: Interest, games: Counter[str], agents: Counter[str]) -> float:
    return GAME_COST * games[one.game] + AGENT_COST * sum(agents[agent] for agent in one.agents)
