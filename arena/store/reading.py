"""What the API and the command line read: matches, leaderboards, events. Lists page by id, newest first."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec
from sqlalchemy import RowMapping, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from arena.store.schema import (
    agents,
    checkpoint,
    events,
    faults,
    matches,
    participations,
    ratings,
    turns,
    users,
)
from arena.wire.registry import OpenTo

Status = Literal["created", "running", "ended", "voided"]
PAGE_MAX = 500


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    """Who sat where, and how it did."""

    seat: int
    agent: str
    agent_name: str | None  # None: the platform does not know this agent (any more)
    owner: str  # a user's id
    owner_name: str | None
    version: int
    instance: str
    placement: int | None  # 1 is best; equal placements are ties
    score: float | None
    mu_before: float | None
    sigma_before: float | None
    mu_after: float | None
    sigma_after: float | None
    faults: int
    takeovers: int  # how often another instance of the agent played the seat on
    team: int | None  # seats of one number win and lose together; None: every seat plays for itself


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """One match."""

    id: str
    game: str
    game_version: str
    status: Status
    seed: str | None  # 64 bits: too long for JSON's numbers; None: kept back
    rated: bool
    block: str
    reason: str
    runner: str | None
    epoch: int
    cause: str | None
    detail: str
    plies: int
    digest: str | None
    created_seq: int
    created_ms: int
    started_ms: int | None
    ended_ms: int | None
    seats: list[Seat]


class BlockMatch(msgspec.Struct, frozen=True, kw_only=True):
    """Another match of the same block: one result with it, rated when all of them are over."""

    id: str
    status: Status


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a leaderboard."""

    rank: int
    game: str
    agent: str
    agent_name: str | None
    owner_name: str | None
    house: bool | None
    open_to: OpenTo | None  # who may ask for matches against it
    mu: float
    sigma: float
    ordinal: float  # mu - 3 sigma
    played: int
    won: int
    drawn: int
    lost: int
    score_mean: float


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """What a seat was charged with, and the evidence."""

    seq: int
    match: str
    seat: int
    ply: int
    cause: str
    verdict: str
    expected: str
    evidence: str
    asked_ms: int  # when the turn was first sent
    elapsed_ms: float  # from then until the fault, without what is forgiven
    at_ms: int
    forgiven_ms: float  # not charged: the platform was away
    sent: int  # how often the turn was sent
    replied_ms: int  # when the reply came; 0: there was none
    reply_bytes: int
    connection: str | None  # what was seen of it while the turn waited: subscribed, returned, absent, silent


class PlayedTurn(msgspec.Struct, frozen=True, kw_only=True):
    """One seat's action in one step, and what it cost."""

    ply: int
    seat: int
    action: Any
    think_ms: float  # charged to the clock
    lag_ms: float  # not charged
    forgiven_ms: float  # not charged: the platform was away
    reward: float
    by_platform: bool
    at_ms: int


class RawEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event as the log has it."""

    seq: int
    subject: str
    stored_ms: int
    payload: bytes
    error: str | None


_PLIES = func.coalesce(
    matches.c.plies, select(func.max(turns.c.ply) + 1).where(turns.c.match == matches.c.id).scalar_subquery(), 0
)
MATCH_COLUMNS = [
    *(matches.c[name] for name in Match.__struct_fields__ if name not in {"plies", "seats"}),
    _PLIES.label("plies"),
]
_NAMES = (agents.c.name.label("agent_name"), users.c.name.label("owner_name"))


async def find_match(connection: AsyncConnection, id_: str) -> Match | None:
    """One match."""
    found = await read_matches(connection, select(*MATCH_COLUMNS).where(matches.c.id == id_))
    return found[0] if found else None


async def read_matches(connection: AsyncConnection, query: Select[Any]) -> list[Match]:
    """What a query for MATCH_COLUMNS finds, with the seats."""
    rows = (await connection.execute(query)).mappings().all()
    seats = await _seats(connection, [row["id"] for row in rows])
    return [Match(**{**row, "seed": str(int(row["seed"]))}, seats=seats.get(row["id"], [])) for row in rows]


async def _seats(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, list[Seat]]:
    columns = [participations.c[name] for name in Seat.__struct_fields__ if name not in {"agent_name", "owner_name"}]
    query = (
        select(participations.c.match, *columns, *_NAMES)
        .outerjoin(agents, agents.c.id == participations.c.agent)
        .outerjoin(users, users.c.id == agents.c.owner)
        .where(participations.c.match.in_(ids))
        .order_by(participations.c.match, participations.c.seat)
    )
    found: dict[str, list[Seat]] = {}
    if ids:
        for row in (await connection.execute(query)).mappings():
            found.setdefault(row["match"], []).append(Seat(**{name: row[name] for name in Seat.__struct_fields__}))
    return found


async def block_of(connection: AsyncConnection, match: Match) -> list[BlockMatch]:
    """The other matches of its block, oldest first."""
    if not match.block:
        return []
    query = select(matches.c.id, matches.c.status).where(matches.c.block == match.block, matches.c.block != "")
    query = query.where(matches.c.game == match.game, matches.c.id != match.id).order_by(matches.c.created_seq)
    return [BlockMatch(**row) for row in (await connection.execute(query)).mappings()]


async def list_faults(connection: AsyncConnection, match: str) -> list[Fault]:
    """All faults of a match, in order."""
    columns = [faults.c[name] for name in Fault.__struct_fields__]
    query = select(*columns).where(faults.c.match == match).order_by(faults.c.seq)
    return [Fault(**row) for row in (await connection.execute(query)).mappings()]


async def agent_faults(
    connection: AsyncConnection, agent: str, *, before: int | None = None, limit: int | None = 50
) -> list[Fault]:
    """All faults an agent was charged with, newest first. before: a fault's `seq`, to page from."""
    columns = [faults.c[name] for name in Fault.__struct_fields__]
    charged = (participations.c.match == faults.c.match) & (participations.c.seat == faults.c.seat)
    query = select(*columns).join(participations, charged).order_by(faults.c.seq.desc()).limit(limit)
    query = query.where(participations.c.agent == agent, participations.c.faults > 0)
    if before is not None:
        query = query.where(faults.c.seq < before)
    return [Fault(**row) for row in (await connection.execute(query)).mappings()]


