"""Fault injection on the real platform, by `make chaos` or by hand.

    python -m chaos [--minutes 30] [--matches 5000] [--seed N] [--servers 1|3|both] [--only FAULT,...] [--page FILE]

It stops after so many minutes of faults or matches, whichever is first. Exit code 1 when an invariant was violated.
"""

import argparse
import asyncio
import contextlib
import secrets
import shlex
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from chaos import report
from chaos.faults import FAULTS, wanted
from chaos.inject import Injector
from chaos.platform import Say
from chaos.rounds import Outcome, Plan, play_round
from chaos.watch import Watch

MINUTE_S = 60.0
LINE_CHARACTERS = 160  # where there is no terminal
ROUND_S_MIN = 20.0  # a shorter rest of a run is no round


async def run(options: argparse.Namespace, console: Console, outcomes: list[Outcome]) -> None:
    """Round after round, each into `outcomes` when it is over."""
    left_s, matches = options.minutes * MINUTE_S, 0
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("starting", total=left_s)
        while left_s >= min(ROUND_S_MIN, options.minutes * MINUTE_S) and matches < options.matches:
            number = len(outcomes) + 1
            seconds = min(left_s, options.round_minutes * MINUTE_S)
            servers = {"1": 1, "3": 3, "both": 3 if number % 2 == 0 else 1}[options.servers]
            spent_s = options.minutes * MINUTE_S - left_s

            def show(
                watch: Watch, injector: Injector, spent: float, before: int = matches, at_s: float = spent_s
            ) -> None:
                faults = ", ".join(f"{fault} -> {target}" for target, fault in injector.now.items())
                words = f"round {len(outcomes) + 1}: {before + watch.created} matches, {len(watch.running)} running"
                progress.update(task, completed=at_s + spent, description=f"{words}, {faults}"[: console.width - 30])

            plan = Plan(
                number=number,
                seed=options.seed + number - 1,
                seconds=seconds,
                servers=servers,
                matches_max=options.matches - matches,
                only=options.only,
                breakage=options.breakage,
            )
            console.print(f"round {number}: {servers} server(s), {seconds:.0f} s of faults, seed {plan.seed}")
            outcome = await play_round(plan, _say(console, options.verbose), show)
            outcomes.append(outcome)
            matches += outcome.matches
            left_s -= seconds
            console.print(
                f"round {number}: {outcome.kinds}, {len(outcome.injections)} faults, "
                f"{len(outcome.violations)} violations, {outcome.seconds:.0f} s in all",
                highlight=False,
            )


def _say(console: Console, verbose: bool) -> Say:
    def say(text: str) -> None:
        if verbose:
            console.print(f"[dim]{time.strftime('%H:%M:%S')} {text}", highlight=False, soft_wrap=True)

    return say


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=30.0, help="of faults")
    parser.add_argument("--matches", type=int, default=5_000)
    parser.add_argument("--round-minutes", type=float, default=3.0)
    parser.add_argument("--seed", type=int, default=None, help="default: a random one, printed")
    parser.add_argument("--servers", choices=("1", "3", "both"), default="both")
    parser.add_argument("--only", default="", help="these faults, separated by commas")
    parser.add_argument("--breakage", default="", help="break the platform on purpose: a name of chaos.broken")
    parser.add_argument("--page", type=Path, help="write the figures into this page, between its marks")
    parser.add_argument("--list", action="store_true", help="list the faults")
    parser.add_argument("--verbose", action="store_true", help="say what is injected, and what ends and starts")
    options = parser.parse_args()
    if options.seed is None:
        options.seed = secrets.randbits(31)
    try:
        wanted(options.only, 1)
    except ValueError as error:
        parser.error(str(error))
    return options


def main() -> int:
    """Run, show, and say by the exit code whether all held."""
    options, console = parse(), Console()
    if not console.is_terminal:
        console = Console(width=LINE_CHARACTERS)
    if options.list:
        for fault in FAULTS:
            console.print(f"{fault.name:<24} {fault.does}", highlight=False)
        return 0
    console.print(f"seed {options.seed}")
    outcomes: list[Outcome] = []
    with contextlib.suppress(KeyboardInterrupt):  # then of the rounds that were over
        asyncio.run(run(options, console, outcomes))
    if not outcomes:
        return 2
    report.show(outcomes, console)
    if options.page:
        report.write(options.page, outcomes, shlex.join(["python", "-m", "chaos", *sys.argv[1:]]))
    return int(any(outcome.violations for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
