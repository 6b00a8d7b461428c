"""What the recorder writes: one connection, asyncpg's COPY, no ORM.

One recorder is active at a time. It holds an advisory lock on the very connection it writes with, so whoever cannot
write holds no lock, and every transaction locks the checkpoint row, so that even two that both believe to be active
(and `arena rebuild`) write one after the other and never the same event twice.

A recorder that is stopped (SIGSTOP, a frozen machine) would hold its lock for ever, because the kernel keeps its
connection: the server ends a session that says nothing for IDLE_S, and, in the middle of a COPY, where none of its
timeouts holds, whoever stands by does so after STUCK_S. When the process wakes, its connection is closed, and it stands
by like any other.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg
import msgspec

from arena.core.rating import Rating
from arena.core.records import Entry, Match, Participation, RatingKey, Rows
from arena.store import schema
from arena.store.database import Database, Refused, StoreError, Unavailable, translated

_ACTIVE = 0x7265636F72646572  # "recorder"
_REBUILT = "arena_rebuilt"
IDLE_S = 6  # a recorder that says nothing for so long (stopped, cut off) loses its session, and with it the lock
IDLE_IN_TRANSACTION_S = 15  # longer than a rebuild waits for one answer of the stream
STUCK_S = 15.0  # as long as a statement may take: a recorder that lives has given it up by then
REBUILD_S_MAX = 24 * 3600.0  # how long the active recorder waits for `arena rebuild`
_SESSION = f"""
    SET idle_session_timeout = '{IDLE_S}s';
    SET idle_in_transaction_session_timeout = '{IDLE_IN_TRANSACTION_S}s';
    SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3"""
_END_STUCK = f"""
    SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND classid = {_ACTIVE >> 32} AND objid = {_ACTIVE & 0xFFFFFFFF} AND granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND state = 'active' AND wait_event = 'ClientRead'
        AND now() - query_start > make_interval(secs => $1)"""  # noqa: S608 - two numbers of ours
_MATCH = [column.name for column in schema.matches.columns]
_SEAT = [column.name for column in schema.participations.columns]
_CHANGING = ("status", "runner", "epoch", "cause", "detail", "plies", "digest", "started_ms", "ended_ms")
_PLAYED = (
    "instance",
    "placement",
    "score",
    "mu_before",
    "sigma_before",
    "mu_after",
    "sigma_after",
    "faults",
    "takeovers",
)

_MATCHES = """
    SELECT * FROM matches WHERE id = ANY($1::text[])
    UNION
    SELECT * FROM matches WHERE block <> '' AND block = ANY(
        $2::text[] || ARRAY(SELECT block FROM matches WHERE id = ANY($1::text[]) AND block <> ''))"""
# Many rows at once, from one array per column.
_UPDATE_MATCHES = """
    UPDATE matches SET status = new.status, runner = new.runner, epoch = new.epoch, cause = new.cause,
        detail = new.detail, plies = new.plies, digest = new.digest, started_ms = new.started_ms,
        ended_ms = new.ended_ms
    FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::bigint[], $8::text[],
        $9::bigint[], $10::bigint[])
        AS new(id, status, runner, epoch, cause, detail, plies, digest, started_ms, ended_ms)
    WHERE matches.id = new.id"""
_UPDATE_SEATS = """
    UPDATE participations SET instance = new.instance, placement = new.placement, score = new.score,
        mu_before = new.mu_before, sigma_before = new.sigma_before, mu_after = new.mu_after,
        sigma_after = new.sigma_after, faults = new.faults, takeovers = new.takeovers
    FROM unnest($1::text[], $2::integer[], $3::text[], $4::integer[], $5::float8[], $6::float8[], $7::float8[],
        $8::float8[], $9::float8[], $10::integer[], $11::integer[])
        AS new(match, seat, instance, placement, score, mu_before, sigma_before, mu_after, sigma_after, faults,
            takeovers)
    WHERE participations.match = new.match AND participations.seat = new.seat"""
_UPSERT_RATINGS = """
    INSERT INTO ratings (game, agent, mu, sigma, ordinal, played, won, drawn, lost, score_mean, score_m2, seq, version,
        rated_ms)
    SELECT * FROM unnest($1::text[], $2::text[], $3::float8[], $4::float8[], $5::float8[], $6::bigint[], $7::bigint[],
        $8::bigint[], $9::bigint[], $10::float8[], $11::float8[], $12::bigint[], $13::integer[], $14::bigint[])
    ON CONFLICT (game, agent) DO UPDATE SET mu = excluded.mu, sigma = excluded.sigma, ordinal = excluded.ordinal,
        played = excluded.played, won = excluded.won, drawn = excluded.drawn, lost = excluded.lost,
        score_mean = excluded.score_mean, score_m2 = excluded.score_m2, seq = excluded.seq,
        version = excluded.version, rated_ms = excluded.rated_ms"""
_ADD_EVENTS = """
    INSERT INTO events (seq, subject, match, stored_ms, payload, error)
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::bytea[], $6::text[])
    ON CONFLICT DO NOTHING"""
_FLAG_EVENTS = """
    UPDATE events SET error = new.error FROM unnest($1::bigint[], $2::text[]) AS new(seq, error)
    WHERE events.seq = new.seq"""


class Taken(Exception):
    """Another recorder is active."""


class Recording:
    """The tables, to the recorder. Every method raises StoreError (Unavailable or Refused)."""

    def __init__(self, driver: Any) -> None:
        self._driver: asyncpg.Connection[asyncpg.Record] = driver

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """All or nothing. Inside another one: a savepoint."""
        with translated():
            async with self._driver.transaction():
                try:
                    yield
                except (Unavailable, TimeoutError, asyncio.CancelledError):
                    self._driver.terminate()  # a rollback would wait for a server that does not answer
                    raise

    async def alive(self) -> None:
        """Show the server that this process still runs: see `IDLE_S`."""
        with translated():
            await self._driver.execute("SELECT 1")

    @asynccontextmanager
    async def kept_alive(self) -> AsyncIterator[None]:
        """Do so all the while, for what takes long without these tables."""
        done = asyncio.Event()

        async def beat() -> None:
            while not done.is_set():
                try:
                    async with asyncio.timeout(IDLE_S / 3):
                        await done.wait()
                except TimeoutError:
                    await self.alive()

        beating = asyncio.create_task(beat(), name="recorder-alive")
        try:
            yield
        finally:
            done.set()
            await beating

    async def become_active(self) -> None:
        """Be the one recorder until the connection ends. Raises Taken."""
        with translated():
            if await self._driver.fetchval("SELECT pg_try_advisory_lock($1)", _ACTIVE):
                return
            await self._driver.execute(_END_STUCK, STUCK_S)
        raise Taken

    async def checkpoint(self) -> int:
        """The last sequence that is in the tables."""
        with translated():
            return int(await self._driver.fetchval("SELECT last_seq FROM checkpoint") or 0)

    async def lock_checkpoint(self) -> int:
        """The same, and nobody else moves it before this transaction ends."""
        with translated():
            found = await self._driver.fetchval("SELECT last_seq FROM checkpoint FOR UPDATE", timeout=REBUILD_S_MAX)
            if found is None:
                await self._driver.execute("INSERT INTO checkpoint (last_seq) VALUES (0) ON CONFLICT DO NOTHING")
                found = await self._driver.fetchval("SELECT last_seq FROM checkpoint FOR UPDATE", timeout=REBUILD_S_MAX)
            return int(found)

    async def move_checkpoint(self, last_seq: int) -> None:
        """Everything up to `last_seq` is in the tables now."""
        with translated():
            await self._driver.execute("UPDATE checkpoint SET last_seq = $1", last_seq)

    @asynccontextmanager
    async def rebuilt(self) -> AsyncIterator[asyncio.Event]:
        """An event that is set whenever `arena rebuild` has written all ratings anew."""
        event = asyncio.Event()

        def notice(*_: object) -> None:
            event.set()

        with translated():
            await self._driver.add_listener(_REBUILT, notice)
        try:
            yield event
        finally:
            if not self._driver.is_closed():
                with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                    await self._driver.remove_listener(_REBUILT, notice)

    async def tell_rebuilt(self) -> None:
        """Set that event in the active recorder, when this transaction is committed."""
        with translated():
            await self._driver.execute(f"NOTIFY {_REBUILT}")

    async def matches(self, ids: Collection[str], blocks: Collection[str] = ()) -> dict[str, Match]:
        """These matches, and all of the same blocks and of these, as far as they exist, with their seats."""
        if not ids:
            return {}
        with translated():
            found = await self._driver.fetch(_MATCHES, list(ids), list(blocks))
            matches = {row["id"]: Match(**{**row, "seed": int(row["seed"])}, seats=[]) for row in found}
            query = "SELECT * FROM participations WHERE match = ANY($1::text[]) ORDER BY match, seat"
            for row in await self._driver.fetch(query, list(matches)):
                matches[row["match"]].seats.append(Participation(**{name: row[name] for name in _SEAT[1:]}))
        return matches

    async def ratings(self, keys: Collection[RatingKey]) -> dict[RatingKey, Rating]:
        """These ratings, as far as they exist."""
        if not keys:
            return {}
        query = "SELECT r.* FROM unnest($1::text[], $2::text[]) AS k(game, agent) JOIN ratings r USING (game, agent)"
        games, agents = zip(*keys, strict=True)
        with translated():
            found = await self._driver.fetch(query, games, agents)
        names = Rating.__struct_fields__
        return {(row["game"], row["agent"]): Rating(**{name: row[name] for name in names}) for row in found}

    async def write(self, rows: Rows) -> None:
        """All of a batch but its raw events."""
        with translated():
            if rows.turns:
                await self._copy("turns", rows.turns)
            if rows.created:
                await self._copy("matches", [_values(match, _MATCH) for match in rows.created.values()])
                seats = [(id_, *_values(seat, _SEAT[1:])) for id_, seat in _seats(rows.created)]
                await self._copy("participations", seats)
            if rows.changed:
                values = [(id_, *_values(match, _CHANGING)) for id_, match in rows.changed.items()]
                await self._driver.execute(_UPDATE_MATCHES, *zip(*values, strict=True))
                values = [(id_, seat.seat, *_values(seat, _PLAYED)) for id_, seat in _seats(rows.changed)]
                await self._driver.execute(_UPDATE_SEATS, *zip(*values, strict=True))
            if rows.faults:
                await self._copy("faults", rows.faults)
            if rows.ratings:
                await self._driver.execute(_UPSERT_RATINGS, *zip(*map(_rating, rows.ratings.items()), strict=True))
                await self._copy("rating_history", rows.history)

    async def write_events(self, rows: list[tuple[Any, ...]]) -> None:
        """Raw events, which come first and are never written again."""
        with translated():
            await self._copy("events", rows)

    async def add_events(self, rows: list[tuple[Any, ...]]) -> None:
        """Raw events, those that are not there yet. For refilling from the stream."""
        if rows:
            with translated():
                await self._driver.execute(_ADD_EVENTS, *zip(*rows, strict=True))

    async def flag_events(self, errors: Mapping[int, str]) -> None:
        """Say of these events why they could not be projected."""
        if errors:
            with translated():
                await self._driver.execute(_FLAG_EVENTS, list(errors), list(errors.values()))

    async def clear(self) -> None:
        """Remove all projections and all events' errors. Others see the old rows until this transaction ends."""
        with translated():
            for table in schema.PROJECTIONS:
                await self._driver.execute(f"DELETE FROM {table.name}")  # noqa: S608 - our own tables' names
            await self._driver.execute("UPDATE events SET error = NULL WHERE error IS NOT NULL")

    async def events(self, after: int, count: int) -> list[Entry]:
        """The next raw events, in order."""
        query = "SELECT seq, subject, stored_ms, payload FROM events WHERE seq > $1 ORDER BY seq LIMIT $2"
        with translated():
            return [Entry(*row) for row in await self._driver.fetch(query, after, count)]

    async def newest_events(self, count: int) -> list[Entry]:
        """The last raw events, the newest first."""
        query = "SELECT seq, subject, stored_ms, payload FROM events ORDER BY seq DESC LIMIT $1"
        with translated():
            return [Entry(*row) for row in await self._driver.fetch(query, count)]

    async def delete_events(self, seqs: list[int]) -> None:
        """Raw events that the log has not (any more). Only `arena rebuild --replace` does this."""
        if seqs:
            with translated():
                await self._driver.execute("DELETE FROM events WHERE seq = ANY($1::bigint[])", seqs)

    async def count_events(self) -> tuple[int, int]:
        """How many raw events there are, and the last one's sequence."""
        with translated():
            ((count, last),) = await self._driver.fetch("SELECT count(*), coalesce(max(seq), 0) FROM events")
        return int(count), int(last)

    async def all_ratings(self) -> list[tuple[RatingKey, Rating, int]]:
        """Every rating, with the sequence it follows from."""
        with translated():
            found = await self._driver.fetch("SELECT * FROM ratings")
        names = Rating.__struct_fields__
        return [
            ((row["game"], row["agent"]), Rating(**{name: row[name] for name in names}), row["seq"]) for row in found
        ]

    async def _copy(self, table: str, rows: list[Any]) -> None:
        columns = [column.name for column in schema.metadata.tables[table].columns]
        try:
            await self._driver.copy_records_to_table(table, records=rows, columns=columns)
        except (TypeError, ValueError, OverflowError) as error:  # asyncpg lets its encoders' errors through here
            raise Refused(f"{table}: {error}") from error


