"""`agent-kit run module:policy --creds FILE` mounts an agent; `agent-kit login` gets it the file."""

import argparse
import getpass
import importlib
import importlib.util
import logging
import os
import socket
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from agent_kit.errors import AgentKitError, CredentialsError
from agent_kit.login import Platform, login
from agent_kit.mount import run
from agent_kit.policy import Agent

LABEL_MAX = 100  # of a credential


def main(arguments: list[str] | None = None) -> int:
    """The command line. Exit code 0: left gracefully; 1: an error, printed in one line; 2: wrong usage."""
    parser = argparse.ArgumentParser(prog="agent-kit", description="Mount agents on Arena.")
    commands = parser.add_subparsers(dest="command", required=True)
    _add_login(commands.add_parser("login", help="get credentials for an agent; the key is made on this machine"))
    runs = commands.add_parser("run", help="play with a policy until Ctrl-C")
    runs.add_argument("policy", help="module:name or file.py:name of a function turn -> action, or an Agent class")
    runs.add_argument("--creds", help="credentials file (default: environment variable ARENA_CREDS)")
    runs.add_argument("--url", help="address of the platform's NATS server (default: as noted in the credentials)")
    runs.add_argument("--games", default="*", help="names separated by commas (default: all)")
    runs.add_argument("--slots", type=int, default=1, help="matches played at once (default: 1)")
    runs.add_argument("--matches", type=int, default=0, help="leave after this many matches (default: never)")
    runs.add_argument("--instance", help="name of this process (default: random)")
    runs.add_argument("--same-owner", action="store_true", help="may meet your own other agents")
    runs.add_argument("--stateless", action="store_true", help="any instance may go on with the matches of a dead one")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    if options.command == "login":
        return _login(options)
    try:
        policy = load(options.policy)
    except (ValueError, ImportError, OSError) as error:
        parser.error(str(error))
    try:
        played = run(
            policy,
            games=options.games.split(","),
            creds=options.creds,
            url=options.url,
            slots=options.slots,
            matches=options.matches,
            instance=options.instance,
            same_owner=options.same_owner,
            stateless=options.stateless,
        )
    except AgentKitError as error:
        logging.getLogger("agent_kit").error("%s: %s", type(error).__name__, error)
        return 1
    logging.getLogger("agent_kit").info("left after %d matches", played)
    return 0


def _add_login(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Make a key pair here, send the platform its public half, and write a credentials file. Who you are: a "
        "personal access token in environment variable ARENA_TOKEN, or --user and a password (asked for, or "
        "ARENA_PASSWORD)."
    )
    parser.add_argument("--url", required=True, help="address of the platform, as in a browser")
    parser.add_argument("--agent", required=True, help="name of the agent")
    parser.add_argument("--user", help="log in as this user instead of by ARENA_TOKEN")
    parser.add_argument("--creds", type=Path, help="the file to write (default: AGENT.creds)")
    parser.add_argument(
        "--label", default=socket.gethostname(), help="to tell credentials apart (default: this machine)"
    )
    parser.add_argument("--create", action="store_true", help="make the agent if you have none of this name")
    parser.add_argument(
        "--rotate", action="store_true", help="end all other credentials; their connections are dropped"
    )
    parser.add_argument("--force", action="store_true", help="replace the file")


def _login(options: argparse.Namespace) -> int:
    """Exit code 0: the file is there; 1: it is not, and why is said in one line."""
    path = options.creds or Path(f"{options.agent}.creds")
    try:
        platform = Platform(options.url, "" if options.user else os.environ.get("ARENA_TOKEN", ""))
        if options.user:
            platform.log_in(options.user, os.environ.get("ARENA_PASSWORD") or getpass.getpass())
        elif not os.environ.get("ARENA_TOKEN"):
            raise CredentialsError("who are you? Set ARENA_TOKEN to a personal access token, or give --user")
        agent = login(
            platform,
            options.agent,
            path,
            label=options.label[:LABEL_MAX],
            create=options.create,
            rotate=options.rotate,
            force=options.force,
        )
    except AgentKitError as error:
        logging.getLogger("agent_kit").error("%s", error)
        return 1
    sys.stdout.write(f"agent {options.agent} ({agent}): credentials in {path}; keep them secret\n")
    sys.stdout.write(f"Next: agent-kit run MODULE:POLICY --creds {path}\n")
    return 0


def load(spec: str) -> Any:
    """The policy that `module:name` or `file.py:name` names. Raises ValueError or ImportError."""
    where, _, name = spec.rpartition(":")
    if not where:
        raise ValueError(f"expected module:name or file.py:name, got {spec!r}")
    module = _file(Path(where)) if where.endswith(".py") else _module(where)
    try:
        found = getattr(module, name)
    except AttributeError:
        raise ValueError(f"{where} has no {name!r}") from None
    return found() if isinstance(found, type) and issubclass(found, Agent) else found


def _module(name: str) -> ModuleType:
    sys.path.insert(0, str(Path.cwd()))
    return importlib.import_module(name)


def _file(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None or not path.exists():
        raise ValueError(f"cannot read {path}")
    sys.path.insert(0, str(path.parent.absolute()))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    sys.exit(main())
