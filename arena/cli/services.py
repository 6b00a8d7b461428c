"""One service in this process: `arena runner` and its like."""

import importlib

import click

from arena.service import Main, run_service
from arena.wire.subjects import API, BOTS, MATCHMAKER, RECORDER, RUNNER, Role


def _command(role: Role, text: str) -> click.Command:
    def run() -> int:
        main: Main = importlib.import_module(f"arena.{role}.service").run
        return run_service(role, main)

    return click.Command(str(role), callback=run, help=f"{text}\n\nEnds in order on SIGTERM and Ctrl-C.")


matchmaker = _command(MATCHMAKER, "Pair waiting agents. One is active; others stand by and take over.")
runner = _command(RUNNER, "Play matches. Start as many as you like, on any machine; each takes what it has room for.")
recorder = _command(RECORDER, "Write the log into PostgreSQL. One is active; others stand by and take over.")
api = _command(API, "Serve the web API.")
bots = _command(BOTS, "Run the house bots: an opponent for everybody, and anchors of the ratings.")
