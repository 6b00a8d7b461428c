"""What NATS is told of agents, as the tables have it. Works inside the caller's transaction."""

from collections.abc import Collection

from sqlalchemy import ARRAY, any_, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from arena.store.schema import Id, agents, users
from arena.wire.registry import AgentRecord

_FIELDS = AgentRecord.__struct_fields__


async def agent_records(connection: AsyncConnection, only: Collection[str] | None = None) -> dict[str, AgentRecord]:
    """By id, of all agents that are not deleted, or of those among `only`. An agent of a locked user is paused."""
    paused = or_(agents.c.paused, users.c.locked_ms.is_not(None))
    columns = [paused if name == "paused" else agents.c[name] for name in _FIELDS]
    query = select(agents.c.id, *columns).join(users, users.c.id == agents.c.owner)
    query = query.where(agents.c.deleted_ms.is_(None))
    if only is not None:
        query = query.where(agents.c.id == any_(literal([*only], ARRAY(Id))))
    return {id_: AgentRecord(**dict(zip(_FIELDS, row, strict=True))) for id_, *row in await connection.execute(query)}


async def agents_of(connection: AsyncConnection, owner: str) -> list[str]:
    """Ids of a user's agents that are not deleted."""
    query = select(agents.c.id).where(agents.c.owner == owner, agents.c.deleted_ms.is_(None))
    return list((await connection.execute(query)).scalars())
