"""Is our own connection alive? Before an agent is charged for silence, the silence must be its own.

A PING goes to the server four times a second. When its PONG is back, everything that the server had for us when the
PING went out has arrived and was looked at: `alive_s` is that moment, and no clock runs out beyond it. A connection
that is open but answers nothing (a cut cable, a stopped server) is given up after HALF_OPEN_S, and another one is made.
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable

import structlog

from arena.bus import Bus, Subscription, Unanswered

EVERY_S = 0.25
TRIPS = 4  # whose worst counts
LATE_S = 0.5  # a PONG that takes longer tells of an outage, not of distance
HALF_OPEN_S = 4.0
RETRY_S = 0.2

log = structlog.get_logger("runner")

Outage = Callable[[float, float], None]


class Pulse:
    """Proves the connection. `outage(since, until)` is called for times in which it did not work, in monotonic s."""

    def __init__(self, bus: Bus, outage: Outage) -> None:
        self._bus = bus
        self._outage = outage
        self._poked = asyncio.Event()
        self.replies: Subscription | None = None
        self.alive_s = time.monotonic()
        self._trips_s: deque[float] = deque((0.0,), maxlen=TRIPS)
        self._stopped = False
        self._out_s: float | None = None  # since when a PING is on its way

    @property
    def round_trip_s(self) -> float:
        """To the server and back, our own queue of replies included: the worst of the last second. No agent's time."""
        return max(self._trips_s)

    def poke(self) -> None:
        """Somebody's clock has run out: make sure now."""
        self._poked.set()

    def stop(self) -> None:
        """End `run` soon: cancelling it is not enough, nats-py may swallow that."""
        self._stopped = True
        self._poked.set()

    async def run(self) -> None:
        """Until stopped."""
        while not self._stopped:
            self._poked.clear()
            if not await self._beat():
                await asyncio.sleep(RETRY_S)
                continue
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EVERY_S):
                    await self._poked.wait()

    async def _beat(self) -> bool:
        if not self._bus.connected:
            return False
        self._out_s = began_s = time.monotonic()
        try:
            await self._bus.ping(HALF_OPEN_S)
        except Unanswered:
            self._out_s = None
            if self._bus.connected:  # else nats-py is making another one already
                log.warning("the connection is open, but nothing answers: making another one")
                await self._bus.reconnect()
            return False
        now_s = time.monotonic()
        self.arrived(now_s)
        self._out_s = None
        await self._handled()
        self._trips_s.append(min(time.monotonic() - began_s, LATE_S))
        self.alive_s = max(self.alive_s, began_s)
        return True

    def arrived(self, now_s: float) -> None:
        """Something came over the connection: if a PING waits too long already, it was held up on the way."""
        if self._out_s is not None and now_s - self._out_s > LATE_S:
            self._outage(self.alive_s, now_s)
            self.alive_s, self._out_s = self._out_s, None

    async def _handled(self) -> None:
        """Wait until the replies that came before the PONG have been looked at."""
        if self.replies is None:
            return
        came = self.replies.delivered
        while self.replies.delivered - self.replies.pending_msgs < came:  # noqa: ASYNC110 - nats-py has no event
            await asyncio.sleep(0.001)

    def reconnected(self, now_s: float) -> float:
        """There is a new connection, and what the old one had for us is lost; returns since when it had not worked."""
        since_s, self.alive_s, self._out_s = self.alive_s, now_s, None
        return since_s
