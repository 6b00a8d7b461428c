"""An agent's matches an hour: never more than its bound, and no fewer than that need be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.core.traffic import HOUR_MS, Traffic


@given(st.integers(1, 40), st.lists(st.integers(0, 900_000), max_size=60))
def test_in_no_hour_are_there_more(hourly_max: int, pauses_ms: list[int]) -> None:
    """A match begins whenever it may after some pause."""
    found = Traffic()
    began: list[int] = []
    now_ms = 0
    for pause_ms in pauses_ms:
        now_ms = max(now_ms + pause_ms, found.next_ms("a", hourly_max, now_ms))
        found.began("a", hourly_max, now_ms)
        began.append(now_ms)
    assert all(sum(first <= at < first + HOUR_MS for at in began) <= hourly_max for first in began)


def test_the_whole_bound_can_be_used() -> None:
    found = Traffic()
    for number in range(60):
        assert found.next_ms("a", 60, number * 60_000) <= number * 60_000
        found.began("a", 60, number * 60_000)


def test_who_has_no_bound_never_waits() -> None:
    found = Traffic()
    for _ in range(100):
        found.began("a", 0, 5)
    assert found.next_ms("a", 0, 5) == 0


def test_matches_that_began_together_are_owed() -> None:
    found = Traffic()
    found.began("a", 60, 1_000)
    found.began("a", 60, 1_000)
    assert found.next_ms("a", 60, 1_000) == 121_000
    assert found.next_ms("b", 60, 1_000) == 0


def test_a_new_bound_holds_for_the_pause_that_is_under_way() -> None:
    found = Traffic()
    found.began("a", 1, 0)
    assert found.next_ms("a", 2, HOUR_MS // 2) == HOUR_MS // 2 + HOUR_MS // 4
    assert found.next_ms("a", 1, HOUR_MS // 2) == HOUR_MS
    assert found.next_ms("a", 0, HOUR_MS // 2) == 0


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("arena.core.traffic.AGENTS_MAX", 3)
    found = Traffic()
    for number in range(50):
        found.began(f"a{number}", 3_600, number * 1_000)
        assert len(found._next) <= 3
    assert found.next_ms("a49", 3_600, 49_000) == 50_000
