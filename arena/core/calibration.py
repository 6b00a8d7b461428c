"""How good predictions are: what was expected of matches, against what came of them. Pure.

    predict(ratings before a match, its placements, teams) -> Prediction     of each match
    calibration(predictions)                               -> Calibration    of all of them

Each match is counted once: by the side that is expected to do best.  Of two sides nothing is lost by that, and of
several the outcomes stay independent of each other, as an interval asks.  Predictions are right when what came about
differs from them by chance only, whatever they are; they are good when, being right, they are far from even.
"""

import math
from collections.abc import Iterable, Sequence

import msgspec

from arena.core.intervals import Interval, wilson
from arena.core.rating import Rating, expected
from arena.core.standings import sides

BIN = 0.05  # of the predicted share
_LEAST = 1e-9  # a share of nothing, that comes about all the same, costs infinitely much


class Prediction(msgspec.Struct, frozen=True):
    """What the side with the best prospects was to get of the first place, and what it got."""

    share: float
    came: float  # 1: first alone, 1/2: first with another


class Bin(msgspec.Struct, frozen=True, kw_only=True):
    """Matches of which nearly the same was predicted."""

    matches: int
    predicted: float  # mean share
    came: float
    low: float  # the true share lies between `low` and `high` with 95 % (arena.core.intervals.wilson)
    high: float


class Calibration(Bin, frozen=True, kw_only=True):
    """How well all predictions did, and by what they predicted."""

    brier: float  # mean squared difference (Brier 1950): 0.25 for always 1/2 of two sides, less is better
    log_loss: float  # mean cross entropy in nats: 0.693 for always 1/2, less is better
    error: float  # mean distance between predicted and come, over the bins, weighted by matches
    bins: list[Bin]  # of what was predicted, ascending; those without matches are left out


def predict(before: Sequence[Rating], placements: Sequence[int], teams: Sequence[int | None] = ()) -> Prediction:
    """The prediction of one match of two sides or more.

    before (as the match was rated from), placements (1 is best), teams: by seat. Of sides with equally good prospects
    none is preferred: what they got is shared.
    """
    shares = expected(before, teams)
    best = max(shares)
    placed = [placements[side[0]] for side in sides(teams or (None,) * len(before))]
    first = min(placed)
    hopes = [place == first for share, place in zip(shares, placed, strict=True) if share == best]
    return Prediction(best, sum(hopes) / len(hopes) / placed.count(first))


def calibration(predictions: Iterable[Prediction]) -> Calibration | None:
    """How good these predictions are; None of none."""
    found = list(predictions)
    if not found:
        return None
    binned: dict[int, list[Prediction]] = {}
    for one in found:
        binned.setdefault(min(int(one.share / BIN), round(1 / BIN) - 1), []).append(one)
    bins = [_bin(binned[number]) for number in sorted(binned)]
    return Calibration(
        **msgspec.structs.asdict(_bin(found)),
        brier=math.fsum((one.share - one.came) ** 2 for one in found) / len(found),
        log_loss=math.fsum(_surprise(one) for one in found) / len(found),
        error=math.fsum(one.matches * abs(one.predicted - one.came) for one in bins) / len(found),
        bins=bins,
    )


def _bin(matches: Sequence[Prediction]) -> Bin:
    came = math.fsum(one.came for one in matches)
    sure: Interval = wilson(min(came, len(matches)), len(matches))
    return Bin(
        matches=len(matches),
        predicted=math.fsum(one.share for one in matches) / len(matches),
        came=came / len(matches),
        low=sure.low,
        high=sure.high,
    )


def _surprise(one: Prediction) -> float:
    share = min(max(one.share, _LEAST), 1 - _LEAST)
    return -one.came * math.log(share) - (1 - one.came) * math.log(1 - share)
