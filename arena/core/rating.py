"""Ratings as a fold over the log: the ratings before a match and its result give the ratings after it.

    openskill   sides against each other, each a seat or a team of them: Plackett-Luce (Weng and Lin, JMLR 12, 2011) by
                the openskill library; equal placements are ties. mu and sigma are the belief about an agent's skill,
                a team's skill is the sum of its members'.
    score       what counts is the score itself (one seat, or seats that play together): mu is the mean of an agent's
                scores and sigma the standard error of that mean (Welford 1962).

In both, `ordinal` = mu - 3 sigma is what leaderboards sort by: a value the agent very probably exceeds.  The fold is
deterministic: the same matches in the same order give the same floats, bit for bit.

What was believed grows old in two ways, and `believed` widens sigma for both (TrueSkill's dynamics factor does so
between games: Herbrich et al., 2006; these steps are larger, and have causes):

    a new version     inherits mu: it is nearly the same agent. How nearly, nobody knows: one step, VERSION_SIGMA,
                      before the first match that it is rated for.
    time without one  others learn, come and leave, and what a rating is measured against moves: a random walk (Wiener
                      process), whose variance grows with the time since the last rated match, by as much in
                      STALE_MS as for a new version.  Time is the log's (`at_ms` of events), never a wall clock.

Neither makes anybody less sure than of a stranger.  A score's sigma is measured, not believed, and stays as it is.
"""

import math
from collections.abc import Sequence
from typing import Literal

import msgspec
from openskill.models import PlackettLuce

from arena.core.standings import Outcome, outcomes, sides, together

Model = Literal["openskill", "score"]

MU = 25.0
SIGMA = MU / 3
BETA = MU / 6  # how much a result depends on chance: its spread about what the skills say, per side
TAU = MU / 600  # what a skill may change from match to match: little, programs have no form of the day
VERSION_SIGMA = SIGMA / 2  # how far a new version's skill may be from the one before: one standard deviation
STALE_MS = 90 * 24 * 3_600_000  # a season without a match says as little of an agent as a new version does


def _gamma(*_: object) -> float:
    """How much of what a result tells sigma takes in: all. The library's default takes less, see docs/ratings.md."""
    return 1.0


_model = PlackettLuce(mu=MU, sigma=SIGMA, beta=BETA, tau=TAU, gamma=_gamma)


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
    rated_ms: int = 0  # when the newest of its rated matches ended; 0: none yet, or not known

    @property
    def ordinal(self) -> float:
        """What the agent very probably exceeds: the leaderboard's key."""
        return self.mu - 3 * self.sigma


def expected(before: Sequence[Rating], teams: Sequence[int | None] = ()) -> list[float]:
    """The share of the first place that each side will have by these ratings; of all sides they sum to 1.

    Of two sides it is the probability of a win plus half that of a draw: how likely draws are is the game's matter, and
    this model has no part for it.  It is what `rate` itself compares the result with (Weng and Lin, Algorithm 4):

        exp(mu_i / c) / sum over sides q of exp(mu_q / c),   c^2 = sum over sides q of (sigma_q^2 + beta^2)

    with mu_q and sigma_q^2 the sums over the side's members.  So it is a logistic curve where two sides meet; the
    library's `predict_win` is a normal one with the same c, and is surer than results bear out.

    before (as `believed`, of the model "openskill"), teams: by seat, as for `rate`; the sides are those of
    `arena.core.standings.sides`, in their order.
    """
    between = sides(teams or (None,) * len(before))
    c = math.sqrt(sum(BETA**2 + sum(before[seat].sigma ** 2 for seat in side) for side in between))
    strengths = [sum(before[seat].mu for seat in side) / c for side in between]
    best = max(strengths)  # exp of a difference from it cannot overflow
    weights = [math.exp(strength - best) for strength in strengths]
    return [weight / sum(weights) for weight in weights]


