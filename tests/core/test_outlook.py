"""What a slot is told of its wait is what pairing then does."""

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.core.outlook import in_words, outlook
from arena.core.pairing import Rule, Waiting, pair
from arena.wire.inquiry import Code, Reason

TWO = Rule(seats=2)
NUMBERS = {"hourly_max": 60, "wait_ms": 11_200, "ahead": 3, "needed": 2, "waiting": 1, "gap": 2.34, "limit": 1.0}


def slot(agent: str, mu: float = 25.0, since_ms: int = 0, **more: Any) -> Waiting:
    given_: dict[str, Any] = {"owner": f"of-{agent}", "sigma": 1.0} | more
    return Waiting(slot=f"{agent}/i/0", agent=agent, mu=mu, since_ms=since_ms, **given_)


@given(
    st.floats(0, 200),
    st.floats(0, 200),
    st.integers(0, 30_000),
    st.integers(0, 30_000),
    st.tuples(st.booleans(), st.booleans()).filter(lambda houses: not all(houses)),
)
def test_two_are_matched_when_it_was_said_and_not_before(
    mu: float, other_mu: float, since_ms: int, other_since_ms: int, houses: tuple[bool, bool]
) -> None:
    one, other = slot("a", mu, since_ms, house=houses[0]), slot("b", other_mu, other_since_ms, house=houses[1])
    now_ms = max(since_ms, other_since_ms)
    waits = 0.0
    while (found := outlook(one, [other], TWO, now_ms)).wait_ms:  # a house bot may have to wait for two things
        assert pair([one, other], TWO, now_ms, 1) == []
        waits += found.wait_ms
        now_ms += int(found.wait_ms) + 1
        assert waits < 120_000
    assert len(pair([one, other], TWO, now_ms, 1)) == 1


@pytest.mark.parametrize(
    ("others", "code"),
    [
        ([], "opponents_needed"),
        ([slot("a")], "opponents_needed"),
        ([slot("b", owner="of-a")], "same_owner"),
        ([slot("b", 90.0), slot("c", 26.0, mu_min=30.0)], "unwanted"),
        ([slot("b", 35.0), slot("c", 39.9)], "far"),
        ([slot("b", 26.0, house=True)], "house_soon"),
        ([slot("b", 26.0, house=True), slot("c", 26.0)], "next_wave"),
    ],
)
def test_the_nearest_that_is_possible_decides(others: list[Waiting], code: str) -> None:
    assert outlook(slot("a", 25.0, mu_max=40.0), others, TWO, 0).reason.code == code


def test_a_game_of_one_seat_needs_nobody() -> None:
    assert outlook(slot("a"), [], Rule(seats=1), 0).wait_ms == 0
    assert outlook(slot("a", other_games=True), [], Rule(seats=1), 400).wait_ms == 600


def test_where_limits_do_not_widen_nobody_can_say_when() -> None:
    found = outlook(slot("a"), [slot("b", 90.0)], Rule(seats=2, widen_per_s=0.0), 0)
    assert found.wait_ms is None
    assert "longer than anybody can wait" in in_words(found.reason)


@pytest.mark.parametrize("code", get_args(Code))
def test_every_code_has_words(code: Code) -> None:
    words = in_words(Reason(code=code, numbers=NUMBERS))
    assert "{" not in words
    if code == "owner_limit":
        assert words == "its owner allows 60 matches an hour: the next one in 12 s"
    if code == "far":
        assert words == "the nearest rating is 2.3 units away, 1.0 are accepted; so far in 12 s"
