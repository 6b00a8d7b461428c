"""What the matches of one runner share: the connection, the journal, the figures, and where replies go."""

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import structlog

from arena.bus import Bus, Msg, Unreachable
from arena.bus.journal import Journal
from arena.runner import pulse
from arena.runner.presence import Presence
from arena.runner.pulse import Pulse
from arena.runner.seating import Seating
from arena.wire import subjects
from arena.wire.events import Seat

if TYPE_CHECKING:
    from arena.runner.play import Play

SWEEP_S = 0.05
STALL_S = 0.2  # if nothing ran here for so long, no agent pays for it
REPORTED_S = 1.0  # what is longer is worth a line in the log

log = structlog.get_logger("runner")


class Figures:
    """Counters of one runner, as plain numbers; the metrics endpoint reads them when it is asked."""

    def __init__(self) -> None:
        self.moves = 0
        self.faults = 0
        self.late = 0  # replies that answered no waiting turn
        self.claimed = 0
        self.resumed = 0
        self.reseated = 0
        self.settled = 0
        self.fenced = 0
        self.forgiven_s = 0.0  # of our outages, however many turns waited


class Lessor(Protocol):
    """Who gave the runner its matches, and wants to know when one is done with."""

    def settle(self, match: str) -> None:
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
        self.seating = Seating()
        self.presence = Presence(bus, self.seating)
        self.pulse = Pulse(bus, runner, self._outage)
        self.lessor: Lessor | None = None
        self.draining = False  # another runner is to go on: nothing new is begun here
        self._agents: dict[str, list[str]] = {}  # by seat, of each match
        self._seen_s = time.monotonic()
        self._resending: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Listen to replies, and to who is there."""
        await self.journal.start()
        await self.bus.subscribe(subjects.MOVE.any(runner=self.runner), self._on_move)
        await self.presence.open()
        self.bus.on_down.append(self.pulse.lost)
        self.bus.on_up.append(self._on_up)

    def send(self, subject: str, payload: bytes, reply: str = "") -> None:
        """Send to an agent. While NATS is away nothing is lost: what waits is sent again when it is back."""
        try:
            self.bus.post(subject, payload, reply)
        except Unreachable:
            return

    def seat(self, play: "Play", seats: Sequence[Seat]) -> None:
        """A match begins."""
        self.plays[play.match] = play
        self._agents[play.match] = [seat.agent for seat in seats]
        for number, seat in enumerate(seats):
            self.seating.take(play, number, seat.agent, seat.instance)

    def release(self, play: "Play", *, settled: bool) -> None:
        """A match leaves this process: over (settled), or another runner's now."""
        if self.plays.pop(play.match, None) is None:
            return
        for seat, agent in enumerate(self._agents.pop(play.match)):
            self.seating.leave(play.match, seat, agent)
            self.presence.forget(agent)
        play.close()
        if self.lessor is None:
            return
        if settled:
            self.figures.settled += 1
            self.lessor.settle(play.match)
        else:
            self.figures.fenced += 1
            self.lessor.drop(play.match)

    def awake(self) -> float:
        """Now, in monotonic seconds. Time in which nothing ran here (stopped, or a slow game) is forgiven first."""
        now_s = time.monotonic()
        if now_s - self._seen_s > STALL_S:
            self._outage(self._seen_s, now_s)
        self._seen_s = now_s
        return now_s

    async def sweep(self) -> None:
        """Look after deadlines until cancelled."""
        while True:
            await asyncio.sleep(SWEEP_S)
            now_s = self.awake()
            if self.pulse.down:
                continue
            for play in list(self.plays.values()):
                play.tick(now_s)

    async def _on_move(self, message: Msg) -> None:
        _, _, _, match, seat, sending = message.subject.split(".")
        now_s = self.awake()
        if self.pulse.down and self.bus.connected:  # a reply may be quicker than nats-py's word that we are back
            self._came_back(now_s)
        if match == pulse.MATCH:
            self.pulse.echoed(int(sending), now_s)
            return
        self.pulse.arrived(now_s)
        play = self.plays.get(match)
        if play is None or self.draining:
            self.figures.late += 1
        else:
            play.on_reply(int(seat), int(sending), message, now_s)
            await self.bus.give_way()

    def _outage(self, since_s: float, now_s: float) -> None:
        """We were not there, or could not be reached: no agent's time."""
        self.figures.forgiven_s += now_s - since_s
        if now_s - since_s > REPORTED_S:
            log.warning("time forgiven to all agents", seconds=round(now_s - since_s, 3), matches=len(self.plays))
        for play in self.plays.values():
            for asked in play.asked.values():
                asked.forgive(since_s, now_s)

    def _on_up(self) -> None:
        """We are back, and what was sent meanwhile is sent again."""
        self._came_back(time.monotonic())
        task = asyncio.create_task(self._resend_all(), name="resend")
        self._resending.add(task)
        task.add_done_callback(self._resending.discard)

    def _came_back(self, now_s: float) -> None:
        """The outage costs no agent's clock. Saying it twice changes nothing."""
        since_s = self.pulse.reconnected(now_s)
        self.figures.forgiven_s += now_s - since_s
        for play in self.plays.values():
            for asked in play.asked.values():
                asked.cut_off(since_s, now_s)

    async def _resend_all(self) -> None:
        for play in list(self.plays.values()):
            for seat in list(play.asked):
                play.resend(seat)
            await self.bus.give_way()
