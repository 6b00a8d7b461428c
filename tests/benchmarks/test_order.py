"""Kendall's tau, beside its definition."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.matchmaking.order import tau, tau_of


@given(st.permutations(range(12)), st.lists(st.integers(0, 9), min_size=12, max_size=12))
def test_tau_counts_right_pairs_less_wrong_ones(true: list[int], believed: list[int]) -> None:
    pairs = list(combinations(range(12), 2))
    right = sum((believed[a] - believed[b]) * (true[a] - true[b]) > 0 for a, b in pairs)
    wrong = sum((believed[a] - believed[b]) * (true[a] - true[b]) < 0 for a, b in pairs)
    assert tau(np.array(believed, float), np.array(true, float)) == pytest.approx((right - wrong) / len(pairs))


def test_of_some_only_their_own_pairs_count() -> None:
    true, believed = np.array([1.0, 2, 3, 4, 5]), np.array([2.0, 1, 3, 4, 5])
    assert tau_of(np.array([2, 3, 4]), believed, true) == 1.0
    assert tau_of(np.array([0]), believed, true) == 0.5
    assert tau(believed, true) == pytest.approx(0.8)
    assert tau(-true, true) == -1.0
