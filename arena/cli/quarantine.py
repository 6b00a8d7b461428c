"""`arena quarantine`: games and agents that get no new matches for a while."""

import click

from arena.cli.output import Column, at, json_option, print_list
from arena.cli.platform import with_registrar

_COLUMNS: list[Column] = [
    ("GAME", lambda one: one.game),
    ("AGENT", lambda one: one.agent or "(all)"),
    ("SINCE (UTC)", lambda one: at(one.since_ms)),
    ("UNTIL (UTC)", lambda one: at(one.until_ms)),
    ("TIMES", lambda one: one.times),
    ("WHY", lambda one: one.why),
    ("MATCHES", lambda one: " ".join(one.matches)),
]


@click.group()
def quarantine() -> None:
    """Quarantine: list, release."""


@quarantine.command("list")
@json_option
def list_(as_json: bool) -> int:
    """List who gets no new matches now: why, since when, until when, after which matches."""
    from arena.api.quarantine import Quarantined, Quarantines
    from arena.api.registrar import Registrar

    async def work(registrar: Registrar) -> list[Quarantined]:
        quarantines = Quarantines(registrar.bus)
        try:
            await quarantines.read()
            return quarantines.all()
        finally:
            await quarantines.stop()

    print_list(with_registrar(work), _COLUMNS, as_json, empty="nobody is in quarantine")
    return 0


@quarantine.command()
@click.argument("game")
@click.argument("agent", required=False)
def release(game: str, agent: str | None) -> int:
    """End a quarantine early: of a game, or of one agent in it (id or owner/name)."""
    from arena.api.quarantine import Quarantines
    from arena.api.registrar import Registrar

    async def work(registrar: Registrar) -> None:
        id_ = (await registrar.agent(agent)).id if agent and "/" in agent else agent or ""
        quarantines = Quarantines(registrar.bus)
        try:
            await quarantines.read()
            await quarantines.release(game, id_)
        finally:
            await quarantines.stop()

    with_registrar(work)
    click.echo(f"{f'{agent} in {game}' if agent else game} is released")
    return 0
