"""Rate limits that all processes share: one row for each thing that is limited, in a table without a write-ahead log.

The generic cell rate algorithm (ITU-T I.371): a row holds the moment at which everything taken so far is paid for; one
more is allowed while that lies no further ahead than the burst. One statement, so it is atomic, and PostgreSQL's clock
for all, so processes need not agree on the time.
"""

from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncConnection

from arena.store.schema import rate_limits

# A refused attempt changes nothing: whoever goes on asking does not wait longer.
_TAKE = text("""
    WITH clock AS (SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now_ms)
    INSERT INTO rate_limits AS r (key, due_ms)
    SELECT :key, now_ms + CAST(:every_ms AS bigint) FROM clock
    ON CONFLICT (key) DO UPDATE SET due_ms = greatest(r.due_ms, excluded.due_ms - :every_ms) + :every_ms
    WHERE greatest(r.due_ms, excluded.due_ms - :every_ms) + :every_ms
          <= excluded.due_ms - :every_ms + CAST(:burst AS bigint) * :every_ms
    RETURNING 1
""")
_AHEAD = text("""
    SELECT due_ms - (extract(epoch FROM clock_timestamp()) * 1000)::bigint FROM rate_limits WHERE key = :key
""")


async def take(connection: AsyncConnection, key: str, every_ms: int, burst: int) -> int:
    """Take one; returns 0, or after how many ms there will be one again.

    every_ms: how long one takes to come back; burst: how many may be taken at once.
    """
    given = {"key": key, "every_ms": every_ms, "burst": burst}
    if (await connection.execute(_TAKE, given)).scalar_one_or_none():
        return 0
    ahead_ms = (await connection.execute(_AHEAD, {"key": key})).scalar_one_or_none() or 0
    return max(1, int(ahead_ms) - (burst - 1) * every_ms)


async def prune_limits(connection: AsyncConnection, now_ms: int) -> int:
    """Delete rows that limit nothing any more. Returns how many."""
    return (await connection.execute(delete(rate_limits).where(rate_limits.c.due_ms < now_ms))).rowcount
