"""`arena leaderboard GAME`."""

from typing import TYPE_CHECKING

import click

from arena.cli.output import Column, json_option, print_list
from arena.cli.platform import with_database

if TYPE_CHECKING:
    from arena.store.database import Connection
    from arena.store.ladders import Place


@click.command()
@click.argument("game")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 100_000), help="At most so many.")
@json_option
def leaderboard(game: str, limit: int, as_json: bool) -> int:
    """Show a game's agents, best first, by the rating they very probably exceed (mu - 3 sigma)."""
    from arena.store import ladders

    async def work(connection: "Connection") -> list["Place"]:
        return await ladders.leaderboard(connection, ladders.Board(game=game), limit=limit)

    columns: list[Column] = [
        ("RANK", lambda row: row.rank),
        ("AGENT", lambda row: f"{row.owner_name}/{row.agent_name}" if row.agent_name else row.agent),
        ("AT LEAST", lambda row: f"{row.ordinal:.2f}"),
        ("RATING", lambda row: f"{row.mu:.2f} +- {row.sigma:.2f}"),
        ("PLAYED", lambda row: row.played),
        ("WON", lambda row: row.won),
        ("DRAWN", lambda row: row.drawn),
        ("LOST", lambda row: row.lost),
        ("MEAN SCORE", lambda row: f"{row.score_mean:.3g}"),
    ]
    print_list(with_database(work), columns, as_json, empty=f"no rated matches of {game!r} yet; see `arena games list`")
    return 0
