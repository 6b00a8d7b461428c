"""`arena games`: the catalogue, the admission test, and games of one's own."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from arena.cli.games_new import new
from arena.cli.output import Column, json_option, print_json, print_list

if TYPE_CHECKING:
    from arena.games import Game
    from arena.games.report import Report


@click.group()
def games() -> None:
    """Games: list, admit, add, new."""


games.add_command(new)


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
        ("TEAMS", lambda game: len(game.teams) or "-"),
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
    from arena.settings import load

    catalogue = load_catalogue(load().games_file)
    for name in names:
        if name not in catalogue:
            raise click.ClickException(f"there is no game {name!r}; there are {', '.join(sorted(catalogue))}")
    return _examine([catalogue[name] for name in names or catalogue], keep, as_json)


@games.command()
@click.argument("environment")
@click.option("--name", help="A token of a subject; by default the module's name.")
@click.option("--title", help="By default the name.")
@click.option("--kind", type=click.Choice(["aec", "parallel", "gymnasium"]), required=True)
@click.option("--seats", type=click.IntRange(1), required=True)
@click.option("--arguments", default="{}", help="What the callable is given, as JSON.")
@click.option("--plies-max", type=click.IntRange(0), default=0, help="Steps after which a match ends as it stands.")
@click.option("--file", type=click.Path(path_type=Path), help="By default the setting games_file.")
@click.option("--keep", is_flag=True, help="Keep what is found in the platform's tables: the API shows it.")
def add(environment: str, file: Path | None, keep: bool, **row: object) -> int:
    """Examine an environment that is installed here, and add it to the operator's file if it is admitted.

    ENVIRONMENT is "module:callable", as in docs/games.md. Services know the game when they are started anew.
    """
    import msgspec

    from arena.games import CatalogueError
    from arena.games.catalogue import appended, checked
    from arena.settings import load

    path = file or load().games_file
    if path is None:
        raise click.ClickException("there is no operator's file: set ARENA_GAMES_FILE, or say --file games.toml")
    name = row["name"] or environment.partition(":")[0].rpartition(".")[2]
    fields = {key: value for key, value in row.items() if value} | {"name": name, "environment": environment}
    try:
        fields["arguments"] = msgspec.json.decode(str(row["arguments"]))
        game = checked({"title": name, "rating": "score" if row["seats"] == 1 else "openskill", **fields})
        code = _examine([game], keep, as_json=False)
        if code == 0:
            appended(path, game)
            click.echo(f"{path}: {name} is added; restart the services")
    except (CatalogueError, msgspec.DecodeError) as error:
        raise click.ClickException(str(error)) from error
    return code


def _examine(chosen: "list[Game]", keep: bool, as_json: bool) -> int:
    from arena.games.admission import admit_all
    from arena.games.report import render_table

    reports = admit_all(chosen)
    if keep:
        _keep(reports)
    if as_json:
        print_json(reports)
    else:
        click.echo(render_table(reports), nl=False)
    return 0 if all(report.admitted for report in reports) else 1


def _keep(reports: "list[Report]") -> None:
    import time

    from arena.cli.platform import with_database
    from arena.stack.admissions import keep
    from arena.store.database import Connection

    async def work(connection: Connection) -> None:
        await keep(connection, reports, time.time_ns() // 1_000_000)

    with_database(work)
