"""How long an agent thinks, and how long the way to it takes: histograms over its newest turns."""

from typing import Any

import msgspec
from sqlalchemy import ARRAY, Double, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from arena.store.results import SEATS_MAX

TURNS = 10_000  # that an answer goes over, newest first
# Ends of the bins, ms: three in each decade, from a tenth of a millisecond to 1,000 seconds.
EDGES_MS = (*(float(f"{digit}e{power}") for power in range(-1, 6) for digit in (1, 2, 5)), 1e6)


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """How times are spread, ms. counts: below the first edge, between every two, and from the last one on."""

    counts: list[int]
    p50: float
    p90: float
    p99: float
    max: float


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """An agent's times in one game."""

    game: str
    turns: int  # that this goes over
    think: Spread  # charged to the clock
    lag: Spread  # not charged: the way there and back, and queues of ours


_SPREADS = text(r"""
    WITH seats AS (
        SELECT match, seat, version FROM participations
        WHERE agent = :agent AND (CAST(:version AS int) IS NULL OR version = :version)
        ORDER BY match DESC LIMIT :seats
    ), newest AS MATERIALIZED (
        SELECT m.game, t.think_ms, t.lag_ms FROM seats AS s, LATERAL (
            SELECT game FROM matches WHERE id = s.match AND (CAST(:game AS text) IS NULL OR game = :game) OFFSET 0
        ) AS m, LATERAL (
            SELECT ply, think_ms, lag_ms FROM turns WHERE match = s.match AND seat = s.seat AND NOT by_platform OFFSET 0
        ) AS t ORDER BY s.match DESC, t.ply DESC LIMIT :turns
    ), times AS (
        SELECT game, kind, ms FROM newest, LATERAL (VALUES ('think', think_ms), ('lag', lag_ms)) AS v(kind, ms)
    ), bins AS (
        SELECT game, kind, width_bucket(ms, :edges) AS bin, count(*) AS turns FROM times GROUP BY 1, 2, 3
    )
    SELECT game, kind, count(*) AS turns, max(ms) AS max,
           percentile_cont(ARRAY[0.5, 0.9, 0.99]) WITHIN GROUP (ORDER BY ms) AS percentiles,
           (SELECT jsonb_object_agg(bin, bins.turns) FROM bins WHERE (bins.game, bins.kind) = (times.game, times.kind))
               AS bins
    FROM times GROUP BY game, kind ORDER BY game
""").bindparams(bindparam("edges", type_=ARRAY(Double)))


async def timings(
    connection: AsyncConnection, agent: str, *, game: str | None = None, version: int | None = None
) -> list[Timing]:
    """By game, over the newest 10,000 turns that the agent took itself. game, version: only turns of it."""
    values: dict[str, Any] = {"agent": agent, "game": game, "version": version, "edges": [*EDGES_MS]}
    rows = (await connection.execute(_SPREADS, values | {"seats": SEATS_MAX, "turns": TURNS})).mappings().all()
    found: dict[str, dict[str, Spread]] = {}
    for row in rows:
        p50, p90, p99 = row["percentiles"]
        counts = [row["bins"].get(str(bin_), 0) for bin_ in range(len(EDGES_MS) + 1)]
        spread = Spread(counts=counts, p50=p50, p90=p90, p99=p99, max=row["max"])
        found.setdefault(row["game"], {})[row["kind"]] = spread
    return [Timing(game=game, turns=sum(by["think"].counts), **by) for game, by in found.items()]
