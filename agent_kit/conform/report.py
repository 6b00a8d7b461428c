"""What came of the checks, for people and for programs."""

from collections.abc import Sequence

import msgspec

from agent_kit.conform.check import Check, Outcome

MARKS = {"ok": "ok", "failed": "FAILED", "not tried": "not tried"}


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All outcomes of one program. conforms: no required check failed."""

    command: str
    conforms: bool
    checks: Sequence[Outcome]


def report(command: str, outcomes: Sequence[Outcome]) -> Report:
    """The report of these outcomes. An agent that was not tried enough to know does not conform."""
    wrong = [outcome for outcome in outcomes if outcome.required and outcome.result == "failed"]
    return Report(command=command, conforms=bool(outcomes) and not wrong, checks=outcomes)


def table(outcomes: Sequence[Outcome]) -> str:
    """A row for each check; below those that are not ok, what was found and what to do."""
    lines = []
    for outcome in outcomes:
        level = "required" if outcome.required else "recommended"
        lines.append(f"{MARKS[outcome.result]:<10}{level:<13}{outcome.check:<17}{outcome.title}")
        if outcome.found:
            lines.append(f"{'':<12}{_indented(outcome.found)}")
        if outcome.advice:
            lines.append(f"{'':<12}-> {_indented(outcome.advice)}")
    return "\n".join(lines)


def summary(outcomes: Sequence[Outcome]) -> str:
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
