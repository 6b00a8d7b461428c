import math
import random
import statistics

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.core.rating import BETA, STALE_MS, TAU, Rating, believed, expected, initial, rate
from arena.core.standings import sides

NEW = initial("openskill")
NOW_MS = 1_700_000_000_000
ratings = st.builds(
    Rating, mu=st.floats(-20, 80), sigma=st.floats(0.5, 10), played=st.just(3), score_mean=st.floats(-5, 5)
)
tables = st.integers(2, 6).flatmap(
    lambda seats: st.tuples(
        st.lists(ratings, min_size=seats, max_size=seats),
        st.lists(st.integers(1, 4), min_size=seats, max_size=seats),
        st.lists(st.floats(-100, 100), min_size=seats, max_size=seats),
    )
)


@given(tables)
def test_the_same_match_gives_the_same_floats(table: tuple[list[Rating], list[int], list[float]]) -> None:
    assert rate("openskill", *table) == rate("openskill", *table)


@given(tables)
def test_everybody_played_once_more_and_one_outcome_counts(
    table: tuple[list[Rating], list[int], list[float]],
) -> None:
    for before, after in zip(table[0], rate("openskill", *table), strict=True):
        assert after.played == before.played + 1
        assert after.won + after.drawn + after.lost == before.won + before.drawn + before.lost + 1


def test_the_winner_rises_and_the_loser_falls_and_both_are_surer() -> None:
    winner, loser = rate("openskill", [NEW, NEW], [1, 2], [1.0, -1.0])
    assert winner.mu > NEW.mu > loser.mu
    assert max(winner.sigma, loser.sigma) < NEW.sigma
    assert (winner.won, winner.lost, loser.won, loser.lost) == (1, 0, 0, 1)


def test_seats_do_not_matter_but_results_do() -> None:
    strong = Rating(mu=30.0, sigma=4.0)
    one, other = rate("openskill", [NEW, strong], [1, 2], [0.0, 0.0])
    other_again, one_again = rate("openskill", [strong, NEW], [2, 1], [0.0, 0.0])
    assert (one.mu, one.sigma) == pytest.approx((one_again.mu, one_again.sigma))
    assert (other.mu, other.sigma) == pytest.approx((other_again.mu, other_again.sigma))


def test_a_tie_pulls_ratings_together() -> None:
    strong, weak = rate("openskill", [Rating(mu=35, sigma=5), Rating(mu=20, sigma=5)], [1, 1], [0.0, 0.0])
    assert strong.mu < 35
    assert weak.mu > 20
    assert strong.drawn == weak.drawn == 1


def test_equal_placements_of_equals_give_equal_ratings() -> None:
    first, second, last = rate("openskill", [NEW, NEW, NEW], [1, 1, 3], [1.0, 1.0, 0.0])
    assert first == second
    assert first.mu > last.mu


def test_a_team_is_rated_as_one_and_the_unsure_member_moves_most() -> None:
    sure = Rating(mu=25.0, sigma=1.0)
    after = rate("openskill", [NEW, NEW, sure, NEW], [1, 2, 1, 2], [1.0, 0.0, 1.0, 0.0], [0, 1, 0, 1])
    assert after[0].mu > NEW.mu > after[1].mu == after[3].mu
    assert after[0].mu - NEW.mu > after[2].mu - sure.mu > 0
    assert [(rating.won, rating.drawn, rating.lost) for rating in after] == [(1, 0, 0), (0, 0, 1)] * 2


def test_one_team_alone_learns_nothing_of_its_skill() -> None:
    after = rate("openskill", [NEW, NEW], [1, 1], [3.0, 3.0], [0, 0])
    assert [(rating.mu, rating.sigma, rating.played, rating.won) for rating in after] == [(NEW.mu, NEW.sigma, 1, 0)] * 2


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=50))
def test_score_games_keep_mean_and_standard_error(scores: list[float]) -> None:
    rating = initial("score")
    for score in scores:
        (rating,) = rate("score", [rating], [1], [score])
    assert rating.played == len(scores)
    assert math.isclose(rating.mu, statistics.fmean(scores), rel_tol=1e-9, abs_tol=1e-6)
    assert math.isclose(rating.sigma, statistics.stdev(scores) / math.sqrt(len(scores)), rel_tol=1e-6, abs_tol=1e-6)
    assert (rating.won, rating.drawn, rating.lost) == (0, 0, 0)


