"""Whether we could hear at all. Nobody is called silent for time in which we were stopped, stalled or cut off.

A message to a subject that nobody subscribes to comes back from the server at once (503, no responders): that is the
proof that our connection works, and that the event loop turns.  Time between two proofs counts as awake if they are
at most GAP_MS_MAX apart; a longer gap is an outage of ours, and excused.
"""

import asyncio
import contextlib
from collections.abc import Callable

import structlog

from arena.bus import Bus, Unreachable
from arena.matchmaker.probes import Probes
from arena.service import steady_ms
from arena.wire import subjects

EVERY_S = 0.25
GAP_MS_MAX = 500  # short, because a loop that stalls twice in a row reads nobody's beats in between
TOLD_MS_MIN = 1_000  # shorter ones are excused, but not worth a line in the log
UNANSWERED_MAX = 16  # an open connection that answers none of so many is given up, and another one made

log = structlog.get_logger("matchmaker")


class Vigil:
    """excuse(gap_ms, now_ms) is called at the end of an outage of ours, before anything else is judged."""

    def __init__(self, bus: Bus, probes: Probes, name: str, excuse: Callable[[int, int], None]) -> None:
        self._bus = bus
        self._probes = probes
        self._subject = subjects.NOTICE.at(agent=name, instance="echo")  # a service's id: no agent has it
        self._excuse = excuse
        self._proved_ms = steady_ms()
        self._unanswered = 0  # asked in a row; time says nothing here, we may have been stopped ourselves
        self.awake_ms = 0  # in which we could hear, since the beginning
        self._stopped = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, in a task of its own."""
        self._proved_ms = steady_ms()
        self._task = asyncio.create_task(self._run(), name="vigil")

    async def stop(self) -> None:
        """Prove nothing any more."""
        self._stopped = True  # nats-py may swallow the cancellation
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def hears(self, now_ms: int) -> bool:
        """Whether our connection was proved so lately that others' silence is their own."""
        return now_ms - self._proved_ms <= GAP_MS_MAX

    async def _run(self) -> None:
        while not self._stopped:
            try:
                await self._prove()
            except Exception:  # without this task nobody would ever be called silent again
                log.exception("the connection cannot be proved; trying on")
            await asyncio.sleep(EVERY_S)

    async def _prove(self) -> None:
        if not self._bus.connected:
            self._unanswered = 0
            return
        self._unanswered += 1
        if self._unanswered > UNANSWERED_MAX:
            log.warning("the connection is open, but nothing answers: making another one")
            self._unanswered = 0
            await self._bus.reconnect()
        with contextlib.suppress(Unreachable):
            await self._probes.ask(self._subject, b"", self._on_answer)

    def _on_answer(self) -> None:
        now_ms = steady_ms()
        gap_ms = now_ms - self._proved_ms
        self._proved_ms = now_ms
        self._unanswered = 0
        self.awake_ms += min(gap_ms, GAP_MS_MAX)
        if gap_ms <= GAP_MS_MAX:
            return
        if gap_ms > TOLD_MS_MIN:
            log.warning("could hear nobody", gap_ms=gap_ms)
        self._excuse(gap_ms, now_ms)
