import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.core.standings import outcomes, placements, sides, together

ALONE = [None] * 4
PAIRS = [0, 1, 0, 1]  # as in bridge


@pytest.mark.parametrize(
    ("placed", "expected"),
    [
        ([1, 2], ["won", "lost"]),
        ([2, 1], ["lost", "won"]),
        ([1, 1], ["drawn", "drawn"]),
        ([1, 1, 3], ["drawn", "drawn", "lost"]),
        ([2, 1, 2, 4], ["lost", "won", "lost", "lost"]),
    ],
)
def test_first_alone_wins_first_together_draws(placed: list[int], expected: list[str]) -> None:
    assert outcomes(placed, sides([None] * len(placed))) == expected


def test_sides_are_teams_and_seats_without_one() -> None:
    assert sides(ALONE) == ((0,), (1,), (2,), (3,))
    assert sides(PAIRS) == ((0, 2), (1, 3))
    assert sides([None, 5, 5]) == ((0,), (1, 2))


def test_a_team_wins_and_loses_together() -> None:
    placed = placements(sides(PAIRS), [9.0, 5.0, 0.0, 5.0], [False, False])
    assert placed == [2, 1, 2, 1]
    assert outcomes(placed, sides(PAIRS)) == ["lost", "won", "lost", "won"]
    assert outcomes([1, 1, 1, 1], sides(PAIRS)) == ["drawn"] * 4


def test_a_side_that_is_out_comes_last_and_the_size_of_a_team_counts_for_nothing() -> None:
    assert placements(sides(PAIRS), [9.0, 5.0, 9.0, 5.0], [True, False]) == [2, 1, 2, 1]
    assert placements(sides([0, 1, 1]), [2.0, 1.5, 1.5], [False, False]) == [1, 2, 2]


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=6))
def test_without_teams_a_place_is_one_more_than_the_seats_that_did_better(scores: list[float]) -> None:
    placed = placements(sides([None] * len(scores)), scores, [False] * len(scores))
    assert placed == [1 + sum(other > score for other in scores) for score in scores]


PAIR = sides((None, None))


def test_two_results_are_one() -> None:
    assert together(PAIR, [[1, 2], [1, 2]]) == [1, 2]
    assert together(PAIR, [[1, 2], [2, 1]]) == [1, 1]  # the seat won, not the agent
    assert together(PAIR, [[1, 1], [2, 1]]) == [2, 1]
    assert together(PAIR, [[1, 1], [1, 1]]) == [1, 1]
    assert together(PAIR, [[2, 1]]) == [2, 1]


results = st.integers(2, 5).flatmap(
    lambda seats: st.lists(st.lists(st.integers(1, seats), min_size=seats, max_size=seats), min_size=1, max_size=5)
)


@given(results)
def test_one_result_says_what_its_only_match_says(matches: list[list[int]]) -> None:
    placed = matches[0]
    between = sides((None,) * len(placed))
    one = together(between, [placed])
    for own, other in itertools.combinations(range(len(placed)), 2):
        assert (placed[own] < placed[other]) == (one[own] < one[other])
        assert (placed[own] == placed[other]) == (one[own] == one[other])


@given(results, st.randoms())
def test_neither_the_order_of_the_matches_nor_of_the_seats_matters(matches: list[list[int]], dice: Any) -> None:
    seats = len(matches[0])
    between = sides((None,) * seats)
    shuffled = dice.sample(matches, len(matches))
    assert together(between, shuffled) == together(between, matches)
    order = dice.sample(range(seats), seats)
    placed = together(between, matches)
    assert together(between, [[match[seat] for seat in order] for match in matches]) == [placed[seat] for seat in order]
