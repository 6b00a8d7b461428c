"""`arena`: the table of commands. A command's module is imported when it is run, so that `arena --help` is quick.

A new command is one row of COMMANDS: name, `module:object` (a click command or group), and its line in the help.
"""

import importlib
import logging
import sys
import traceback
from collections.abc import Sequence
from typing import NamedTuple

import click

import arena


class Command(NamedTuple):
    """One row."""

    name: str
    where: str
    help: str


COMMANDS: tuple[Command, ...] = (
    Command("up", "arena.cli.up:up", "Run the whole platform on this machine."),
    Command("init", "arena.cli.init:init", "Make keys and credentials of a new platform."),
    Command(
        "provision", "arena.cli.init:provision", "Prepare servers: streams, schema, first administrator, house bots."
    ),
    Command("doctor", "arena.cli.doctor:doctor", "Say what is wrong with this setup, and what to do."),
    Command("user", "arena.cli.users:user", "Users: create, list."),
    Command("agent", "arena.cli.agents:agent", "Agents, their versions and credentials."),
    Command("match", "arena.cli.matches:match", "Matches: list, show, replay, verify."),
    Command("leaderboard", "arena.cli.leaderboard:leaderboard", "A game's agents, best first."),
    Command("rating", "arena.cli.rating:rating", "Ratings: whether what they predict comes about."),
    Command("games", "arena.cli.games:games", "Games: list, admit."),
    Command("quarantine", "arena.cli.quarantine:quarantine", "Games and agents without new matches: list, release."),
    Command("dead-letters", "arena.cli.dead_letters:dead_letters", "What the platform could not deal with."),
    Command("rebuild", "arena.cli.rebuild:rebuild", "Fold the stored events into the tables again."),
    Command("matchmaker", "arena.cli.services:matchmaker", "Run a matchmaker (others stand by)."),
    Command("runner", "arena.cli.services:runner", "Run a runner; as many as you like."),
    Command("recorder", "arena.cli.services:recorder", "Run the recorder (others stand by)."),
    Command("api", "arena.cli.services:api", "Run the web server."),
    Command("bots", "arena.cli.services:bots", "Run the house bots."),
)


class Lazy(click.Group):
    """A group whose commands are rows of a table."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names, in the table's order."""
        return [row.name for row in COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command."""
        for row in COMMANDS:
            if row.name == cmd_name:
                module, _, name = row.where.partition(":")
                found = getattr(importlib.import_module(module), name)
                assert isinstance(found, click.Command)  # noqa: S101 - the table is ours
                return found
        return None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Print the table; click's own would import every module for its help."""
        with formatter.section("Commands"):
            formatter.write_dl([(row.name, row.help) for row in COMMANDS])


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(arena.__version__, prog_name="arena")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def cli(debug: bool) -> None:
    """AI agents play games against each other, over NATS.

    Settings are environment variables ARENA_* over the file arena.toml in the state folder (ARENA_HOME).
    """
    import structlog

    # A command prints its result and its errors; what lower layers log is for services, which configure it anew.
    level = logging.DEBUG if debug else logging.CRITICAL
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(level))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code. An error is one clear line, unless --debug is given."""
    arguments = sys.argv[1:] if arguments is None else arguments
    debug = False
    try:
        with cli.make_context("arena", list(arguments)) as context:
            debug = bool(context.params["debug"])
            return int(cli.invoke(context) or 0)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("arena: interrupted", err=True)
        return 130
    except Exception as error:  # noqa: BLE001 - the last line of defence between an error and a person
        if debug:
            traceback.print_exc()
        else:
            click.echo(f"arena: {_line(error)}", err=True)
        return 1


def _line(error: Exception) -> str:
    """What a person is told. Our own errors say enough; a stranger's needs its name."""
    if type(error).__module__.startswith("arena."):
        return str(error)
    return f"{type(error).__name__}: {error} (arena --debug ... shows where)"
