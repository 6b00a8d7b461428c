"""A turn that waits, by the clock alone: whose time is whose."""

from arena.runner.asked import Asked
from arena.wire.events import ClockRule, FaultRule
from arena.wire.faults import AgentFault
from arena.wire.play import Turn

RULE = FaultRule(gone_grace_ms=10_000)
FAR_S = 1_000.0


def asked() -> Asked:
    turn = Turn(match="m", game="g", seat=0, ply=0, observation=[], left_ms=600_000)
    found = Asked(turn, 600_000.0, b"")
    found.begin(FAR_S, 1, ClockRule(move_ms=600_000), 0.0)
    return found


def test_while_we_were_stopped_nobodys_absence_grows() -> None:
    one = asked()
    one.missed(FAR_S + 1)
    one.forgive(FAR_S + 2, FAR_S + 12)  # SIGSTOP: it may have come back, and its hello lies in our socket
    assert one.lapsed(FAR_S + 12, RULE, FAR_S + 2, None) is None
    assert one.lapsed(FAR_S + 20.9, RULE, FAR_S + 20.8, None) is None
    charge = one.lapsed(FAR_S + 21.2, RULE, FAR_S + 21.1, None)
    assert charge is not None
    assert charge.cause is AgentFault.GONE
    assert charge.elapsed_ms >= RULE.gone_grace_ms


def test_nor_does_anybodys_silence() -> None:
    one = asked()
    one.forgive(FAR_S + 2, FAR_S + 12)
    assert one.lapsed(FAR_S + 12, RULE, FAR_S + 2, FAR_S + 1) is None
    assert one.lapsed(FAR_S + 19.9, RULE, FAR_S + 19.8, FAR_S + 1) is None
    assert one.lapsed(FAR_S + 20.2, RULE, FAR_S + 20.1, FAR_S + 1) is not None
