"""`make chaos` in short: one round on one server, and not one violation."""

import pytest

from chaos import report
from chaos.faults import FAULTS, wanted
from chaos.inject import Injector
from chaos.rounds import Plan, play_round
from chaos.watch import Watch

SEED = 20
FAULTS_MIN = 8
SHORT_GAMES = "tictactoe,leduc_holdem"  # a slow agent's match of connect_four takes half a minute
CHEAP = ",".join(fault.name for fault in FAULTS if fault.role != "store" and fault.cluster is not True)


async def test_a_round_of_all_cheap_faults_violates_nothing() -> None:
    said: list[str] = []
    seen: list[int] = []

    def show(watch: Watch, _: Injector, __: float) -> None:
        seen.append(watch.created)

    plan = Plan(
        number=1,
        seed=SEED,
        seconds=10,
        faults_min=FAULTS_MIN,
        only=CHEAP,
        games=SHORT_GAMES,
        gap_s=0.5,
        settle_s=5,
        slow=3,
        linked=1,
    )
    outcome = await play_round(plan, said.append, show)
    assert outcome.violations == [], f"kept in {outcome.home}"
    assert outcome.kinds["moved"] > 100
    assert len(outcome.injections) >= FAULTS_MIN
    assert seen[-1] > seen[0], "matches went on being made"
    rows = [row for row in report.rows([outcome]) if row.injected]
    assert sum(row.injected for row in rows) == len(outcome.injections)
    assert {row.lost for row in rows} == {row.wrong for row in rows} == {0}


def test_faults_are_found_by_name_and_by_what_there_is_to_break() -> None:
    assert [fault.name for fault in wanted("SIGKILL runner, cut agent", 1)] == ["SIGKILL runner", "cut agent"]
    assert wanted("SIGKILL stream leader", 1) == []
    assert len(wanted("", 3)) > 20
    with pytest.raises(ValueError, match="no fault 'earthquake'; there are: SIGKILL runner"):
        wanted("earthquake", 1)
