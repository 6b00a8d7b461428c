"""A fault in words: what an agent's owner is told."""

from typing import TYPE_CHECKING

from arena.cli.output import at

if TYPE_CHECKING:
    from arena.store.reading import Fault

_SEEN = {
    "subscribed": "it was subscribed all the time",
    "returned": "it was away for a while, and came back",
    "absent": "nobody was subscribed",
    "silent": "it was subscribed, but sent no beat",
}
EVIDENCE_MAX = 200  # characters of the reply that are shown; all that is kept is in --json


def lines(fault: "Fault") -> list[str]:
    """What was charged, and below it why."""
    found = [f"seat {fault.seat} at ply {fault.ply}: {fault.cause}, {fault.verdict}; expected {fault.expected}"]
    if fault.asked_ms:
        times = f"sent {fault.sent} times, first" if fault.sent > 1 else "sent"
        found.append(f"  turn {times} at {at(fault.asked_ms)} UTC; {_reply(fault)}")
        forgiven = f", and {fault.forgiven_ms:,.0f} ms more that count for nobody: the platform was away"
        found.append(f"  {fault.elapsed_ms:,.0f} ms charged{forgiven if fault.forgiven_ms else ''}")
    if fault.connection:
        found.append(f"  connection: {_SEEN.get(fault.connection, fault.connection)}")
    if fault.evidence:
        found.append(f"  evidence: {fault.evidence[:EVIDENCE_MAX]}")
    return found


def _reply(fault: "Fault") -> str:
    if not fault.replied_ms:
        return "no reply came"
    return f"a reply of {fault.reply_bytes:,} bytes came {fault.replied_ms - fault.asked_ms:,} ms later"
