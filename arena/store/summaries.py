"""What a list of agents says of each beside its own row: how it stands, and how often it was at fault lately."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import ARRAY, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from arena.store.schema import Id
from arena.wire import ids

DAY_MS = 24 * 3600 * 1000
SEATS_MAX = 200  # of one agent in one day, newest first, in which its faults are counted


class Best(msgspec.Struct, frozen=True, kw_only=True):
    """An agent's rating in the game that it played most."""

    game: str
    mu: float
    sigma: float
    ordinal: float  # mu - 3 sigma
    played: int


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """How an agent stands."""

    best: Best | None  # null: it has no rating yet
    games: int  # in which it has a rating
    faults: int  # that it was charged with in its matches of the last day


_BEST = text("""
    SELECT DISTINCT ON (agent) agent, game, mu, sigma, ordinal, played, count(*) OVER (PARTITION BY agent) AS games
    FROM ratings WHERE agent = ANY(:agents) ORDER BY agent, played DESC, game
""").bindparams(bindparam("agents", type_=ARRAY(Id)))

_FAULTS = text(r"""
    SELECT wanted.id, sum(newest.faults)\:\:bigint AS faults FROM unnest(:agents) AS wanted(id), LATERAL (
        SELECT faults FROM participations WHERE agent = wanted.id AND match >= :since
        ORDER BY match DESC LIMIT :seats
    ) AS newest GROUP BY wanted.id
""").bindparams(bindparam("agents", type_=ARRAY(Id)))


async def summaries(connection: AsyncConnection, agents: Sequence[str], now_ms: int) -> dict[str, Summary]:
    """By id. Faults are counted over the newest 200 matches that an agent began within the last day."""
    since = ids.make(max(now_ms - DAY_MS, 0), bytes(ids.ENTROPY_BYTES))
    values: dict[str, Any] = {"agents": [*agents]}
    rated = {row["agent"]: row for row in (await connection.execute(_BEST, values)).mappings()}
    found = await connection.execute(_FAULTS, values | {"since": since, "seats": SEATS_MAX})
    faults = {row["id"]: row["faults"] for row in found.mappings()}
    return {
        agent: Summary(
            best=Best(**{name: row[name] for name in Best.__struct_fields__}) if (row := rated.get(agent)) else None,
            games=row["games"] if row else 0,
            faults=faults.get(agent, 0),
        )
        for agent in agents
    }
