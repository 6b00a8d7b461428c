"""`agent-kit run module:policy --creds FILE`: play with a policy until Ctrl-C."""

import argparse
import logging
import sys
from typing import Any

from agent_kit.errors import AgentKitError, MountFailed
from agent_kit.mount import run
from agent_kit.specs import SCHEMES, load
from arena.wire.lobby import Opponents


def add(subparsers: Any) -> None:
    """Declare the command and its options."""
    parser = subparsers.add_parser("run", help="play with a policy until Ctrl-C")
    add_policy(parser)
    parser.add_argument("--creds", help="credentials file (default: environment variable ARENA_CREDS)")
    parser.add_argument("--url", help="address of the platform's NATS server (default: as noted in the credentials)")
    parser.add_argument("--games", help="names separated by commas (default: what it is made for, else all)")
    parser.add_argument("--slots", type=int, default=1, help="matches played at once (default: 1)")
    parser.add_argument("--matches", type=int, default=0, help="leave after this many matches (default: never)")
    parser.add_argument("--instance", help="name of this process (default: random)")
    parser.add_argument("--same-owner", action="store_true", help="may meet your own other agents")
    parser.add_argument("--stateless", action="store_true", help="any instance may go on for a dead one")
    parser.add_argument(
        "--no-ladder", action="store_false", dest="ladder", help="only matches that somebody asks for"
    )  # fmt: skip
    for name, meant in (("mu-min", "rated at least so"), ("mu-max", "rated at most so"), ("within", "so near to you")):
        parser.add_argument(f"--{name}", type=float, metavar="MU", help=f"rated matches only against agents {meant}")
    parser.add_argument(
        "--no-unrated", action="store_false", dest="unrated", help="no unrated matches that somebody asks for"
    )  # fmt: skip
    parser.add_argument(
        "--no-patient", action="store_false", dest="patient", help="no matches by the clock for people"
    )  # fmt: skip
    parser.set_defaults(run=command)


def add_policy(parser: argparse.ArgumentParser) -> None:
    """The policy, and what is given to it."""
    mounts = ", ".join(f"{scheme}:..." for scheme in SCHEMES)
    parser.add_argument(
        "policy",
        help=f"module:name or file.py:name of a function turn -> action, or an Agent class; or what is mounted as it "
        f"is, as uci:stockfish or 'lines:node bot.js' ({mounts})",
    )
    parser.add_argument(
        "--with", action="append", default=[], metavar="NAME=VALUE", dest="arguments",
        help="an argument of such a mount, as --with seconds=0.5; may be repeated",
    )  # fmt: skip


def command(options: argparse.Namespace) -> int:
    """Exit code 0: left gracefully; 1: an error, printed in one line; 2: there is no such policy."""
    log = logging.getLogger("agent_kit")
    try:
        policy = load(options.policy, arguments_of(options.arguments))
    except MountFailed as error:
        log.error("%s", error)
        return 1
    except (ValueError, ImportError, OSError) as error:
        sys.stderr.write(f"agent-kit run: error: {error}\n")
        return 2
    try:
        played = run(
            policy,
            **({"games": options.games.split(",")} if options.games else {}),
            creds=options.creds,
            url=options.url,
            slots=options.slots,
            matches=options.matches,
            instance=options.instance,
            same_owner=options.same_owner,
            stateless=options.stateless,
            ladder=options.ladder,
            opponents={
                name: value for name in Opponents.__struct_fields__ if (value := getattr(options, name)) is not None
            },
            unrated=options.unrated,
            patient=options.patient,
        )
    except AgentKitError as error:
        log.error("%s: %s", type(error).__name__, error)
        return 1
    log.info("left after %d matches", played)
    return 0


def arguments_of(given: list[str]) -> dict[str, str]:
    """NAME=VALUE, as a map. Raises ValueError."""
    pairs = [one.partition("=") for one in given]
    for name, sign, value in pairs:
        if not (name and sign):
            raise ValueError(f"expected --with NAME=VALUE, got {name + sign + value!r}")
    return {name: value for name, _, value in pairs}
