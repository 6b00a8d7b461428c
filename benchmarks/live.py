"""How far what a browser sees is behind the log, beside a plain NATS subscriber in the same run.

    python -m benchmarks.live [--seconds S] [--boards 1,60] [--page docs/performance.md]

The whole platform plays connect_four, 64 matches at once between agents that think; each process is its own. One client
follows the log by NATS, and beside it one WebSocket has a subscription to all moves and one to each of so many boards.
Each lag is from the moment at which the log stored a move until it is heard, or until a frame that shows it, or a later
one, is there and decoded: all by one machine's clock.
"""

import argparse
import asyncio
import os
import time
from collections import defaultdict, deque
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import msgspec
import numpy as np
from websockets.asyncio.client import ClientConnection, connect

from arena.api.registrar import Registrar, open_registrar
from arena.bus import Bus
from arena.bus.provision import provision
from arena.bus.pull import Delivery, Follower
from arena.credentials import write_secret
from arena.settings import Settings
from arena.wire import subjects
from arena.wire.subjects import REGISTRAR
from benchmarks import page
from benchmarks.flood import servers
from benchmarks.play import console
from benchmarks.processes import Processes
from benchmarks.whole import GAME, playing

MATCHES, SLOTS, THINK_S = 64, 8, 0.25
WARM_S = 5.0
LOOK_S = 0.5  # between two looks for matches to watch
COMMAND = "python -m benchmarks.live"


class Figures(NamedTuple):
    """Lags of one run in seconds, by how they were heard."""

    boards: int
    moves_per_s: float
    api_cpu: float  # cores, of the API and the children that draw
    lags_s: dict[str, list[float]]


class Lags:
    """Who heard of which move when."""

    def __init__(self) -> None:
        self.measuring = False
        self.found_s: dict[str, list[float]] = {"NATS": [], "WebSocket, event": [], "WebSocket, frame": []}
        self._stored_s: dict[int, float] = {}  # by sequence
        self._early: dict[int, float] = {}  # heard by WebSocket before it was heard by NATS
        self._unseen: defaultdict[str, deque[tuple[int, float]]] = defaultdict(deque)  # by match

    def by_nats(self, delivery: Delivery) -> None:
        """The plain subscriber, which also knows when it was stored."""
        stored_s = int(delivery.reply.split(".")[7]) / 1e9
        match = subjects.split_event(delivery.subject)[1]
        self._stored_s[delivery.seq] = stored_s
        if match in self._unseen:
            self._unseen[match].append((delivery.seq, stored_s))
        self._note("NATS", time.time() - stored_s)
        if (heard_s := self._early.pop(delivery.seq, None)) is not None:
            self._note("WebSocket, event", heard_s - stored_s)

    def by_event(self, seq: int) -> None:
        """The same move over the WebSocket."""
        now_s = time.time()
        if (stored_s := self._stored_s.pop(seq, None)) is not None:
            self._note("WebSocket, event", now_s - stored_s)
        else:
            self._early[seq] = now_s

    def by_frame(self, match: str, seq: int) -> None:
        """A position that shows the move with this sequence, and all before it."""
        now_s = time.time()
        if match not in self._unseen:
            self._unseen[match] = deque()  # the first one: from now on it is watched
            return
        unseen = self._unseen[match]
        while unseen and unseen[0][0] <= seq:
            self._note("WebSocket, frame", now_s - unseen.popleft()[1])

    def over(self, match: str) -> None:
        """It is watched no more."""
        self._unseen.pop(match, None)

    def _note(self, by: str, lag_s: float) -> None:
        if self.measuring:
            self.found_s[by].append(lag_s)


class Browser:
    """A page with so many boards: whenever a match is over it watches another one."""

    def __init__(self, socket: ClientConnection, base: str, boards: int, lags: Lags) -> None:
        self._socket = socket
        self._base = base
        self._boards = boards
        self._lags = lags
        self._watched: set[str] = set()

    async def run(self) -> None:
        """Until it is cancelled."""
        await self._say(op="subscribe", id="moves", game=GAME, kinds=["moved"])
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._read())
            tasks.create_task(self._choose())

    async def _choose(self) -> None:
        async with httpx.AsyncClient(base_url=self._base, trust_env=False) as client:
            while True:
                if len(self._watched) < self._boards:
                    found = (await client.get("/api/watch", params={"limit": 60})).json()
                    for one in found:
                        if len(self._watched) < self._boards and one["match"] not in self._watched:
                            self._watched.add(one["match"])
                            await self._say(op="subscribe", id=one["match"], board=one["match"])
                await asyncio.sleep(LOOK_S)

    async def _read(self) -> None:
        async for text in self._socket:
            message = msgspec.json.decode(text)
            match message["op"]:
                case "event":
                    self._lags.by_event(message["seq"])
                case "frame":
                    self._lags.by_frame(message["match"], message["seq"])
                case "ended" | "refused":
                    self._watched.discard(message["id"])
                    self._lags.over(message["id"])
                case "slow":
                    raise SystemExit("the client was too slow: the machine does something else")

    async def _say(self, **request: Any) -> None:
        await self._socket.send(msgspec.json.encode(request).decode())


