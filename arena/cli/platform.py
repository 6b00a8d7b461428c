"""The running platform, to a command: its registrar, or its database alone. Heavy imports happen here, when needed."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

from arena.settings import Settings, load

if TYPE_CHECKING:
    from arena.api.registrar import Registrar
    from arena.store.database import Connection

Result = TypeVar("Result")


def with_registrar(work: Callable[["Registrar"], Awaitable[Result]]) -> Result:
    """Run `work` with the operator's rights on PostgreSQL and NATS."""
    from arena.api.registrar import open_registrar
    from arena.wire.subjects import REGISTRAR

    async def main() -> Result:
        async with open_registrar(load(), REGISTRAR) as registrar:
            return await work(registrar)

    return asyncio.run(main())


def with_database(
    work: Callable[["Connection"], Awaitable[Result]], settings: Settings | None = None, *, hurried: bool = True
) -> Result:
    """Run `work` in one transaction; NATS is not needed. hurried: a statement that takes long is given up."""
    from arena.store.database import STATEMENT_TIMEOUT_S, Database

    async def main() -> Result:
        statement_s = STATEMENT_TIMEOUT_S if hurried else None
        database = Database((settings or load()).database_url, pool_size=1, statement_s=statement_s)
        try:
            result: Any = await database.run(work)
            return result  # type: ignore[no-any-return]
        finally:
            await database.close()

    return asyncio.run(main())
