"""What the matchmaker costs with many slots connected.

    python -m benchmarks.lobby [--slots N] [--seconds S] [--rate R] [--page docs/matchmaking.md]

The real matchmaker is a process of its own, beside a real nats-server. This process is everybody else: it says hello
and beats for every agent, with credentials that may say anything, and is the runners: it says that they have room, and
ends matches. Three states are measured, each for some seconds:

    waiting    every slot waits and no runner has room, so each wave finds everybody there, and matches nobody
    playing    every slot is in a match: nothing but beats
    ending     as many matches end each second as `--rate` says; their slots are matched again
"""

import argparse
import asyncio
import os
import random
import time
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import msgspec
from rich.console import Console

from agent_kit.conform.ground import UNLIMITED, unlimited
from arena.bus import Bus, Msg, connect, kv
from arena.bus.provision import provision
from arena.credentials import Keyring
from arena.settings import Settings
from arena.wire import codec, ids, subjects
from arena.wire.events import Voided
from arena.wire.faults import PlatformFault
from arena.wire.lobby import Beat, Hello
from arena.wire.registry import AgentRecord, RatingRecord, RunnerBeat
from benchmarks import page
from benchmarks.flood import servers
from benchmarks.processes import Processes

GAME = "connect_four"
SLOTS_EACH = 8
AT_ONCE = 100  # hellos without a welcome
SETTLED_S_MAX = 120.0
COMMAND = "python -m benchmarks.lobby"
console = Console()


class Row(NamedTuple):
    """One state."""

    state: str
    seconds: float
    core: float  # share of one core that the matchmaker used
    matches_per_s: float


