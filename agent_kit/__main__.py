"""`agent-kit run module:policy --creds FILE` mounts an agent; `login` gets it the file, `check` tries it before."""

import argparse
import logging
import sys

from agent_kit.commands import check, conform, fleet, login, run

COMMANDS = (check, conform, fleet, login, run)


def main(arguments: list[str] | None = None) -> int:
    """The command line. Exit code 0: done; 1: an error, printed in one line; 2: wrong usage."""
    parser = argparse.ArgumentParser(prog="agent-kit", description="Mount agents on Arena.")
    subparsers = parser.add_subparsers(dest="command", required=True)
    for command in COMMANDS:
        command.add(subparsers)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    code: int = options.run(options)
    return code


if __name__ == "__main__":
    sys.exit(main())
