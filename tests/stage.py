"""A platform for tests: real servers, services as child processes or in this process, agents by agent_kit."""

import asyncio
import contextlib
import os
import secrets
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import structlog

from arena.bus import Bus, connect
from arena.bus.kv import put
from arena.bus.provision import provision
from arena.bus.pull import Delivery, Follower
from arena.bus.rewind import StoredEvent
from arena.credentials import Keyring, issue_agent, write_identity, write_secret
from arena.games import load_catalogue
from arena.review import verify
from arena.service import Main, Service
from arena.settings import Settings
from arena.stack.embedded import EmbeddedNats
from arena.stack.nats_config import Websocket
from arena.stack.ports import free as free_port
from arena.wire import codec, ids, subjects
from arena.wire.events import MatchEvent
from arena.wire.registry import AgentRecord
from arena.wire.subjects import Role
from tests.eventually import DEADLINE_S

# Agents that are gone must not hold up a test, and those that come back must manage it in time on a busy machine: with
# 0.3 s, which was once here, a turn that is sent again and its answer may take longer than that.
GRACE_S = 0.8
HURRIED = "".join(  # an operator's file
    f'[[game]]\nname = "{game}"\nclock = {{ move_ms = 3_000 }}\nfaults = {{ gone_grace_ms = {GRACE_S * 1000:.0f} }}\n'
    for game in ("tictactoe", "connect_four")
)


