"""Reads the log through the durable consumer: in order, without a gap, and never far ahead of what is written.

A message can be lost with a connection, or go to another process that asked the same consumer: then the next one
shows a gap, the order is in doubt, and the reader is opened anew at the checkpoint. If the very first one is not the
next after the checkpoint, the stream itself is asked whether there is one between (an operator may have removed some).
What waits here is bounded; the rest waits in the stream.
"""

import asyncio
import time
from collections import deque

import structlog

from arena.bus import Bus
from arena.bus.provision import ensure_recorder
from arena.bus.pull import IDLE_HEARTBEAT_S, TIME_IS_UP, Delivery, Pull
from arena.bus.rewind import read_events, rewind
from arena.recorder import metrics
from arena.wire import subjects

AHEAD_MAX = 16_384  # events asked for or waiting here; far below the consumer's max_ack_pending
ASK = 4_096
ASK_S = 5.0  # what a stopped process asked for is delivered to it until then, and its successor sees gaps

log = structlog.get_logger("recorder")


class Lost(Exception):
    """The order of reading is in doubt: open a new intake at the checkpoint."""


class Intake:
    """One reading of the log. `open` it, `take` until Lost or until `interrupt` was called, `close` it."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._pull = Pull(bus, subjects.EVENTS_STREAM, subjects.RECORDER_CONSUMER, self._on_message, self._on_end)
        self._waiting: deque[Delivery] = deque()
        self._asked = 0
        self._after = 0  # where this reading began
        self._tail = 0  # sequence of the last one that came
        self._doubtful: int | None = None  # sequence of the first one, if it is not the next after `_after`
        self._lost = ""
        self._interrupted = False
        self._wake = asyncio.Event()

    async def open(self, after: int) -> None:
        """Read from the sequence behind `after`. Raises BusError."""
        self._after = self._tail = after
        if await ensure_recorder(self._bus):
            log.warning("the recorder's consumer was gone, and is made again", consumer=subjects.RECORDER_CONSUMER)
        await rewind(self._bus, subjects.RECORDER_CONSUMER, after + 1)
        metrics.REWINDS.inc()
        self._bus.on_down.append(self._on_down)
        await self._pull.start()

    async def close(self) -> None:
        """Read no more."""
        if self._on_down in self._bus.on_down:
            self._bus.on_down.remove(self._on_down)
        await self._pull.stop()

    def interrupt(self) -> None:
        """Let `take` return, now and from now on."""
        self._interrupted = True
        self._wake.set()

    async def take(self, count: int, linger_s: float, wait_s: float) -> list[Delivery]:
        """The next events: up to `count`, after at most `linger_s` of waiting for more behind the first.

        Empty after `interrupt`, and when none came for `wait_s`. Raises Lost, or Unreachable.
        """
        end_s = time.monotonic() + wait_s
        while not self._waiting and not self._interrupted and (left_s := end_s - time.monotonic()) > 0:
            await self._refill()
            self._wake.clear()
            try:
                async with asyncio.timeout(left_s):
                    await self._wake.wait()
            except TimeoutError:
                if time.monotonic() - self._pull.heard_s > 3 * IDLE_HEARTBEAT_S:
                    self._lost = "nothing heard of the consumer"
        if self._waiting and len(self._waiting) < count and not self._interrupted:
            await asyncio.sleep(linger_s)
        if self._waiting:
            await self._settle()
            await self._refill()
        return [self._waiting.popleft() for _ in range(min(count, len(self._waiting)))]

    async def ack(self, last: Delivery) -> None:
        """Everything up to this one is in PostgreSQL."""
        await self._pull.ack(last.reply)

    async def _refill(self) -> None:
        """Keep asking. What came before the order was lost is good, and is taken first."""
        if self._lost and not self._waiting:
            raise Lost(self._lost)
        if not self._lost and self._asked <= ASK and self._asked + len(self._waiting) + ASK <= AHEAD_MAX:
            self._asked += ASK
            await self._pull.ask(ASK, expires_s=ASK_S)

    async def _settle(self) -> None:
        """If events seem to be missing at the beginning: are they, or did somebody else get them?"""
        if self._doubtful is not None:
            found = await read_events(self._bus, self._after)
            if not found or found[0].seq != self._doubtful:
                raise Lost(f"expected event {self._after + 1}, got {self._doubtful}")
            self._doubtful = None

    def _on_message(self, delivery: Delivery) -> None:
        self._asked -= 1
        if self._lost or delivery.seq <= self._tail:
            return
        if delivery.seq != self._tail + 1:
            if self._tail != self._after:
                self._lose(f"expected event {self._tail + 1}, got {delivery.seq}")
                return
            self._doubtful = delivery.seq
        self._tail = delivery.seq
        self._waiting.append(delivery)
        if len(self._waiting) == 1:
            self._wake.set()

    def _on_end(self, status: str, unfilled: int) -> None:
        self._asked -= unfilled
        if status == TIME_IS_UP:
            self._wake.set()
        else:
            self._lose(f"the consumer is gone or gives no more (status {status})")

    def _on_down(self) -> None:
        self._lose("the connection was lost")

    def _lose(self, why: str) -> None:
        self._lost = self._lost or why
        self._wake.set()
