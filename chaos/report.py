"""What a run found, for people and for the page: a row for each fault, the targets, and every violation."""

import os
import platform as platform_
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import msgspec
import psutil
from rich.console import Console
from rich.table import Table

from chaos.faults import FAULTS, MEASURED, Recovery
from chaos.inject import Injection
from chaos.rounds import Outcome

BEGIN, END = "<!-- figures: make chaos -->", "<!-- end -->"
RESUME_MS_MAX, HAND_OVER_MS_MAX = 3_000, 300
TARGETS = (
    ("SIGKILL runner", RESUME_MS_MAX, "median resume by another runner after SIGKILL"),
    ("SIGTERM runner", HAND_OVER_MS_MAX, "median hand-over on a graceful stop"),
)
INVARIANTS = {
    1: "every match ends exactly once; a void has a platform cause",
    2: "events are contiguous, by one writer at a time, and replay bit for bit",
    3: "the tables are a fold of the log",
    4: "no agent is charged for the platform's faults; charges carry evidence",
    5: "what was acknowledged is there",
    6: "nothing leaks",
}


class Row(msgspec.Struct, kw_only=True):
    """What became of one kind of fault."""

    fault: str
    does: str
    recovery: Recovery
    injected: int
    touched: int
    recoveries_ms: list[float]
    never: int  # injections after which no recovery was seen
    lost: int  # events; violations of invariant 5 in a match that it touched
    wrong: int  # charges; violations of invariant 4 in a match that it touched

    def at(self, share: float) -> str:
        """Recovery that this share of cases did not exceed, in words."""
        if not self.recoveries_ms:
            return "-"
        values = sorted(self.recoveries_ms)
        took_ms = values[min(len(values) - 1, int(share * len(values)))]
        return f"{took_ms:,.0f} ms" if took_ms < 1000 else f"{took_ms / 1000:.1f} s"


def rows(outcomes: list[Outcome]) -> list[Row]:
    """One for each fault of the table that was wanted at all, in its order."""
    by_fault: dict[str, list[Injection]] = {}
    for outcome in outcomes:
        for injection in outcome.injections:
            by_fault.setdefault(injection.fault, []).append(injection)
    bad = {
        number: {
            violation.match for outcome in outcomes for violation in outcome.violations if violation.invariant == number
        }
        for number in (4, 5)
    }
    found = []
    for fault in FAULTS:
        injections = by_fault.get(fault.name, [])
        touched = {match for injection in injections for match in injection.touched}
        found.append(
            Row(
                fault=fault.name,
                does=fault.does,
                recovery=fault.recovery,
                injected=len(injections),
                touched=sum(len(injection.touched) for injection in injections),
                recoveries_ms=[took for injection in injections for took in injection.recoveries_ms],
                never=sum(injection.lost for injection in injections),
                lost=len(bad[5] & touched),
                wrong=len(bad[4] & touched),
            )
        )
    return found


def impossible(outcomes: list[Outcome]) -> list[str]:
    """Faults that could not be injected here."""
    return sorted({name for outcome in outcomes for name in outcome.impossible})


def verdicts(found: list[Row]) -> list[tuple[str, str, bool]]:
    """The targets: what, the figure, whether it is met. A fault that was not injected has no verdict."""
    by_name = {row.fault: row for row in found}
    return [
        (f"{words} below {limit_ms / 1000:g} s", by_name[name].at(0.5), median(by_name[name].recoveries_ms) < limit_ms)
        for name, limit_ms, words in TARGETS
        if by_name[name].recoveries_ms
    ]


def show(outcomes: list[Outcome], console: Console) -> None:
    """All of it, on the terminal."""
    found = rows(outcomes)
    table = Table(title=_title(outcomes))
    table.add_column("fault")
    for heading in ("injected", "matches touched", "recovery p50", "p99", "max", "events lost", "wrong charges"):
        table.add_column(heading, justify="right")
    for row in found:
        if row.injected:
            numbers = (f"{row.touched:,}", row.at(0.5), row.at(0.99), row.at(1), str(row.lost), str(row.wrong))
            table.add_row(row.fault, str(row.injected), *numbers)
    console.print(table)
    for name in impossible(outcomes):
        console.print(f"[yellow]not injected: {name} (needs root, to mount a small file system)")
    for what, figure, met in verdicts(found):
        console.print(f"{'[green]PASS' if met else '[red]FAIL'}[/] {what}: {figure}")
    for outcome in outcomes:
        for violation in outcome.violations:
            where = f"round {outcome.number} (seed {outcome.seed})"
            console.print(
                f"[red]violation of {violation.invariant}[/] in {where} {violation.match}: {violation.text}",
                highlight=False,
                soft_wrap=True,
            )
        for note in outcome.notes:
            console.print(f"[yellow]round {outcome.number}:[/] {note}", highlight=False, soft_wrap=True)
        if outcome.violations:
            console.print(f"round {outcome.number} is kept in {outcome.home}", soft_wrap=True)
    violations = sum(len(outcome.violations) for outcome in outcomes)
    console.print("[green]no violations" if not violations else f"[red]{violations} violations")


def _title(outcomes: list[Outcome]) -> str:
    minutes = sum(outcome.seconds for outcome in outcomes) / 60
    matches = sum(outcome.matches for outcome in outcomes)
    events = sum(outcome.events for outcome in outcomes)
    injected = sum(len(outcome.injections) for outcome in outcomes)
    return f"{minutes:.0f} minutes, {matches:,} matches, {events:,} events, {injected} faults"


def markdown(outcomes: list[Outcome], command: str) -> str:
    """The page's generated part."""
    found = rows(outcomes)
    memory = round(psutil.virtual_memory().total / 2**30)
    lines = [
        "",
        (
            f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {memory} GiB, Python {platform_.python_version()}; "
            f"`{command}`: {_title(outcomes)} in {len(outcomes)} rounds."
        ),
        "",
        "| fault | what is done | times | matches touched | recovery p50 | p99 | max | events lost | wrong charges |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in found:
        if row.injected:
            numbers = f"{row.at(0.5)} | {row.at(0.99)} | {row.at(1)} | {row.lost} | {row.wrong}"
            lines.append(f"| {row.fault} | {row.does} | {row.injected} | {row.touched:,} | {numbers} |")
    lines.append("")
    lines += [f"Not injected: {name} (needs root, to mount a small file system)." for name in impossible(outcomes)]
    for what, figure, met in verdicts(found):
        lines.append(f"- {what}: **{figure}** ({'met' if met else 'missed'})")
    lines += ["", "| invariant | violations |", "|---|---:|"]
    for number, words in INVARIANTS.items():
        count = sum(violation.invariant == number for outcome in outcomes for violation in outcome.violations)
        lines.append(f"| {number}. {words} | {count} |")
    lines += ["", "Recovery is measured"]
    used = {
        row.recovery: [one.fault for one in found if one.recovery == row.recovery and one.injected] for row in found
    }
    lines += [f"- {MEASURED[recovery]}: {', '.join(names)}" for recovery, names in used.items() if names]
    return "\n".join([*lines, ""])


def write(page: Path, outcomes: list[Outcome], command: str) -> None:
    """Put it into the page, between its marks."""
    before, _, rest = page.read_text().partition(BEGIN)
    page.write_text(before + BEGIN + markdown(outcomes, command) + END + rest.partition(END)[2])
