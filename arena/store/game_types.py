"""The catalogue's games, as the API shows them."""

from collections.abc import Collection
from typing import Any

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from arena.core.rating import Model
from arena.store.database import Database
from arena.store.schema import game_types


class GameType(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the catalogue."""

    name: str
    title: str
    seats: int
    rating: Model
    details: dict[str, Any]  # clock, fault rule, where the environment comes from


async def write_game_types(database: Database, games: Collection[GameType]) -> None:
    """Make the table what the catalogue is. Nothing happens for an empty one. Raises Unavailable."""
    if not games:
        return
    rows = [msgspec.structs.asdict(game) for game in games]
    insertion = insert(game_types)
    columns = {name: insertion.excluded[name] for name in ("title", "seats", "rating", "details")}
    async with database.begin() as connection:
        await connection.execute(delete(game_types).where(game_types.c.name.not_in([game.name for game in games])))
        await connection.execute(insertion.on_conflict_do_update(index_elements=["name"], set_=columns), rows)


async def find_game_type(database: Database, name: str) -> GameType | None:
    """One game. Raises Unavailable."""
    async with database.begin() as connection:
        found = (await connection.execute(select(game_types).where(game_types.c.name == name))).mappings().first()
    return GameType(**found) if found else None


async def read_game_types(database: Database) -> list[GameType]:
    """All games, by name. Raises Unavailable."""
    async with database.begin() as connection:
        found = await connection.execute(select(game_types).order_by(game_types.c.name))
        return [GameType(**row) for row in found.mappings()]