async def list_turns(
    connection: AsyncConnection, match: str, *, first: int = 0, limit: int | None = None
) -> list[PlayedTurn]:
    """A match's turns from ply `first` on, in order; `limit` counts plies."""
    columns = [turns.c[name] for name in PlayedTurn.__struct_fields__]
    query = select(*columns).where(turns.c.match == match, turns.c.ply >= first).order_by(turns.c.ply, turns.c.seat)
    if limit is not None:
        query = query.where(turns.c.ply < first + limit)
    return [PlayedTurn(**row) for row in (await connection.execute(query)).mappings()]


async def agent_ratings(connection: AsyncConnection, agent: str) -> list[Standing]:
    """An agent's rating in every game it played; `rank` is its place in that game, deleted agents left out."""
    better, gone = ratings.alias(), agents.alias()
    rank = select(func.count()).where(better.c.game == ratings.c.game, better.c.ordinal > ratings.c.ordinal)
    rank = rank.where(better.c.agent.not_in(select(gone.c.id).where(gone.c.deleted_ms.is_not(None))))
    query = standings().add_columns(rank.scalar_subquery().label("better")).where(ratings.c.agent == agent)
    rows = (await connection.execute(query.order_by(ratings.c.game))).mappings().all()
    return [_standing(row, row["better"] + 1) for row in rows]


async def read_standings(connection: AsyncConnection, query: Select[Any], offset: int) -> list[Standing]:
    """What a query made of `standings` finds, ranked from `offset` + 1 on."""
    rows = (await connection.execute(query)).mappings().all()
    return [_standing(row, offset + index) for index, row in enumerate(rows, 1)]


def standings() -> Select[Any]:
    """A query for Standings but their rank, to be narrowed and put in order."""
    own = [ratings.c[name] for name in Standing.__struct_fields__ if name in ratings.c]
    query = select(*own, *_NAMES, agents.c.house, agents.c.open_to).outerjoin(agents, agents.c.id == ratings.c.agent)
    return query.outerjoin(users, users.c.id == agents.c.owner)


def _standing(row: RowMapping, rank: int) -> Standing:
    return Standing(rank=rank, **{name: row[name] for name in Standing.__struct_fields__ if name != "rank"})


async def match_events(
    connection: AsyncConnection, match: str, *, after: int = 0, limit: int | None = None
) -> list[RawEvent]:
    """A match's events in the order of the log."""
    columns = [events.c[name] for name in RawEvent.__struct_fields__]
    query = select(*columns).where(events.c.match == match, events.c.seq > after).order_by(events.c.seq).limit(limit)
    return [RawEvent(**row) for row in (await connection.execute(query)).mappings()]


async def last_seq(connection: AsyncConnection) -> int:
    """The last sequence that is in the tables."""
    return int((await connection.execute(select(checkpoint.c.last_seq))).scalar() or 0)


async def match_ids(connection: AsyncConnection, status: Status) -> list[str]:
    """All matches in this state, oldest first."""
    query = select(matches.c.id).where(matches.c.status == status).order_by(matches.c.id)
    return list((await connection.execute(query)).scalars())
