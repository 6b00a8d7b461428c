"""A clock that gives agents more time while they report progress, and no more than it says."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

import arena.matchmaker.service
import arena.runner.service
from agent_kit import Turn, play
from arena.runner.asked import PROGRESS_S, Asked
from arena.wire.events import ClockRule, Ended, Faulted, Moved
from arena.wire.faults import AgentFault
from arena.wire.play import Turn as WireTurn
from arena.wire.subjects import Role
from tests.stage import Stage, open_stage

CLOCK = '[[game]]\nname = "cartpole"\nclock = { move_ms = 1_000, progress_ms = 1_500 }\n'


def asked(rule: ClockRule, allowance_ms: float) -> Asked:
    turn = Asked(WireTurn(match="m", game="g", seat=0, ply=0, observation=None, left_ms=0), allowance_ms, b"")
    turn.begin(100.0, 0, rule, round_trip_s=0.0)
    return turn


def test_a_report_fills_the_clock_up_as_far_as_the_rule_goes() -> None:
    rule = ClockRule(move_ms=10_000, progress_ms=7_000, lag_ms_max=200)
    turn = asked(rule, 10_000)
    turn.progressed(101.0, rule, 0)
    assert turn.left_ms(101.0, rule) == 9_000  # enough was left
    turn.progressed(109.0, rule, 0)
    assert turn.left_ms(109.0, rule) == PROGRESS_S * 1000
    turn.progressed(113.0, rule, 0)
    assert (turn.left_ms(113.0, rule), turn.allowance_ms) == (4_000, 17_000)  # and no more
    late = asked(rule, 10_000)
    late.progressed(110.3, rule, 0)
    assert late.allowance_ms == 10_000  # too late


def test_the_bank_is_not_extended() -> None:
    rule = ClockRule(move_ms=10_000, bank_ms=60_000, progress_ms=7_000)
    turn = asked(rule, 10_000)
    turn.progressed(109.9, rule, bank_ms=12_000)
    assert turn.allowance_ms == 12_000


@pytest.fixture(scope="module")
async def patient() -> AsyncIterator[Stage]:
    """A stage whose cartpole waits a second for a move, and two and a half for one that gets on."""
    async with open_stage() as stage:
        assert stage.settings.games_file is not None
        stage.settings.games_file.write_text(CLOCK)
        await stage.serve(Role.RUNNER, arena.runner.service.run)
        await stage.serve(Role.MATCHMAKER, arena.matchmaker.service.run)
        yield stage


@pytest.mark.parametrize(
    ("thinks_s", "reports", "in_time"), [(1.6, True, True), (1.6, False, False), (60, True, False)]
)
async def test_who_reports_progress_gets_more_time(
    patient: Stage, thinks_s: float, reports: bool, in_time: bool
) -> None:
    _, creds = await patient.agent()
    played: list[str] = []
    never = asyncio.Event()

    async def thinks(turn: Turn) -> int:
        played.append(turn.match)
        if turn.ply == 0:
            for step in range(int(thinks_s / 0.1)):
                if reports:
                    turn.progress(min(step / 20, 1.0))
                with contextlib.suppress(TimeoutError):  # it thinks as long
                    async with asyncio.timeout(0.1):
                        await never.wait()
        return 0

    await play(thinks, creds=creds, games=["cartpole"], matches=1)
    match = played[0]
    await patient.log.until(lambda log: log.of(Ended, match))
    faults = patient.log.of(Faulted, match)
    if in_time:
        assert not faults
        assert patient.log.of(Moved, match)[0].moves[0].think_ms > 1_200
    else:
        (fault,) = faults
        assert fault.cause is AgentFault.TIMEOUT
        assert f"within {2_500 if reports else 1_000} ms" in fault.expected
