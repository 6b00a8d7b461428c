"""A turn that waits for its answer, and the charge that follows when none comes.

Only an agent's own time and an agent's own absence are charged. What the platform took is forgiven: time in which the
runner was cut off, stopped or stalled, and, after such an outage, the time until the agent found its way back.
"""

import msgspec

from arena.core.match import Charge
from arena.wire.events import ClockRule, FaultRule
from arena.wire.faults import AgentFault, Connection
from arena.wire.play import Turn

EVIDENCE_CHARS_MAX = 500
REPEAT_S_MIN, REPEAT_S_MAX = 1.0, 30.0  # between two sendings of a turn that waits: half of what is left of its clock
PROGRESS_S = 5.0  # what a report of progress leaves a move at least, as far as its clock allows
PROBES = 1  # turns sent once more after the server said that a connection of the agent ended, although none was missed


class Reply(msgspec.Struct, frozen=True):
    """What is noted of a reply as evidence."""

    at_ms: int  # since the epoch
    payload: bytes


class Asked(msgspec.Struct):
    """A turn on its way to a seat and back. Times in seconds on the monotonic clock."""

    turn: Turn
    allowance_ms: float
    payload: bytes
    sent_s: float = 0.0  # for the first time
    at_s: float = 0.0  # since when time is charged: the same, moved on by what is forgiven
    at_ms: int = 0  # when it was first sent, since the epoch, for the log
    deadline_s: float = 0.0
    sent: int = 0  # how often
    resent_s: float = 0.0
    absent_s: float | None = None  # since when nobody is subscribed
    missed_s: float = 0.0  # when the server last said so
    probes: int = 0  # still to be sent, to see whether anybody is there
    away: bool = False  # it was absent at some time
    returning: bool = False  # our outage sent it away: its clock stands until it is back
    forgiven_s: float = 0.0
    forgiven_until_s: float = 0.0
    earned_ms: float = 0.0  # by reports of progress

    def begin(self, now_s: float, now_ms: int, rule: ClockRule, round_trip_s: float) -> None:
        """The clock starts. round_trip_s: between us and the server, which is not the agent's."""
        self.sent_s = self.at_s = self.resent_s = now_s
        self.at_ms = now_ms
        self.sent = 1
        self.deadline_s = now_s + round_trip_s + (self.allowance_ms + rule.lag_ms_max) / 1000

    def again(self, now_s: float) -> None:
        """It is sent once more."""
        self.resent_s = now_s
        self.sent += 1

    def progressed(self, now_s: float, rule: ClockRule, bank_ms: float) -> None:
        """The agent is getting on: a move that is nearly out of time gets a little more, up to the clock's bound."""
        short_ms = PROGRESS_S * 1000 - self.left_ms(now_s, rule)
        room_ms = rule.progress_ms - self.earned_ms
        if rule.bank_ms:
            room_ms = min(room_ms, bank_ms - self.allowance_ms)
        if now_s < self.deadline_s and (more_ms := min(short_ms, room_ms)) > 0:
            self.earned_ms += more_ms
            self.allowance_ms += more_ms
            self.deadline_s += more_ms / 1000

    def left_ms(self, now_s: float, rule: ClockRule) -> int:
        """What is left of the clock, lag apart."""
        left_ms = (self.deadline_s - now_s) * 1000 - rule.lag_ms_max
        return int(min(max(left_ms, 0.0), self.allowance_ms))

    def elapsed_ms(self, now_s: float) -> float:
        """Time since it was sent, without what is forgiven."""
        return max((now_s - self.at_s) * 1000, 0.0)

    @property
    def forgiven_ms(self) -> float:
        """What was forgiven so far."""
        return round(self.forgiven_s * 1000, 3)

    # The platform's doing

    def forgive(self, since_s: float, now_s: float) -> None:
        """From `since_s` until now the platform was away: that time is nobody's. Overlaps count once."""
        outage_s = now_s - max(since_s, self.sent_s, self.forgiven_until_s)
        if outage_s > 0:
            self.at_s += outage_s
            self.deadline_s += outage_s
            self.forgiven_s += outage_s
            self.forgiven_until_s = now_s
            if self.absent_s is not None:  # it may have come back meanwhile, and not been heard
                self.absent_s = min(self.absent_s + outage_s, now_s)

    def cut_off(self, since_s: float, now_s: float) -> None:
        """We lost the server and found it again: agents may have lost it too, and come back a little later."""
        self.forgive(since_s, now_s)
        self.absent_s = None
        self.returning = True

    # Is anybody there?

    def doubt(self) -> None:
        """A connection of this agent ended, of whichever instance."""
        self.probes = PROBES

    def missed(self, now_s: float) -> None:
        """The server says that nobody is subscribed."""
        self.missed_s = now_s
        self.absent_s = self.absent_s or now_s
        self.away = True

    def found(self, since_s: float) -> None:
        """It is there again, since `since_s`: it said hello, it answered, or nobody missed what was last sent."""
        if self.returning and self.absent_s is not None:
            self.forgive(self.absent_s, since_s)
        self.absent_s = None
        self.returning = False

    def resend_due(self, now_s: float, every_s: float) -> bool:
        """Whether to send it again: to a seat that is absent or in doubt, and now and then to every one.

        A turn or its answer may have been lost with a server, or the answer may have gone to a runner before us.
        """
        if self.absent_s is None and not self.probes and not self.returning:
            pause_s = (self.deadline_s - self.resent_s) / 2
            return now_s - self.resent_s >= min(max(pause_s, REPEAT_S_MIN), REPEAT_S_MAX)
        if now_s - max(self.resent_s, self.missed_s) < every_s:
            return False
        if self.missed_s >= self.resent_s:
            return True
        if self.probes:
            self.probes -= 1
            return True
        self.found(self.resent_s)
        return False

    # Charges

    def lapsed(self, now_s: float, rule: FaultRule, alive_s: float, silent_s: float | None) -> Charge | None:
        """What the seat is charged with if it ran out of time or is gone.

        alive_s: until when our own connection is proven to have worked; silent_s: since when the instance misses beats.
        """
        grace_s = rule.gone_grace_ms / 1000
        if self.absent_s is not None and self.missed_s >= self.resent_s:
            if alive_s - self.absent_s >= grace_s:
                away_s = now_s - self.absent_s
                return self._gone(f"nobody was subscribed to the agent's subjects for {away_s:.1f} s", now_s)
            if self.returning:
                return None
        if silent_s is not None and alive_s - max(silent_s, self.at_s) >= grace_s:
            quiet_s = now_s - silent_s
            return self._gone(
                f"no beat was heard of this instance; called silent {quiet_s:.1f} s ago", now_s, silent=True
            )
        if now_s >= self.deadline_s and alive_s >= self.deadline_s:
            return self.timeout(now_s)
        return None

    def timeout(self, now_s: float, reply: Reply | None = None) -> Charge:
        """The charge for an answer that comes too late or not at all."""
        evidence = "the reply came too late" if reply else "no reply"
        return self._charge(AgentFault.TIMEOUT, f"a reply within {self.allowance_ms:.0f} ms", evidence, now_s, reply)

    def rejected(self, cause: AgentFault, expected: str, reply: Reply, now_s: float) -> Charge:
        """The charge for a reply that is no legal action; the reply is the evidence."""
        evidence = reply.payload[:EVIDENCE_CHARS_MAX].decode("utf-8", "backslashreplace")[:EVIDENCE_CHARS_MAX]
        return self._charge(cause, expected[:EVIDENCE_CHARS_MAX], evidence, now_s, reply)

    def _gone(self, evidence: str, now_s: float, *, silent: bool = False) -> Charge:
        expected = "a subscriber that sends beats" if silent else "a subscriber"
        return self._charge(AgentFault.GONE, expected, evidence, now_s, silent=silent)

    def _charge(
        self,
        cause: AgentFault,
        expected: str,
        evidence: str,
        now_s: float,
        reply: Reply | None = None,
        *,
        silent: bool = False,
    ) -> Charge:
        return Charge(
            seat=self.turn.seat,
            cause=cause,
            expected=expected,
            evidence=evidence,
            asked_ms=self.at_ms,
            elapsed_ms=round(self.elapsed_ms(now_s), 3),
            forgiven_ms=self.forgiven_ms,
            sent=self.sent,
            replied_ms=reply.at_ms if reply else 0,
            reply_bytes=len(reply.payload) if reply else 0,
            connection=self._connection(silent),
        )

    def _connection(self, silent: bool) -> Connection:
        if self.absent_s is not None:
            return Connection.ABSENT
        if silent:
            return Connection.SILENT
        return Connection.RETURNED if self.away else Connection.SUBSCRIBED
