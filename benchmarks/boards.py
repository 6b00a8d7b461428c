"""How many frames a second a browser draws with many live boards before it, beside an empty page in the same run.

    python -m benchmarks.boards [--boards 60] [--rate 10] [--seconds S] [--page docs/performance.md]

The built dashboard's page Watch in headless Chromium; a server of our own tells it of matches and sends positions that
the games themselves played before, in the platform's own WebSocket messages. Machines differ, and are shared: what
counts is the ratio to the empty page.
"""

import argparse
import asyncio
import contextlib
import hashlib
import os
import shutil
import socket
import statistics
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import psutil
import uvicorn
from litestar import Litestar, WebSocket, get, websocket
from litestar.exceptions import WebSocketDisconnect
from playwright.async_api import CDPSession, Page, async_playwright
from rich.console import Console
from rich.table import Table

from arena.api.pages import page_routes
from arena.games.catalogue import load_catalogue
from benchmarks.page import write

GAMES = ("chess", "go_9x9", "connect_four", "hex", "othello", "checkers", "xiangqi", "shogi", "gomoku", "amazons")
POSITIONS_MAX = 60  # of a match, shown again and again
WARM_UP_S = 3.0
SHOWN_S = 60.0  # how long the boards may take to be there
COMMAND = "python -m benchmarks.boards"
console = Console()

MEASURE = """
seconds => new Promise(done => {
  const gaps = [], end = performance.now() + seconds * 1000;
  let last, drawn = 0;
  const seen = new MutationObserver(changes => { drawn += changes.length; });
  seen.observe(document.body, { subtree: true, attributeFilter: ['aria-label'] });
  const frame = now => {
    if (last !== undefined) gaps.push(now - last);
    last = now;
    if (now < end) return requestAnimationFrame(frame);
    seen.disconnect();
    done({ gaps, drawn });
  };
  requestAnimationFrame(frame);
})
"""


class Measured(msgspec.Struct, frozen=True):
    """One page for some seconds."""

    name: str
    frames_per_s: float
    p95_ms: float  # from one frame to the next
    longest_ms: float
    drawn_per_s: float  # boards drawn anew
    busy: float  # CPU seconds of the page's main thread a second: what it takes, however much it gets


def recorded(game: str, number: int) -> list[bytes]:
    """Positions of a random match, as JSON of the API's frames."""
    environment = load_catalogue()[game].make()
    environment.reset(number)
    found: list[bytes] = []
    while not environment.over and len(found) < POSITIONS_MAX:
        board = environment.board()
        frame = {"ply": len(found), "text": "", "board": board, "to_act": environment.to_act}
        found.append(msgspec.json.encode(frame | {"scores": [], "rewards": [], "moves": [], "views": []}))
        salt = hashlib.sha256(f"{number} {len(found)}".encode()).digest()
        for seat in environment.to_act:
            environment.view(seat)
        environment.step({seat: environment.substitute(seat, salt) for seat in environment.to_act})
    environment.close()
    return found


class Feed:
    """What the platform would tell: matches that are watched, and their positions. rate: of each, a second."""

    def __init__(self, matches: dict[str, list[bytes]], rate: float) -> None:
        self.matches = matches
        self.rate = rate
        self.flows = True

    def items(self) -> list[dict[str, Any]]:
        """The answer of /api/watch."""
        started = int(time.time() * 1000)
        seats = [
            {"seat": seat, "agent": f"{seat}", "agent_name": f"player-{seat}", "owner_name": "bench", "house": True}
            | {"version": 1, "team": None, "mu": 25.0, "sigma": 8.0}
            for seat in range(2)
        ]
        of_all = {"board": True, "started_ms": started, "plies": 0, "score": 0.5, "why": ["board", "close"]}
        return [
            {"match": match, "game": "chess", "title": match.partition("-")[0], "seats": seats, **of_all}
            for match in self.matches
        ]

    async def serve(self, socket_: WebSocket[Any, Any, Any]) -> None:
        """One connection: what it subscribes to is sent, until it goes."""
        tasks: set[asyncio.Task[None]] = set()
        try:
            while True:
                wanted = msgspec.json.decode(await socket_.receive_data(mode="text"))
                if wanted.get("board") in self.matches:
                    tasks.add(asyncio.create_task(self._play(socket_, wanted["id"], wanted["board"])))
        except WebSocketDisconnect:
            for task in tasks:
                task.cancel()

    async def _play(self, socket_: WebSocket[Any, Any, Any], id_: str, match: str) -> None:
        positions = self.matches[match]
        at, due = hash(match) % len(positions), time.monotonic()
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            while True:
                head = msgspec.json.encode(
                    {"op": "frame", "id": id_, "game": "", "match": match, "seq": at, "at_ms": 0}
                )
                await socket_.send_data(head[:-1] + b',"frame":' + positions[at % len(positions)] + b"}", mode="text")
                at += self.flows
                due = max(due + 1 / self.rate, time.monotonic() - 1)
                await asyncio.sleep(max(due - time.monotonic(), 0))


