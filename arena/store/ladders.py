"""How agents stand: leaderboards, the course of a rating, who does how well against whom, from which seat.

What is counted over matches is counted over the newest `RECENT` of them: an answer must not take longer with every
match that was ever played.
"""

from typing import Any

import msgspec
from sqlalchemy import ARRAY, Text, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from arena.store.reading import Standing, read_standings, standings
from arena.store.schema import Id, agents, ratings

RECENT = 10_000  # finished matches that a count goes over, newest first
PROVISIONAL_PLAYED = 20  # a rating of fewer matches says little
SURE = 1.96  # standard deviations on either side of mu: 95 % of a normal distribution
POINTS_MAX = 1_000
SPARKLINES_MAX = 100  # agents
SPARKLINE_POINTS_MAX = 50
ROWS_MAX = 1_000
BINS_MAX = 100
MATRIX_AGENTS_MAX = 30


class Place(Standing, frozen=True, kw_only=True):
    """One row of a leaderboard, with what is known of the rating."""

    low: float  # the true skill lies between `low` and `high` with 95 %
    high: float
    provisional: bool  # of fewer than 20 matches


class Board(msgspec.Struct, frozen=True, kw_only=True):
    """Which agents a leaderboard is of; None: all."""

    game: str
    owner: str | None = None  # a user's id
    house: bool | None = None
    provisional: bool | None = None
    search: str | None = None  # in the name


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """A rating after one match."""

    match: str
    mu: float
    sigma: float
    at_ms: int


class Sparkline(msgspec.Struct, frozen=True, kw_only=True):
    """How a rating went, in outline: what it was at even distances of the log, from its first match to its newest."""

    agent: str
    first_ms: int
    last_ms: int
    mu: list[float]  # oldest first; one that did not play meanwhile stays level


class Bin(msgspec.Struct, frozen=True, kw_only=True):
    """How many agents have a rating (mu) from `low` up to `high`."""

    low: float
    high: float
    agents: int


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """How a version of an agent did from one seat. won: first alone; drawn: first with others."""

    version: int
    seat: int
    played: int
    won: int
    drawn: int
    lost: int
    score_mean: float
    faults: int


class SeatRate(msgspec.Struct, frozen=True, kw_only=True):
    """How a seat does, whoever sits there."""

    seat: int
    played: int
    won: int
    drawn: int
    lost: int
    score_mean: float


class Duel(msgspec.Struct, frozen=True, kw_only=True):
    """How one agent did against another: placed before it, level with it, behind it."""

    seat: int
    version: int
    opponent_seat: int
    opponent_version: int
    played: int
    ahead: int
    level: int
    behind: int


class Pairing(msgspec.Struct, frozen=True, kw_only=True):
    """How `agent` did against `opponent`, over all seats and versions."""

    agent: str
    opponent: str
    played: int
    ahead: int
    level: int
    behind: int


async def leaderboard(connection: AsyncConnection, board: Board, *, limit: int, offset: int = 0) -> list[Place]:
    """Best first; deleted agents left out. `rank` is the place among those that are wanted."""
    query = standings().where(ratings.c.game == board.game, agents.c.deleted_ms.is_(None))
    if board.owner is not None:
        query = query.where(agents.c.owner == board.owner)
    if board.house is not None:
        query = query.where(agents.c.house.is_(board.house))
    if board.provisional is not None:
        few = ratings.c.played < PROVISIONAL_PLAYED
        query = query.where(few if board.provisional else ~few)
    if board.search:
        query = query.where(agents.c.name.icontains(board.search, autoescape=True))
    query = query.order_by(ratings.c.ordinal.desc(), ratings.c.agent.desc()).limit(limit).offset(offset)
    return [_place(standing) for standing in await read_standings(connection, query, offset)]


def _place(standing: Standing) -> Place:
    return Place(
        **msgspec.structs.asdict(standing),
        low=standing.mu - SURE * standing.sigma,
        high=standing.mu + SURE * standing.sigma,
        provisional=standing.played < PROVISIONAL_PLAYED,
    )


_POINTS = text("""
    WITH numbered AS (
        SELECT match, mu, sigma, at_ms, seq, row_number() OVER (ORDER BY seq) AS n, count(*) OVER () AS total
        FROM rating_history WHERE game = :game AND agent = :agent AND at_ms >= :since_ms
    )
    SELECT match, mu, sigma, at_ms FROM numbered
    WHERE n * :points / total <> (n - 1) * :points / total ORDER BY seq
""")


