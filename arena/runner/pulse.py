"""Is our own connection alive? Before an agent is charged for silence, the silence must be its own.

Four times a second a turn is sent to nobody; the server says at once that nobody is there (503), on the subscription on
which agents' replies come, and behind those that it had for us already. So when this echo is back, every reply that
was there when it went out has been looked at: `alive_s` is that moment, and no clock runs out beyond it.  Echoes do not
wait for each other: a reply that was held up on the way to us finds the one that went out with it still on its way. A
connection that is open but answers nothing (a cut cable, a stopped server) is given up after HALF_OPEN_S, and another
one is made.
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable

import structlog

from arena.bus import Bus, Unreachable
from arena.wire import subjects

EVERY_S = 0.25
TRIPS = 4  # whose worst counts
LATE_S = 0.5  # an echo that takes longer tells of an outage, not of distance
HALF_OPEN_S = 4.0
OUT_MAX = 2 * int(HALF_OPEN_S / EVERY_S)  # echoes on their way
EXCUSED_S_MIN = 0.02  # while echoes are late, time is forgiven in steps of this
MATCH = "pulse"  # no match's id: the token that tells echoes from replies

log = structlog.get_logger("runner")

Outage = Callable[[float, float], None]


class Pulse:
    """Proves the connection. `outage(since, until)` is called for times in which it did not work, in monotonic s."""

    def __init__(self, bus: Bus, runner: str, outage: Outage) -> None:
        self._bus = bus
        self._outage = outage
        self._runner = runner
        self._nobody = subjects.TURN.at(agent=runner, instance=MATCH)  # a service's id: no agent has it
        self._poked = asyncio.Event()
        self._sent = 0
        self._out: deque[tuple[int, float]] = deque()  # echoes on their way: number, and since when; the oldest first
        self._excused_s = 0.0  # until when time was found to be ours
        self._trips_s: deque[float] = deque(maxlen=TRIPS)
        self._worst_s = 0.0  # of these
        self.alive_s = time.monotonic()
        self.down = False  # between the loss of a connection and `reconnected`: nothing is judged, nothing is proved

    def round_trip_s(self, now_s: float) -> float:
        """To the server and back, our own queues included: the worst of the last second. No agent's time."""
        return max(self._worst_s, now_s - self._out[0][1]) if self._out else self._worst_s

    def poke(self) -> None:
        """Somebody's clock has run out: make sure now."""
        self._poked.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._poked.clear()
            await self._beat(time.monotonic())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EVERY_S):
                    await self._poked.wait()

    async def _beat(self, now_s: float) -> None:
        if self.down or not self._bus.connected:
            return
        if self._out and now_s - self._out[0][1] >= HALF_OPEN_S:
            log.warning("the connection is open, but nothing answers: making another one")
            self._out.clear()
            await self._bus.reconnect()
        elif len(self._out) < OUT_MAX:
            self._sent += 1
            self._out.append((self._sent, now_s))
            echo = subjects.MOVE.at(runner=self._runner, match=MATCH, seat=0, sending=self._sent)
            with contextlib.suppress(Unreachable):
                await self._bus.publish(self._nobody, b"", reply=echo)

    def echoed(self, number: int, now_s: float) -> None:
        """An echo is back. Those before it that are not were lost."""
        self.arrived(now_s)
        if self.down:
            return
        while self._out and self._out[0][0] <= number:
            sent, began_s = self._out.popleft()
            if sent == number:
                self._trips_s.append(min(now_s - began_s, LATE_S))
                self._worst_s = max(self._trips_s)
                self.alive_s = max(self.alive_s, began_s)

    def arrived(self, now_s: float) -> None:
        """Something came over the connection: if an echo waits too long already, it was held up on the way."""
        late = self._out and now_s - self._out[0][1] > LATE_S
        if late and now_s - self._excused_s > EXCUSED_S_MIN:
            self._outage(max(self.alive_s, self._excused_s), now_s)
            self._excused_s = now_s

    def lost(self) -> None:
        """The connection is gone."""
        self.down = True

    def reconnected(self, now_s: float) -> float:
        """There is a new connection, and what the old one had for us is lost; returns since when it had not worked."""
        since_s, self.alive_s, self.down = self.alive_s, now_s, False
        self._out.clear()
        return since_s
