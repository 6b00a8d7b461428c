"""Seat-fair blocks: what a wave makes of its meetings."""

import itertools
from collections import Counter
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from arena.core.blocks import Block, arrange
from arena.core.pairing import Meeting, Waiting


def slot(agent: str, number: int = 0, **more: Any) -> Waiting:
    known = {"owner": f"of-{agent}", "mu": 25.0, "sigma": 8.0, "since_ms": number, **more}
    return Waiting(slot=f"{agent}/i/{number}", agent=agent, **known)


def meeting(*agents: str, number: int = 0, **more: Any) -> Meeting:
    return Meeting(tuple(slot(agent, number, **more) for agent in agents), "near")


def names(block: Block) -> list[list[str]]:
    return [[it.agent for it in match.slots] for match in block]


@st.composite
def waves(draw: Any) -> tuple[list[Meeting], list[Waiting], int]:
    """Meetings of a game of two or three seats, other slots that wait, and how many more matches there may be."""
    seats = draw(st.integers(2, 3))
    numbers = itertools.count()
    groups = draw(st.lists(st.permutations("abcd").map(lambda order: order[:seats]), max_size=8))
    meetings = [Meeting(tuple(slot(agent, next(numbers)) for agent in group), "near") for group in groups]
    left = [slot(agent, next(numbers)) for agent in draw(st.lists(st.sampled_from("abcde"), max_size=10))]
    return meetings, left, draw(st.integers(0, 6))


@given(waves())
def test_nobody_waits_for_a_block_and_no_slot_is_taken_twice(wave: tuple[list[Meeting], list[Waiting], int]) -> None:
    meetings, left, more_max = wave
    blocks = arrange(meetings, left, more_max)
    used = [it.slot for block in blocks for match in block for it in match.slots]
    assert len(used) == len({*used})
    met = {it.slot for match in meetings for it in match.slots}
    assert met <= {*used} <= met | {it.slot for it in left}
    assert len(meetings) <= sum(map(len, blocks)) <= len(meetings) + more_max


@given(waves())
def test_in_a_block_each_agent_sits_once_in_each_seat(wave: tuple[list[Meeting], list[Waiting], int]) -> None:
    for block in arrange(*wave):
        seats = len(block[0].slots)
        assert len(block) in {1, seats}
        for match in block:
            assert {it.agent for it in match.slots} == {it.agent for it in block[0].slots}
        if len(block) > 1:
            for column in zip(*names(block), strict=True):
                assert len({*column}) == seats


@given(waves())
def test_a_match_is_alone_only_where_somebody_has_too_few_slots(
    wave: tuple[list[Meeting], list[Waiting], int],
) -> None:
    meetings, left, _ = wave
    blocks = arrange(meetings, left, 1_000)
    used = {it.slot for block in blocks for match in block for it in match.slots}
    free = Counter(it.agent for it in left if it.slot not in used)
    for block in blocks:
        if len(block) == 1:
            assert min(free[it.agent] for it in block[0].slots) < len(block[0].slots) - 1


def test_two_meetings_of_the_same_agents_are_one_block() -> None:
    (block,) = arrange([meeting("a", "b"), meeting("a", "b", number=1)], [], 0)
    assert names(block) == [["a", "b"], ["b", "a"]]
    assert [match.reason for match in block] == ["near; seats in turn, 1 of 2", "near; seats in turn, 2 of 2"]


def test_a_slot_that_is_free_on_one_side_only_makes_no_block() -> None:
    alone = meeting("a", "b")
    assert arrange([alone], [slot("a", 1), slot("c", 1)], 9) == [(alone,)]


def test_runners_that_have_no_room_get_no_more_matches() -> None:
    met, left = meeting("a", "b"), [slot("a", 1), slot("b", 1)]
    assert arrange([met], left, 0) == [(met,)]
    assert names(arrange([met], left, 1)[0]) == [["a", "b"], ["b", "a"]]


def test_a_slot_that_declared_something_else_stays_out() -> None:
    met = meeting("a", "b")
    assert arrange([met], [slot("a", 1, mu_min=30.0), slot("b", 1)], 9) == [(met,)]
    assert len(arrange([met], [slot("a", 1, lag_ms=70.0), slot("b", 1)], 9)[0]) == 2


def test_house_bots_among_themselves_play_no_more_than_they_are_given() -> None:
    house = meeting("a", "b", house=True)
    left = [slot("a", 1, house=True), slot("b", 1, house=True)]
    assert arrange([house], left, 9) == [(house,)]
    twice = [house, meeting("b", "a", number=1, house=True)]
    assert names(arrange(twice, [], 0)[0]) == [["a", "b"], ["b", "a"]]


def test_arranging_keeps_whatever_else_a_meeting_says() -> None:
    met = meeting("a", "b")
    (block,) = arrange([met], [slot("a", 1), slot("b", 1)], 1)
    assert [msgspec.structs.replace(match, slots=(), reason="") for match in block] == [
        msgspec.structs.replace(met, slots=(), reason="")
    ] * 2
