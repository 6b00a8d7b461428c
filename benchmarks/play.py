"""How fast the whole platform plays, beside a bare loop in the same run.

    python -m benchmarks.play [--seconds S] [--matches 1,64,512] [--runners 1,2] [--page docs/performance.md]

Whole platform means: credentials, clocks, the fenced log, recorder and PostgreSQL, agents by agent_kit in a process
of their own.  Every figure is a ratio to the bare loop that ran just before it: machines differ, and are shared.
"""

import argparse
import asyncio
import contextlib
import os
import platform as platform_
import secrets
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import psutil
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from arena.bus import Bus, connect
from arena.bus.kv import put
from arena.bus.provision import provision
from arena.bus.pull import Delivery, Follower
from arena.credentials import Keyring, issue_agent, write_identity, write_secret
from arena.stack.embedded import EmbeddedNats, EmbeddedPostgres
from arena.store.migrate import migrate
from arena.wire import ids, subjects
from arena.wire.registry import AgentRecord

WARM_S = 3.0
GAME = "connect_four"
PARTS = ("runner", "nats-server", "agents", "recorder", "postgres", "matchmaker")
BEGIN, END = "<!-- figures: make bench -->", "<!-- end -->"
console = Console()


class Watch:
    """Moves in the log, by the server's own time stamps."""

    def __init__(self, bus: Bus) -> None:
        self.moves: list[tuple[str, float]] = []  # match, seconds
        self._follower = Follower(bus, subjects.EVENTS_STREAM, [subjects.MOVED.any()], self._on)

    def _on(self, event: Delivery) -> None:
        self.moves.append((event.subject, int(event.reply.split(".")[7]) / 1e9))

    async def read(self) -> None:
        """Read all there is."""
        self._follower.start()
        await self._follower.caught_up.wait()
        await self._follower.stop()

    def figures(self, from_s: float, to_s: float) -> dict[str, float]:
        """Moves a second, and the time from one move's acknowledgement to the next of the same match."""
        last: dict[str, float] = {}
        gaps = []
        count = 0
        for match, at in self.moves:
            if match in last and from_s <= at < to_s:
                gaps.append(at - last[match])
            last[match] = at
            count += from_s <= at < to_s
        percentiles = np.percentile(gaps, [50, 99]) * 1000 if gaps else [float("nan")] * 2
        return {"moves_per_s": count / (to_s - from_s), "p50_ms": percentiles[0], "p99_ms": percentiles[1]}


class Processes:
    """The children of one run, and what CPU they used."""

    def __init__(self, environment: dict[str, str], logs: Path) -> None:
        self._environment = environment
        self._logs = logs
        self._running: list[tuple[str, asyncio.subprocess.Process]] = []
        self._pids: dict[str, list[int]] = {}

    def watch(self, name: str, pid: int) -> None:
        """Measure a process that somebody else started, with its children."""
        self._pids.setdefault(name, []).append(pid)

    async def start(self, name: str, *arguments: str) -> asyncio.subprocess.Process:
        """Start `python ARGUMENTS`; its output goes to a log file."""
        with (self._logs / f"{name}-{len(self._running)}.log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, *arguments, env=self._environment, stdout=log, stderr=log
            )
        self._running.append((name, process))
        self.watch(name, process.pid)
        return process

    def cpu(self) -> dict[str, float]:
        """CPU seconds of each name until now."""
        return {name: sum(_cpu_s(pid) for pid in pids) for name, pids in self._pids.items()}

    async def stop(self) -> None:
        """End them, the newest first."""
        for _, process in reversed(self._running):
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            try:
                async with asyncio.timeout(10):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()


def _cpu_s(pid: int) -> float:
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        return sum(sum(member.cpu_times()[:2]) for member in family)
    except psutil.NoSuchProcess:
        return 0.0


async def bare(matches: int, seconds: float, *, durable: bool) -> dict[str, float]:
    """One run of the bare loop, on a server of its own with the platform's settings."""
    with tempfile.TemporaryDirectory(prefix="arena-") as folder:
        async with _open_server(Path(folder)) as server:
            here = {**os.environ}
            agent = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "benchmarks.bare", "agent", server), env=here, stdout=asyncio.subprocess.PIPE
            )
            assert agent.stdout is not None
            await agent.stdout.readline()
            form = ["durable"] if durable else []
            play = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "benchmarks.bare", "play", server, str(matches), str(seconds), *form),
                env=here,
                stdout=asyncio.subprocess.PIPE,
            )
            out, _ = await play.communicate()
            agent.kill()
            await agent.wait()
            return msgspec.json.decode(out, type=dict[str, float])


