"""The match's rules, as properties: any order of inputs leads to a log that folds, and ends exactly once."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.core.match import (
    TRANSITIONS,
    Broke,
    Charge,
    Contradiction,
    Lapsed,
    MatchState,
    Phase,
    Rejected,
    Stepped,
    decide,
    evolve,
    results,
)
from arena.wire.events import Claimed, ClockRule, Created, Ended, Faulted, FaultRule, Move, Moved, Seat, Voided
from arena.wire.faults import AgentFault, EndCause, PlatformFault, Verdict


def created(seats: int = 2, clock: ClockRule | None = None, faults: FaultRule | None = None) -> Created:
    people = [Seat(agent=f"a{n}", owner=f"u{n}", version=1, instance="i") for n in range(seats)]
    return Created(at_ms=1, seed=7, seats=people, clock=clock or ClockRule(), faults=faults or FaultRule())


def running(event: Created | None = None) -> MatchState:
    state = evolve(None, event or created())
    return evolve(state, Claimed(at_ms=2, runner="r", epoch=1))


def charge(seat: int, cause: AgentFault = AgentFault.ILLEGAL) -> Charge:
    return Charge(seat=seat, cause=cause, expected="something legal")


def stepped(rewards: list[float], over: bool = False, think_ms: float = 10.0) -> Stepped:
    return Stepped([Move(seat=0, action=1, think_ms=think_ms)], rewards, "00", over)


def test_a_step_is_one_event_and_the_last_one_two() -> None:
    state = running()
    assert [type(event) for event in decide(state, stepped([0.0, 0.0]), 5)] == [Moved]
    moved, ended = decide(state, stepped([1.0, -1.0], over=True), 5)
    assert isinstance(ended, Ended)
    assert [result.placement for result in ended.results] == [1, 2]
    assert [result.score for result in ended.results] == [1.0, -1.0]
    assert evolve(evolve(state, moved), ended).phase is Phase.ENDED


def test_illegal_replies_are_warned_and_then_forfeit() -> None:
    state = running(created(faults=FaultRule(strikes_max=2)))
    for _ in range(2):
        (warned,) = decide(state, Rejected(charge(1)), 5)
        assert isinstance(warned, Faulted)
        assert warned.verdict is Verdict.WARNED
        state = evolve(state, warned)
    faulted, ended = decide(state, Rejected(charge(1)), 5)
    assert isinstance(faulted, Faulted)
    assert faulted.verdict is Verdict.FORFEITED
    assert isinstance(ended, Ended)
    assert ended.cause is EndCause.FORFEIT
    assert [result.placement for result in ended.results] == [1, 2]


def test_seats_that_run_out_together_share_the_loss() -> None:
    events = decide(running(), Lapsed((charge(0, AgentFault.TIMEOUT), charge(1, AgentFault.TIMEOUT))), 5)
    assert isinstance(events[-1], Ended)
    assert [result.placement for result in events[-1].results] == [1, 1]


def test_a_game_that_plays_on_ends_when_one_seat_is_left() -> None:
    state = running(created(4, faults=FaultRule(plays_on=True)))
    for seat, more in ((3, 1), (2, 1), (1, 2)):
        events = decide(state, Lapsed((charge(seat, AgentFault.GONE),)), 5)
        assert len(events) == more
        for event in events:
            state = evolve(state, event)
    assert state.phase is Phase.ENDED
    assert [result.placement for result in results(state)] == [1, 2, 2, 2]


def in_pairs(*, plays_on: bool) -> MatchState:
    match = created(4, faults=FaultRule(plays_on=plays_on))
    seats = [msgspec.structs.replace(seat, team=number % 2) for number, seat in enumerate(match.seats)]
    return running(msgspec.structs.replace(match, seats=seats))


def test_a_teams_result_is_that_of_its_seats_together() -> None:
    _, ended = decide(in_pairs(plays_on=True), stepped([3.0, 1.0, -3.0, 0.0], over=True), 5)
    assert isinstance(ended, Ended)
    assert [result.placement for result in ended.results] == [2, 1, 2, 1]
    assert [result.score for result in ended.results] == [3.0, 1.0, -3.0, 0.0]


def test_a_team_with_a_seat_left_goes_on_where_the_game_plays_on() -> None:
    state = in_pairs(plays_on=True)
    for seat, more in ((0, 1), (1, 1), (2, 2)):
        events = decide(state, Lapsed((charge(seat, AgentFault.GONE),)), 5)
        assert len(events) == more
        for event in events:
            state = evolve(state, event)
    assert [result.placement for result in results(state)] == [2, 1, 2, 1]


def test_a_forfeit_that_ends_the_match_is_the_whole_teams() -> None:
    *_, ended = decide(in_pairs(plays_on=False), Lapsed((charge(0, AgentFault.TIMEOUT),)), 5)
    assert isinstance(ended, Ended)
    assert [result.placement for result in ended.results] == [2, 1, 2, 1]


def test_a_platform_fault_voids_and_charges_nobody() -> None:
    state = running()
    (voided,) = decide(state, Broke(PlatformFault.CRASHED, "boom"), 5)
    after = evolve(state, voided)
    assert isinstance(voided, Voided)
    assert (after.phase, after.strikes, after.charges) == (Phase.VOIDED, (0, 0), ())


def test_the_bank_pays_for_thinking_and_earns_the_increment() -> None:
    state = running(created(clock=ClockRule(move_ms=0, bank_ms=1_000, increment_ms=50)))
    (moved,) = decide(state, stepped([0.0, 0.0], think_ms=300), 5)
    assert evolve(state, moved).banks_ms == (750.0, 1_000.0)


def test_a_gap_in_the_log_is_a_contradiction() -> None:
    late = Moved(at_ms=3, ply=4, moves=[], rewards=[0.0, 0.0], digest="00")
    with pytest.raises(Contradiction, match="ply 4 cannot follow"):
        evolve(running(), late)


@pytest.mark.parametrize("phase", list(Phase))
def test_nothing_follows_where_the_table_says_so(phase: Phase) -> None:
    state = msgspec.structs.replace(running(), phase=phase)
    allowed = (phase, Moved) in TRANSITIONS
    try:
        decide(state, stepped([0.0, 0.0]), 5)
    except Contradiction:
        assert not allowed
    else:
        assert allowed


INPUTS = st.one_of(
    st.builds(Rejected, st.integers(0, 3).map(charge)),
    st.sets(st.integers(0, 3), min_size=1).map(
        lambda seats: Lapsed(tuple(charge(seat, AgentFault.TIMEOUT) for seat in sorted(seats)))
    ),
    st.builds(stepped, st.lists(st.floats(-5, 5), min_size=4, max_size=4), st.booleans()),
    st.just(Broke(PlatformFault.CRASHED, "")),
)


@given(st.lists(INPUTS, max_size=30), st.booleans(), st.integers(0, 3))
def test_every_course_of_a_match_folds_and_ends_at_most_once(inputs: list, plays_on: bool, strikes: int) -> None:
    state = running(created(4, faults=FaultRule(strikes_max=strikes, plays_on=plays_on)))
    log = []
    for happened in inputs:
        if state.phase is not Phase.RUNNING:
            with pytest.raises(Contradiction):
                decide(state, happened, 9)
            break
        for event in decide(state, happened, 9):
            state = evolve(state, event)
            log.append(event)
    assert sum(isinstance(event, Ended | Voided) for event in log) <= 1
    assert state.ply == sum(isinstance(event, Moved) for event in log)
    out = {event.seat for event in log if isinstance(event, Faulted) and event.verdict is Verdict.FORFEITED}
    assert state.out == out
    last = max(result.placement for result in results(state))
    assert all(results(state)[seat].placement == last for seat in out if len(out) < 4)
