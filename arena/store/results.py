"""How an agent does: against whom, from which seat, by which version, in which game; over its newest matches.

The newest `RECENT` finished ones that are wanted, looked for among its newest `SEATS_MAX` seats. `OFFSET 0` keeps
PostgreSQL from joining all rows there are where it should look up those of a few matches.
"""

from typing import Literal, get_args

import msgspec
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from arena.core.intervals import wilson
from arena.store.ladders import RECENT, ROWS_MAX

SEATS_MAX = 50_000  # of an agent, newest first, among which its matches of one game are looked for

By = Literal["opponent", "seat", "version", "game"]


class WinRate(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a win rate."""

    rate: float | None  # a draw is half a win; null: nothing was won, drawn or lost (games of one seat, too)
    low: float  # the true rate lies between `low` and `high` with 95 % (arena.core.intervals.wilson)
    high: float


class Result(WinRate, frozen=True, kw_only=True):
    """What came of the matches that have `key` in common."""

    key: str  # the opponent's id, the seat, the version, or the game
    name: str | None  # the opponent's; null: of everything else, or nobody knows it
    version: int | None  # the opponent's newest that was met; null: of everything else
    played: int
    won: int
    drawn: int
    lost: int
    score_mean: float
    last_ms: int | None  # when the newest of them ended


_OWN = """
    WITH newest AS (
        SELECT match, seat, version, team, placement, score
        FROM participations WHERE agent = :agent AND (CAST(:version AS int) IS NULL OR version = :version)
        ORDER BY match DESC LIMIT :seats
    ), own AS MATERIALIZED (
        SELECT p.match, p.seat, p.version, p.team, p.placement, p.score, m.game, m.ended_ms
        FROM newest p, LATERAL (SELECT game, status, ended_ms FROM matches WHERE id = p.match OFFSET 0) AS m
        WHERE m.status = 'ended' AND (CAST(:game AS text) IS NULL OR m.game = :game)
        ORDER BY p.match DESC LIMIT :recent
    )
"""
# Placed first alone, first with others, or behind: as `arena.core.standings.outcomes` has it.
_BY_OWN = """
    SELECT {key}::text AS key, NULL AS name, NULL::int AS version, count(*) AS played,
           count(*) FILTER (WHERE placement = 1 AND firsts = 1 AND sides > 1) AS won,
           count(*) FILTER (WHERE placement = 1 AND firsts > 1) AS drawn,
           count(*) FILTER (WHERE placement > 1) AS lost,
           coalesce(avg(score), 0) AS score_mean, max(ended_ms) AS last_ms
    FROM own, LATERAL (
        SELECT count(DISTINCT coalesce(q.team, -1 - q.seat)) FILTER (WHERE q.placement = 1) AS firsts,
               count(DISTINCT coalesce(q.team, -1 - q.seat)) AS sides
        FROM participations q WHERE q.match = own.match
    ) AS company
    GROUP BY {key} ORDER BY played DESC, {key} DESC LIMIT :rows
"""
# Placed before this opponent, level with it, or behind it; not its own team's seats, nor its own.
_BY_OPPONENT = """
    , met AS (
        SELECT q.agent AS key, max(q.version) AS version, count(*) AS played,
               count(*) FILTER (WHERE own.placement < q.placement) AS won,
               count(*) FILTER (WHERE own.placement = q.placement) AS drawn,
               count(*) FILTER (WHERE own.placement > q.placement) AS lost,
               coalesce(avg(own.score), 0) AS score_mean, max(own.ended_ms) AS last_ms
        FROM own, LATERAL (
            SELECT agent, version, placement FROM participations o
            WHERE o.match = own.match AND o.agent <> :agent
                AND (own.team IS NULL OR own.team IS DISTINCT FROM o.team) OFFSET 0
        ) AS q
        GROUP BY q.agent ORDER BY played DESC, q.agent DESC LIMIT :rows
    )
    SELECT met.*, agents.name FROM met LEFT JOIN agents ON agents.id = met.key ORDER BY played DESC, key DESC
"""


def _query(by: By) -> TextClause:
    return text(_OWN + (_BY_OPPONENT if by == "opponent" else _BY_OWN.replace("{key}", by)).replace("::", r"\:\:"))


_QUERIES: dict[By, TextClause] = {by: _query(by) for by in get_args(By)}


async def results(
    connection: AsyncConnection, agent: str, by: By, *, game: str | None = None, version: int | None = None
) -> list[Result]:
    """Most played first. game, version (the agent's own): only matches of it."""
    bounds = {"seats": SEATS_MAX, "recent": RECENT, "rows": ROWS_MAX}
    values = {"agent": agent, "game": game, "version": version, **bounds}
    rows = (await connection.execute(_QUERIES[by], values)).mappings()
    return [Result(**row, **msgspec.structs.asdict(win_rate(row["won"], row["drawn"], row["lost"]))) for row in rows]


def win_rate(won: int, drawn: int, lost: int) -> WinRate:
    """What these matches say of it."""
    points, decided = won + drawn / 2, won + drawn + lost
    sure = wilson(points, decided)
    return WinRate(rate=points / decided if decided else None, low=sure.low, high=sure.high)
