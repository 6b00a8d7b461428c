"""How far requested matches are: counted in the tables, which follow the log."""

from collections.abc import Collection

import msgspec
from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from arena.store.schema import matches, participations


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a request so far. Results are those of the agent for which it was made."""

    created: int = 0  # matches made
    ended: int = 0  # of these, with a result
    voided: int = 0  # and without one, by the platform's fault
    wins: int = 0  # first alone, or with its team
    draws: int = 0  # first with others
    losses: int = 0
    score_mean: float | None = None  # of the matches that ended; null: none did
    first_ms: int | None = None  # when the first match was made
    last_ms: int | None = None  # when a match was over last


NOTHING = Progress()


async def read_progress(connection: AsyncConnection, agents: Collection[tuple[str, str]]) -> dict[str, Progress]:
    """By request, for these (request, agent); requests without matches are left out."""
    if not agents:
        return {}
    others = participations.alias()
    same_side = or_(others.c.seat == participations.c.seat, others.c.team == participations.c.team)
    also_first = (
        select(others.c.seat)
        .where(others.c.match == matches.c.id, others.c.placement == 1, same_side.is_not(True))
        .exists()
    )
    ended, first = matches.c.status == "ended", participations.c.placement == 1
    query = (
        select(
            matches.c.request,
            func.count().label("created"),
            func.count().filter(ended).label("ended"),
            func.count().filter(matches.c.status == "voided").label("voided"),
            func.count().filter(and_(ended, first, ~also_first)).label("wins"),
            func.count().filter(and_(ended, first, also_first)).label("draws"),
            func.count().filter(and_(ended, ~first)).label("losses"),
            func.avg(participations.c.score).filter(ended).label("score_mean"),
            func.min(matches.c.created_ms).label("first_ms"),
            func.max(matches.c.ended_ms).label("last_ms"),
        )
        .join(participations, participations.c.match == matches.c.id)
        .where(or_(*(and_(matches.c.request == id_, participations.c.agent == agent) for id_, agent in agents)))
        .group_by(matches.c.request)
    )
    rows = await connection.execute(query)
    return {row["request"]: Progress(**{name: row[name] for name in _NAMES}) for row in rows.mappings()}


_NAMES = Progress.__struct_fields__
