"""The benchmark's closed form is the platform's rating."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.core.rating import Rating, initial, rate
from benchmarks.matchmaking.beliefs import CgosElo, OpenSkill, TrueSkill

PLACEMENTS = {1.0: (1, 2), 0.5: (1, 1), 0.0: (2, 1)}
SCORES = st.sampled_from(sorted(PLACEMENTS))


def rated(before: list[Rating], score: float) -> list[Rating]:
    return rate("openskill", before, PLACEMENTS[score], (score, 1 - score))


@given(st.lists(st.tuples(st.floats(-20, 70), st.floats(0.1, 9)), min_size=2, max_size=2), SCORES)
def test_one_match_is_rated_as_the_platform_rates_it(agents: list[tuple[float, float]], score: float) -> None:
    belief = OpenSkill(2)
    belief.mu[:], belief.sigma[:] = np.array(agents).T
    belief.rate(np.array([0]), np.array([1]), np.array([score]))
    expected = rated([Rating(mu=mu, sigma=sigma) for mu, sigma in agents], score)
    assert belief.mu == pytest.approx([it.mu for it in expected], abs=1e-9)
    assert belief.sigma == pytest.approx([it.sigma for it in expected], abs=1e-9)


@given(st.lists(st.tuples(st.permutations(range(4)), SCORES, SCORES), max_size=30))
def test_many_matches_at_once_are_rated_as_one_by_one(waves: list[tuple[list[int], float, float]]) -> None:
    belief, ratings = OpenSkill(4), [initial("openskill")] * 4
    for (a, b, c, d), score, other in waves:
        belief.rate(np.array([a, c]), np.array([b, d]), np.array([score, other]))
        ratings[a], ratings[b] = rated([ratings[a], ratings[b]], score)
        ratings[c], ratings[d] = rated([ratings[c], ratings[d]], other)
    assert belief.mu == pytest.approx([it.mu for it in ratings], abs=1e-9)
    assert belief.sigma == pytest.approx([it.sigma for it in ratings], abs=1e-9)


def test_the_step_of_cgos_shrinks_with_the_games_and_the_unknown_barely_move_the_known() -> None:
    belief = CgosElo(2)
    belief.k[1] = belief.K_MIN
    belief.rate(np.array([0]), np.array([1]), np.array([1.0]))
    assert belief.elo == pytest.approx([1600.0, 1500 - 0.15])
    assert belief.k == pytest.approx([192.0, 3.0])
    for _ in range(400):
        belief.rate(np.array([0]), np.array([1]), np.array([0.5]))
    assert belief.k == pytest.approx([3.0, 3.0])
    belief.forget(np.array([0]))
    assert (belief.mu[0], belief.k[0]) == (25.0, 200.0)


@pytest.mark.parametrize(("score", "mu", "sigma"), [(1.0, 29.396, 7.171), (0.0, 20.604, 7.171), (0.5, 25.0, 6.458)])
def test_trueskill_is_the_known_one(score: float, mu: float, sigma: float) -> None:
    """The figures for two strangers are those of the trueskill package's documentation."""
    belief = TrueSkill(2)
    belief.rate(np.array([0]), np.array([1]), np.array([score]))
    assert belief.mu == pytest.approx([mu, 50 - mu], abs=1e-3)
    assert belief.sigma == pytest.approx([sigma, sigma], abs=1e-3)
    belief.forget(np.array([0]))
    assert (belief.mu[0], belief.sigma[0]) == (25.0, 25 / 3)
