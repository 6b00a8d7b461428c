"""Whether what ratings predict comes about: among made-up agents, and among the house bots of a real platform.

    python -m benchmarks.calibration [--matches N] [--each N] [--seed S] [--page docs/ratings.md]

The platform is `arena up` as anybody runs it, on ports of its own and in a folder that is removed, told to let its
house bots play without a pause; the figures are those of `arena rating calibration`.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import sys
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from arena.core.calibration import Bin, Calibration, calibration
from arena.games import load_catalogue
from arena.settings import RUNNING, load
from arena.stack import ports
from arena.store.database import Database, StoreError
from arena.store.ladders import PROVISIONAL_PLAYED
from arena.store.rated_matches import RatedMatch, rated_matches
from benchmarks import page
from benchmarks.populations import POPULATIONS, Found, library, ours, simulate

COMMAND = "python -m benchmarks.calibration --page docs/ratings.md"
START_S = 180.0
LOOK_S = 2.0  # between two looks at how many matches there are
STALLED_S = 120.0
EACH_MIN = 2 * PROVISIONAL_PLAYED
_SIMULATED = (
    "made-up agents",
    *("favourite is to get", "it got (95 %)", "settled: is to get", "got (95 %)"),
    *("Brier", "library's", "of who knows the skills", "in the interval", "library's", "points off", "library's"),
)
_BY_GAME = (
    *("game", "matches", "favourite is to get", "it got (95 %)", "Brier", "log loss", "error"),
    *("settled matches", "is to get", "got (95 %)", "Brier", "error"),
)
_BY_PREDICTION = ("favourite is to get", "matches", "it got", "true share, with 95 %")
console = Console()


async def play(count: int, progress: Progress, task: TaskID) -> list[RatedMatch]:
    """So many rated matches of house bots on a platform of its own, or a few more."""
    games = [row.name for row in load_catalogue().values() if row.rating == "openskill" and row.seats > 1]
    with tempfile.TemporaryDirectory(prefix="arena-") as folder:
        async with _platform(Path(folder)) as database_url:
            database = Database(database_url, pool_size=1, statement_s=None)
            try:
                return await _wait(database, games, count, progress, task)
            finally:
                await database.close()


@contextlib.asynccontextmanager
async def _platform(home: Path) -> AsyncIterator[str]:
    """`arena up`; gives the database's URL. Raises SystemExit with what it said when it does not come up."""
    environment = {
        **os.environ,
        "ARENA_HOME": str(home),
        "ARENA_NATS_PORT": str(ports.free()),
        "ARENA_API_PORT": "0",
        "ARENA_HOUSE_MATCHES": "16",
        "ARENA_HOUSE_INTERVAL_MS": "0",
    }
    said = home / "up.log"
    with said.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "arena", "up"), env=environment, stdout=out, stderr=out
        )
    try:
        async with asyncio.timeout(START_S):
            while not (home / RUNNING).exists():
                if process.returncode is not None:
                    raise SystemExit(f"`arena up` ended:\n{said.read_text()}")
                await asyncio.sleep(LOOK_S / 4)
        yield load({"ARENA_HOME": str(home)}).database_url
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        await process.wait()


async def _wait(database: Database, games: list[str], count: int, progress: Progress, task: TaskID) -> list[RatedMatch]:
    found: list[RatedMatch] = []
    last_s = asyncio.get_running_loop().time()
    while len(found) < count:
        await asyncio.sleep(LOOK_S)
        now_s, before = asyncio.get_running_loop().time(), len(found)
        with contextlib.suppress(StoreError):  # it has no tables yet
            async with database.begin() as connection:
                found = await rated_matches(connection, games, matches=10 * count)
        last_s = now_s if len(found) > before else last_s
        if now_s - last_s > STALLED_S:
            raise SystemExit(f"expected {count} matches, got {len(found)}: none was rated for {STALLED_S:g} s")
        progress.update(task, completed=min(len(found), count))
    return found


