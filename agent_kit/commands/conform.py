"""`agent-kit conform --command "node bot.js"`: is this program a proper agent, and what is wrong with it?"""

import argparse
import asyncio
import shlex
import sys
from typing import Any

import msgspec

from agent_kit.errors import AgentKitError, MountFailed
from agent_kit.extras import need

NEEDED = {"server": ("structlog", "nkeys", "cryptography", "psutil")}


def add(subparsers: Any) -> None:
    """Declare the command and its options."""
    parser = subparsers.add_parser("conform", help="try an agent in any language, and say what is wrong with it")
    parser.description = (
        "Start a nats-server of its own and the agent, with ARENA_CREDS and ARENA_NATS_URL set, and speak to it as the "
        "platform does. It is asked to play tictactoe. Needs arena-platform[server,embedded]."
    )
    parser.add_argument("--command", dest="program", help="the agent, as 'node bot.js'; {creds}: the credentials' path")
    parser.add_argument("--list", action="store_true", help="what is checked, and what to do for it")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--patience", type=float, default=10.0, metavar="SECONDS", help="for each answer (default: 10)")
    parser.add_argument("--no-match", action="store_true", help="no match on the real matchmaker and runner at the end")
    parser.set_defaults(run=command)


def command(options: argparse.Namespace) -> int:
    """Exit code 0: it conforms; 1: it does not; 2: it could not be tried."""
    try:
        for extra, modules in NEEDED.items():
            for module in modules:
                need(module, extra)
        from agent_kit.conform.report import listing, report, summary, table
        from agent_kit.conform.trials import ALL

        if options.list:
            sys.stdout.write(listing(ALL) + "\n")
            return 0
        if not options.program:
            raise MountFailed("expected --command, as --command 'node bot.js'")
        outcomes = asyncio.run(_tried(options))
    except (AgentKitError, ValueError) as error:
        sys.stderr.write(f"agent-kit conform: {error}\n")
        return 2
    found = report(options.program, outcomes)
    said = msgspec.json.format(msgspec.json.encode(found)).decode() if options.json else table(outcomes)
    sys.stdout.write(said + "\n")
    if not options.json:
        sys.stdout.write(f"\n{summary(outcomes)}\n")
    return 0 if found.conforms else 1


async def _tried(options: argparse.Namespace) -> Any:
    """All outcomes. Raises MountFailed where there is nothing to try it with."""
    import structlog

    from agent_kit.conform.trials import conform
    from arena.bus import BusError
    from arena.stack.processes import ServerError

    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    try:
        return await conform(shlex.split(options.program), patience_s=options.patience, match=not options.no_match)
    except (ServerError, BusError) as error:
        raise MountFailed(f"no server to try it with: {error}") from error