async def rating_points(
    connection: AsyncConnection, game: str, agent: str, *, points: int = 200, since_ms: int = 0
) -> list[Point]:
    """How a rating went, oldest first: every point, or `points` of them at even distances, the last one included."""
    values = {"game": game, "agent": agent, "points": points, "since_ms": since_ms}
    return [Point(**row) for row in (await connection.execute(_POINTS, values)).mappings()]


_SPARKLINES = text("""
    WITH ends AS (
        SELECT wanted.agent, oldest.seq, newest.seq - oldest.seq AS length,
               oldest.at_ms AS first_ms, newest.at_ms AS last_ms
        FROM unnest(:agents) AS wanted(agent), LATERAL (
            SELECT seq, at_ms FROM rating_history WHERE game = :game AND agent = wanted.agent ORDER BY seq LIMIT 1
        ) AS oldest, LATERAL (
            SELECT seq, at_ms FROM rating_history WHERE game = :game AND agent = wanted.agent ORDER BY seq DESC LIMIT 1
        ) AS newest
    )
    SELECT ends.agent, first_ms, last_ms, array_agg(mu ORDER BY n) AS mu
    FROM ends, generate_series(0, :points - 1) AS n, LATERAL (
        SELECT mu FROM rating_history h
        WHERE game = :game AND h.agent = ends.agent AND h.seq <= ends.seq + length * n / (:points - 1)
        ORDER BY h.seq DESC LIMIT 1
    ) AS seen
    GROUP BY ends.agent, first_ms, last_ms
""").bindparams(bindparam("agents", type_=ARRAY(Id)))


async def sparklines(connection: AsyncConnection, game: str, chosen: list[str], *, points: int = 24) -> list[Sparkline]:
    """Of each of these agents that was rated in this game, so many points (2 at least), in the order asked for.

    Each point is one look into an index, so that a history of a million matches costs what one of ten does.
    """
    values = {"game": game, "agents": chosen, "points": points}
    rows = (await connection.execute(_SPARKLINES, values)).mappings()
    found = {row["agent"]: Sparkline(**row) for row in rows}
    return [found[agent] for agent in chosen if agent in found]


_DISTRIBUTION = text("""
    WITH ends AS (SELECT min(mu) AS low, max(mu) AS high FROM ratings WHERE game = :game),
    binned AS (
        SELECT least(floor((mu - low) / nullif(high - low, 0) * :bins)::int, :bins - 1) AS bin, count(*) AS agents
        FROM ratings, ends WHERE game = :game GROUP BY 1
    )
    SELECT low + (high - low) * coalesce(bin, 0) / :bins AS low,
           CASE WHEN bin IS NULL THEN high ELSE low + (high - low) * (bin + 1) / :bins END AS high, agents
    FROM binned, ends ORDER BY 1
""")


async def distribution(connection: AsyncConnection, game: str, *, bins: int = 20) -> list[Bin]:
    """How many agents have which rating, in bins of equal width; empty bins are left out."""
    rows = await connection.execute(_DISTRIBUTION, {"game": game, "bins": bins})
    return [Bin(**row) for row in rows.mappings()]


_FORM = text("""
    WITH own AS (
        SELECT p.match, p.seat, p.version, p.placement, p.score, p.faults
        FROM participations p JOIN matches m ON m.id = p.match
        WHERE p.agent = :agent AND m.game = :game AND m.status = 'ended' ORDER BY p.match DESC LIMIT :recent
    )
    SELECT version, seat, count(*) AS played,
           count(*) FILTER (WHERE placement = 1 AND firsts = 1 AND sides > 1) AS won,
           count(*) FILTER (WHERE placement = 1 AND firsts > 1) AS drawn,
           count(*) FILTER (WHERE placement > 1) AS lost,
           coalesce(avg(score), 0) AS score_mean, sum(faults)::bigint AS faults
    FROM own, LATERAL (
        SELECT count(DISTINCT coalesce(q.team, -1 - q.seat)) FILTER (WHERE q.placement = 1) AS firsts,
               count(DISTINCT coalesce(q.team, -1 - q.seat)) AS sides
        FROM participations q WHERE q.match = own.match
    ) AS company
    GROUP BY version, seat ORDER BY version DESC, seat LIMIT :rows
""")


