import asyncpg
import pytest
from sqlalchemy import text

from arena.stack.ports import free
from arena.store.database import Conflict, Database, Refused, Unavailable, async_url, translated
from arena.store.migrate import migrate


def test_urls_as_everybody_writes_them() -> None:
    assert async_url("postgres://u:p@h:1/d") == "postgresql+asyncpg://u:p@h:1/d"
    assert async_url("postgresql://postgres@/d?host=/run") == "postgresql+asyncpg://postgres@/d?host=/run"


def test_no_url_says_what_to_do() -> None:
    with pytest.raises(Unavailable, match="arena up"):
        Database("")


async def test_a_server_that_is_not_there() -> None:
    database = Database(f"postgresql://nobody@127.0.0.1:{free()}/nothing")
    with pytest.raises(Unavailable):
        async with database.begin():
            pass
    await database.close()


async def test_errors_are_ours(database_url: str) -> None:
    await migrate(database_url)
    database = Database(database_url)
    insertion = text("INSERT INTO users (id, name, role, created_ms) VALUES (:id, :name, :role, 1)")
    async with database.begin() as connection:
        await connection.execute(insertion, {"id": "1", "name": "Ann", "role": "user"})
    with pytest.raises(Conflict):
        async with database.begin() as connection:
            await connection.execute(insertion, {"id": "2", "name": "ANN", "role": "user"})
    with pytest.raises(Refused):
        async with database.begin() as connection:
            await connection.execute(insertion, {"id": "3", "name": "B\0b", "role": "user"})
    with pytest.raises(Unavailable):
        async with database.begin() as connection:
            await connection.execute(text("SELECT * FROM nothing"))
    async with database.begin() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM users"))).scalar() == 1
    await database.close()


def test_a_connection_closed_at_a_querys_start() -> None:
    with pytest.raises(Unavailable, match="state 15"), translated():
        raise asyncpg.InternalClientError("cannot switch to state 15; another operation (2) is in progress")
