"""What the matches of one runner share: the connection, the journal, the figures, and where replies go."""

import asyncio
import contextlib
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Protocol

import msgspec
import structlog

from arena.bus import Bus, Msg, Unreachable
from arena.bus.journal import Journal
from arena.wire import codec, subjects
from arena.wire.lobby import Hello

if TYPE_CHECKING:
    from arena.runner.play import Play

SWEEP_S = 0.05

log = structlog.get_logger("runner")


class Figures:
    """Counters of one runner, as plain numbers; the metrics endpoint reads them when it is asked."""

    def __init__(self) -> None:
        self.moves = 0
        self.faults = 0
        self.late = 0  # replies that answered no waiting turn
        self.claimed = 0
        self.resumed = 0
        self.settled = 0
        self.fenced = 0


class Lessor(Protocol):
    """Who gave the runner its matches, and wants to know when one is done with."""

    async def settle(self, match: str) -> None:
        """The match is over, and the log has it."""
        ...

    def drop(self, match: str) -> None:
        """The match is somebody else's now."""
        ...


class Office:
    """The matches in this process, by id."""

    def __init__(self, bus: Bus, runner: str) -> None:
        self.bus = bus
        self.runner = runner
        self.journal = Journal(bus)
        self.figures = Figures()
        self.plays: dict[str, Play] = {}
        self.lessor: Lessor | None = None
        self.draining = False  # another runner is to go on: nothing new is begun here
        self._seated: defaultdict[tuple[str, str], dict[tuple[str, int], Play]] = defaultdict(dict)
        self._seats: dict[str, list[tuple[str, str]]] = {}
        self._hello = msgspec.json.Decoder(Hello).decode
        self._down_s: float | None = None
        self._resending: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Listen to replies and hellos."""
        await self.journal.start()
        await self.bus.subscribe(subjects.MOVE.any(runner=self.runner), self._on_move)
        await self.bus.subscribe(subjects.HELLO.any(), self._on_hello)
        self.bus.on_down.append(self._on_down)
        self.bus.on_up.append(self._on_up)

    async def send(self, subject: str, payload: bytes, reply: str = "") -> None:
        """Send to an agent. While NATS is away nothing is lost: what waits is sent again when it is back."""
        with contextlib.suppress(Unreachable):
            await self.bus.publish(subject, payload, reply)

    def seat(self, play: "Play", seats: list[tuple[str, str]]) -> None:
        """A match begins. seats: (agent, instance) by seat."""
        self.plays[play.match] = play
        self._seats[play.match] = seats
        for number, who in enumerate(seats):
            self._seated[who][play.match, number] = play

    async def release(self, play: "Play", *, settled: bool) -> None:
        """A match leaves this process: over (settled), or another runner's now."""
        if self.plays.pop(play.match, None) is None:
            return
        for number, who in enumerate(self._seats.pop(play.match)):
            self._seated[who].pop((play.match, number), None)
            if not self._seated[who]:
                del self._seated[who]
        play.close()
        if self.lessor is None:
            return
        if settled:
            self.figures.settled += 1
            await self.lessor.settle(play.match)
        else:
            self.figures.fenced += 1
            self.lessor.drop(play.match)

    async def sweep(self) -> None:
        """Look after deadlines until cancelled."""
        while True:
            await asyncio.sleep(SWEEP_S)
            if not self.bus.connected:
                continue
            now_s = time.monotonic()
            for play in list(self.plays.values()):
                await play.tick(now_s)

    async def _on_move(self, message: Msg) -> None:
        _, _, _, match, seat, _ = message.subject.split(".")
        play = self.plays.get(match)
        if play is None or self.draining:
            self.figures.late += 1
        else:
            await play.on_reply(int(seat), message)

    async def _on_hello(self, message: Msg) -> None:
        """An instance (re)connected: send it the turns that wait for it."""
        try:
            hello = self._hello(message.data)
        except codec.UNDECODABLE:
            return  # the matchmaker answers it
        agent = subjects.HELLO.parse(message.subject)["agent"]
        if hello.resume:
            for (_, seat), play in list(self._seated.get((agent, hello.instance), {}).items()):
                await play.resend(seat)

    def _on_down(self) -> None:
        self._down_s = self._down_s or time.monotonic()

    def _on_up(self) -> None:
        """We are back: the outage costs no agent's clock, and what was sent meanwhile is sent again."""
        now_s = time.monotonic()
        down_s, self._down_s = self._down_s or now_s, None
        for play in self.plays.values():
            for asked in play.asked.values():
                asked.forgive(down_s, now_s)
        self._resending = asyncio.create_task(self._resend_all(), name="resend")

    async def _resend_all(self) -> None:
        for play in list(self.plays.values()):
            for seat in list(play.asked):
                await play.resend(seat)