def _values(record: msgspec.Struct, names: Collection[str]) -> tuple[Any, ...]:
    return tuple([getattr(record, name) for name in names])


def _seats(matches: Mapping[str, Match]) -> list[tuple[str, Participation]]:
    return [(id_, seat) for id_, match in matches.items() for seat in match.seats]


def _rating(item: tuple[RatingKey, tuple[Rating, int]]) -> tuple[Any, ...]:
    (game, agent), (now, seq) = item
    skill = (now.mu, now.sigma, now.ordinal)
    counts = (now.played, now.won, now.drawn, now.lost, now.score_mean, now.score_m2)
    return game, agent, *skill, *counts, seq, now.version, now.rated_ms


@asynccontextmanager
async def recording(database: Database) -> AsyncIterator[Recording]:
    """A connection of its own, closed afterwards (which gives the lock back). Raises Unavailable."""
    with translated():
        connection = await database.engine.connect()
    try:
        with translated():
            driver = (await connection.get_raw_connection()).driver_connection
            if driver is None:
                raise Unavailable("the connection was lost at once")
            await driver.set_type_codec(
                "jsonb", schema="pg_catalog", encoder=_jsonb, decoder=lambda data: data[1:], format="binary"
            )
            await driver.execute(_SESSION)
        yield Recording(driver)
    finally:
        with suppress(StoreError), translated():
            await connection.invalidate()  # its codec and its lock must not reach the pool
            await connection.close()


def _jsonb(text: bytes | msgspec.Raw) -> bytes:
    """JSON text as PostgreSQL's binary form: a version byte, then the text."""
    return b"\x01" + memoryview(text)