def initial(model: Model) -> Rating:
    """The rating of an agent that has not played yet."""
    return Rating(mu=MU, sigma=SIGMA) if model == "openskill" else Rating(mu=0.0, sigma=0.0)


def believed(model: Model, before: Rating, version: int, at_ms: int) -> Rating:
    """What is believed of `version` before a match: less surely if it is new, and the longer no match was rated.

    at_ms: when the match was created, on the log's clock. One that began before the last rated match ended (agents play
    several at once), or of an older version, widens nothing.
    """
    renewed = msgspec.structs.replace(before, version=max(version, before.version))
    if model == "score" or not before.played:
        return renewed
    idle_ms = max(at_ms - before.rated_ms, 0) if before.rated_ms else 0
    steps = idle_ms / STALE_MS + (version > before.version)
    if not steps:
        return before
    widened = min(math.sqrt(before.sigma**2 + steps * VERSION_SIGMA**2), initial(model).sigma)
    return msgspec.structs.replace(renewed, sigma=max(widened, before.sigma))


def rate(
    model: Model,
    before: Sequence[Rating],
    placements: Sequence[int],
    scores: Sequence[float],
    teams: Sequence[int | None] = (),
    at_ms: int = 0,
) -> list[Rating]:
    """Ratings after one match, by seat. Call it for rated matches that ended, in the order of the log, and no others.

    before (as `believed`), placements (1 is best, equal ones are ties), scores, teams (seats with one number are of one
    team; empty: there are none): by seat, of equal length. at_ms: when it ended, on the log's clock; 0: not known.
    """
    return rate_together(model, before, [(placements, scores)], teams, at_ms)


def rate_together(
    model: Model,
    before: Sequence[Rating],
    matches: Sequence[tuple[Sequence[int], Sequence[float]]],
    teams: Sequence[int | None] = (),
    at_ms: int = 0,
) -> list[Rating]:
    """Ratings after matches that are one result (a block): every match is counted, mu and sigma move once.

    matches: placements and scores of each, one or more, by agent in the order of `before`; the rest is as for `rate`.
    """
    between = sides(teams or (None,) * len(before))
    counted = list(before)
    for placements, scores in matches:
        results = outcomes(placements, between) if model == "openskill" and len(between) > 1 else [None] * len(before)
        counted = [_counted(*one, at_ms) for one in zip(counted, scores, results, strict=True)]
    if model == "score":
        return counted
    beliefs = [(rating.mu, rating.sigma) for rating in before]
    if len(between) > 1:  # else there is nobody to compare with
        placed = matches[0][0] if len(matches) == 1 else together(between, [placements for placements, _ in matches])
        members = [[_model.rating(*beliefs[seat]) for seat in side] for side in between]
        rated = _model.rate(members, ranks=[float(placed[side[0]]) for side in between])
        for side, team in zip(between, rated, strict=True):
            for seat, after in zip(side, team, strict=True):
                beliefs[seat] = after.mu, after.sigma
    return [
        msgspec.structs.replace(rating, mu=mu, sigma=sigma)
        for rating, (mu, sigma) in zip(counted, beliefs, strict=True)
    ]


def _counted(rating: Rating, score: float, outcome: Outcome | None, at_ms: int) -> Rating:
    """One more match, and its score: Welford's running mean and sum of squares, and the standard error of the mean."""
    played = rating.played + 1
    delta = score - rating.score_mean
    mean = rating.score_mean + delta / played
    m2 = rating.score_m2 + delta * (score - mean)
    # One score says nothing about its own spread: until there are two, its size stands in for it.
    sigma = math.sqrt(m2 / (played - 1) / played) if played > 1 else max(abs(score), 1.0)
    kept = {"played": played, "score_mean": mean, "score_m2": m2, "rated_ms": max(rating.rated_ms, at_ms)}
    result = {} if outcome is None else {outcome.value: getattr(rating, outcome.value) + 1}
    return msgspec.structs.replace(rating, mu=mean, sigma=sigma, **kept, **result)