@contextlib.asynccontextmanager
async def _open_server(home: Path) -> AsyncIterator[str]:
    """nats-server as the platform's, without accounts."""
    from arena.stack.embedded_nats import find_server

    config = home / "bare.conf"
    config.write_text(
        f'host: "127.0.0.1"\nport: -1\nno_fast_producer_stall: true\n'
        f'jetstream {{ store_dir: "{home}", sync_interval: 1s }}\n'
    )
    process = await asyncio.create_subprocess_exec(
        *(find_server(), "--config", str(config), "--ports_file_dir", str(home)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    ports = home / f"nats-server_{process.pid}.ports"
    async with asyncio.timeout(10):
        while not (ports.exists() and ports.read_text()):  # noqa: ASYNC110 - a file gives no signal
            await asyncio.sleep(0.02)
    yield msgspec.json.decode(ports.read_bytes())["nats"][0]
    process.terminate()
    await process.wait()


async def platform(matches: int, runners: int, seconds: float) -> dict[str, Any]:
    """One run of the whole platform."""
    with tempfile.TemporaryDirectory(prefix="arena-") as folder:
        home = Path(folder)
        keyring = Keyring.create(home)
        write_identity(keyring)
        nats, postgres = EmbeddedNats(home), EmbeddedPostgres(home)
        await nats.start()
        await postgres.start()
        await postgres.create("arena")
        await migrate(postgres.url())
        registrar = await connect(
            nats.url, home / "creds" / "registrar.creds", name="bench", inbox=subjects.inbox("registrar")
        )
        try:
            await provision(registrar, [GAME], claim_lease_ms=2_000)
            environment = {
                **os.environ,
                "ARENA_HOME": folder,
                "ARENA_NATS_URL": nats.url,
                "ARENA_DATABASE_URL": postgres.url(),
            }
            processes = Processes(environment, home / "logs")
            assert nats.process is not None
            assert postgres.process is not None
            processes.watch("nats-server", nats.process.pid)
            processes.watch("postgres", postgres.process.pid)
            crowd = _Crowd(registrar, keyring, home, nats.url)
            return await _measure(crowd, processes, matches, runners, seconds)
        finally:
            await registrar.close()
            await postgres.stop()
            await nats.stop()


class _Crowd(NamedTuple):
    """Where agents are registered."""

    registrar: Bus
    keyring: Keyring
    home: Path
    url: str

    async def agents(self, count: int) -> list[str]:
        """New agents of eight users; returns the paths of their credentials."""
        paths = []
        for number in range(count):
            agent = ids.make(time.time_ns() // 1_000_000, secrets.token_bytes(10))
            record = AgentRecord(owner=f"user{number % 8}", name=f"agent{number}")
            await put(self.registrar, subjects.AGENTS_BUCKET, agent, record)
            path = self.home / f"{agent}.creds"
            write_secret(path, issue_agent(self.keyring, agent, url=self.url).creds or "")
            paths.append(str(path))
        return paths


async def _measure(crowd: _Crowd, processes: Processes, matches: int, runners: int, seconds: float) -> dict[str, Any]:
    slots = max(1, min(32, matches // 8))
    agents = max(2, 2 * matches // slots)
    try:
        for role in ("recorder", "matchmaker", *["runner"] * runners):
            await processes.start(role, "-m", "arena", role)
        files = await crowd.agents(agents)
        await processes.start("agents", "-m", "benchmarks.agents", str(slots), *files)
        await _playing(crowd.registrar, matches)
        await asyncio.sleep(WARM_S)
        from_s, cpu = time.time(), processes.cpu()
        await asyncio.sleep(seconds)
        to_s = time.time()
        used = {name: value - cpu[name] for name, value in processes.cpu().items()}
        lag = await _pending(crowd.registrar)
    finally:
        await processes.stop()
    watch = Watch(crowd.registrar)
    await watch.read()
    found: dict[str, Any] = watch.figures(from_s, to_s)
    moves = found["moves_per_s"] * (to_s - from_s)
    found["cpu_us_per_move"] = {name: value / moves * 1e6 for name, value in used.items()}
    found["recorder_lag"] = lag
    return found


async def _playing(bus: Bus, matches: int) -> None:
    """Wait until this many matches have begun."""
    begun: set[str] = set()
    enough = asyncio.Event()

    def on_claimed(event: Delivery) -> None:
        begun.add(event.subject)
        if len(begun) >= matches:
            enough.set()

    follower = Follower(bus, subjects.EVENTS_STREAM, [subjects.CLAIMED.any()], on_claimed)
    follower.start()
    try:
        async with asyncio.timeout(60):
            await enough.wait()
    except TimeoutError:
        raise SystemExit(f"only {len(begun)} of {matches} matches began within 60 s") from None
    finally:
        await follower.stop()


async def _pending(bus: Bus) -> int:
    """Events that the recorder has not stored yet."""
    info = await bus.request(f"$JS.API.CONSUMER.INFO.{subjects.EVENTS_STREAM}.{subjects.RECORDER_CONSUMER}")
    found = msgspec.json.decode(info.data, type=dict[str, Any])
    return int(found["num_pending"]) + int(found["num_ack_pending"])


def show(rows: list[dict[str, Any]]) -> None:
    """The figures as a table, and where the CPU goes."""
    table = Table(title=f"connect_four between random agents, {os.cpu_count()} cores")
    for heading in ("matches", "runners", "moves/s", "of bare", "of bare durable", "p50 ms", "p99 ms", "lag"):
        table.add_column(heading, justify="right")
    for row in rows:
        for form in ("bare", "durable"):
            base = row[form]
            table.add_row(
                *(str(row["matches"]), form, f"{base['moves_per_s']:,.0f}", "", ""),
                *(f"{base['p50_ms']:.2f}", f"{base['p99_ms']:.2f}", ""),
                style="dim",
            )
        for runners, found in row["platform"].items():
            table.add_row(
                *(str(row["matches"]), str(runners), f"{found['moves_per_s']:,.0f}"),
                f"{found['moves_per_s'] / row['bare']['moves_per_s']:.2f}",
                f"{found['moves_per_s'] / row['durable']['moves_per_s']:.2f}",
                *(f"{found['p50_ms']:.2f}", f"{found['p99_ms']:.2f}", str(found["recorder_lag"])),
            )
    console.print(table)
    for row in rows:
        for runners, found in row["platform"].items():
            parts = ", ".join(f"{name} {value:.0f}" for name, value in found["cpu_us_per_move"].items())
            console.print(f"{row['matches']} matches, {runners} runner(s), CPU us per move: {parts}")


def markdown(rows: list[dict[str, Any]]) -> str:
    """The figures as two tables of a page."""
    memory = round(psutil.virtual_memory().total / 2**30)
    lines = [
        (
            f"\n{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {memory} GiB, "
            f"Python {platform_.python_version()}, "
            "everything on loopback.\n"
        ),
        "| matches at once | | moves/s | of bare | of bare durable | p50 ms | p99 ms | recorder behind by |",
        "|---:|---|---:|---:|---:|---:|---:|---:|",
    ]
    cpu = ["| matches | runners | " + " | ".join(PARTS) + " | all |", "|---:|---:|" + "---:|" * (len(PARTS) + 1)]
    for row in rows:
        for form, name in (("bare", "bare"), ("durable", "bare, durable")):
            base = row[form]
            figures = f"{base['moves_per_s']:,.0f} | | | {base['p50_ms']:.2f} | {base['p99_ms']:.2f} | |"
            lines.append(f"| {row['matches']} | {name} | {figures}")
        for runners, found in row["platform"].items():
            ratios = " | ".join(
                f"{found['moves_per_s'] / row[form]['moves_per_s']:.2f}" for form in ("bare", "durable")
            )
            figures = f"{found['p50_ms']:.2f} | {found['p99_ms']:.2f} | {found['recorder_lag']} events |"
            name = f"platform, {runners} runner{'s' if runners > 1 else ''}"
            lines.append(f"| {row['matches']} | {name} | {found['moves_per_s']:,.0f} | {ratios} | {figures}")
            used = found["cpu_us_per_move"]
            parts = " | ".join(f"{used[part]:.0f}" for part in PARTS)
            cpu.append(f"| {row['matches']} | {runners} | {parts} | {sum(used.values()):.0f} |")
    return "\n".join([*lines, "", "CPU microseconds per move, by process:", "", *cpu, ""])


async def bench(matches: list[int], runners: list[int], seconds: float) -> list[dict[str, Any]]:
    """All sizes."""
    rows = []
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("benchmark", total=len(matches) * (2 + len(runners)))
        for size in matches:
            row: dict[str, Any] = {"matches": size, "platform": {}}
            for form in ("bare", "durable"):
                progress.update(task, description=f"{form}, {size} matches")
                row[form] = await bare(size, seconds, durable=form == "durable")
                progress.advance(task)
            for count in runners:
                progress.update(task, description=f"platform, {size} matches, {count} runner(s)")
                row["platform"][count] = await platform(size, count, seconds)
                progress.advance(task)
            rows.append(row)
    return rows


def main() -> None:
    """The command line of this module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--matches", default="1,64,512")
    parser.add_argument("--runners", default="1,2")
    parser.add_argument("--page", type=Path, help="write the figures into this page, between its marks")
    options = parser.parse_args()
    sizes = [int(text) for text in options.matches.split(",")]
    counts = [int(text) for text in options.runners.split(",")]
    rows = asyncio.run(bench(sizes, counts, options.seconds))
    show(rows)
    if options.page:
        before, _, rest = options.page.read_text().partition(BEGIN)
        options.page.write_text(before + BEGIN + markdown(rows) + END + rest.partition(END)[2])


if __name__ == "__main__":
    main()