def test_one_score_says_nothing_about_its_spread() -> None:
    (rating,) = rate("score", [initial("score")], [1], [500.0])
    assert (rating.mu, rating.sigma) == (500.0, 500.0)
    assert rating.ordinal == -1000.0


def test_one_seat_has_nobody_to_compare_with() -> None:
    (rating,) = rate("openskill", [NEW], [1], [3.0])
    assert (rating.mu, rating.sigma, rating.played, rating.won) == (NEW.mu, NEW.sigma, 1, 0)


@given(st.floats(0.01, 20.0), st.integers(0, 5), st.integers(1, 5))
def test_a_new_version_is_never_surer_and_never_less_sure_than_a_stranger(sigma: float, rated: int, now: int) -> None:
    before = Rating(mu=31.0, sigma=sigma, played=9, won=4, version=rated)
    after = believed("openskill", before, now, NOW_MS)
    assert (after.mu, after.played, after.won, after.version) == (31.0, 9, 4, max(rated, now))
    assert before.sigma <= after.sigma <= max(before.sigma, NEW.sigma)
    assert (after.sigma == before.sigma) == (now <= rated or sigma >= NEW.sigma)
    assert believed("openskill", after, now, NOW_MS) == after


@given(st.floats(0.01, 20.0), st.integers(-STALE_MS, 6 * STALE_MS), st.integers(0, 6 * STALE_MS))
def test_the_longer_without_a_match_the_less_sure_but_never_less_than_of_a_stranger(
    sigma: float, idle_ms: int, more_ms: int
) -> None:
    before = Rating(mu=31.0, sigma=sigma, played=9, version=1, rated_ms=NOW_MS)
    after, later = (believed("openskill", before, 1, NOW_MS + idle_ms + more) for more in (0, more_ms))
    assert msgspec.structs.replace(after, sigma=sigma) == before
    assert before.sigma <= after.sigma <= later.sigma <= max(before.sigma, NEW.sigma)
    if idle_ms <= 0:  # it began before the last rated match ended
        assert after == before


