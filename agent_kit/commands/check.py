"""`agent-kit check module:policy --games NAME`: is the policy fit to play? Without a server."""

import argparse
import asyncio
import os
import sys
import threading
from typing import TYPE_CHECKING, Any

import msgspec

from agent_kit.commands.run import add_policy, arguments_of
from agent_kit.errors import MountFailed
from agent_kit.mount import ALL_GAMES, new_loop
from agent_kit.specs import load

if TYPE_CHECKING:
    from agent_kit.testing.checks import Finding, Trial

THINKS_ON_S = 1.0


def add(subparsers: Any) -> None:
    """Declare the command and its options."""
    parser = subparsers.add_parser("check", help="try a policy without a server, and say what is wrong with it")
    parser.description = (
        "Plays whole games in this process with the platform's own rules, and tries what happens online: clocks, "
        "turns that come twice, another instance that goes on. Exit code 0: fit to play; 1: something failed."
    )
    add_policy(parser)
    parser.add_argument("--games", help="names separated by commas (default: what it is made for)")
    parser.add_argument("--matches", type=int, default=4, help="whole games of each, at least one a seat (default: 4)")
    parser.add_argument("--seed", type=int, default=1, help="of the first game (default: 1)")
    parser.add_argument("--stateless", action="store_true", help="it will be run with --stateless")
    parser.add_argument("--only", help="checks separated by commas, as deadline,memory (default: all)")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON, a line each")
    parser.set_defaults(run=command)


def command(options: argparse.Namespace) -> int:
    """Exit code 0: nothing failed; 1: something did; 2: there is no such policy, game or check."""
    from agent_kit.testing.checks import CHECKS, Maker, Trial

    try:
        arguments = arguments_of(options.arguments)
        first = load(options.policy, arguments)  # also says early what is missing
        games = options.games.split(",") if options.games else list(getattr(first, "games", ALL_GAMES))
        if tuple(games) == ALL_GAMES:
            raise ValueError("which games? Give --games NAME,NAME")
        checks = options.only.split(",") if options.only else CHECKS
        if unknown := set(checks) - set(CHECKS):
            raise ValueError(f"no such check: {', '.join(sorted(unknown))}; known: {', '.join(CHECKS)}")
    except MountFailed as error:
        return _wrong(error, 1)
    except (ValueError, ImportError, OSError) as error:
        return _wrong(error, 2)
    waiting = [first]
    maker = Maker(lambda: waiting.pop() if waiting else load(options.policy, arguments))
    trial = Trial(make=maker, stateless=options.stateless, matches=options.matches, seed=options.seed, checks=checks)
    try:
        with asyncio.Runner(loop_factory=new_loop) as runner:
            failed = runner.run(_examine(trial, games, show=_as_json if options.json else _as_text))
    except MountFailed as error:
        return _wrong(error, 2)
    finally:
        maker.close()
    return _ended(1 if failed else 0)


def _ended(code: int) -> int:
    """The code; but a policy that still thinks in its thread, and may do so for ever, does not keep us from ending."""
    for thread in threading.enumerate():
        if thread.name.startswith("policy"):
            thread.join(THINKS_ON_S)
            if thread.is_alive():
                sys.stderr.write("agent-kit check: the policy still thinks; it is left alone\n")
                sys.stderr.flush()
                os._exit(code)
    return code


async def _examine(trial: "Trial", games: list[str], show: Any) -> int:
    from agent_kit.testing.checks import Verdict, examine

    failed = 0
    for game in games:
        async for finding in examine(trial, game):
            show(finding)
            failed += finding.verdict is Verdict.FAILED
    return failed


def _as_text(finding: "Finding") -> None:
    sys.stdout.write(f"{finding.verdict:6}  {finding.game}  {finding.check}: {finding.found}\n")
    if finding.advice:
        sys.stdout.write(f"{'':8}-> {finding.advice}\n")
    sys.stdout.flush()


def _as_json(finding: "Finding") -> None:
    sys.stdout.write(msgspec.json.encode(finding).decode() + "\n")
    sys.stdout.flush()


def _wrong(error: Exception, code: int) -> int:
    sys.stderr.write(f"agent-kit check: error: {error}\n")
    return code