async def form(connection: AsyncConnection, game: str, agent: str) -> list[Form]:
    """How an agent does, by version and seat, newest version first."""
    values = {"game": game, "agent": agent, "recent": RECENT, "rows": ROWS_MAX}
    return [Form(**row) for row in (await connection.execute(_FORM, values)).mappings()]


_SEATS = text("""
    WITH recent AS (
        SELECT id FROM matches WHERE game = :game AND status = 'ended' ORDER BY id DESC LIMIT :recent
    ), placed AS (
        SELECT match, seat, coalesce(team, -1 - seat) AS side, score, placement
        FROM recent JOIN participations ON match = id
    ), company AS (
        SELECT match, count(DISTINCT side) FILTER (WHERE placement = 1) AS firsts, count(DISTINCT side) AS sides
        FROM placed GROUP BY match
    )
    SELECT seat, count(*) AS played,
           count(*) FILTER (WHERE placement = 1 AND firsts = 1 AND sides > 1) AS won,
           count(*) FILTER (WHERE placement = 1 AND firsts > 1) AS drawn,
           count(*) FILTER (WHERE placement > 1) AS lost, coalesce(avg(score), 0) AS score_mean
    FROM placed JOIN company USING (match) GROUP BY seat ORDER BY seat
""")


async def seat_rates(connection: AsyncConnection, game: str) -> list[SeatRate]:
    """Whether a seat is better than another."""
    rows = await connection.execute(_SEATS, {"game": game, "recent": RECENT})
    return [SeatRate(**row) for row in rows.mappings()]


_DUELS = text("""
    WITH met AS (
        SELECT p.seat, p.version, q.seat AS opponent_seat, q.version AS opponent_version,
               p.placement AS own, q.placement AS other
        FROM participations p JOIN participations q ON q.match = p.match AND q.agent = :opponent
        JOIN matches m ON m.id = p.match
        WHERE p.agent = :agent AND m.game = :game AND m.status = 'ended'
            AND (p.team IS NULL OR p.team IS DISTINCT FROM q.team)
        ORDER BY p.match DESC LIMIT :recent
    )
    SELECT seat, version, opponent_seat, opponent_version, count(*) AS played,
           count(*) FILTER (WHERE own < other) AS ahead, count(*) FILTER (WHERE own = other) AS level,
           count(*) FILTER (WHERE own > other) AS behind
    FROM met GROUP BY 1, 2, 3, 4 ORDER BY version DESC, opponent_version DESC, seat, opponent_seat LIMIT :rows
""")


async def head_to_head(connection: AsyncConnection, game: str, agent: str, opponent: str) -> list[Duel]:
    """How an agent did against another one, by the seats and versions of both, newest versions first."""
    values = {"game": game, "agent": agent, "opponent": opponent, "recent": RECENT, "rows": ROWS_MAX}
    return [Duel(**row) for row in (await connection.execute(_DUELS, values)).mappings()]


_MATRIX = text("""
    WITH recent AS (
        SELECT id FROM matches WHERE game = :game AND status = 'ended' ORDER BY id DESC LIMIT :recent
    ), seated AS (
        SELECT match, agent, team, placement FROM recent JOIN participations ON match = id WHERE agent = ANY(:agents)
    )
    SELECT p.agent, q.agent AS opponent, count(*) AS played,
           count(*) FILTER (WHERE p.placement < q.placement) AS ahead,
           count(*) FILTER (WHERE p.placement = q.placement) AS level,
           count(*) FILTER (WHERE p.placement > q.placement) AS behind
    FROM seated p JOIN seated q ON q.match = p.match AND q.agent <> p.agent
        AND (p.team IS NULL OR p.team IS DISTINCT FROM q.team)
    GROUP BY 1, 2 ORDER BY 1, 2
""").bindparams(bindparam("agents", type_=ARRAY(Text)))


async def pairings(connection: AsyncConnection, game: str, chosen: list[str]) -> list[Pairing]:
    """How each of these agents did against each other one that it met."""
    values: dict[str, Any] = {"game": game, "agents": chosen, "recent": RECENT}
    return [Pairing(**row) for row in (await connection.execute(_MATRIX, values)).mappings()]