class Everybody:
    """All agents and all runners of one run."""

    def __init__(self, bus: Bus, agents: list[str]) -> None:
        self._bus = bus
        self.agents = agents
        self.running: dict[str, None] = {}  # matches, the oldest first
        self.created = 0
        self.room = 0
        self._welcomed = 0
        self._news = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def begin(self) -> None:
        """Say hello for everybody, and go on to beat."""
        await self._bus.subscribe(subjects.CREATED.any(), self._on_created)
        for agent in self.agents:
            await self._bus.subscribe(f"{subjects.inbox(agent)}.welcome", self._on_welcome)
        await self._bus.barrier()
        for number, agent in enumerate(self.agents):
            hello = Hello(instance="i1", games=[GAME], slots=SLOTS_EACH)
            reply = f"{subjects.inbox(agent)}.welcome"
            await self._bus.publish(subjects.HELLO.at(agent=agent), msgspec.json.encode(hello), reply=reply)
            if number % AT_ONCE == 0:
                await self._welcomes(number - AT_ONCE)
        await self._welcomes(len(self.agents))
        self._tasks = [asyncio.create_task(self._beat()), asyncio.create_task(self._run())]

    async def settled(self, playing: int) -> None:
        """Wait until so many matches run."""
        async with asyncio.timeout(SETTLED_S_MAX):
            while len(self.running) < playing:
                self._news.clear()
                await self._news.wait()

    async def end(self, count: int) -> None:
        """These many matches are over, the oldest first."""
        for match in list(self.running)[:count]:
            del self.running[match]
            over = Voided(at_ms=time.time_ns() // 1_000_000, cause=PlatformFault.CANCELLED, detail="benchmark")
            await self._bus.publish(subjects.event(GAME, match, "voided"), codec.encode_json(over))

    def close(self) -> None:
        """Say nothing any more."""
        for task in self._tasks:
            task.cancel()

    async def _welcomes(self, count: int) -> None:
        async with asyncio.timeout(SETTLED_S_MAX):
            while self._welcomed < count:
                self._news.clear()
                await self._news.wait()

    async def _beat(self) -> None:
        """Every agent once in five seconds, evenly."""
        beat = msgspec.json.encode(Beat(instance="i1"))
        every_s = 5.0 / len(self.agents)
        next_s = time.monotonic()
        for agent in cycle(self.agents):
            await self._bus.publish(subjects.BEAT.at(agent=agent), beat)
            next_s += every_s
            await asyncio.sleep(max(next_s - time.monotonic(), 0))

    async def _run(self) -> None:
        while True:
            beat = RunnerBeat(runner="bench", games=[GAME], capacity=self.room, playing=0)
            await self._bus.publish(subjects.RUNNER_BEAT.at(runner="bench"), msgspec.json.encode(beat))
            await asyncio.sleep(1)

    def _on_welcome(self, _: Msg) -> None:
        self._welcomed += 1
        self._news.set()

    def _on_created(self, message: Msg) -> None:
        self.running[subjects.split_event(message.subject)[1]] = None
        self.created += 1
        self._news.set()


async def measure(slots: int, seconds: float, rate: int) -> list[Row]:
    """The three states."""
    async with servers() as settings:
        bus = await connect(
            settings.nats, unlimited(Keyring.load(settings.home)), name=UNLIMITED, inbox=f"_INBOX.{UNLIMITED}"
        )
        await provision(bus, [GAME], claim_lease_ms=60_000)
        everybody = Everybody(bus, await _registered(bus, slots // SLOTS_EACH))
        processes = Processes(_environ(settings), settings.home / "logs")
        try:
            await processes.start("matchmaker", "-m", "arena", "matchmaker")
            await processes.until_ready(matchmaker="matchmaker ready")
            await everybody.begin()
            rows = [await _row("waiting", processes, everybody, seconds, 0)]
            everybody.room = slots
            await everybody.settled(slots // 2)
            rows.append(await _row("playing", processes, everybody, seconds, 0))
            rows.append(await _row("ending", processes, everybody, seconds, rate))
            return rows
        finally:
            everybody.close()
            await processes.stop()
            await bus.close()


async def _registered(bus: Bus, count: int) -> list[str]:
    dice = random.Random(1)
    agents = [ids.make(1_700_000_000_000, dice.randbytes(ids.ENTROPY_BYTES)) for _ in range(count)]

    async def put(number: int, agent: str) -> None:
        await kv.put(bus, subjects.AGENTS_BUCKET, agent, AgentRecord(owner=f"u{number // 4}", name=f"a{number}"))
        rating = RatingRecord(mu=dice.gauss(25, 8), sigma=dice.uniform(1, 8), played=10, seq=number)
        await kv.put(bus, subjects.RATINGS_BUCKET, f"{GAME}.{agent}", rating)

    for at in range(0, count, 100):
        await asyncio.gather(*(put(at + one, agent) for one, agent in enumerate(agents[at : at + 100])))
    return agents


def _environ(settings: Settings) -> dict[str, str]:
    return {
        **os.environ,
        "ARENA_HOME": str(settings.home),
        "ARENA_NATS_URL": settings.nats_url,
        "ARENA_DATABASE_URL": settings.database_url,
    }


async def _row(state: str, processes: Processes, everybody: Everybody, seconds: float, rate: int) -> Row:
    await asyncio.sleep(2)  # what came before is over
    began_s, cpu_s, created = time.monotonic(), processes.cpu()["matchmaker"], everybody.created
    while (passed_s := time.monotonic() - began_s) < seconds:
        if rate:
            await everybody.end(rate // 10)
        await asyncio.sleep(0.1)
    used_s = processes.cpu()["matchmaker"] - cpu_s
    row = Row(state, passed_s, used_s / passed_s, (everybody.created - created) / passed_s)
    console.print(f"{state}: {row.core:.1%} of a core, {row.matches_per_s:.0f} matches/s")
    return row


def markdown(rows: list[Row], slots: int) -> str:
    """The figures as a table of a page."""
    lines = [
        (
            f"\n{datetime.now(UTC):%Y-%m-%d}, {slots:,} slots of {slots // SLOTS_EACH:,} agents in one game, "
            f"{os.cpu_count()} cores (load average {os.getloadavg()[0]:.0f}).\n"
        ),
        "| the slots are | seconds | share of one core | matches made a second |",
        "|---|---:|---:|---:|",
        *(f"| {row.state} | {row.seconds:.0f} | {row.core:.1%} | {row.matches_per_s:.0f} |" for row in rows),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--slots", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=20.0, help="each state")
    parser.add_argument("--rate", type=int, default=100, help="matches that end in a second")
    parser.add_argument("--page", type=Path, help="write the figures into this page, between its marks")
    options = parser.parse_args()
    rows = asyncio.run(measure(options.slots, options.seconds, options.rate))
    if options.page:
        page.write(options.page, COMMAND, markdown(rows, options.slots))


if __name__ == "__main__":
    main()
