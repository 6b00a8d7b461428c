"""A turn that waits for its answer, and the charge that follows when none comes."""

import msgspec

from arena.core.match import Charge
from arena.wire.events import ClockRule, FaultRule
from arena.wire.faults import AgentFault
from arena.wire.play import Turn

EVIDENCE_CHARS_MAX = 500


class Asked(msgspec.Struct):
    """A turn on its way to a seat and back. Times in seconds on the monotonic clock."""

    turn: Turn
    allowance_ms: float
    payload: bytes
    at_s: float = 0.0
    at_ms: int = 0  # since the epoch, for the log
    deadline_s: float = 0.0
    absent_s: float | None = None  # since when nobody is subscribed
    missed_s: float = 0.0  # when the server last said so
    resent_s: float = 0.0

    def sent(self, now_s: float, now_ms: int, rule: ClockRule) -> None:
        """The clock starts."""
        self.at_s, self.at_ms = now_s, now_ms
        self.deadline_s = now_s + (self.allowance_ms + rule.lag_ms_max) / 1000

    def left_ms(self, now_s: float, rule: ClockRule) -> int:
        """What is left of the clock, lag apart."""
        return max(int((self.deadline_s - now_s) * 1000 - rule.lag_ms_max), 0)

    def forgive(self, down_s: float, now_s: float) -> None:
        """We were cut off from NATS from `down_s` until now: that time is nobody's."""
        outage_s = now_s - max(down_s, self.at_s)
        self.at_s += outage_s
        self.deadline_s += outage_s
        self.absent_s = None

    def missed(self, now_s: float) -> None:
        """The server says that nobody is subscribed."""
        self.missed_s = now_s
        self.absent_s = self.absent_s or now_s

    def resend_due(self, now_s: float, every_s: float) -> bool:
        """Whether to ask a seat again that was absent; if nobody missed it the last time, it is back."""
        if self.absent_s is None or now_s - max(self.resent_s, self.missed_s) < every_s:
            return False
        if self.missed_s < self.resent_s:
            self.absent_s = None
        return self.absent_s is not None

    def lapsed(self, now_s: float, rule: FaultRule) -> Charge | None:
        """What the seat is charged with if it ran out of time or is gone."""
        if now_s >= self.deadline_s:
            return self.timeout(now_s)
        if (
            self.absent_s is not None
            and self.missed_s >= self.resent_s
            and (now_s - self.absent_s) * 1000 >= rule.gone_grace_ms
        ):
            evidence = f"nobody was subscribed to the agent's subjects for {now_s - self.absent_s:.1f} s"
            return self._charge(AgentFault.GONE, "a subscriber", evidence, now_s)
        return None

    def timeout(self, now_s: float) -> Charge:
        """The charge for an answer that comes too late or not at all."""
        evidence = "nobody was subscribed" if self.absent_s else "the agent was subscribed"
        return self._charge(AgentFault.TIMEOUT, f"a reply within {self.allowance_ms:.0f} ms", evidence, now_s)

    def rejected(self, cause: AgentFault, expected: str, reply: bytes, now_s: float) -> Charge:
        """The charge for a reply that is no legal action; the reply is the evidence."""
        evidence = reply[:EVIDENCE_CHARS_MAX].decode("utf-8", "backslashreplace")[:EVIDENCE_CHARS_MAX]
        return self._charge(cause, expected[:EVIDENCE_CHARS_MAX], evidence, now_s)

    def _charge(self, cause: AgentFault, expected: str, evidence: str, now_s: float) -> Charge:
        return Charge(
            seat=self.turn.seat,
            cause=cause,
            expected=expected,
            evidence=evidence,
            asked_ms=self.at_ms,
            elapsed_ms=round((now_s - self.at_s) * 1000, 3),
        )
