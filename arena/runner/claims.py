"""Claims are consumers: the lease of a match is the unacknowledged delivery of its `created` event.

The runners of a game share one durable pull consumer.  A runner asks only for as many matches as it has free slots,
so the least loaded one gets more without anybody deciding it.  While a match runs, its delivery is kept alive by
in-progress acknowledgements; when a runner dies, the server delivers its matches to another one after `ack_wait`.
Acknowledgements do not fence (two may believe they hold a match): the log's expected sequence does.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterable

import structlog

from arena.bus import Bus, Unreachable
from arena.bus.pull import TIME_IS_UP, Delivery, Pull
from arena.wire import subjects

RETRY_S = 0.5
TAKEN_AT_ONCE_MAX = 8  # matches being set up or read back; others wait their turn, with their leases kept

log = structlog.get_logger("runner")

Take = Callable[[str, Delivery], Awaitable[None]]


class _Tap:
    """The pull of one game."""

    def __init__(self, game: str, pull: Pull) -> None:
        self.game = game
        self.pull = pull
        self.wanted = 0  # slots reserved for what was asked for and has not come
        self.retry_s = 0.0
        self.hungry = False  # the last request was filled: ask for more next time


class Claims:
    """Pulls matches into free slots and keeps their leases. `take(game, delivery)` is awaited for each one."""

    def __init__(self, bus: Bus, games: Iterable[str], slots: int, lease_ms: int, take: Take) -> None:
        self._bus = bus
        self._lease_s = lease_ms / 1000
        self._expires_s = self._lease_s / 2  # of a request: what a runner that froze asked for ends before its leases
        self._take = take
        self.slots = slots
        self._held: dict[str, str] = {}  # match -> where its acknowledgements go
        self._wake = asyncio.Event()
        self._taps = [self._tap(game) for game in games]
        self._turn = 0
        self._delivered: asyncio.Queue[tuple[str, Delivery]] = asyncio.Queue()  # bounded by what is asked for: `slots`

    @property
    def held(self) -> int:
        """Matches whose lease we hold."""
        return len(self._held)

    def settle(self, match: str) -> None:
        """The match is over, and the log has it: never deliver it again."""
        self._answer(match, b"+ACK")

    def hand_back(self, match: str, delay_s: float = 0.0) -> None:
        """Deliver it to another runner, now or later."""
        self._answer(match, b'-NAK {"delay": %d}' % int(delay_s * 1e9) if delay_s else b"-NAK")

    def hand_back_all(self) -> None:
        """Deliver everything to other runners, now."""
        for match in list(self._held):
            self.hand_back(match)

    def drop(self, match: str) -> None:
        """The match is another runner's; its lease is none of ours."""
        self._held.pop(match, None)
        self._wake.set()

    def _answer(self, match: str, word: bytes) -> None:
        reply = self._held.pop(match, None)
        self._wake.set()
        if reply is not None:
            with contextlib.suppress(Unreachable):  # delivered again: the log says whether it is over
                self._bus.post(reply, word)

    async def run(self, stop: asyncio.Event) -> None:
        """Pull until `stop` is set."""
        for tap in self._taps:
            await tap.pull.start()
        tasks = [asyncio.create_task(self._take_next(), name=f"take-{number}") for number in range(TAKEN_AT_ONCE_MAX)]
        tasks += [asyncio.create_task(self._renew(), name="renew-leases"), asyncio.create_task(self._wake_at(stop))]
        self._bus.on_up.append(self._reset)
        try:
            while not stop.is_set():
                await self._fill()
                self._wake.clear()
                try:
                    async with asyncio.timeout(RETRY_S):
                        await self._wake.wait()
                except TimeoutError:
                    continue
        finally:
            for tap in self._taps:
                await tap.pull.stop()
            for task in tasks:
                task.cancel()

    async def _wake_at(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._wake.set()

    async def _take_next(self) -> None:
        while True:
            await self._take(*await self._delivered.get())

    async def _fill(self) -> None:
        """Ask for every game, and for more where the last request was filled.

        A request for one match reserves no slot, or a few free slots would go round all games one by one. So a runner
        may come to hold one match a game more than it has slots; the matchmaker makes no more than all have.
        """
        if not self._bus.connected:
            return
        now = time.monotonic()
        self._turn += 1
        shift = self._turn % max(len(self._taps), 1)
        reserved = sum(tap.wanted for tap in self._taps if tap.wanted > 1)
        for tap in self._taps[shift:] + self._taps[:shift]:
            free = self.slots - self.held - reserved
            if free <= 0:
                return
            if tap.wanted and now - tap.pull.heard_s > RETRY_S + 2 * self._expires_s:
                # The request is lost: a server that moved its consumer elsewhere does not say so.
                reserved -= tap.wanted if tap.wanted > 1 else 0
                tap.wanted = 0
            if tap.wanted == 0 and now >= tap.retry_s:
                batch = max(1, free // 2) if tap.hungry else 1
                tap.wanted = batch
                tap.hungry = True
                reserved += batch if batch > 1 else 0
                try:
                    await tap.pull.ask(batch, self._expires_s)
                except Unreachable:
                    tap.wanted = 0
                    return

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(self._lease_s / 3)
            for reply in list(self._held.values()):
                try:
                    self._bus.post(reply, b"+WPI")
                except Unreachable:
                    break  # the leases run out; the fence decides who goes on

    def _reset(self) -> None:
        """The requests of the lost connection are void."""
        for tap in self._taps:
            tap.wanted = 0
        self._wake.set()

    def _tap(self, game: str) -> _Tap:
        def on_message(delivery: Delivery) -> None:
            tap.wanted = max(tap.wanted - 1, 0)
            if tap.wanted == 0:
                self._wake.set()
            _, match, _ = subjects.split_event(delivery.subject)
            if match not in self._held:  # else it is ours already, and delivered to us once more
                self._delivered.put_nowait((game, delivery))
            self._held[match] = delivery.reply

        def on_end(status: str, unfilled: int) -> None:
            tap.wanted = max(tap.wanted - unfilled, 0) if status == TIME_IS_UP else 0
            tap.hungry = False
            if status not in {TIME_IS_UP, "404"}:
                tap.retry_s = time.monotonic() + RETRY_S
                log.warning("no matches to be had", game=game, status=status, hint="run `arena provision`")
            self._wake.set()

        pull = Pull(self._bus, subjects.EVENTS_STREAM, subjects.runner_consumer(game), on_message, on_end)
        tap = _Tap(game, pull)
        return tap
