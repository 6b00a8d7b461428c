"""The banded matching is the optimum of its band, which NetworkX's blossom algorithm finds, too."""

import itertools

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.core import band
from arena.core.pool import Floats

LARGE = 1_000.0


def blossom(costs: Floats, price: float) -> tuple[int, float]:
    """How many pairs the minimum-cost maximum matching of one row has, and what it costs."""
    graph = nx.Graph()
    length, width = costs.shape
    for i, k in itertools.product(range(length), range(width)):
        if k < i and np.isfinite(costs[i, k]):
            graph.add_edge(i, i - 1 - k, weight=price - costs[i, k])
    pairs = nx.max_weight_matching(graph, maxcardinality=True)
    return len(pairs), sum(costs[max(pair), max(pair) - min(pair) - 1] for pair in pairs)


@given(st.integers(0, 2**32), st.integers(1, 14), st.integers(1, 7), st.floats(0, 0.9))
def test_it_is_the_optimum_of_the_band(seed: int, length: int, width: int, forbidden: float) -> None:
    dice = np.random.default_rng(seed)
    costs = dice.uniform(-1, 3, (2, length, width))
    costs[dice.random(costs.shape) < forbidden] = np.inf
    partners = band.match(costs, np.full((2, length), LARGE))
    for row in range(2):
        met = [(i, int(other)) for i, other in enumerate(partners[row]) if 0 <= other < i]
        assert all(partners[row][other] == i for i, other in met)
        assert (partners[row] >= 0).sum() == 2 * len(met)
        cost = sum(costs[row, i, i - other - 1] for i, other in met)
        assert (len(met), pytest.approx(cost)) == blossom(costs[row], LARGE)


def test_who_is_dearer_to_leave_alone_is_matched() -> None:
    costs = np.full((1, 3, 2), 1.0)
    assert band.match(costs, np.array([[5.0, 9.0, 7.0]])).tolist() == [[-1, 2, 1]]


def test_a_meeting_that_costs_more_than_both_alone_is_none() -> None:
    assert band.match(np.full((1, 2, 1), 3.0), np.ones((1, 2))).tolist() == [[-1, -1]]


def test_nobody_is_no_mistake() -> None:
    assert band.match(np.empty((1, 0, 3)), np.empty((1, 0))).shape == (1, 0)


@pytest.mark.parametrize("width", [0, band.WIDTH_MAX + 1])
def test_a_width_that_cannot_be_is_named(width: int) -> None:
    with pytest.raises(ValueError, match=f"from 1 to {band.WIDTH_MAX}, got {width}"):
        band.match(np.zeros((1, 2, width)), np.ones((1, 2)))
