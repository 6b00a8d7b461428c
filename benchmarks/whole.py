"""One run of the whole platform: its own servers, its services and agents as processes, measured from the log."""

import asyncio
import os
import secrets
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from arena.bus import Bus, connect
from arena.bus.kv import put
from arena.bus.provision import provision
from arena.bus.pull import Delivery, Follower
from arena.credentials import Keyring, issue_agent, write_identity, write_secret
from arena.stack.embedded import EmbeddedNats, EmbeddedPostgres
from arena.store.migrate import migrate
from arena.wire import ids, subjects
from arena.wire.registry import AgentRecord
from benchmarks.processes import Processes

WARM_S = 3.0
BEGIN_S = 60.0
GAME = "connect_four"


class Watch:
    """Moves in the log, by the server's own time stamps."""

    def __init__(self, bus: Bus) -> None:
        self.moves: list[tuple[str, float]] = []  # match, seconds
        self._follower = Follower(bus, subjects.EVENTS_STREAM, [subjects.MOVED.any()], self._on)

    def _on(self, event: Delivery) -> None:
        self.moves.append((event.subject, int(event.reply.split(".")[7]) / 1e9))

    async def read(self) -> None:
        """Read all there is."""
        self._follower.start()
        await self._follower.caught_up.wait()
        await self._follower.stop()

    def figures(self, from_s: float, to_s: float) -> dict[str, float]:
        """Moves a second, and the time from one move's acknowledgement to the next of the same match."""
        last: dict[str, float] = {}
        gaps = []
        count = 0
        for match, at in self.moves:
            if match in last and from_s <= at < to_s:
                gaps.append(at - last[match])
            last[match] = at
            count += from_s <= at < to_s
        percentiles = np.percentile(gaps, [50, 99]) * 1000 if gaps else [float("nan")] * 2
        return {"moves_per_s": count / (to_s - from_s), "p50_ms": percentiles[0], "p99_ms": percentiles[1]}


async def platform(matches: int, runners: int, seconds: float) -> dict[str, Any]:
    """One run of the whole platform."""
    with tempfile.TemporaryDirectory(prefix="arena-") as folder:
        home = Path(folder)
        keyring = Keyring.create(home)
        write_identity(keyring)
        nats, postgres = EmbeddedNats(home), EmbeddedPostgres(home)
        await nats.start()
        await postgres.start()
        await postgres.create("arena")
        await migrate(postgres.url())
        registrar = await connect(
            nats.url, home / "creds" / "registrar.creds", name="bench", inbox=subjects.inbox("registrar")
        )
        try:
            await provision(registrar, [GAME], claim_lease_ms=2_000)
            environment = {
                **os.environ,
                "ARENA_HOME": folder,
                "ARENA_NATS_URL": nats.url,
                "ARENA_DATABASE_URL": postgres.url(),
            }
            processes = Processes(environment, home / "logs")
            assert nats.process is not None
            assert postgres.process is not None
            processes.watch("nats-server", nats.process.pid)
            processes.watch("postgres", postgres.process.pid)
            crowd = _Crowd(registrar, keyring, home, nats.url)
            return await _measure(crowd, processes, matches, runners, seconds)
        finally:
            await registrar.close()
            await postgres.stop()
            await nats.stop()


class _Crowd(NamedTuple):
    """Where agents are registered."""

    registrar: Bus
    keyring: Keyring
    home: Path
    url: str

    async def agents(self, count: int) -> list[str]:
        """New agents of eight users; returns the paths of their credentials."""
        paths = []
        for number in range(count):
            agent = ids.make(time.time_ns() // 1_000_000, secrets.token_bytes(10))
            record = AgentRecord(owner=f"user{number % 8}", name=f"agent{number}")
            await put(self.registrar, subjects.AGENTS_BUCKET, agent, record)
            path = self.home / f"{agent}.creds"
            write_secret(path, issue_agent(self.keyring, agent, url=self.url).creds or "")
            paths.append(str(path))
        return paths


async def _measure(crowd: _Crowd, processes: Processes, matches: int, runners: int, seconds: float) -> dict[str, Any]:
    slots = max(1, min(32, matches // 8))
    agents = max(2, 2 * matches // slots)
    try:
        for role in ("recorder", "matchmaker", *["runner"] * runners):
            await processes.start(role, "-m", "arena", role)
        files = await crowd.agents(agents)
        await processes.until_ready(recorder="active", matchmaker="matchmaker ready", runner="runner ready")
        await processes.start("agents", "-m", "benchmarks.agents", str(slots), *files)
        await playing(crowd.registrar, processes, matches)
        await asyncio.sleep(WARM_S)
        from_s, cpu = time.time(), processes.cpu()
        await asyncio.sleep(seconds)
        to_s = time.time()
        used = {name: value - cpu[name] for name, value in processes.cpu().items()}
        lag = await _pending(crowd.registrar)
    finally:
        await processes.stop()
    watch = Watch(crowd.registrar)
    await watch.read()
    found: dict[str, Any] = watch.figures(from_s, to_s)
    moves = found["moves_per_s"] * (to_s - from_s)
    found["cpu_us_per_move"] = {name: value / moves * 1e6 for name, value in used.items()}
    found["recorder_lag"] = lag
    return found


async def playing(bus: Bus, processes: Processes, matches: int) -> None:
    """Wait until this many matches have begun. Raises SystemExit, and says who did what until then."""
    begun: set[str] = set()
    created: set[str] = set()
    enough = asyncio.Event()

    def on_event(event: Delivery) -> None:
        _, match, kind = subjects.split_event(event.subject)
        (created if kind == "created" else begun).add(match)
        if len(begun) >= matches:
            enough.set()

    filters = [subjects.CREATED.any(), subjects.CLAIMED.any()]
    follower = Follower(bus, subjects.EVENTS_STREAM, filters, on_event)
    follower.start()
    waiting = [asyncio.create_task(enough.wait()), asyncio.create_task(processes.ended())]
    await asyncio.wait(waiting, timeout=BEGIN_S, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    await follower.stop()
    if not enough.is_set():
        made = f"{len(created)} were made by the matchmaker, {len(begun)} claimed by a runner"
        raise SystemExit(f"{matches} matches did not begin within {BEGIN_S:g} s: {made}\n{processes.report()}")


async def _pending(bus: Bus) -> int:
    """Events that the recorder has not stored yet."""
    info = await bus.request(f"$JS.API.CONSUMER.INFO.{subjects.EVENTS_STREAM}.{subjects.RECORDER_CONSUMER}")
    found = msgspec.json.decode(info.data, type=dict[str, Any])
    return int(found["num_pending"]) + int(found["num_ack_pending"])
