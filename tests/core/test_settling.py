"""What is rated, and when: matches by themselves, and blocks as one result."""

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.core import rating
from arena.core.rating import initial, rate
from tests.core import matchlog
from tests.core.matchlog import Line
from tests.core.test_projection import Tables, entries, errors, tables

NEW = initial("openskill")
WON, LOST = [1, 2], [2, 1]  # by seat


def begun(*orders: str, block: str = "one", rated: bool = True) -> list[Line]:
    """Matches m0, m1, ... of a block, begun; `orders` has their agents by seat."""
    made = [matchlog.created(f"m{turn}", [*order], block=block, rated=rated) for turn, order in enumerate(orders)]
    return made + [matchlog.claimed(f"m{turn}") for turn in range(len(orders))]


def of(found: Tables, agent: str) -> rating.Rating:
    return found.ratings["connect_four", agent]


def counts(found: Tables, agent: str) -> tuple[int, int, int, int]:
    it = of(found, agent)
    return it.played, it.won, it.drawn, it.lost


def changes(found: Tables, match: str) -> dict[str, tuple[float | None, float | None]]:
    return {seat.agent: (seat.mu_before, seat.mu_after) for seat in found.matches[match].seats}


def test_nothing_is_rated_while_a_match_of_the_block_runs() -> None:
    found = tables([*begun("ab", "ba"), matchlog.ended("m0", WON)])
    assert found.matches["m0"].status == "ended"
    assert not found.ratings
    assert not found.history
    assert changes(found, "m0") == {"a": (None, None), "b": (None, None)}


def test_who_won_from_either_seat_is_rated_as_for_one_win() -> None:
    found = tables([*begun("ab", "ba"), matchlog.ended("m0", WON), matchlog.ended("m1", LOST)])
    won, lost = rate("openskill", [NEW, NEW], WON, [1.0, -1.0])
    assert (of(found, "a").mu, of(found, "a").sigma) == (won.mu, won.sigma)
    assert (of(found, "b").mu, of(found, "b").sigma) == (lost.mu, lost.sigma)
    assert counts(found, "a") == (2, 2, 0, 0)
    assert counts(found, "b") == (2, 0, 0, 2)
    assert of(found, "a").score_mean == 1.0
    expected = {"a": (NEW.mu, won.mu), "b": (NEW.mu, lost.mu)}
    assert changes(found, "m0") == changes(found, "m1") == expected


def test_a_seat_that_wins_for_both_is_a_draw_and_no_mu_moves() -> None:
    found = tables([*begun("ab", "ba"), matchlog.ended("m1", WON), matchlog.ended("m0", WON)])
    assert of(found, "a").mu == of(found, "b").mu == NEW.mu
    assert of(found, "a").sigma < NEW.sigma
    assert counts(found, "a") == counts(found, "b") == (2, 1, 0, 1)
    seq = len(begun("ab", "ba")) + 2
    assert [(row[1], row[2]) for row in found.history] == [("a", seq), ("b", seq)]  # once, at the last one's end


@pytest.mark.parametrize("last", ["m0", "m1"])
def test_a_match_that_was_voided_counts_for_nothing_and_the_other_is_rated(last: str) -> None:
    ends = {"m0": matchlog.ended("m0", WON), "m1": matchlog.voided("m1")}
    found = tables([*begun("ab", "ba"), *(ends[it] for it in sorted(ends, key=last.__eq__))])
    assert of(found, "a").mu == rate("openskill", [NEW, NEW], WON, [1.0, -1.0])[0].mu
    assert counts(found, "b") == (1, 0, 0, 1)
    assert changes(found, "m1") == {"a": (None, None), "b": (None, None)}
    assert {row[2] for row in found.history} == {6}


def test_where_all_was_voided_nothing_is_rated() -> None:
    found = tables([*begun("ab", "ba"), matchlog.voided("m0"), matchlog.voided("m1")])
    assert not found.ratings
    assert not errors(found)


def test_unrated_blocks_are_not_rated() -> None:
    found = tables([*begun("ab", "ba", rated=False), matchlog.ended("m0", WON), matchlog.ended("m1", LOST)])
    assert not found.ratings


def test_three_seats_in_turn() -> None:
    ends = [matchlog.ended(f"m{turn}", [1, 2, 3]) for turn in range(3)]
    even = tables([*begun("abc", "bca", "cab"), *ends])
    assert of(even, "a").mu == pytest.approx(of(even, "b").mu)
    assert counts(even, "c") == (3, 1, 0, 2)
    skilled = [matchlog.ended("m0", [1, 2, 3]), matchlog.ended("m1", [2, 3, 1]), matchlog.ended("m2", [3, 1, 2])]
    found = tables([*begun("abc", "bca", "cab"), *skilled])
    assert of(found, "a").mu > of(found, "b").mu > of(found, "c").mu
    assert len(found.history) == 3


def test_a_block_waits_for_no_match_that_never_was_created() -> None:
    only = [matchlog.created("m0", ["a", "b"], block="one"), matchlog.ended("m0", WON)]
    assert counts(tables(only), "a") == (1, 1, 0, 0)
    late = [matchlog.created("m1", ["b", "a"], block="one"), matchlog.ended("m1", WON)]
    found = tables([*only, *late])
    assert counts(found, "a") == counts(found, "b") == (2, 1, 0, 1)
    assert len(found.history) == 4  # a result of its own


def test_matches_of_others_are_no_part_of_a_block() -> None:
    strangers = [matchlog.created("m2", ["a", "c"], block="one"), matchlog.ended("m2", WON)]
    found = tables([*begun("ab", "ba"), *strangers])
    assert counts(found, "c") == (1, 0, 0, 1)
    assert ("connect_four", "b") not in found.ratings


def test_the_next_match_is_rated_from_what_the_block_left() -> None:
    block = [*begun("ab", "ba"), matchlog.ended("m0", WON), matchlog.ended("m1", LOST)]
    found = tables([*block, *matchlog.whole("m9", ["a", "b"], [1, 1])])
    assert changes(found, "m9")["a"][0] == changes(found, "m0")["a"][1]
    assert of(found, "a").drawn == 1


played = st.lists(st.tuples(st.sampled_from(["ab", "ba", "bc"]), st.sampled_from(["", "one", "two"])), max_size=8)


@given(played, st.randoms(), st.lists(st.integers(0, 40), max_size=6))
def test_every_result_is_rated_once_however_the_log_is_cut(
    matches: list[tuple[str, str]], dice: random.Random, cuts: list[int]
) -> None:
    made = [matchlog.created(f"m{n}", [*order], block=block) for n, (order, block) in enumerate(matches)]
    ends = [dice.choice([matchlog.ended(f"m{n}", WON), matchlog.voided(f"m{n}")]) for n in range(len(made))]
    dice.shuffle(ends)
    log = entries([*made, *ends])
    at_once, in_pieces = Tables(), Tables()
    at_once.write(log)
    for begin, end in itertools.pairwise([0, *sorted(cuts), len(log)]):
        in_pieces.write(log[begin:end])
    assert vars(at_once) == vars(in_pieces)
    ended = [n for n in range(len(matches)) if at_once.matches[f"m{n}"].status == "ended"]
    results = {(matches[n][1] or n, *sorted(matches[n][0])) for n in ended}
    assert len(at_once.history) == 2 * len(results)
    for agent in "abc":
        assert sum(agent in matches[n][0] for n in ended) == at_once.ratings.get(("connect_four", agent), NEW).played
