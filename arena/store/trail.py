"""One agent's own turns of a match, as the log has them. Works inside the caller's transaction."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from arena.store.reading import Fault, PlayedTurn
from arena.store.schema import faults, turns


async def own_turns(connection: AsyncConnection, match: str, seats: Sequence[int], plies: range) -> list[PlayedTurn]:
    """What these seats did in these plies, in order."""
    columns = [turns.c[name] for name in PlayedTurn.__struct_fields__]
    query = select(*columns).where(
        turns.c.match == match, turns.c.seat.in_(seats), turns.c.ply >= plies.start, turns.c.ply < plies.stop
    )
    found = await connection.execute(query.order_by(turns.c.ply, turns.c.seat))
    return [PlayedTurn(**row) for row in found.mappings()]


async def own_faults(
    connection: AsyncConnection, match: str, seats: Sequence[int], plies: range, limit: int
) -> list[Fault]:
    """What these seats were charged with in these plies, in order."""
    columns = [faults.c[name] for name in Fault.__struct_fields__]
    query = select(*columns).where(
        faults.c.match == match, faults.c.seat.in_(seats), faults.c.ply >= plies.start, faults.c.ply < plies.stop
    )
    found = await connection.execute(query.order_by(faults.c.seq).limit(limit))
    return [Fault(**row) for row in found.mappings()]
