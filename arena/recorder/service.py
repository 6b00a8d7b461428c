"""The recorder's process: active or standing by, through any outage of PostgreSQL or NATS."""

import asyncio
import time
from contextlib import suppress

import msgspec
import structlog

from arena.bus import Bus, BusError
from arena.bus.pull import Delivery
from arena.core.records import Entry, Rows
from arena.games.catalogue import Game, load_catalogue
from arena.recorder import lineage, metrics
from arena.recorder.feed import Feed
from arena.recorder.intake import Intake, Lost
from arena.recorder.lineage import ForeignLog
from arena.recorder.record import Models, record
from arena.service import Service
from arena.store.database import Database, StoreError
from arena.store.game_types import GameType, write_game_types
from arena.store.recording import Recording, Taken, recording

BATCH_MAX = 2_000  # events in one transaction
LINGER_S = 0.1  # how long the first event of a batch may wait for others: a transaction costs 5 ms, however small
ALIVE_S = 2.0  # between two words to PostgreSQL while there is nothing to write; well below `recording.IDLE_S`
STANDBY_S = 1.0  # between two tries to become active
RETRY_S = 0.2
RETRY_S_MAX = 5.0


async def run(service: Service) -> None:
    """Record until told to stop."""
    catalogue = load_catalogue(service.settings.games_file)
    games = [game_type(game) for game in catalogue.values()]
    database = Database(service.settings.database_url, pool_size=2)
    recorder = Recorder(service.bus, database, {game.name: game.rating for game in games}, service.log)
    try:
        await recorder.run(service.stop, games)
    finally:
        await database.close()


def game_type(game: Game) -> GameType:
    """A row of the catalogue as the table has it."""
    details = {
        name: value for name, value in msgspec.to_builtins(game).items() if name not in GameType.__struct_fields__
    }
    return GameType(name=game.name, title=game.title, seats=game.seats, rating=game.rating, details=details)


class Recorder:
    """Writes the log into the tables for as long as it is told to."""

    def __init__(self, bus: Bus, database: Database, models: Models, log: structlog.stdlib.BoundLogger) -> None:
        self.active = asyncio.Event()
        self.last_seq = 0  # everything up to it is in the tables
        self.advanced = asyncio.Event()  # set whenever `last_seq` moved
        self.foreign = asyncio.Event()  # set while the stream is not the log that the tables were made from
        self._bus = bus
        self._database = database
        self._models = models
        self._log = log
        self._feed = Feed(bus, log)
        self._state = ""
        self._pause_s = RETRY_S

    async def run(self, stop: asyncio.Event, games: list[GameType] | None = None) -> None:
        """Record until `stop` is set. Outages are waited out, and logged once each."""
        async with asyncio.TaskGroup() as group:  # a recorder without its feed is none: it fails with it
            feeding = group.create_task(self._feed.run(), name="ratings-feed")
            while not stop.is_set():
                pause_s = await self._try(stop, games or [])
                self.active.clear()
                metrics.ACTIVE.set(0)
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause_s):
                        await stop.wait()
            feeding.cancel()

    async def _try(self, stop: asyncio.Event, games: list[GameType]) -> float:
        """Be active as long as it goes; returns seconds to wait before the next try."""
        try:
            await self._be_active(stop, games)
        except Taken:
            self._say("standby", "another recorder is active")
            return STANDBY_S
        except Lost as error:
            self._log.info("reading again from the checkpoint", reason=str(error))
        except ForeignLog as error:
            self.foreign.set()
            metrics.FOREIGN_LOG.set(1)
            self._say("foreign log", str(error))
            return STANDBY_S
        except StoreError as error:
            metrics.DATABASE_UP.set(0)
            self._say("no database", str(error), setting="ARENA_DATABASE_URL")
            self._pause_s = min(self._pause_s * 2, RETRY_S_MAX)
            return self._pause_s
        except BusError as error:
            self._say("no stream", str(error))
            self._pause_s = min(self._pause_s * 2, RETRY_S_MAX)
            return self._pause_s
        self._pause_s = RETRY_S
        return RETRY_S

    async def _be_active(self, stop: asyncio.Event, games: list[GameType]) -> None:
        """Write batches until `stop`. Raises Taken, Lost, StoreError or BusError."""
        async with recording(self._database) as tables:
            await tables.become_active()
            await lineage.check(self._bus, tables)
            self.foreign.clear()
            metrics.FOREIGN_LOG.set(0)
            await write_game_types(self._database, games)
            await self._sync(tables)
            intake = Intake(self._bus)
            interrupting = asyncio.create_task(stop.wait())
            interrupting.add_done_callback(lambda _: intake.interrupt())
            async with tables.rebuilt() as rebuilt:
                try:
                    await intake.open(await tables.checkpoint())
                    self._say("active", "")
                    self.active.set()
                    metrics.ACTIVE.set(1)
                    metrics.DATABASE_UP.set(1)
                    while not stop.is_set():
                        taken = await intake.take(BATCH_MAX, LINGER_S, ALIVE_S)
                        if taken:
                            await self._batch(tables, taken)
                            await intake.ack(taken[-1])
                        else:
                            await tables.alive()
                        if rebuilt.is_set():
                            rebuilt.clear()
                            await self._sync(tables)
                    with suppress(BusError):
                        await self._feed.flush()
                finally:
                    interrupting.cancel()
                    await intake.close()
                    self._feed.forget()

    async def _sync(self, tables: Recording) -> None:
        ratings = await tables.all_ratings()
        async with tables.kept_alive():
            await self._feed.sync(ratings)

    async def _batch(self, tables: Recording, taken: list[Delivery]) -> None:
        started_s = time.perf_counter()
        async with tables.transaction():
            last_seq = await tables.lock_checkpoint()
            entries = [Entry(one.seq, one.subject, one.at_ms, one.payload) for one in taken if one.seq > last_seq]
            written: list[Rows] = []
            if entries:
                written = await record(tables, entries, self._models)
                await tables.move_checkpoint(entries[-1].seq)
        self.last_seq = max(last_seq, taken[-1].seq)
        self.advanced.set()
        self._feed.add(written)
        for seq, subject, error in [error for rows in written for error in rows.errors]:
            metrics.ERRORS.inc()
            self._log.error("event not projected", seq=seq, subject=subject, error=error)
        metrics.EVENTS.inc(len(entries))
        metrics.BATCH_EVENTS.observe(len(entries))
        metrics.BATCH_SECONDS.observe(time.perf_counter() - started_s)
        metrics.LAST_SEQ.set(taken[-1].seq)
        metrics.LAG.set(taken[-1].pending)

    def _say(self, state: str, why: str, **more: str) -> None:
        """Log a state once, when it begins."""
        if state != self._state:
            self._state = state
            levels = {"active": self._log.info, "standby": self._log.info, "foreign log": self._log.error}
            levels.get(state, self._log.warning)(state, reason=why, **more)