def test_variance_grows_evenly_with_time_and_a_season_is_as_much_as_a_new_version() -> None:
    sure = Rating(mu=31.0, sigma=1.0, played=9, version=1, rated_ms=NOW_MS)
    grown = [
        believed("openskill", sure, 1, NOW_MS + STALE_MS * part // 4).sigma ** 2 - sure.sigma**2 for part in range(5)
    ]
    assert grown == pytest.approx([NEW.sigma**2 / 4 * part / 4 for part in range(5)])
    renewed = believed("openskill", sure, 2, NOW_MS)
    assert renewed.sigma == believed("openskill", sure, 1, NOW_MS + STALE_MS).sigma
    both = believed("openskill", sure, 2, NOW_MS + STALE_MS)
    assert both.sigma**2 - sure.sigma**2 == pytest.approx(2 * (renewed.sigma**2 - sure.sigma**2))


def test_the_newest_end_counts_whatever_the_order_of_the_log() -> None:
    first, _ = rate("openskill", [NEW, NEW], [1, 2], [1.0, 0.0], at_ms=NOW_MS)
    assert first.rated_ms == NOW_MS
    earlier, unknown = rate("openskill", [first, NEW], [1, 2], [1.0, 0.0], at_ms=NOW_MS - 5)  # another machine's clock
    assert (earlier.rated_ms, unknown.rated_ms) == (NOW_MS, NOW_MS - 5)
    (alone,) = rate("score", [initial("score")], [1], [3.0], at_ms=NOW_MS)
    assert alone.rated_ms == NOW_MS


def test_scores_are_measured_and_a_stranger_has_nothing_to_widen() -> None:
    before = Rating(mu=3.0, sigma=0.5, played=4, score_mean=3.0, score_m2=3.0, version=1, rated_ms=NOW_MS)
    assert believed("score", before, 2, NOW_MS + STALE_MS) == msgspec.structs.replace(before, version=2)
    assert believed("openskill", NEW, 7, NOW_MS).sigma == NEW.sigma
    unknown = Rating(mu=31.0, sigma=2.0, played=9, version=1)  # as older recorders wrote it
    assert believed("openskill", unknown, 1, NOW_MS) == unknown


sided = st.integers(2, 6).flatmap(
    lambda seats: st.tuples(
        st.lists(ratings, min_size=seats, max_size=seats),
        st.lists(st.sampled_from([None, 0, 1]), min_size=seats, max_size=seats),
    )
)


@given(sided)
def test_what_sides_expect_sums_to_the_one_first_place(table: tuple[list[Rating], list[int | None]]) -> None:
    shares = expected(*table)
    assert len(shares) == len(sides(table[1]))
    assert all(0 <= share <= 1 for share in shares)
    assert sum(shares) == pytest.approx(1)


@given(st.lists(ratings, min_size=2, max_size=6), st.randoms(use_true_random=False))
def test_seats_do_not_matter_to_what_is_expected(before: list[Rating], dice: random.Random) -> None:
    order = list(range(len(before)))
    dice.shuffle(order)
    shares = expected(before)
    assert expected([before[seat] for seat in order]) == pytest.approx([shares[seat] for seat in order])


@given(st.lists(ratings, min_size=2, max_size=6), st.floats(0.1, 30))
def test_who_is_stronger_expects_more_and_all_others_less(before: list[Rating], more: float) -> None:
    first, *others = expected(before)
    stronger = msgspec.structs.replace(before[0], mu=before[0].mu + more)
    now_first, *now_others = expected([stronger, *before[1:]])
    assert now_first >= first
    assert all(now <= then for now, then in zip(now_others, others, strict=True))
    raised = [msgspec.structs.replace(rating, mu=rating.mu + more) for rating in before]
    assert expected(raised) == pytest.approx([first, *others])  # differences count, not where they lie


@given(ratings, ratings, st.floats(0.1, 10))
def test_the_less_sure_the_nearer_to_even(one: Rating, other: Rating, more: float) -> None:
    unsure = msgspec.structs.replace(one, sigma=one.sigma + more)
    sure, nearer = (expected([it, other])[0] - 0.5 for it in (one, unsure))
    assert abs(nearer) <= abs(sure)
    assert sure * nearer >= 0


def test_what_is_expected_of_equals_of_a_difference_and_of_teams() -> None:
    sure = Rating(mu=25.0, sigma=0.0)
    assert expected([sure] * 5) == [0.2] * 5
    five_more = Rating(mu=30.0, sigma=0.0)
    assert expected([five_more, sure])[0] == pytest.approx(0.700, abs=5e-4)  # as docs/ratings.md says
    both = expected([five_more, sure, five_more, sure], [0, 1, 0, 1])
    assert both[0] == pytest.approx(0.845, abs=5e-4)  # a team's strength is the sum of its members'


@given(ratings, ratings, st.sampled_from([([1, 2], 1.0), ([1, 1], 0.5), ([2, 1], 0.0)]))
def test_a_result_moves_mu_by_what_was_not_expected_of_it(
    one: Rating, other: Rating, result: tuple[list[int], float]
) -> None:
    placements, came = result
    before = [msgspec.structs.replace(it, sigma=math.hypot(it.sigma, TAU)) for it in (one, other)]
    c = math.sqrt(2 * BETA**2 + before[0].sigma ** 2 + before[1].sigma ** 2)
    after, _ = rate("openskill", [one, other], placements, [0.0, 0.0])
    moved = before[0].sigma ** 2 / c * (came - expected(before)[0])
    assert after.mu - one.mu == pytest.approx(moved, abs=1e-9)
