"""What is checked, and what came of it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Literal, NamedTuple, TypeAlias

import msgspec

from agent_kit.conform.trial import NotTried, Trial, Unmet

Result: TypeAlias = Literal["ok", "failed", "not tried"]
Attempt: TypeAlias = Callable[[Trial], Awaitable[None]]  # raises Unmet or NotTried


class Check(NamedTuple):
    """One row of the table. Without a `gate` that is passed, nothing after it in its trial is tried."""

    name: str
    required: bool
    title: str  # what the agent does, if it is right
    advice: str  # what to do where it does not
    attempt: Attempt
    gate: bool = False


class Tried(NamedTuple):
    """What came of a program. output: its last words, of the process that most was tried with."""

    outcomes: list["Outcome"]
    output: str


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a check. found: what was seen instead, or why it was not tried."""

    check: str
    required: bool
    title: str
    result: Result
    found: str = ""
    advice: str = ""


async def attempt_all(trial: Trial, checks: Sequence[Check]) -> list[Outcome]:
    """One after another; an agent that ends by itself is started again for the next."""
    outcomes: list[Outcome] = []
    shut = ""
    for check in checks:
        outcome = Outcome(check=check.name, required=check.required, title=check.title, result="not tried", found=shut)
        if not shut:
            outcome = await _attempt(trial, check, outcome)
            if check.gate and outcome.result != "ok":
                shut = f"there is nothing to try it with before {check.name!r} is ok"
        outcomes.append(outcome)
    return outcomes


async def _attempt(trial: Trial, check: Check, outcome: Outcome) -> Outcome:
    try:
        await check.attempt(trial)
    except NotTried as reason:
        return msgspec.structs.replace(outcome, found=str(reason))
    except Unmet as unmet:
        return msgspec.structs.replace(outcome, result="failed", found=str(unmet), advice=check.advice)
    return msgspec.structs.replace(outcome, result="ok")
