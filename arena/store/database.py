"""The connection to PostgreSQL, and its errors."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import asyncpg
import msgspec
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

Connection = AsyncConnection  # one transaction, to callers
POOL_SIZE = 5
POOL_OVERFLOW = 5
POOL_TIMEOUT_S = 5
CONNECT_TIMEOUT_S = 5
STATEMENT_TIMEOUT_S = 15.0  # then the connection is taken for dead, and given up


# asyncpg calls it an internal error when a connection is closed by the server at the moment of a query's start.
_BROKEN = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    SQLAlchemyError,
    OSError,
    TimeoutError,
)


class StoreError(Exception):
    """Something about PostgreSQL.

    StoreError
    +-- Unavailable    no answer, or none that helps: the same may work later
    +-- Refused        these values are not acceptable, now or later
    +-- Conflict       a row with this name exists already
    """


class Unavailable(StoreError):
    """PostgreSQL cannot be reached or cannot work now (down, full, not migrated). Check ARENA_DATABASE_URL."""


class Refused(StoreError):
    """PostgreSQL does not accept these values."""


class Conflict(StoreError):
    """A row with this key exists already."""


class Database:
    """A pool of connections. `close` it. Raises Unavailable for an empty URL.

    statement_s: how long one statement may take; None for those that have the time they need (migrations, rebuilds).
    """

    def __init__(
        self,
        url: str,
        *,
        pool_size: int = POOL_SIZE,
        overflow: int = POOL_OVERFLOW,
        statement_s: float | None = STATEMENT_TIMEOUT_S,
    ) -> None:
        if not url:
            raise Unavailable("no database: start `arena up` in this ARENA_HOME, or set ARENA_DATABASE_URL")
        self.engine: AsyncEngine = create_async_engine(
            async_url(url),
            pool_size=pool_size,
            max_overflow=overflow,
            pool_timeout=POOL_TIMEOUT_S,
            pool_pre_ping=True,
            json_serializer=lambda value: msgspec.json.encode(value).decode(),
            json_deserializer=msgspec.json.decode,
            connect_args={"timeout": CONNECT_TIMEOUT_S, "command_timeout": statement_s},
        )

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """A transaction: committed at the end, rolled back by an exception. Raises Unavailable, Conflict, Refused."""
        with translated():
            async with self.engine.connect() as connection:
                transaction = await connection.begin()
                try:
                    yield connection
                    await transaction.commit()
                except TimeoutError:
                    await connection.invalidate()  # a rollback would wait for a server that does not answer
                    raise
                except BaseException:
                    if transaction.is_active:
                        await transaction.rollback()
                    raise

    async def run(self, work: Callable[[AsyncConnection], Awaitable[Any]]) -> Any:
        """`work` in a transaction of its own."""
        async with self.begin() as connection:
            return await work(connection)

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


def async_url(url: str) -> str:
    """The same URL with the driver that is used here (`postgresql://...` as everybody writes it)."""
    return "postgresql+asyncpg://" + url.partition("://")[2]


@contextmanager
def translated() -> Iterator[None]:
    """Turn the drivers' exceptions into ours."""
    try:
        yield
    except IntegrityError as error:
        raise Conflict(_first_line(error.orig or error)) from error
    except DBAPIError as error:
        cause = getattr(error.orig, "__cause__", None) or error.orig or error
        raise (Refused if _refused(cause) else Unavailable)(_first_line(cause)) from error
    except _BROKEN as error:
        raise (Refused if _refused(error) else Unavailable)(_first_line(error)) from error


def _refused(error: BaseException) -> bool:
    kinds = (
        asyncpg.DataError,
        asyncpg.IntegrityConstraintViolationError,
        asyncpg.ProgramLimitExceededError,
        ValueError,
    )
    return isinstance(error, kinds)


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).partition("\n")[0]
