"""Time to think: what a move may take, and what it costs. All times in milliseconds.

A move must end before `move_ms` and before the bank is empty, where each is switched on.  A reply takes thinking plus
lag; the agent may report its own thinking, and then lag is not charged, up to `lag_ms_max`: so an agent that reports
wrongly gains that bound at most, and one that reports nothing is given the lag measured on its earlier moves.
"""

import msgspec

from arena.wire.events import ClockRule

PATIENT_MOVE_MS = 600_000
UNLIMITED_MS = 24 * 3600 * 1000.0


def patient(rule: ClockRule) -> ClockRule:
    """A clock that people can play with: ten minutes for each move, and no bank.

    Nobody has less time than by `rule`, to which the opponents agreed: of a bank alone, a move may take all it begins
    with.
    """
    move_ms = max(PATIENT_MOVE_MS, rule.move_ms or rule.bank_ms)
    return msgspec.structs.replace(rule, move_ms=move_ms, bank_ms=0, increment_ms=0)


def allowance_ms(rule: ClockRule, bank_ms: float) -> float:
    """What the next move may take, lag apart."""
    limits = [float(rule.move_ms)] if rule.move_ms else []
    if rule.bank_ms:
        limits.append(bank_ms)
    return min(limits, default=UNLIMITED_MS)


def deadline_ms(rule: ClockRule, bank_ms: float) -> float:
    """When to stop waiting for a reply, counted from the turn's sending."""
    return allowance_ms(rule, bank_ms) + rule.lag_ms_max


def split(rule: ClockRule, elapsed_ms: float, reported_ms: float | None, usual_lag_ms: float) -> tuple[float, float]:
    """(thinking to charge, lag not charged) of a reply that took `elapsed_ms`."""
    lag = usual_lag_ms if reported_ms is None else elapsed_ms - reported_ms
    lag = min(max(lag, 0.0), float(rule.lag_ms_max), elapsed_ms)
    return elapsed_ms - lag, lag


def charge(rule: ClockRule, bank_ms: float, think_ms: float) -> float:
    """The bank after a move."""
    return max(bank_ms - think_ms, 0.0) + rule.increment_ms if rule.bank_ms else 0.0
