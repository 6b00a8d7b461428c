"""When credentials were used last. Works inside the caller's transaction."""

from collections.abc import Mapping

from sqlalchemy import BigInteger, Text, column, or_, update, values
from sqlalchemy.ext.asyncio import AsyncConnection

from arena.store.schema import credentials


async def note_used(connection: AsyncConnection, used_ms: Mapping[str, int], step_ms: int) -> int:
    """Credentials that were used ({public key: ms}); returns how many rows were written.

    A row that says so already, up to `step_ms`, is left as it is: of many processes that heard the same, one writes.
    """
    if not used_ms:
        return 0
    # In one order everywhere: two processes that lock the same rows wait for each other, and never both.
    new = values(column("public_key", Text), column("used_ms", BigInteger), name="new").data(sorted(used_ms.items()))
    known = credentials.c.used_ms
    query = (
        update(credentials)
        .where(
            credentials.c.public_key == new.c.public_key,
            or_(known.is_(None), known + step_ms <= new.c.used_ms),
        )
        .values(used_ms=new.c.used_ms)
    )
    return (await connection.execute(query)).rowcount