class LogReader:
    """Everything in the log, and somebody to wait for: `await log.until(lambda log: ...)`."""

    def __init__(self, bus: Bus, games_file: Path | None) -> None:
        self.games_file = games_file
        self.events: list[tuple[int, str, str, MatchEvent]] = []  # sequence, game, match, event
        self.raw: list[StoredEvent] = []
        self.failure: BaseException | None = None
        self._changed = asyncio.Event()
        self._follower = Follower(bus, subjects.EVENTS_STREAM, [subjects.EVENTS_ALL], self._on)

    def _on(self, delivery: Delivery) -> None:
        game, match, _ = subjects.split_event(delivery.subject)
        self.raw.append(StoredEvent(delivery.seq, delivery.subject, delivery.payload))
        self.events.append((delivery.seq, game, match, codec.decode_event(delivery.payload)))
        self._changed.set()

    async def start(self) -> None:
        self._follower.start()
        await self._follower.caught_up.wait()

    async def stop(self) -> None:
        await self._follower.stop()

    def fail(self, service: asyncio.Task[None]) -> None:
        """A service ended: whoever waits learns why."""
        self.failure = service.exception()
        self._changed.set()

    async def until(self, true: Any, timeout_s: float = DEADLINE_S) -> None:
        """Wait until `true(self)`. The error shows what there was."""
        try:
            async with asyncio.timeout(timeout_s):
                while not true(self):
                    if self.failure:
                        raise self.failure
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"not within {timeout_s:g} s; the log has {self.counts()}") from None

    def verify(self, only: str | None = None) -> list[str]:
        """Problems of all matches (or one): replayed by the recorded actions, digest by digest, to their end."""
        catalogue = load_catalogue(self.games_file)
        by_match: dict[str, list[StoredEvent]] = {}
        for event in self.raw:
            by_match.setdefault(subjects.split_event(event.subject)[1], []).append(event)
        problems = []
        for match, events in by_match.items():
            if only not in {None, match}:
                continue
            game = catalogue[subjects.split_event(events[0].subject)[0]]
            verdict = verify(game, [(event.seq, event.subject, event.payload) for event in events])
            if not verdict.ok:
                problems.append(f"{match}: {verdict.problem}")
        return problems

    def of(self, kind: type, match: str | None = None) -> list[Any]:
        return [event for _, _, of, event in self.events if isinstance(event, kind) and match in {None, of}]

    def counts(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for *_, event in self.events:
            found[type(event).__name__] = found.get(type(event).__name__, 0) + 1
        return found


@dataclass
class Stage:
    """One platform on real servers. Everything it starts is stopped by `close`."""

    settings: Settings
    keyring: Keyring
    registrar: Bus
    log: LogReader
    server: EmbeddedNats
    processes: list[asyncio.subprocess.Process] = field(default_factory=list)
    stack: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)
    tasks: list[tuple[asyncio.Event, asyncio.Task[None]]] = field(default_factory=list)

    async def spawn(self, role: str, *, module: str = "arena", **settings: object) -> asyncio.subprocess.Process:
        """A service in a process of its own, run by this module."""
        environment = {
            **os.environ,
            "ARENA_HOME": str(self.settings.home),
            "ARENA_NATS_URL": self.settings.nats_url,
            "ARENA_DATABASE_URL": self.settings.database_url,
            "ARENA_GAMES_FILE": str(self.settings.games_file or ""),
            "ARENA_CLAIM_LEASE_MS": str(self.settings.claim_lease_ms),
            "ARENA_BEAT_MS": str(self.settings.beat_ms),
            "ARENA_LEASE_MS": str(self.settings.lease_ms),
            **{f"ARENA_{name.upper()}": str(value) for name, value in settings.items()},
        }
        log = self.settings.home / "logs" / f"{role}-{len(self.processes)}.log"
        log.parent.mkdir(exist_ok=True)
        with log.open("wb") as out:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", module, role), env=environment, stdout=out, stderr=out
            )
        self.processes.append(process)
        return process

    async def serve(self, role: Role, main: Main, **settings: object) -> asyncio.Event:
        """A service as a task of this process; set the event to stop it."""
        chosen = msgspec.structs.replace(self.settings, **settings)
        bus = await connect(chosen.nats, chosen.creds(role), name=f"test-{role}", inbox=subjects.inbox(role))
        self.stack.push_async_callback(bus.close)
        stop = asyncio.Event()
        identity = f"{role}{secrets.token_hex(4)}"
        service = Service(role, identity, chosen, bus, structlog.get_logger(), stop, 0)
        task = asyncio.create_task(main(service))
        task.add_done_callback(self.log.fail)
        self.tasks.append((stop, task))
        return stop

    async def agent(self, owner: str = "", **more: Any) -> tuple[str, Path]:
        """A new agent: its id, and the path of its credentials. more: of its record."""
        agent = ids.make(time.time_ns() // 1_000_000, secrets.token_bytes(10))
        record = AgentRecord(owner=owner or f"u{agent}", name=f"n{agent[-6:]}", **more)
        await put(self.registrar, subjects.AGENTS_BUCKET, agent, record)
        creds = self.settings.home / "agents" / f"{agent}.creds"
        creds.parent.mkdir(exist_ok=True)
        write_secret(creds, issue_agent(self.keyring, agent, url=self.settings.nats).creds or "")
        return agent, creds

    async def close(self) -> None:
        for stop, _ in self.tasks:
            stop.set()
        for _, task in self.tasks:
            async with asyncio.timeout(DEADLINE_S):
                await task
        for process in self.processes:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            async with asyncio.timeout(DEADLINE_S):
                await process.wait()
        await self.stack.aclose()


@contextlib.asynccontextmanager
async def open_stage() -> AsyncIterator[Stage]:
    """A stage on a nats-server of its own, with streams and consumers."""
    home = Path(tempfile.mkdtemp(prefix="arena-"))
    keyring = Keyring.create(home)
    write_identity(keyring)
    server = EmbeddedNats(home, port=free_port(), websocket=Websocket(port=-1))  # the same after a restart
    await server.start()
    games = home / "games.toml"
    games.write_text(HURRIED)
    settings = Settings(
        home=home,
        nats_url=server.url,
        nats_websocket_url=server.websocket_url,
        games_file=games,
        claim_lease_ms=1_000,
        beat_ms=500,
        lease_ms=1_000,
    )
    creds = settings.creds(Role.REGISTRAR)
    registrar = await connect(server.url, creds, name="stage", inbox=subjects.inbox(Role.REGISTRAR))
    await provision(registrar, load_catalogue(), claim_lease_ms=settings.claim_lease_ms)
    stage = Stage(settings, keyring, registrar, LogReader(registrar, games), server)
    await stage.log.start()
    try:
        yield stage
    finally:
        await stage.log.stop()
        await stage.close()
        await registrar.close()
        await server.stop()
        shutil.rmtree(home)
