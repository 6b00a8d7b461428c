"""Alembic, run from the program: the schema's history is `arena/store/migrations/versions`."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

from arena.store.database import Database
from arena.store.schema import metadata

_LOCK = 0x6172656E61  # "arena": several processes may start at once


async def migrate(database_url: str) -> None:
    """Bring the schema up to date; doing it again changes nothing. Raises Unavailable."""
    database = Database(database_url, pool_size=1, statement_s=None)
    try:
        async with database.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            await connection.run_sync(lambda synchronous: command.upgrade(_config(synchronous), "head"))
    finally:
        await database.close()


async def revise(database_url: str, message: str) -> None:
    """Write a new migration from what differs between the tables and `schema` (for developers)."""
    database = Database(database_url, pool_size=1)
    try:
        async with database.engine.connect() as connection:
            await connection.run_sync(
                lambda synchronous: command.revision(_config(synchronous), message, autogenerate=True)
            )
    finally:
        await database.close()


async def differences(database_url: str) -> list[Any]:
    """What differs between the migrated tables and `schema`: nothing, or a migration is missing."""
    database = Database(database_url, pool_size=1)
    try:
        async with database.begin() as connection:
            return await connection.run_sync(
                lambda synchronous: compare_metadata(
                    MigrationContext.configure(synchronous, opts={"compare_server_default": True}), metadata
                )
            )
    finally:
        await database.close()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config