def simulated(rows: Sequence[tuple[str, Found, Found]]) -> list[str]:
    """The figures of made-up agents. rows: population, rated as here, and as the library does by itself."""
    lines = _head(_SIMULATED)
    for name, own, other in rows:
        brier = f"{own.predicted.brier:.3f} | {other.predicted.brier:.3f} | {own.brier_knowing:.3f}"
        covered = f"{own.covered:.0%} | {other.covered:.0%}"
        off = f"{own.distance:.1f} | {other.distance:.1f}"
        lines.append(f"| {name} | {_shares(own.predicted)} | {_shares(own.settled)} | {brier} | {covered} | {off} |")
    return lines


def by_game(matches: Sequence[RatedMatch]) -> list[str]:
    """The figures of real matches, game by game."""
    lines = _head(_BY_GAME)
    games = defaultdict(list)
    for match in matches:
        games[match.game].append(match)
    for name, own in [*sorted(games.items()), ("all", list(matches))]:
        found, settled = (calibration(it.prediction for it in chosen) for chosen in (own, _settled(own)))
        assert found is not None
        figures = f"{found.matches:,} | {_shares(found)} | {found.brier:.3f} | {found.log_loss:.3f} | {found.error:.3f}"
        rest = "0 | | | | "
        if settled is not None:
            rest = f"{settled.matches:,} | {_shares(settled)} | {settled.brier:.3f} | {settled.error:.3f}"
        lines.append(f"| {name} | {figures} | {rest} |")
    return lines


def by_prediction(found: Calibration) -> list[str]:
    """What came of matches of which nearly the same was predicted."""
    lines = _head(_BY_PREDICTION)
    for one in found.bins:
        interval = f"{one.low:.1%} to {one.high:.1%}"
        lines.append(f"| {one.predicted:.1%} | {one.matches:,} | {one.came:.1%} | {interval} |")
    return lines


def _head(names: Sequence[str]) -> list[str]:
    return [f"| {' | '.join(names)} |", "|---|" + "---:|" * (len(names) - 1)]


def _settled(matches: Sequence[RatedMatch]) -> list[RatedMatch]:
    return [match for match in matches if match.settled]


def _shares(found: Bin) -> str:
    return f"{found.predicted:.1%} | {found.came:.1%} ({found.low:.1%} to {found.high:.1%})"


async def bench(matches: int, each: int, seed: int) -> str:
    """All figures, as a part of a page."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("made-up agents", total=len(POPULATIONS))
        rows = []
        for population in POPULATIONS:
            rows.append((population.name, *(simulate(population, each, how, seed) for how in (ours, library))))
            progress.advance(task)
        task = progress.add_task("house bots' matches", total=matches)
        played = await play(matches, progress, task) if matches else []
    lines = [f"\nMade-up agents, {each} matches each, seed {seed}:\n", *simulated(rows)]
    settled = calibration(match.prediction for match in _settled(played))
    if played:
        today = f"{datetime.now(UTC):%Y-%m-%d}"
        lines += [f"\n{len(played):,} matches of house bots on a real platform, {today}:\n", *by_game(played)]
    if settled is not None:
        lines += ["\nThe settled ones of all games, by what was predicted:\n", *by_prediction(settled)]
    return "\n".join([*lines, ""])


def main() -> None:
    """The command line of this module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--matches", type=int, default=3_000, help="of house bots; 0: no platform is started")
    parser.add_argument("--each", type=int, default=200, help="matches of each made-up agent")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--page", type=Path, help="write the figures into this page, between its marks")
    options = parser.parse_args()
    if options.each < EACH_MIN:
        parser.error(f"--each: expected {EACH_MIN} or more, got {options.each}: nobody would be settled")
    figures = asyncio.run(bench(options.matches, options.each, options.seed))
    console.print(figures, markup=False, highlight=False, soft_wrap=True)
    if options.page:
        page.write(options.page, COMMAND, figures)


if __name__ == "__main__":
    main()
