"""`agent-kit fleet agents.toml`: many agents of one user, until Ctrl-C."""

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import sys
from pathlib import Path
from typing import Any

from agent_kit.errors import MountFailed
from agent_kit.extras import need
from agent_kit.fleet import Crew, Fleet, FleetError, read_file
from agent_kit.fleet.member import Member
from agent_kit.fleet.table import line, show_lines, show_live
from agent_kit.mount import new_loop


def add(subparsers: Any) -> None:
    """Declare the command and its options."""
    parser = subparsers.add_parser("fleet", help="run many agents from one file until Ctrl-C")
    parser.description = (
        "Each agent has its own credentials, policy, games, slots and log; who crashes is started again. Ctrl-C leaves "
        "gracefully: matches that run are played to their end; pressed again, it ends at once."
    )
    parser.add_argument("file", type=Path, help="agents.toml; docs/testing.md says what stands in it")
    parser.add_argument("--plain", action="store_true", help="lines instead of a table, as where there is no terminal")
    parser.set_defaults(run=command)


def command(options: argparse.Namespace) -> int:
    """Exit code 0: all left gracefully; 1: some could not play; 2: the file is wrong."""
    try:
        fleet = read_file(options.file)
    except FleetError as error:
        sys.stderr.write(f"agent-kit fleet: error: {error}\n")
        return 2
    os.chdir(options.file.absolute().parent)
    live = sys.stdout.isatty() and not options.plain
    if live:
        try:
            need("rich", "fleet")
        except MountFailed as error:
            logging.getLogger("agent_kit").warning("no table: %s", error)
            live = False
    try:
        with asyncio.Runner(loop_factory=new_loop) as runner:
            return 0 if runner.run(_live(fleet, live)) else 1
    except KeyboardInterrupt:  # the second one
        return 1


async def _live(fleet: Fleet, live: bool) -> bool:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def leave(number: signal.Signals) -> None:
        loop.remove_signal_handler(number)  # the next one ends us
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows
            loop.add_signal_handler(number, leave, number)

    def changed(member: Member) -> None:
        if not live:
            sys.stdout.write(line(member, crew.ratings) + "\n")
            sys.stdout.flush()

    crew = Crew(fleet, changed)
    showing = asyncio.create_task((show_live if live else show_lines)(crew.members, crew.ratings))
    try:
        return await crew.live(stop)
    finally:
        showing.cancel()
        await asyncio.wait({showing})
