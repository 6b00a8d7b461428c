"""`arena games`: the catalogue, and the admission test."""

import click

from arena.cli.output import Column, json_option, print_json, print_list


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
@json_option
def admit(names: tuple[str, ...], as_json: bool) -> int:
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
    if as_json:
        print_json(reports)
    else:
        click.echo(render_table(reports), nl=False)
    return 0 if all(report.admitted for report in reports) else 1
