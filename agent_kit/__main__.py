"""`agent-kit run module:policy --creds FILE`: mount an agent without writing a main program."""

import argparse
import importlib
import importlib.util
import logging
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from agent_kit.errors import AgentKitError
from agent_kit.mount import run
from agent_kit.policy import Agent


def main(arguments: list[str] | None = None) -> int:
    """The command line. Exit code 0: left gracefully; 1: an error, printed in one line; 2: wrong usage."""
    parser = argparse.ArgumentParser(prog="agent-kit", description="Mount agents on Arena.")
    commands = parser.add_subparsers(dest="command", required=True)
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
