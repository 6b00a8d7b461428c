"""Keeps child processes alive: starts them, restarts what crashes, stops them in order.

A child that ends by itself is started again, later each time it ends soon after its start; so is an embedded server.
A child that says that it is misconfigured (exit code 2) is not: it would only say it again.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Protocol

from arena.service import MISCONFIGURED
from arena.stack.processes import PidFile, ServerError, die_with_parent, end, tail

BACKOFF_S = (0.2, 0.5, 1, 2, 5, 10)
SETTLED_S = 30.0  # a child that ran this long has not crashed "again"
STOP_S = 25.0  # longer than a service takes at most
LOG_BYTES_MAX = 50 * 1024 * 1024

Say = Callable[[str], None]


class Backoff:
    """How long to wait before a start: longer each time the process had ended soon after the one before."""

    def __init__(self) -> None:
        self._crashes = 0
        self._began = time.monotonic()

    def started(self) -> None:
        """It runs."""
        self._began = time.monotonic()

    def ended(self) -> float:
        """It ended; returns seconds to wait."""
        self._crashes = 0 if time.monotonic() - self._began > SETTLED_S else self._crashes + 1
        return BACKOFF_S[min(max(self._crashes, 1), len(BACKOFF_S)) - 1]


class Child:
    """One supervised process. `failed` says why it is not started again."""

    def __init__(self, name: str, arguments: Iterable[str], environ: Mapping[str, str], home: Path, say: Say) -> None:
        self.name = name
        self.log = home / "logs" / f"{name}.log"
        self.failed = ""
        self.restarts = 0
        self.process: asyncio.subprocess.Process | None = None
        self._arguments = [sys.executable, "-m", *arguments]
        self._environ = dict(environ)
        self._pid_file = PidFile(home / "run" / f"{name}.pid")
        self._say = say
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start it; from now on it is kept alive."""
        await self._spawn()
        self._task = asyncio.create_task(self._keep(), name=f"supervise-{self.name}")

    async def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        self._stopping = True
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self.process and self.process.returncode is None:
            if not await end(self.process.pid, signal.SIGTERM, STOP_S):
                self._say(f"{self.name} did not stop within {STOP_S:g} s and was killed; see {self.log}")
            await self.process.wait()
        self._pid_file.remove()

    async def _spawn(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES_MAX:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *self._arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environ,
                start_new_session=True,  # Ctrl-C in the terminal is for us: we stop the children in order
                preexec_fn=die_with_parent(signal.SIGTERM),
            )
        self._pid_file.write(self.process.pid)

    async def _keep(self) -> None:
        backoff = Backoff()
        while self.process:
            code = await self.process.wait()
            if code == MISCONFIGURED:
                self.failed = f"{self.name} cannot run:\n{tail(self.log)}"
                self._say(self.failed)
                return
            self.restarts += 1
            await _pause(self.name, code, backoff, self.log, self._say)
            await self._spawn()
            backoff.started()


class Server(Protocol):
    """An embedded server that was started once."""

    log: Path
    process: asyncio.subprocess.Process | None

    async def start(self) -> None:
        """Start it again, at the same address. Raises ServerError."""
        ...


async def keep_server(name: str, server: Server, say: Say) -> None:
    """Start a server again whenever it ends by itself, until cancelled. Who was connected finds it where it was."""
    backoff = Backoff()
    while server.process:
        await _pause(name, await server.process.wait(), backoff, server.log, say)
        try:
            await server.start()
        except ServerError as error:
            say(str(error))
        else:
            say(f"{name} runs again")
            backoff.started()


async def _pause(name: str, code: int, backoff: Backoff, log: Path, say: Say) -> None:
    pause_s = backoff.ended()
    say(f"{name} ended ({_cause(code)}), starts again in {pause_s:g} s; its log is {log}")
    await asyncio.sleep(pause_s)


class Supervisor:
    """All children. They are stopped group by group, in the order of `groups`."""

    def __init__(self, home: Path, environ: Mapping[str, str], say: Say) -> None:
        self.children: dict[str, Child] = {}
        self._home = home
        self._environ = environ
        self._say = say

    async def start(self, name: str, *arguments: str) -> Child:
        """Start `python -m <arguments>` under this name."""
        child = Child(name, arguments, self._environ, self._home, self._say)
        self.children[name] = child
        await child.start()
        return child

    async def stop(self, groups: Iterable[str]) -> None:
        """Stop the children whose names begin with the first group together, then the next, then all others."""
        for group in (*groups, ""):
            names = [name for name in self.children if name.startswith(group)]
            await asyncio.gather(*(self.children.pop(name).stop() for name in names))


async def end_leftovers(home: Path, say: Say) -> None:
    """End what an `arena up` that was killed left running in this home. Their pid files say who they are."""
    for path in sorted((home / "run").glob("*.pid")):
        file = PidFile(path)
        if pid := file.running():
            number = signal.SIGINT if path.stem == "postgres" else signal.SIGTERM
            say(f"ending {path.stem} (process {pid}), left over from a run that was killed")
            await end(pid, number, STOP_S)
        file.remove()


def _cause(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    return f"killed by {signal.Signals(-code).name}"


def child_environ(changes: Mapping[str, str]) -> dict[str, str]:
    """Our environment for a child: our settings, unbuffered output, and each service's own credentials and ports."""
    environ = {name: value for name, value in os.environ.items() if name != "ARENA_NATS_CREDS"}
    return environ | {"PYTHONUNBUFFERED": "1", "ARENA_METRICS_PORT": "0"} | dict(changes)
