"""How a fleet is doing, on a terminal: a live table by rich, or plain lines."""

import asyncio
import contextlib
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from agent_kit.extras import need
from agent_kit.fleet.ratings import Ratings

if TYPE_CHECKING:
    from agent_kit.fleet.member import Member

LIVE_S, PLAIN_S = 0.5, 30.0  # between two pictures
ERROR_CHARACTERS_MAX = 160
COLUMNS = (
    "agent",
    "rating",
    "played",
    "won/drawn/lost",
    "running",
    "lag ms",
    "think p50/p99 ms",
    "faults",
    "restarts",
    "state",
)


def cells(member: "Member", ratings: Ratings) -> tuple[str, ...]:
    """One line of the table."""
    figures = member.figures
    rated = [f"{game} {mu:.1f}±{sigma:.1f}" for game, (mu, sigma) in sorted(ratings.of(member.agent).items())]
    state = str(member.state)
    if member.error:
        state += f": {' '.join(member.error.split())[:ERROR_CHARACTERS_MAX]}"
    return (
        member.name,
        "\n".join(rated) or "-",
        str(figures.played),
        f"{figures.won}/{figures.drawn}/{figures.lost}",
        str(figures.running),
        f"{figures.lag_ms:.1f}",
        f"{figures.p50_ms:.1f}/{figures.p99_ms:.1f}",
        str(figures.faults),
        str(member.restarts),
        state,
    )


def line(member: "Member", ratings: Ratings) -> str:
    """The same in one line of text."""
    name, *rest, state = cells(member, ratings)
    said = ", ".join(
        f"{title} {' '.join(value.split())}" for title, value in zip(COLUMNS[1:-1], rest, strict=True) if value != "-"
    )
    return f"{name}: {state} ({said})"


async def show_live(members: Sequence["Member"], ratings: Ratings) -> None:
    """A table that is drawn again and again, until cancelled. Raises MountFailed where rich is not installed."""
    live, box, escape = need("rich.live", "fleet"), need("rich.table", "fleet"), need("rich.markup", "fleet").escape

    def picture() -> Any:
        table = box.Table(*COLUMNS)
        for member in members:
            table.add_row(*map(escape, cells(member, ratings)))
        return table

    with live.Live(picture(), auto_refresh=False) as screen, _at_last(lambda: screen.update(picture(), refresh=True)):
        while True:
            screen.update(picture(), refresh=True)
            await asyncio.sleep(LIVE_S)


async def show_lines(members: Sequence["Member"], ratings: Ratings) -> None:
    """A line for each member now and then, until cancelled, and once more then."""

    def write() -> None:
        for member in members:
            sys.stdout.write(line(member, ratings) + "\n")
        sys.stdout.flush()

    with _at_last(write):
        while True:
            await asyncio.sleep(PLAIN_S)
            write()


@contextlib.contextmanager
def _at_last(draw: Any) -> Iterator[None]:
    try:
        yield
    finally:
        draw()
