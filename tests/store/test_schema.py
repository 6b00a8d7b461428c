from arena.store.migrate import differences, migrate


async def test_migrations_make_exactly_the_tables_that_are_declared(database_url: str) -> None:
    await migrate(database_url)
    assert await differences(database_url) == []


async def test_migrating_again_changes_nothing(database_url: str) -> None:
    await migrate(database_url)
    await migrate(database_url)
    assert await differences(database_url) == []
