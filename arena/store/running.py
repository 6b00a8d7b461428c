"""The newest running matches of every game, with how their seats are rated now: what is worth watching is chosen here.

Ratings come from the leaderboards: those in a match's own rows are written when it ends.
"""

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from arena.core.rating import Model
from arena.store.reading import Status

RUNNING_MAX = 10_000  # looked at, newest first
OF_A_GAME_MAX = 60  # of these, so that a busy game does not hide the others
FOUND_MAX = 600  # rows are made into objects by a process that also serves live boards


class RunningSeat(msgspec.Struct, frozen=True, kw_only=True):
    """Who sits there. mu and sigma are null for whoever was not rated in the game yet."""

    seat: int
    agent: str
    agent_name: str | None
    owner_name: str | None
    house: bool
    version: int
    team: int | None
    mu: float | None
    sigma: float | None


class RunningMatch(msgspec.Struct, frozen=True, kw_only=True):
    """A match that is played."""

    id: str
    game: str
    title: str
    rating: Model
    board: bool  # positions are open, and drawn
    created_ms: int
    started_ms: int | None
    seats: list[RunningSeat]


class Watchable(msgspec.Struct, frozen=True, kw_only=True):
    """What has to be known of a match to watch it."""

    id: str
    game: str
    status: Status
    created_seq: int
    open: bool  # nothing is hidden from anybody who plays


_WATCHABLE = text("""
    SELECT m.id, m.game, m.status, m.created_seq,
           coalesce((g.details->>'perfect_information')::boolean, false) AS open
    FROM matches m LEFT JOIN game_types g ON g.name = m.game WHERE m.id = :id
""")
_RUNNING = text("""
    WITH running AS MATERIALIZED (
        SELECT id, game, created_ms, started_ms FROM matches WHERE status = 'running' ORDER BY id DESC LIMIT :running
    ), newest AS (
        SELECT running.*, row_number() OVER (PARTITION BY game ORDER BY id DESC) AS place FROM running
    ), chosen AS (
        SELECT * FROM newest WHERE place <= :of_a_game ORDER BY place, id DESC LIMIT :found
    )
    SELECT c.id, c.game, coalesce(g.title, c.game) AS title, coalesce(g.rating, 'openskill') AS rating,
           coalesce((g.details->>'perfect_information')::boolean AND g.details->>'renderer' IS NOT NULL, false)
               AS board, c.created_ms, c.started_ms, p.seat, p.agent, p.version, p.team, a.name AS agent_name,
           coalesce(a.house, false) AS house, u.name AS owner_name, r.mu, r.sigma
    FROM chosen c JOIN participations p ON p.match = c.id
    LEFT JOIN game_types g ON g.name = c.game
    LEFT JOIN ratings r ON r.game = c.game AND r.agent = p.agent
    LEFT JOIN agents a ON a.id = p.agent LEFT JOIN users u ON u.id = a.owner
    ORDER BY c.id DESC, p.seat
""")
_PLIES = text("""
    SELECT wanted.id, coalesce((SELECT max(ply) + 1 FROM turns WHERE match = wanted.id), 0) AS plies
    FROM unnest(CAST(:ids AS text[])) AS wanted(id)
""")


async def find_watchable(connection: AsyncConnection, id_: str) -> Watchable | None:
    """One match, by one question: a page asks it for each of its boards."""
    row = (await connection.execute(_WATCHABLE, {"id": id_})).mappings().first()
    return Watchable(**row) if row else None


async def running_matches(connection: AsyncConnection) -> list[RunningMatch]:
    """Newest first."""
    values = {"running": RUNNING_MAX, "of_a_game": OF_A_GAME_MAX, "found": FOUND_MAX}
    seats: dict[str, list[RunningSeat]] = {}
    rows = (await connection.execute(_RUNNING, values)).mappings().all()
    for row in rows:
        seat = RunningSeat(**{name: row[name] for name in RunningSeat.__struct_fields__})
        seats.setdefault(row["id"], []).append(seat)
    own = [name for name in RunningMatch.__struct_fields__ if name != "seats"]
    first = {row["id"]: {name: row[name] for name in own} for row in rows}
    return [RunningMatch(**fields, seats=seats[id_]) for id_, fields in first.items()]


async def plies_so_far(connection: AsyncConnection, ids: list[str]) -> dict[str, int]:
    """How many steps are in the tables."""
    return {row["id"]: row["plies"] for row in (await connection.execute(_PLIES, {"ids": ids})).mappings()}
