"""The end of a round: nothing plays, nothing is behind, nothing was left over, and the tables are what the log says."""

import asyncio
import time
from typing import Any

import asyncpg
import msgspec
import psutil

from arena.bus import Bus, BusError, stream
from arena.bus.kv import Mirror
from arena.bus.micro import services
from arena.bus.provision import STREAMS
from arena.games import load_catalogue
from arena.recorder.rebuild import rebuild
from arena.store.database import Database
from arena.store.schema import PROJECTIONS
from arena.wire import subjects
from arena.wire.registry import RatingRecord
from chaos.platform import Party, Platform

LEFT_OVER_S = 75.0  # consumers that nobody reads any more live for a minute
PUBLISHED_S = 15.0  # until the last ratings have reached the matchmaker's bucket
GROWTH = {  # what a quiet service may have more than the most that one of its role had when it was new
    "tasks": 4.0,
    "subscriptions": 4.0,
    "files": 12.0,
    "memory_mib": 192.0,  # environments that were loaded, caches, an allocator that keeps what it once had
}

Usage = dict[str, dict[str, float]]  # service -> what -> how much


class _Info(msgspec.Struct, frozen=True):
    total: int = 0


async def usage(platform: Platform) -> Usage:
    """What each service uses now, and how many consumers the server has."""
    figures = await _figures(platform)
    found: Usage = {party.name: _of_process(party) | figures.get(party.pid, {}) for party in platform.services}
    found["nats"] = {"consumers": await _consumers(platform.bus)}
    return found


def _of_process(party: Party) -> dict[str, float]:
    try:
        process = psutil.Process(party.pid)
        return {"files": float(process.num_fds()), "memory_mib": process.memory_info().rss / 2**20}
    except psutil.NoSuchProcess:
        return {}


async def _figures(platform: Platform) -> dict[int, dict[str, float]]:
    """Tasks and subscriptions by pid, in each service's own words."""
    found: dict[int, dict[str, float]] = {}
    for answer in await services(platform.bus):
        try:
            said = await platform.bus.request(f"$SRV.FIGURES.{answer.name}.{answer.id}", timeout_s=2)
        except BusError:
            continue
        figures = msgspec.json.decode(said.data, type=dict[str, float])
        found[int(answer.metadata.get("pid", 0))] = {
            what: figures[name]
            for what, name in (("tasks", "arena_service_tasks"), ("subscriptions", "arena_service_subscriptions"))
            if name in figures
        }
    return found


async def _consumers(bus: Bus) -> float:
    total = 0
    for name in STREAMS:
        total += msgspec.json.decode(await stream.call(bus, f"CONSUMER.NAMES.{name}"), type=_Info).total
    return float(total)


def leaks(before: Usage, after: Usage, *, consumers: bool) -> list[str]:
    """What there is more of than there should be, a line each."""
    lines = []
    limits: dict[str, dict[str, float]] = {}
    for name, had in before.items():
        limit = limits.setdefault(name.partition("-")[0], {})
        for what, value in had.items():
            limit[what] = max(limit.get(what, 0.0), value)
    for name, has in after.items():
        limit = limits.get(name.partition("-")[0], {})
        for what, value in has.items():
            if what == "consumers" and not consumers:
                continue
            if what in limit and value > limit[what] + GROWTH.get(what, 0.0):
                lines.append(f"{name}: {what} {value:.0f}, before the faults {limit[what]:.0f}")
    return lines


async def left_over(platform: Platform, before: Usage, timeout_s: float) -> tuple[list[str], Usage]:
    """Leaks that are still there after `timeout_s`; consumers count only if that is long enough for them to expire."""
    deadline_s = time.monotonic() + timeout_s
    while True:
        try:
            after = await usage(platform)
            lines = leaks(before, after, consumers=timeout_s >= LEFT_OVER_S)
        except BusError as error:
            after, lines = {}, [f"the server does not answer: {error}"]
        if not lines or time.monotonic() > deadline_s:
            return lines, after
        await asyncio.sleep(1)


async def projections(url: str) -> dict[str, list[str]]:
    """All rows of all projections as text, in a fixed order, and the checkpoint."""
    connection: Any = await asyncpg.connect(url)
    try:
        return {
            name: sorted(repr(tuple(row)) for row in await connection.fetch(f"SELECT * FROM {name}"))  # noqa: S608
            for name in (*(table.name for table in PROJECTIONS), "checkpoint")
        }
    finally:
        await connection.close()


async def not_a_fold(platform: Platform) -> list[str]:
    """Tables that differ from what folding the stored events again makes of them, a line each."""
    url = platform.settings.database_url
    before = await projections(url)
    database = Database(url, pool_size=1)
    try:
        models = {game.name: game.rating for game in load_catalogue(platform.settings.games_file).values()}
        await rebuild(database, models, lambda *_: None)
    finally:
        await database.close()
    after = await projections(url)
    return [
        f"table {name}: {len(before[name])} rows, folded again {len(after[name])}; first difference: "
        f"{min(set(before[name]) ^ set(after[name]), default='the order')}"
        for name in before
        if before[name] != after[name]
    ]


async def not_published(platform: Platform) -> list[str]:
    """Ratings that the matchmaker reads, and that are not those of the tables, a line each."""
    connection: Any = await asyncpg.connect(platform.settings.database_url)
    try:
        rows = await connection.fetch("SELECT game, agent, mu, sigma, played, seq FROM ratings")
    finally:
        await connection.close()
    wanted = {f"{row['game']}.{row['agent']}": (row["mu"], row["sigma"], row["played"], row["seq"]) for row in rows}
    changed = asyncio.Event()
    mirror = Mirror(platform.bus, subjects.RATINGS_BUCKET, RatingRecord, lambda *_: changed.set())
    await mirror.start()
    try:
        async with asyncio.timeout(PUBLISHED_S):
            while _of_bucket(mirror) != wanted:
                changed.clear()
                await changed.wait()
    except TimeoutError:
        return [
            f"bucket {subjects.RATINGS_BUCKET}: {key} is {found}, in the tables {wanted.get(key)}"
            for key, found in _of_bucket(mirror).items()
            if found != wanted.get(key)
        ] or [f"bucket {subjects.RATINGS_BUCKET} lacks {', '.join(wanted.keys() - mirror.records.keys())}"]
    finally:
        await mirror.stop()
    return []


def _of_bucket(mirror: Mirror[RatingRecord]) -> dict[str, tuple[float, float, int, int]]:
    return {key: (one.mu, one.sigma, one.played, one.seq) for key, one in mirror.records.items()}
