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
import sys
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import psutil
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks import page
from benchmarks.whole import platform

PARTS = ("runner", "nats-server", "agents", "recorder", "postgres", "matchmaker")
COMMAND = "make bench"
console = Console()


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
        page.write(options.page, COMMAND, markdown(rows))


if __name__ == "__main__":
    main()
