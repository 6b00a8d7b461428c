import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.core import clock
from arena.core.clock import PATIENT_MOVE_MS, allowance_ms, patient
from arena.wire.events import ClockRule

times = st.floats(0, 1e6, allow_nan=False)


@given(times, st.none() | times, times, st.integers(0, 1000))
def test_thinking_and_lag_are_all_of_the_time_and_lag_is_bounded(
    elapsed: float, reported: float | None, usual: float, bound: int
) -> None:
    think, lag = clock.split(ClockRule(lag_ms_max=bound), elapsed, reported, usual)
    assert abs(think + lag - elapsed) < 1e-6
    assert 0 <= lag <= bound
    assert think >= 0


def test_an_agent_that_reports_wrongly_gains_the_bound_at_most() -> None:
    assert clock.split(ClockRule(lag_ms_max=200), 5_000, 0.0, 0.0) == (4_800, 200)


def test_the_shorter_of_move_time_and_bank_counts() -> None:
    rule = ClockRule(move_ms=1_000, bank_ms=60_000)
    assert clock.allowance_ms(rule, 60_000) == 1_000
    assert clock.allowance_ms(rule, 300) == 300
    assert clock.allowance_ms(ClockRule(move_ms=0), 0) == clock.UNLIMITED_MS


@given(times, times, st.integers(0, 5_000))
def test_a_bank_never_falls_below_zero(bank: float, think: float, increment: int) -> None:
    rule = ClockRule(bank_ms=1, increment_ms=increment)
    assert clock.charge(rule, bank, think) >= increment


@pytest.mark.parametrize(
    ("rule", "move_ms"),
    [
        (ClockRule(move_ms=30_000), PATIENT_MOVE_MS),
        (ClockRule(move_ms=0, bank_ms=300_000, increment_ms=5_000), PATIENT_MOVE_MS),
        (ClockRule(move_ms=0, bank_ms=3_600_000), 3_600_000),
        (ClockRule(move_ms=900_000, bank_ms=3_600_000), 900_000),
    ],
)
def test_a_clock_for_people_takes_time_from_nobody(rule: ClockRule, move_ms: int) -> None:
    slower = patient(rule)
    assert (slower.move_ms, slower.bank_ms, slower.increment_ms) == (move_ms, 0, 0)
    assert allowance_ms(slower, 0) >= allowance_ms(rule, rule.bank_ms)
    assert slower.lag_ms_max == rule.lag_ms_max
