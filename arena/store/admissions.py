"""What the last admission test of each game found (`arena games admit --keep`)."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from arena.store.schema import admissions


class Admission(msgspec.Struct, frozen=True, kw_only=True):
    """An examination of a game: whether it may be played, whether its matches survive a runner, what it costs."""

    version: str  # that was examined; another one than the game's own: it has changed since
    at_ms: int
    admitted: bool
    deterministic: bool
    problems: list[str]  # why it was not admitted
    warnings: list[str]  # what its author should look at
    plies_mean: float  # of episodes of random actions
    step_us: float  # one step and all its views, median, microseconds of the machine that examined it
    turn_bytes: int  # the largest observation with its legal actions, as JSON


async def write_admissions(connection: AsyncConnection, found: Sequence[tuple[str, Admission]]) -> None:
    """Keep these, by game, instead of what was found before."""
    insertion = insert(admissions)
    columns = {name: insertion.excluded[name] for name in ("version", "at_ms", "report")}
    rows = [
        {"game": game, "version": one.version, "at_ms": one.at_ms, "report": msgspec.to_builtins(one)}
        for game, one in found
    ]
    await connection.execute(insertion.on_conflict_do_update(index_elements=["game"], set_=columns), rows)


async def read_admissions(connection: AsyncConnection) -> dict[str, Admission]:
    """By game."""
    found = await connection.execute(select(admissions.c.game, admissions.c.report))
    return {game: msgspec.convert(report, Admission) for game, report in found}
