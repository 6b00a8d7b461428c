"""What happens in each game: who is rated there, how many matches run, and which one was over last."""

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

LOOKED_AT = 200  # newest matches of a game, for one that is over: along the index of games, whatever else was played


class Activity(msgspec.Struct, frozen=True, kw_only=True):
    """One game of the catalogue."""

    game: str
    agents: int  # that are rated in it
    running: int  # matches that are played now
    latest: str | None  # the newest match with a result; null: none was played to its end
    latest_plies: int | None  # its length


_ACTIVITY = text("""
    SELECT g.name AS game, coalesce(rated.agents, 0) AS agents, coalesce(playing.matches, 0) AS running,
           newest.id AS latest, newest.plies AS latest_plies
    FROM game_types g
    LEFT JOIN (SELECT game, count(*) AS agents FROM ratings GROUP BY game) AS rated ON rated.game = g.name
    LEFT JOIN (SELECT game, count(*) AS matches FROM matches WHERE status = 'running' GROUP BY game) AS playing
        ON playing.game = g.name
    LEFT JOIN LATERAL (
        SELECT id, plies FROM (
            SELECT id, plies, status FROM matches WHERE game = g.name ORDER BY id DESC LIMIT :looked_at
        ) AS recent WHERE status = 'ended' ORDER BY id DESC LIMIT 1
    ) AS newest ON true
    ORDER BY g.name
""")


async def read_activity(connection: AsyncConnection) -> list[Activity]:
    """Of every game, by name."""
    return [Activity(**row) for row in (await connection.execute(_ACTIVITY, {"looked_at": LOOKED_AT})).mappings()]
