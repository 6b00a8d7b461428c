import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.core.intervals import Interval, Z, mean_interval, wilson

COUNTS = st.integers(1, 1_000_000).flatmap(
    lambda n: st.tuples(st.integers(0, 2 * n).map(lambda half: half / 2), st.just(n))
)


@given(COUNTS)
def test_the_ends_are_where_the_rate_is_just_z_deviations_away(count):
    points, played = count
    rate = points / played
    found = wilson(points, played)
    assert 0 <= found.low <= rate <= found.high <= 1
    for end in (found.low, found.high):  # Wilson's definition: (rate - p)^2 = z^2 p (1 - p) / n
        assert (rate - end) ** 2 == pytest.approx(Z * Z * end * (1 - end) / played, rel=1e-6, abs=1e-9)


@given(COUNTS)
def test_losses_are_the_mirror_of_wins(count):
    points, played = count
    won, lost = wilson(points, played), wilson(played - points, played)
    assert lost == Interval(pytest.approx(1 - won.high, abs=1e-9), pytest.approx(1 - won.low, abs=1e-9))


@given(COUNTS)
def test_the_same_rate_of_more_matches_is_surer(count):
    points, played = count
    few, many = wilson(points, played), wilson(2 * points, 2 * played)
    assert many.high - many.low < few.high - few.low


def test_known_values():
    assert wilson(0, 10) == Interval(0.0, pytest.approx(0.27753, abs=1e-5))
    # Newcombe, Statistics in Medicine 17 (1998), table I
    assert wilson(81, 263) == Interval(pytest.approx(0.25528, abs=1e-5), pytest.approx(0.36621, abs=1e-5))
    assert wilson(0, 0) == Interval(0.0, 1.0)
    with pytest.raises(ValueError, match="0 to 3 points"):
        wilson(4, 3)


def test_a_mean_of_one_value_has_no_interval_and_of_equal_ones_none_to_speak_of():
    assert mean_interval(3.0, None, 1) is None
    assert mean_interval(3.0, 0.0, 5) == Interval(3.0, 3.0)


@pytest.mark.parametrize(
    ("freedom", "quantile"), [(1, 12.706), (10, 2.228), (30, 2.042), (31, 2.0395), (60, 2.0003), (1000, 1.9623)]
)
def test_students_quantiles(freedom, quantile):
    found = mean_interval(0.0, 1.0, freedom + 1)
    assert found.high * (freedom + 1) ** 0.5 == pytest.approx(quantile, abs=1e-4)
    assert found.low == -found.high


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=200), st.floats(-100, 100))
def test_a_mean_moves_with_its_values(values, by):
    mean, deviation = statistics.fmean(values), statistics.stdev(values)
    here, there = mean_interval(mean, deviation, len(values)), mean_interval(mean + by, deviation, len(values))
    assert here.low <= mean <= here.high
    assert there.high - there.low == pytest.approx(here.high - here.low, abs=1e-9)
    assert there.low == pytest.approx(here.low + by, abs=1e-9)
