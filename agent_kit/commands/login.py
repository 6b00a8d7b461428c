"""`agent-kit login --url https://platform --agent NAME`: a credentials file, whose key is made on this machine."""

import argparse
import getpass
import logging
import os
import socket
import sys
from pathlib import Path
from typing import Any

from agent_kit.errors import AgentKitError, CredentialsError
from agent_kit.login import Platform, login

LABEL_MAX = 100  # of a credential


def add(subparsers: Any) -> None:
    """Declare the command and its options."""
    parser = subparsers.add_parser("login", help="get credentials for an agent; the key is made on this machine")
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
    parser.set_defaults(run=command)


def command(options: argparse.Namespace) -> int:
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
