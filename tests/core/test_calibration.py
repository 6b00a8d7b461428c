import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.core.calibration import BIN, Prediction, calibration, predict
from arena.core.rating import Rating

STRONG, EVEN, WEAK = (Rating(mu=mu, sigma=1.0) for mu in (30.0, 25.0, 20.0))
predictions = st.lists(
    st.builds(Prediction, share=st.floats(0, 1), came=st.sampled_from([0.0, 0.5, 1.0])), min_size=1, max_size=60
)


@pytest.mark.parametrize(
    ("placements", "came"), [([2, 1], 1.0), ([1, 1], 0.5), ([1, 2], 0.0)], ids=["won", "drawn", "lost"]
)
def test_the_side_with_the_best_prospects_is_followed(placements: list[int], came: float) -> None:
    found = predict([WEAK, STRONG], placements)
    assert found.came == came
    assert found.share > 0.8


def test_of_equals_none_is_preferred() -> None:
    for placements in ([1, 2], [2, 1], [1, 1]):
        assert predict([EVEN, EVEN], placements) == Prediction(0.5, 0.5)
    assert predict([EVEN, EVEN, WEAK, WEAK], [1, 2, 3, 4]).came == 0.5
    assert predict([EVEN, EVEN, WEAK, WEAK], [2, 2, 1, 4]).came == 0


def test_a_team_is_one_side_and_a_shared_first_place_is_shared() -> None:
    won = predict([STRONG, WEAK, STRONG, WEAK], [1, 2, 1, 2], [0, 1, 0, 1])
    assert won.came == 1
    assert won.share > predict([STRONG, WEAK], [1, 2]).share
    assert predict([STRONG, EVEN, WEAK], [1, 1, 1]).came == pytest.approx(1 / 3)


def test_figures_of_a_few_predictions_by_hand() -> None:
    found = calibration([Prediction(0.8, 1.0), Prediction(0.8, 0.0), Prediction(0.6, 0.5)])
    assert found is not None
    assert (found.matches, found.predicted, found.came) == (3, pytest.approx(2.2 / 3), 0.5)
    assert found.brier == pytest.approx((0.04 + 0.64 + 0.01) / 3)
    surprises = -math.log(0.8) - math.log(0.2) - (math.log(0.6) + math.log(0.4)) / 2
    assert found.log_loss == pytest.approx(surprises / 3)
    assert found.error == pytest.approx((2 * 0.3 + 0.1) / 3)
    assert [(one.matches, one.came) for one in found.bins] == [(1, 0.5), (2, 0.5)]
    assert calibration([]) is None


@given(predictions)
def test_bins_hold_every_match_once_and_are_narrow(made: list[Prediction]) -> None:
    found = calibration(made)
    assert found is not None
    assert sum(one.matches for one in found.bins) == found.matches == len(made)
    assert sum(one.matches * one.came for one in found.bins) == pytest.approx(sum(one.came for one in made))
    assert [one.predicted for one in found.bins] == sorted(one.predicted for one in found.bins)
    assert all(one.low <= one.came <= one.high for one in found.bins)
    assert 0 <= found.error <= 1
    assert 0 <= found.brier <= 1
    assert found.log_loss >= 0
    assert len(found.bins) <= 1 / BIN


def test_right_predictions_are_found_right_and_others_are_not() -> None:
    dice = random.Random(7)
    shares = [dice.uniform(0.5, 1) for _ in range(4_000)]
    right = [Prediction(share, float(dice.random() < share)) for share in shares]
    too_sure = [Prediction(1 - (1 - one.share) / 3, one.came) for one in right]
    timid = [Prediction(0.5 + (one.share - 0.5) / 3, one.came) for one in right]
    found, worse, worse_too = (calibration(made) for made in (right, too_sure, timid))
    assert found is not None
    assert worse is not None
    assert worse_too is not None
    assert found.error < 0.03 < min(worse.error, worse_too.error)
    assert found.low < found.predicted < found.high
    assert worse.predicted > worse.high
    assert worse_too.predicted < worse_too.low
    assert found.brier < min(worse.brier, worse_too.brier)
    assert found.log_loss < min(worse.log_loss, worse_too.log_loss)
