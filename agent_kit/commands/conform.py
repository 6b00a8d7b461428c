"""`agent-kit conform --command "node bot.js"`: is this program a proper agent, and what is wrong with it?"""

import argparse
import asyncio
import shlex
import sys
from typing import Any

import msgspec

from agent_kit.errors import AgentKitError, MountFailed
from agent_kit.extras import need

EXTRAS = "server,embedded"
NEEDED = ("cryptography", "jwt", "prometheus_client", "psutil", "structlog")


def add(subparsers: Any) -> None:
    """Declare the command and its options."""
    parser = subparsers.add_parser("conform", help="try an agent in any language, and say what is wrong with it")
    parser.description = (
        "Start a nats-server of its own and the agent, with ARENA_CREDS and ARENA_NATS_URL set, and speak to it as the "
        "platform does. Needs arena-platform[server,embedded]."
    )
    parser.add_argument("--command", dest="program", help="the agent, as 'node bot.js'; {creds}: the credentials' path")
    parser.add_argument("--list", action="store_true", help="what is checked, and what to do for it")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--patience", type=float, default=10.0, metavar="SECONDS", help="for each answer (default: 10)")
    parser.add_argument("--start", type=float, default=30.0, metavar="SECONDS", help="until its hello (default: 30)")
    parser.add_argument("--game", default="tictactoe", help="what it is asked to play (default: tictactoe)")
    parser.add_argument("--only", help="checks separated by commas, as same-turn,strike (default: all)")
    parser.set_defaults(run=command)


def command(options: argparse.Namespace) -> int:
    """Exit code 0: it conforms; 1: it does not; 2: it could not be tried."""
    try:
        for module in NEEDED:
            need(module, EXTRAS)
        from agent_kit.conform.report import listing, report, table
        from agent_kit.conform.trials import ALL

        if options.list:
            sys.stdout.write(listing(ALL) + "\n")
            return 0
        if not options.program:
            raise MountFailed("expected --command, as --command 'node bot.js'")
        found = report(options.program, asyncio.run(_tried(options)))
    except (AgentKitError, ValueError) as error:
        sys.stderr.write(f"agent-kit conform: {error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("agent-kit conform: interrupted; everything that was started is ended\n")
        return 2
    said = msgspec.json.format(msgspec.json.encode(found)).decode() if options.json else table(found)
    sys.stdout.write(said + "\n")
    return 0 if found.conforms else 1


async def _tried(options: argparse.Namespace) -> Any:
    """All that was tried. Raises MountFailed where there is nothing to try it with."""
    import structlog

    from agent_kit.conform.trials import conform
    from arena.bus import BusError
    from arena.stack.embedded_nats import find_server
    from arena.stack.processes import ServerError

    try:
        find_server()
    except ServerError as error:
        raise MountFailed(f"this needs nats-server: pip install 'arena-platform[{EXTRAS}]'") from error
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    how = {"game": options.game, "patience_s": options.patience, "start_s": options.start}
    how |= {"only": options.only.split(",")} if options.only else {}
    try:
        return await conform(shlex.split(options.program), **how)
    except (ServerError, BusError) as error:
        raise MountFailed(f"the server to try it with failed: {error}") from error
