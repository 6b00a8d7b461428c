"""How good Arena's matchmaking is, beside the ideas of its peers, on a simulated population.

    python -m benchmarks.matchmaking [--only learning,speed] [--quick] [--seed N] [--repeats N]
                                     [--page docs/matchmaking.md]

What is simulated is in docs/matchmaking.md. The same seed gives the same figures, but for those that are seconds.
"""

import argparse
import os
import platform
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks import page
from benchmarks.matchmaking import arrivals, fairness, learning, speed
from benchmarks.matchmaking.tables import Found, Scale, quick

FIGURES: dict[str, ModuleType] = {"learning": learning, "arrivals": arrivals, "speed": speed, "fairness": fairness}
SEED = 2026
console = Console()


def measure(figures: list[str], scale: Scale) -> dict[str, Found]:
    """All runs of these figures: by figure, the results by key."""
    runs = {name: FIGURES[name].runs(scale) for name in figures}
    found: dict[str, defaultdict[Any, list[Any]]] = {name: defaultdict(list) for name in figures}
    columns = (TextColumn("{task.description:<58}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("matchmaking", total=sum(map(len, runs.values())))
        for name in figures:
            for run in runs[name]:
                progress.update(task, description=run.label)
                found[name][run.key].append(run.work())
                progress.advance(task)
        progress.update(task, description="done")
    return {name: dict(results) for name, results in found.items()}


def markdown(name: str, found: Found, scale: Scale) -> str:
    """One figure's tables, and where they come from."""
    seeds = f"seeds from {scale.seed}" + (f", {scale.repeats} times the repetitions" if scale.repeats > 1 else "")
    machine = f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.0f}, Python {platform.python_version()}"
    head = f"\n{datetime.now(UTC):%Y-%m-%d}, {scale.agents:,} agents, {seeds}; {machine}.\n"
    return "\n".join([head, *(table.markdown() for table in FIGURES[name].tables(found))])


def main() -> None:
    """The command line of this module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default=",".join(FIGURES), help="figures, by comma: %(default)s")
    parser.add_argument("--quick", action="store_true", help="small: to see that it runs")
    parser.add_argument("--seed", type=int, default=SEED, help="the first of the seeds: %(default)s")
    parser.add_argument("--repeats", type=int, default=1, help="so many times the repetitions")
    parser.add_argument("--page", type=Path, help="write the figures into this page, between its marks")
    options = parser.parse_args()
    figures = options.only.split(",")
    if unknown := set(figures) - set(FIGURES):
        parser.error(f"expected figures of {', '.join(FIGURES)}, got {', '.join(sorted(unknown))}")
    scale = quick(options.seed) if options.quick else Scale(seed=options.seed)
    scale = msgspec.structs.replace(scale, repeats=options.repeats)
    console.print(f"{scale.agents:,} agents, seeds from {scale.seed}")
    found = measure(figures, scale)
    for name in figures:
        for table in FIGURES[name].tables(found[name]):
            table.show(console)
        if options.page:
            page.write(
                options.page, f"python -m benchmarks.matchmaking --only {name}", markdown(name, found[name], scale)
            )


if __name__ == "__main__":
    main()