async def measure(sizes: list[int], seconds: float) -> list[Figures]:
    """All sizes, on one platform."""
    async with servers() as settings, open_registrar(settings, REGISTRAR) as registrar, AsyncExitStack() as stack:
        bus = registrar.bus
        await provision(bus, [GAME], claim_lease_ms=2_000)
        processes = Processes(_environment(settings), settings.home / "logs")
        stack.push_async_callback(processes.stop)
        for role in ("recorder", "matchmaker", "runner", "api"):
            await processes.start(role, "-m", "arena", role)
        files = await _agents(registrar, settings.home, 2 * MATCHES // SLOTS)
        ready = {"recorder": "active", "matchmaker": "matchmaker ready", "runner": "runner ready", "api": "listening"}
        await processes.until_ready(**ready)
        await processes.start("agents", "-m", "benchmarks.agents", "--think", str(THINK_S), str(SLOTS), *files)
        await playing(bus, processes, MATCHES)
        return [await _one(bus, processes, settings, size, seconds) for size in sizes]


async def _agents(registrar: Registrar, home: Path, count: int) -> list[str]:
    """New agents of users of their own; returns the paths of their credentials."""
    paths = []
    for number in range(count):
        agent = await registrar.create_agent(await registrar.create_user(f"user{number}", None), f"agent{number}")
        path = home / f"{agent.id}.creds"
        write_secret(path, (await registrar.issue(agent)).creds or "")
        paths.append(str(path))
    return paths


def _environment(settings: Settings) -> dict[str, str]:
    return {
        **os.environ,
        "ARENA_HOME": str(settings.home),
        "ARENA_NATS_URL": settings.nats_url,
        "ARENA_DATABASE_URL": settings.database_url,
        "ARENA_API_PORT": str(settings.api_port),
    }


async def _one(bus: Bus, processes: Processes, settings: Settings, boards: int, seconds: float) -> Figures:
    lags = Lags()
    follower = Follower(bus, subjects.EVENTS_STREAM, [subjects.MOVED.any()], lags.by_nats)
    follower.start()
    await follower.caught_up.wait()
    address = f"127.0.0.1:{settings.api_port}"
    async with connect(f"ws://{address}/api/live/ws", proxy=None, max_size=None) as socket:
        watching = asyncio.create_task(Browser(socket, f"http://{address}", boards, lags).run())
        for lasts_s, measuring in ((WARM_S, False), (seconds, True)):
            lags.measuring = measuring
            cpu_s, began_s = processes.cpu()["api"], time.monotonic()
            await asyncio.wait([watching], timeout=lasts_s)
            if watching.done():
                await watching  # raises what went wrong
        used = (processes.cpu()["api"] - cpu_s) / (time.monotonic() - began_s)
        lags.measuring = False
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    await follower.stop()
    return Figures(boards, len(lags.found_s["NATS"]) / seconds, used, lags.found_s)


def markdown(found: list[Figures]) -> str:
    """The figures as a table of a page."""
    lines = [
        (
            f"\n{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores shared with all that plays and whatever else ran "
            f"(load average {os.getloadavg()[0]:.0f}); {MATCHES} matches at once.\n"
        ),
        "| boards | moves/s | heard by | heard | p50 ms | p95 ms | p99 ms | p95, to NATS | cores of the API |",
        "|---:|---:|---|---:|---:|---:|---:|---:|---:|",
    ]
    for row in found:
        base = float("nan")
        for by, lags_s in row.lags_s.items():
            p50, p95, p99 = np.percentile(lags_s, [50, 95, 99]) * 1000 if lags_s else [float("nan")] * 3
            base = p95 if by == "NATS" else base
            lines.append(
                f"| {row.boards} | {row.moves_per_s:.0f} | {by} | {len(lags_s):,} "
                f"| {p50:.1f} | {p95:.1f} | {p99:.1f} | {p95 / base:.1f} | {row.api_cpu:.2f} |"
            )
    return "\n".join(lines) + "\n"


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="for each number of boards")
    parser.add_argument("--boards", default="1,60")
    parser.add_argument("--page", type=Path, help="a page whose table is replaced")
    options = parser.parse_args()
    text = markdown(asyncio.run(measure([int(size) for size in options.boards.split(",")], options.seconds)))
    console.print(text)
    if options.page:
        page.write(options.page, COMMAND, text)


if __name__ == "__main__":
    main()
