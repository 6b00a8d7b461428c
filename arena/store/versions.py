"""An agent's versions compared: how each did in one game, over its own newest matches of it."""

from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from arena.core.intervals import mean_interval
from arena.store.results import SEATS_MAX, WinRate, win_rate

VERSIONS_MAX = 50  # newest first
MATCHES_MAX = 2_000  # of each
THOUGHT_MATCHES_MAX = 50  # of each, in which thinking is measured


class Compared(WinRate, frozen=True, kw_only=True):
    """How one version did."""

    version: int
    created_ms: int
    played: int
    won: int
    drawn: int
    lost: int
    score_mean: float | None
    score_low: float | None  # the true mean lies between these with 95 % (arena.core.intervals.mean_interval)
    score_high: float | None  # null: of less than two matches
    think_ms_mean: float | None
    faults: int
    mu: float | None  # the rating after its newest rated match
    sigma: float | None


_VERSIONS = text(r"""
    WITH seats AS (
        SELECT match, seat, version, placement, score, faults, mu_after, sigma_after
        FROM participations WHERE agent = :agent ORDER BY match DESC LIMIT :seats
    ), own AS MATERIALIZED (
        SELECT * FROM (
            SELECT s.*, row_number() OVER (PARTITION BY version ORDER BY s.match DESC) AS n
            FROM seats AS s, LATERAL (SELECT game, status FROM matches WHERE id = s.match OFFSET 0) AS m
            WHERE m.game = :game AND m.status = 'ended'
        ) AS numbered WHERE n <= :matches
    ), counted AS (
        SELECT version, count(*) AS played,
               count(*) FILTER (WHERE placement = 1 AND firsts = 1 AND sides > 1) AS won,
               count(*) FILTER (WHERE placement = 1 AND firsts > 1) AS drawn,
               count(*) FILTER (WHERE placement > 1) AS lost,
               avg(score) AS score_mean, stddev_samp(score) AS score_deviation, sum(faults)\:\:bigint AS faults,
               (array_agg(mu_after ORDER BY match DESC) FILTER (WHERE mu_after IS NOT NULL))[1] AS mu,
               (array_agg(sigma_after ORDER BY match DESC) FILTER (WHERE mu_after IS NOT NULL))[1] AS sigma
        FROM own, LATERAL (
            SELECT count(DISTINCT coalesce(q.team, -1 - q.seat)) FILTER (WHERE q.placement = 1) AS firsts,
                   count(DISTINCT coalesce(q.team, -1 - q.seat)) AS sides
            FROM participations q WHERE q.match = own.match
        ) AS company GROUP BY version
    ), thought AS (
        SELECT version, avg(think_ms) AS think_ms_mean FROM own, LATERAL (
            SELECT think_ms FROM turns WHERE match = own.match AND seat = own.seat AND NOT by_platform OFFSET 0
        ) AS t WHERE n <= :thought GROUP BY version
    )
    SELECT v.version, v.created_ms, coalesce(played, 0) AS played, coalesce(won, 0) AS won, coalesce(drawn, 0) AS drawn,
           coalesce(lost, 0) AS lost, coalesce(faults, 0) AS faults,
           score_mean, score_deviation, think_ms_mean, mu, sigma
    FROM agent_versions AS v LEFT JOIN counted USING (version) LEFT JOIN thought USING (version)
    WHERE v.agent = :agent ORDER BY v.version DESC LIMIT :versions
""")


async def compared(connection: AsyncConnection, agent: str, game: str) -> list[Compared]:
    """The newest 50 versions, newest first, each over its newest 2,000 matches among the agent's newest 50,000."""
    bounds = {"seats": SEATS_MAX, "versions": VERSIONS_MAX, "matches": MATCHES_MAX, "thought": THOUGHT_MATCHES_MAX}
    rows = (await connection.execute(_VERSIONS, {"agent": agent, "game": game, **bounds})).mappings()
    return [_compared(**row) for row in rows]


def _compared(*, played: int, score_mean: float | None, score_deviation: float | None, **rest: Any) -> Compared:
    score = mean_interval(score_mean, score_deviation, played) if score_mean is not None else None
    return Compared(
        **msgspec.structs.asdict(win_rate(rest["won"], rest["drawn"], rest["lost"])),
        played=played,
        score_mean=score_mean,
        score_low=score.low if score else None,
        score_high=score.high if score else None,
        **rest,
    )
