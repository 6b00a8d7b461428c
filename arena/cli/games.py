"""`arena games`: the catalogue, and the admission test."""

from typing import TYPE_CHECKING

import click

from arena.cli.output import Column, json_option, print_json, print_list

if TYPE_CHECKING:
    from arena.games.admission import Report


@click.group()
def games() -> None:
    """Games: list, admit."""


@games.command("list")
@json_option
def list_(as_json: bool) -> int:
    """List the games that can be played here."""
    from arena.games import load_catalogue
    from arena.settings import load

    catalogue = load_catalogue(load().games_file)
    columns: list[Column] = [
        ("GAME", lambda game: game.name),
        ("TITLE", lambda game: game.title),
        ("SEATS", lambda game: game.seats),
        ("KIND", lambda game: game.kind),
        ("RATED BY", lambda game: game.rating),
        ("VERSION", lambda game: game.version),
    ]
    print_list(list(catalogue.values()), columns, as_json, empty="no games")
    for problem in catalogue.problems:
        click.echo(f"not loaded: {problem}", err=True)
    return 0


@games.command()
@click.argument("names", nargs=-1)
@click.option("--keep", is_flag=True, help="Keep what is found in the platform's tables: the API shows it.")
@json_option
def admit(names: tuple[str, ...], keep: bool, as_json: bool) -> int:
    """Examine games (all, or those named): interface, determinism over whole episodes, refusals, speed.

    The exit code is 1 if one of them is not admitted.
    """
    from arena.games import load_catalogue
    from arena.games.admission import admit_all, render_table
    from arena.settings import load

    catalogue = load_catalogue(load().games_file)
    for name in names:
        if name not in catalogue:
            raise click.ClickException(f"there is no game {name!r}; there are {', '.join(sorted(catalogue))}")
    reports = admit_all([catalogue[name] for name in names or catalogue])
    if keep:
        _keep(reports)
    if as_json:
        print_json(reports)
    else:
        click.echo(render_table(reports), nl=False)
    return 0 if all(report.admitted for report in reports) else 1


def _keep(reports: "list[Report]") -> None:
    import time

    import msgspec

    from arena.cli.platform import with_database
    from arena.store.admissions import Admission, write_admissions
    from arena.store.database import Connection

    now = {"at_ms": time.time_ns() // 1_000_000}
    found = [(one.game, msgspec.convert(msgspec.structs.asdict(one) | now, Admission)) for one in reports]

    async def work(connection: Connection) -> None:
        await write_admissions(connection, found)

    with_database(work)
