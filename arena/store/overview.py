"""How much there is, for the front page."""

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

EXACT_MAX = 10_000  # matches that are counted; how many more there are is PostgreSQL's own estimate


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """What is in the tables."""

    games: int
    users: int  # that are not deleted, without the house
    agents: int  # the same of agents
    matches: int  # whatever became of them; of more than 10,000 an estimate, right to a few percent


_STORED = text(r"""
    SELECT (SELECT count(*) FROM game_types) AS games,
           (SELECT count(*) FROM users WHERE deleted_ms IS NULL AND role <> 'house') AS users,
           (SELECT count(*) FROM agents WHERE deleted_ms IS NULL AND NOT house) AS agents,
           (SELECT count(*) FROM (SELECT FROM matches LIMIT :exact) AS first) AS matches,
           (SELECT reltuples FROM pg_class WHERE oid = 'matches'\:\:regclass) AS estimate
""")


async def stored(connection: AsyncConnection, exact: int = EXACT_MAX) -> Stored:
    """Count. exact: up to so many matches; beyond, what autovacuum saw last."""
    row = (await connection.execute(_STORED, {"exact": exact})).mappings().one()
    matches = row["matches"] if row["matches"] < exact else max(int(row["estimate"]), exact)
    return Stored(games=row["games"], users=row["users"], agents=row["agents"], matches=matches)
