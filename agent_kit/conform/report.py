"""What came of the checks, for people and for programs."""

from collections.abc import Sequence

import msgspec

from agent_kit.conform.check import Check, Outcome, Tried

MARKS = {"ok": "ok", "failed": "FAILED", "not tried": "not tried"}


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All outcomes of one program. conforms: no required check failed. output: the program's last words."""

    command: str
    conforms: bool
    checks: Sequence[Outcome]
    output: str


def report(command: str, tried: Tried) -> Report:
    """The report of what was tried."""
    wrong = [outcome for outcome in tried.outcomes if outcome.required and outcome.result == "failed"]
    return Report(command=command, conforms=not wrong, checks=tried.outcomes, output=tried.output)


def table(found: Report) -> str:
    """A row for each check; below those that are not ok, what was found and what to do; then all in one line."""
    lines, above = [], ""
    for outcome in found.checks:
        level = "required" if outcome.required else "recommended"
        lines.append(f"{MARKS[outcome.result]:<10}{level:<13}{outcome.check:<17}{outcome.title}")
        if outcome.found and outcome.found != above:
            lines.append(f"{'':<12}{_indented(outcome.found)}")
        if outcome.advice:
            lines.append(f"{'':<12}-> {_indented(outcome.advice)}")
        above = outcome.found
    if not found.conforms:
        lines.append(f"\nThe program's last words:\n{found.output or '(none)'}")
    return "\n".join((*lines, "", _summary(found.checks)))


def _summary(outcomes: Sequence[Outcome]) -> str:
    """One line."""
    counts = {result: sum(outcome.result == result for outcome in outcomes) for result in MARKS}
    said = ", ".join(f"{count} {result}" for result, count in counts.items() if count)
    failed = [outcome.check for outcome in outcomes if outcome.required and outcome.result == "failed"]
    return f"{said}; " + (f"required, and failed: {', '.join(failed)}" if failed else "it conforms")


def listing(checks: Sequence[Check]) -> str:
    """What would be checked, and what to do for it."""
    return "\n".join(
        f"{'required' if check.required else 'recommended':<13}{check.name:<17}{check.title}\n{'':<12}-> {check.advice}"
        for check in checks
    )


def _indented(text: str) -> str:
    return text.replace("\n", f"\n{'':<12}")
