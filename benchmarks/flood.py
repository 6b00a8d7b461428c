"""What one agent that floods the server costs the others, and how soon the warden ends it.

    python -m benchmarks.flood [--seconds S] [--page docs/performance.md]

One agent answers turns, one after another, before, during and after another one floods; the flooder, the answering
agent, the API with the warden in it and the asking process are four processes. During means: until the flooder is
barred; afterwards it goes on knocking. What counts is the ratio to the same run before the flood: machines differ, and
are shared.
"""

import argparse
import asyncio
import contextlib
import os
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np

from arena.api.registrar import Registrar, open_registrar
from arena.bus import Bus, connect, kv
from arena.bus.provision import provision
from arena.credentials import Keyring, write_identity, write_secret
from arena.settings import Settings
from arena.stack.embedded import EmbeddedNats, EmbeddedPostgres
from arena.stack.ports import free
from arena.stack.processes import tail
from arena.store.migrate import migrate
from arena.wire import subjects
from arena.wire.registry import AgentRecord
from arena.wire.subjects import REGISTRAR, RUNNER
from benchmarks import page
from benchmarks.play import console
from benchmarks.processes import Processes

ANSWER_S_MAX = 10.0
BARRED_S_MAX = 120.0
PAUSE_S = 0.002  # between two turns: an agent is asked now and then, not in a loop
COMMAND = "python -m benchmarks.flood"


class Figures(NamedTuple):
    """Round trips of one phase, in milliseconds."""

    phase: str
    seconds: float
    turns: int
    p50_ms: float
    p99_ms: float
    max_ms: float


class Asker:
    """Asks the answering agent, as a runner does."""

    def __init__(self, bus: Bus, agent: str) -> None:
        self._bus = bus
        self._subject = subjects.TURN.at(agent=agent, instance="i1")
        self._inbox = bus.new_inbox()
        self._answered = asyncio.Event()

    async def start(self) -> None:
        """Subscribe, and wait until the agent is there."""
        await self._bus.subscribe(self._inbox, lambda _: self._answered.set())
        async with asyncio.timeout(ANSWER_S_MAX):
            while not self._answered.is_set():
                await self._bus.publish(self._subject, b"{}", reply=self._inbox)
                await asyncio.sleep(0.1)

    async def ask(self, phase: str, over: Callable[[], bool], seconds: float) -> Figures:
        """Ask for so many seconds, or until `over`. Raises TimeoutError when an answer takes too long."""
        times: list[float] = []
        began = time.perf_counter()
        while time.perf_counter() - began < seconds and not over():
            self._answered.clear()
            asked = time.perf_counter()
            await self._bus.publish(self._subject, b"{}", reply=self._inbox)
            async with asyncio.timeout(ANSWER_S_MAX):
                await self._answered.wait()
            times.append((time.perf_counter() - asked) * 1000)
            await asyncio.sleep(PAUSE_S)
        passed = time.perf_counter() - began
        p50_ms, p99_ms = np.percentile(times, [50, 99])
        return Figures(phase, passed, len(times), p50_ms, p99_ms, max(times))


def never() -> bool:
    """The phase lasts its seconds."""
    return False


@contextlib.asynccontextmanager
async def servers() -> AsyncIterator[Settings]:
    """NATS and PostgreSQL of an own home, prepared."""
    with tempfile.TemporaryDirectory(prefix="arena-") as folder:
        home = Path(folder)
        write_identity(Keyring.create(home))
        nats, postgres = EmbeddedNats(home), EmbeddedPostgres(home)
        await nats.start()
        await postgres.start()
        try:
            await postgres.create("arena")
            await migrate(postgres.url())
            yield Settings(home=home, nats_url=nats.url, database_url=postgres.url(), api_port=free())
        finally:
            await postgres.stop()
            await nats.stop()


async def measure(seconds: float) -> list[Figures]:
    """Before, during and after."""
    async with servers() as settings, open_registrar(settings, REGISTRAR) as registrar:
        await provision(registrar.bus, ["tictactoe"], claim_lease_ms=2_000)
        agents = await _agents(registrar, settings.home)
        environ = {
            **os.environ,
            "ARENA_HOME": str(settings.home),
            "ARENA_NATS_URL": settings.nats_url,
            "ARENA_DATABASE_URL": settings.database_url,
            "ARENA_API_PORT": str(settings.api_port),
        }
        processes = Processes(environ, settings.home / "logs")
        runner = await connect(settings.nats, settings.creds(RUNNER), name="bench", inbox=subjects.inbox(RUNNER))
        mirror = kv.Mirror(registrar.bus, subjects.AGENTS_BUCKET, AgentRecord)
        await mirror.start()

        def barred() -> bool:
            return mirror.records[agents["bad"][0]].paused

        try:
            await processes.start("api", "-m", "arena", "api")
            await processes.start("answer", "-m", "benchmarks.flooder", "answer", agents["good"][1])
            asker = Asker(runner, agents["good"][0])
            await asker.start()
            found = [await asker.ask("before", never, seconds)]
            await processes.start("flood", "-m", "benchmarks.flooder", "flood", agents["bad"][1])
            found.append(await asker.ask("during", barred, BARRED_S_MAX))
            if not barred():
                said = tail(settings.home / "logs" / "api-0.log")
                raise SystemExit(f"the flooder was not barred within {BARRED_S_MAX:g} s; the API says:\n{said}")
            found.append(await asker.ask("after", never, seconds))
            return found
        finally:
            await mirror.stop()
            await processes.stop()
            await runner.close()


async def _agents(registrar: Registrar, home: Path) -> dict[str, tuple[str, str]]:
    """{name: (id, path of the credentials)}."""
    owner = await registrar.create_user("owner", None)
    found = {}
    for name in ("good", "bad"):
        agent = await registrar.create_agent(owner, name)
        path = home / f"{name}.creds"
        write_secret(path, (await registrar.issue(agent)).creds or "")
        found[name] = (agent.id, str(path))
    return found


def markdown(found: list[Figures]) -> str:
    """The figures as a table of a page."""
    lines = [
        (
            f"\n{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores shared with the flooder itself and with whatever "
            f"else ran (load average {os.getloadavg()[0]:.0f}).\n"
        ),
        "| flood | seconds | turns | p50 ms | p99 ms | p99, to before | longest ms |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for row in found:
        ratio = row.p99_ms / found[0].p99_ms
        lines.append(
            f"| {row.phase} | {row.seconds:.1f} | {row.turns:,} | {row.p50_ms:.2f} | {row.p99_ms:.2f} "
            f"| {ratio:.2f} | {row.max_ms:.1f} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15.0, help="before and after, each")
    parser.add_argument("--page", type=Path, help="a page whose table is replaced")
    options = parser.parse_args()
    text = markdown(asyncio.run(measure(options.seconds)))
    console.print(text)
    if options.page:
        page.write(options.page, COMMAND, text)


if __name__ == "__main__":
    main()
