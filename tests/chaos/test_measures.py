"""What is read out of a log after faults, and what counts as a leak."""

from collections.abc import Iterator
from itertools import count

import pytest
from rich.console import Console

from arena.core.records import Entry
from chaos import report
from chaos.inject import Injection, measure
from chaos.invariants import Violation
from chaos.quiet import leaks
from chaos.rounds import Outcome


def log(*events: tuple[int, str, str]) -> list[Entry]:
    """(at_ms, match, kind) -> entries."""
    seqs: Iterator[int] = count(1)
    return [Entry(next(seqs), f"arena.event.chess.{match}.{kind}", at_ms, b"{}") for at_ms, match, kind in events]


def injected(recovery: str, *touched: str, until_ms: int = 1_000) -> Injection:
    return Injection(
        fault="SIGKILL runner",
        recovery=recovery,
        target="runner-1",
        from_ms=1_000,
        until_ms=until_ms,
        touched=list(touched),
    )


def test_a_killed_runners_matches_recover_one_by_one() -> None:
    found = injected("claimed", "a", "b", "c", "d")
    entries = log(
        (900, "a", "claimed"),
        (1_100, "z", "claimed"),
        (3_000, "a", "claimed"),
        (3_100, "a", "claimed"),
        (1_500, "b", "ended"),  # acknowledged before the kill was noticed: it waited for nobody
        (3_500, "c", "moved"),
        (4_000, "c", "claimed"),
    )
    measure([found], entries, lambda match: True)
    assert found.recoveries_ms == [2_000, 3_000]


def test_what_was_cut_off_recovers_from_its_end() -> None:
    found = injected("resumed", "a", "b", "late", until_ms=5_000)
    entries = log((4_999, "a", "moved"), (5_200, "a", "moved"), (5_300, "b", "ended"), (9_000, "late", "moved"))
    measure([found], entries, lambda match: match != "late")
    assert found.recoveries_ms == [200, 300]


@pytest.mark.parametrize(("recovery", "took"), [("created", [700]), ("moved", [900])])
def test_other_faults_are_over_with_the_next_progress_anywhere(recovery: str, took: list[float]) -> None:
    found = injected(recovery, until_ms=2_000)
    measure([found], log((1_999, "a", recovery), (2_700, "b", "created"), (2_900, "a", "moved")), lambda match: True)
    assert found.recoveries_ms == took


def test_leaks_are_measured_against_the_most_that_one_of_the_role_had() -> None:
    before = {"recorder-1": {"tasks": 20.0}, "recorder-2": {"tasks": 30.0}, "nats": {"consumers": 9.0}}
    after = {"recorder-1": {"tasks": 34.0}, "recorder-2": {"tasks": 35.0, "new": 1.0}, "nats": {"consumers": 10.0}}
    assert leaks(before, after, consumers=True) == [
        "recorder-2: tasks 35, before the faults 30",
        "nats: consumers 10, before the faults 9",
    ]
    assert leaks(before, after, consumers=False) == ["recorder-2: tasks 35, before the faults 30"]


def test_a_row_for_each_fault_and_a_verdict_for_each_target() -> None:
    hit = injected("claimed", "a", "b")
    hit.recoveries_ms = [2_000.0, 2_500.0, 40_000.0]
    slow = injected("claimed", "c")
    slow.fault, slow.recoveries_ms = "SIGTERM runner", [400.0]
    outcome = Outcome(
        number=1, seed=7, servers=1, home="kept", injections=[hit, slow], matches=3, impossible=["full disk"]
    )
    outcome.violations = [Violation(4, "a", "charged"), Violation(4, "z", "charged"), Violation(5, "c", "lost")]
    rows = {row.fault: row for row in report.rows([outcome])}
    killed, stopped = rows["SIGKILL runner"], rows["SIGTERM runner"]
    assert (killed.injected, killed.touched, killed.at(0.5), killed.wrong, killed.lost) == (1, 2, "2.5 s", 1, 0)
    assert (stopped.wrong, stopped.lost, rows["cut runner"].injected) == (0, 1, 0)
    assert [met for _, _, met in report.verdicts(list(rows.values()))] == [True, False]

    page = report.markdown([outcome], "make chaos")
    assert "| SIGKILL runner | killed; started again | 1 | 2 | 2.5 s | 40.0 s | 40.0 s | 0 | 1 |" in page
    assert "Not injected: full disk" in page
    assert "cut runner" not in page
    console = Console(record=True, width=160, file=None, quiet=False)
    report.show([outcome], console)
    text = console.export_text()
    assert "3 violations" in text
    assert "round 1 (seed 7) c: lost" in text
    assert "kept" in text
