"""`arena rating calibration`: whether what ratings say comes about."""

from collections import defaultdict
from typing import TYPE_CHECKING

import click
import msgspec

from arena.cli.output import Column, json_option, print_list
from arena.cli.platform import with_database

if TYPE_CHECKING:
    from arena.core.calibration import Bin
    from arena.store.database import Connection
    from arena.store.rated_matches import RatedMatch


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table."""

    game: str
    of: str  # which matches
    found: "Bin"  # a Calibration, but for the lines of what was predicted


_COLUMNS: list[Column] = [
    ("GAME", lambda line: line.game),
    ("OF", lambda line: line.of),
    ("MATCHES", lambda line: line.found.matches),
    ("PREDICTED", lambda line: f"{line.found.predicted:.1%}"),
    ("CAME", lambda line: f"{line.found.came:.1%}"),
    ("95 %", lambda line: f"{line.found.low:.1%} to {line.found.high:.1%}"),
    ("BRIER", lambda line: _figure(line, "brier")),
    ("LOG LOSS", lambda line: _figure(line, "log_loss")),
    ("ERROR", lambda line: _figure(line, "error")),
]


@click.group()
def rating() -> None:
    """Ratings: calibration."""


@rating.command()
@click.option("--game", help="One game, and by what was predicted.")
@click.option("--matches", default=100_000, show_default=True, type=click.IntRange(1), help="At most, newest first.")
@json_option
def calibration(game: str | None, matches: int, as_json: bool) -> int:
    """Compare what ratings predicted, before each match, with what came of it.

    PREDICTED is the share of the first place that the favourite was to get on average, CAME is what it got (a draw is
    half), with the interval that holds the true share with 95 %. BRIER and LOG LOSS are less the better: 0.25 and 0.693
    for who knows nothing of two sides. ERROR is by how much predictions are off on average. See docs/ratings.md.
    """
    from arena.games import load_catalogue
    from arena.settings import load
    from arena.store.rated_matches import rated_matches

    settings = load()
    rows = load_catalogue(settings.games_file).values()
    games = [row.name for row in rows if row.rating == "openskill" and row.seats > 1 and game in {None, row.name}]
    if not games:
        raise click.UsageError(
            f"{game!r} is no game in which agents are rated against each other; see `arena games list`"
        )

    async def work(connection: "Connection") -> "list[RatedMatch]":
        return await rated_matches(connection, games, matches=matches)

    found = _lines(with_database(work, settings, hurried=False), bins=game is not None)
    print_list(found, _COLUMNS, as_json, empty="no rated matches between agents yet")
    return 0


def _lines(matches: "list[RatedMatch]", *, bins: bool) -> list[Line]:
    """Of each game all matches, and those in which nobody was provisional. bins: and by what was predicted."""
    from arena.core.calibration import calibration

    by_game: defaultdict[str, list[RatedMatch]] = defaultdict(list)
    for match in matches:
        by_game[match.game].append(match)
    lines: list[Line] = []
    for game, own in sorted(by_game.items()):
        for of, chosen in (("all", own), ("settled", [match for match in own if match.settled])):
            found = calibration(match.prediction for match in chosen)
            if found is None:
                continue
            lines.append(Line(game=game, of=of, found=found))
            lines += [Line(game=game, of=f"{of}, predicted so", found=one) for one in found.bins if bins]
    return lines


def _figure(line: Line, name: str) -> str | None:
    figure = getattr(line.found, name, None)
    return None if figure is None else f"{figure:.3f}"
