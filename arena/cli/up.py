"""`arena up`: the whole platform on this machine."""

import asyncio

import click
from rich.console import Console

from arena.settings import load
from arena.stack.up import Options, Platform


@click.command()
@click.option("--runners", default=1, show_default=True, type=click.IntRange(0, 64), help="How many runners to start.")
@click.option("--bots/--no-bots", default=True, show_default=True, help="Run the house bots.")
def up(runners: int, bots: bool) -> int:
    """Run the whole platform on this machine, until Ctrl-C.

    Servers that ARENA_NATS_URL and ARENA_DATABASE_URL do not name are started here, with their data in ARENA_HOME.
    Starting again continues where it was. More runners: `arena runner` in another shell.
    """
    platform = Platform(load(running=False), Options(runners=runners, bots=bots), Console())
    asyncio.run(platform.run())
    return 0
