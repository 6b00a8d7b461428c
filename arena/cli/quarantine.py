"""`arena quarantine`: games and agents that get no new matches for a while."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import click

from arena.cli.output import Column, at, json_option, print_list
from arena.cli.platform import with_registrar

if TYPE_CHECKING:
    from arena.api.quarantine import Quarantined, Quarantines
    from arena.api.registrar import Registrar

_COLUMNS: list[Column] = [
    ("GAME", lambda one: one.game),
    ("AGENT", lambda one: one.agent or "(all)"),
    ("SINCE (UTC)", lambda one: at(one.since_ms)),
    ("UNTIL (UTC)", lambda one: at(one.until_ms)),
    ("TIMES", lambda one: one.times),
    ("WHY", lambda one: one.why),
    ("MATCHES", lambda one: " ".join(one.matches)),
]


@asynccontextmanager
async def known(registrar: "Registrar") -> AsyncIterator["Quarantines"]:
    """All that are in force now."""
    from arena.api.quarantine import Quarantines

    quarantines = Quarantines(registrar.bus)
    try:
        await quarantines.read()
        yield quarantines
    finally:
        await quarantines.stop()


@click.group()
def quarantine() -> None:
    """Quarantine: list, release."""


@quarantine.command("list")
@json_option
def list_(as_json: bool) -> int:
    """List who gets no new matches now: why, since when, until when, after which matches."""

    async def work(registrar: "Registrar") -> "list[Quarantined]":
        async with known(registrar) as quarantines:
            return quarantines.all()

    print_list(with_registrar(work), _COLUMNS, as_json, empty="nobody is in quarantine")
    return 0


@quarantine.command()
@click.argument("game")
@click.argument("agent", required=False)
def release(game: str, agent: str | None) -> int:
    """End a quarantine early: of a game, or of one agent in it (id or owner/name)."""

    async def work(registrar: "Registrar") -> None:
        id_ = (await registrar.agent(agent)).id if agent and "/" in agent else agent or ""
        async with known(registrar) as quarantines:
            await quarantines.release(game, id_)

    with_registrar(work)
    click.echo(f"{f'{agent} in {game}' if agent else game} is released")
    return 0
