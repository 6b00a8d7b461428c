"""Ratings as a fold over the log: the ratings before a match and its result give the ratings after it.

    openskill   sides against each other, each a seat or a team of them: Plackett-Luce (Weng and Lin, JMLR 12, 2011) by
                the openskill library; equal placements are ties. mu and sigma are the belief about an agent's skill,
                a team's skill is the sum of its members'.
    score       what counts is the score itself (one seat, or seats that play together): mu is the mean of an agent's
                scores and sigma the standard error of that mean (Welford 1962).

In both, `ordinal` = mu - 3 sigma is what leaderboards sort by: a value the agent very probably exceeds.  The fold is
deterministic: the same matches in the same order give the same floats, bit for bit.

A new version of an agent inherits mu: it is nearly the same agent. How nearly, nobody knows: sigma is widened, once,
before the first match that the new version is rated for (TrueSkill's dynamics factor does so between games: Herbrich et
al., 2006; this step is larger).  A score's sigma is measured, not believed, and stays as it is.
"""

import math
from collections.abc import Sequence
from typing import Literal

import msgspec
from openskill.models import PlackettLuce

from arena.core.standings import Outcome, outcomes, sides

Model = Literal["openskill", "score"]

MU = 25.0
SIGMA = MU / 3
VERSION_SIGMA = SIGMA / 2  # how far a new version's skill may be from the one before: one standard deviation
_model = PlackettLuce(mu=MU, sigma=SIGMA)


class Rating(msgspec.Struct, frozen=True, kw_only=True):
    """An agent's rating in one game."""

    mu: float
    sigma: float
    played: int = 0
    won: int = 0  # first alone; only matches of two and more seats count here
    drawn: int = 0  # first with others
    lost: int = 0
    score_mean: float = 0.0
    score_m2: float = 0.0  # sum of squared differences from the mean
    version: int = 0  # the newest of the agent's versions that was rated; 0: none yet

    @property
    def ordinal(self) -> float:
        """What the agent very probably exceeds: the leaderboard's key."""
        return self.mu - 3 * self.sigma


def initial(model: Model) -> Rating:
    """The rating of an agent that has not played yet."""
    return Rating(mu=MU, sigma=SIGMA) if model == "openskill" else Rating(mu=0.0, sigma=0.0)


def inherited(model: Model, before: Rating, version: int) -> Rating:
    """What is believed of `version` before its match: less surely, if no version as new as this one was rated yet.

    A match of an older version, which began before the new one, changes nothing of that.
    """
    if version <= before.version:
        return before
    if model == "score" or not before.played:
        return msgspec.structs.replace(before, version=version)
    widened = min(math.hypot(before.sigma, VERSION_SIGMA), initial(model).sigma)
    return msgspec.structs.replace(before, version=version, sigma=max(widened, before.sigma))


def rate(
    model: Model,
    before: Sequence[Rating],
    placements: Sequence[int],
    scores: Sequence[float],
    teams: Sequence[int | None] = (),
) -> list[Rating]:
    """Ratings after one match, by seat. Call it for rated matches that ended, in the order of the log, and no others.

    before, placements (1 is best, equal ones are ties), scores, teams (seats with one number are of one team; empty:
    there are none): by seat, of equal length.
    """
    if model == "score":
        return [_score(rating, score) for rating, score in zip(before, scores, strict=True)]
    between = sides(teams or (None,) * len(before))
    beliefs = [(rating.mu, rating.sigma) for rating in before]
    results: Sequence[Outcome | None] = [None] * len(before)
    if len(between) > 1:  # else there is nobody to compare with
        members = [[_model.rating(*beliefs[seat]) for seat in side] for side in between]
        rated = _model.rate(members, ranks=[float(placements[side[0]]) for side in between])
        for side, team in zip(between, rated, strict=True):
            for seat, after in zip(side, team, strict=True):
                beliefs[seat] = after.mu, after.sigma
        results = outcomes(placements, between)
    return [
        msgspec.structs.replace(_score(rating, score), mu=mu, sigma=sigma, **_counted(rating, outcome))
        for rating, score, (mu, sigma), outcome in zip(before, scores, beliefs, results, strict=True)
    ]


def _score(rating: Rating, score: float) -> Rating:
    """One more score: Welford's running mean and sum of squares, and the standard error of the mean."""
    played = rating.played + 1
    delta = score - rating.score_mean
    mean = rating.score_mean + delta / played
    m2 = rating.score_m2 + delta * (score - mean)
    # One score says nothing about its own spread: until there are two, its size stands in for it.
    sigma = math.sqrt(m2 / (played - 1) / played) if played > 1 else max(abs(score), 1.0)
    return msgspec.structs.replace(rating, mu=mean, sigma=sigma, played=played, score_mean=mean, score_m2=m2)


def _counted(rating: Rating, outcome: Outcome | None) -> dict[str, int]:
    """The count that goes up by one."""
    return {} if outcome is None else {outcome.value: getattr(rating, outcome.value) + 1}