@contextlib.asynccontextmanager
async def serving(feed: Feed) -> AsyncIterator[str]:
    """A server of the dashboard and of what it asks for. Yields its address."""

    @get("/api/watch")
    async def watch(limit: int) -> list[dict[str, Any]]:
        return feed.items()[:limit]

    @get("/api/games")
    async def games() -> list[Any]:
        return []

    @get("/api/announcements")
    async def announcements() -> dict[str, Any]:
        return {"items": []}

    @websocket("/api/live/ws")
    async def live(socket: WebSocket[Any, Any, Any]) -> None:
        await socket.accept()
        await feed.serve(socket)

    app = Litestar([watch, games, announcements, live, *page_routes()], openapi_config=None)
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", ws="websockets-sansio"))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    server.force_exit = True
    await task


async def measured(name: str, page: Page, seconds: float) -> Measured:
    """Frames of a page that is open."""
    await page.wait_for_timeout(WARM_UP_S * 1000)
    session = await page.context.new_cdp_session(page)
    await session.send("Performance.enable", {"timeDomain": "threadTicks"})
    before_s, began = await _cpu_s(session), time.monotonic()
    found = await page.evaluate(MEASURE, seconds)
    busy = (await _cpu_s(session) - before_s) / (time.monotonic() - began)
    await session.detach()
    gaps = sorted(found["gaps"])
    taken_s = sum(gaps) / 1000
    p95 = statistics.quantiles(gaps, n=20)[-1]
    return Measured(name, len(gaps) / taken_s, p95, gaps[-1], found["drawn"] / taken_s, busy)


async def _cpu_s(session: CDPSession) -> float:
    metrics = (await session.send("Performance.getMetrics"))["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))


async def bench(boards: int, rate: float, seconds: float) -> list[Measured]:
    """The empty page, the boards when nothing moves, and when all of them are played."""
    matches = {f"{GAMES[at % len(GAMES)]}-{at}": recorded(GAMES[at % len(GAMES)], at) for at in range(boards)}
    feed = Feed(matches, rate)
    path = shutil.which("chromium")
    if path is None:
        raise SystemExit("expected a chromium in the PATH: apt-get install chromium")
    async with async_playwright() as playwright, serving(feed) as url:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        page = await browser.new_page(viewport={"width": 1920, "height": 1080})
        rows = [await measured("empty page", page, seconds)]
        feed.flows = False
        await page.goto(f"{url}/watch?many=60")
        drawn = "count => document.querySelectorAll('article svg[role=img]').length >= count"
        await page.wait_for_function(drawn, arg=boards, timeout=SHOWN_S * 1000)
        rows.append(await measured(f"{boards} boards, same positions", page, seconds))
        feed.flows = True
        rows.append(await measured(f"{boards} boards, {rate:g} positions a second each", page, seconds))
        await browser.close()
    return rows


def show(rows: list[Measured]) -> None:
    """The figures as a table."""
    table = Table(title=f"Watch in headless Chromium, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    for heading in ("page", "frames/s", "of empty", "p95 ms", "longest ms", "boards drawn/s", "busy", "ms a board"):
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(*_figures(row, rows[0]))
    console.print(table)


def markdown(rows: list[Measured]) -> str:
    """The same as a table of a page."""
    memory = round(psutil.virtual_memory().total / 2**30)
    load = f"load average {os.getloadavg()[0]:.0f}"
    lines = [
        f"\n{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {memory} GiB, {load}, drawn without a GPU.\n",
        "| page | frames/s | of empty | p95 ms | longest ms | boards drawn/s | main thread busy | CPU ms a board |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    return "\n".join([*lines, *("| " + " | ".join(_figures(row, rows[0])) + " |" for row in rows), ""])


def _figures(row: Measured, empty: Measured) -> list[str]:
    ratio = f"{row.frames_per_s / empty.frames_per_s:.2f}"
    times = [f"{row.p95_ms:.1f}", f"{row.longest_ms:.0f}"]
    each = f"{1000 * row.busy / row.drawn_per_s:.2f}" if row.drawn_per_s else ""
    return [row.name, f"{row.frames_per_s:.1f}", ratio, *times, f"{row.drawn_per_s:.0f}", f"{row.busy:.0%}", each]


def main() -> None:
    """The command line of this module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--boards", type=int, default=60)
    parser.add_argument("--rate", type=float, default=10.0)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--page", type=Path, help="write the figures into this page, between its marks")
    options = parser.parse_args()
    rows = asyncio.run(bench(options.boards, options.rate, options.seconds))
    show(rows)
    if options.page:
        write(options.page, COMMAND, markdown(rows))


if __name__ == "__main__":
    main()
