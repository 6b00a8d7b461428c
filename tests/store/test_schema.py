from alembic import command
from sqlalchemy import text

from arena.store.database import Database
from arena.store.migrate import _config, differences, migrate


async def test_migrations_make_exactly_the_tables_that_are_declared(database_url: str) -> None:
    await migrate(database_url)
    assert await differences(database_url) == []


async def test_migrating_again_changes_nothing(database_url: str) -> None:
    await migrate(database_url)
    await migrate(database_url)
    assert await differences(database_url) == []


async def test_ratings_of_an_older_platform_learn_when_they_were_earned(database_url: str) -> None:
    await migrate(database_url)
    database = Database(database_url, pool_size=1)
    async with database.begin() as connection:
        await connection.run_sync(lambda synchronous: command.downgrade(_config(synchronous), "0009"))
        await connection.execute(
            text(
                "INSERT INTO ratings VALUES ('go', 'a', 25, 8, 1, 2, 1, 0, 1, 0, 0, 9, 1), "
                "('go', 'b', 25, 8, 1, 1, 1, 0, 0, 0, 0, 9, 1)"
            )
        )
        await connection.execute(
            text("INSERT INTO rating_history VALUES ('go', 'a', 5, 'm', 25, 8, 700), ('go', 'a', 9, 'n', 25, 8, 600)")
        )
    await migrate(database_url)
    async with database.begin() as connection:
        rows = (await connection.execute(text("SELECT agent, rated_ms FROM ratings ORDER BY agent"))).all()
    await database.close()
    assert [tuple(row) for row in rows] == [("a", 700), ("b", 0)]
    assert await differences(database_url) == []
