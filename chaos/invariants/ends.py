"""1. Every created match ends exactly once, and a void is the platform's doing."""

from arena.wire.events import Created, Ended, Voided
from arena.wire.faults import PlatformFault
from chaos.invariants.case import Case, Logged, Violation

RECOVERY_MS = 60_000  # how long after an outage a match may still be voided for it


def check(case: Case) -> list[Violation]:
    """Violations of invariant 1."""
    return [
        Violation(1, match, text) for match, events in case.events.items() for text in _problems(case, match, events)
    ]


def _problems(case: Case, match: str, events: list[Logged]) -> list[str]:
    created = [one for one in events if isinstance(one.event, Created)]
    ends = [one for one in events if isinstance(one.event, Ended | Voided)]
    found = []
    if len(created) != 1:
        found.append(f"{match} was created {len(created)} times")
    if not ends:
        found.append(f"{match} never ended: its last event is {type(events[-1].event).__name__} ({events[-1].seq})")
    elif len(ends) > 1:
        words = ", ".join(f"{type(one.event).__name__} ({one.seq})" for one in ends)
        found.append(f"{match} ended {len(ends)} times: {words}")
    for one in ends:
        if isinstance(one.event, Voided):
            found += _unfounded(case, match, events[0], one, one.event)
    return found


def _unfounded(case: Case, match: str, first: Logged, last: Logged, voided: Voided) -> list[str]:
    """A void needs a cause of ours: an operator's word, or something that was done to the platform at the time."""
    if voided.cause is PlatformFault.CANCELLED:
        return []
    if case.overlapping(first.stored_ms, last.stored_ms, RECOVERY_MS):
        return []
    return [f"{match} was voided ({voided.cause}: {voided.detail}), though nothing was done to the platform then"]
