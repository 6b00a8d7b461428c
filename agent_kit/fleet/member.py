"""One instance of one agent, started again whenever it falls."""

import asyncio
import contextlib
import contextvars
import logging
import random
import secrets
import sys
from collections.abc import Awaitable, Callable, Iterator
from enum import StrEnum
from pathlib import Path

import msgspec

from agent_kit.credentials import read
from agent_kit.errors import CredentialsError
from agent_kit.fleet.figures import Figures
from agent_kit.fleet.file import Entry
from agent_kit.fleet.worker import Job, Report, work

PAUSE_S_FIRST, PAUSE_S_MAX = 1.0, 60.0  # before it is started again; twice as long each time
LEAVE_S_MAX = 150.0  # how long the matches that run may take at the end

_member: contextvars.ContextVar[str] = contextvars.ContextVar("member", default="")


class State(StrEnum):
    """What it is doing."""

    STARTING = "starting"
    ONLINE = "online"  # in the lobby, or playing
    WAITING = "waiting"  # to be started again
    LEAVING = "leaving"
    LEFT = "left"
    FAILED = "failed"  # for good


class Member:
    """What is known of one instance. `changed(member)` is called when its state is another one."""

    def __init__(self, name: str, entry: Entry, logs: Path, changed: Callable[["Member"], None]) -> None:
        self.name = name
        self.entry = entry
        self.log = logs / f"{name}.log"
        self.agent = ""  # its id
        self.state = State.STARTING
        self.error = ""
        self.restarts = 0
        self._before = Figures()  # of its processes before
        self._now = Figures()
        self._changed = changed
        self._pause_s = PAUSE_S_FIRST
        with contextlib.suppress(CredentialsError):  # it will say so itself
            self.agent = read(entry.creds, entry.url).agent

    @property
    def figures(self) -> Figures:
        """All that it has done."""
        return self._now.after(self._before)

    async def live(self, stop: asyncio.Event, *, processes: bool) -> None:
        """Play until `stop`, or until it is done or cannot play at all."""
        leaving = asyncio.create_task(self._note_leaving(stop))
        run = self._run_process if processes else self._run_task
        try:
            while not stop.is_set():
                ended = await self._once(run, stop)
                if stop.is_set() or (self.entry.matches and not ended.error):
                    break
                if ended.for_good:
                    self._become(State.FAILED, ended.error)
                    return
                await self._wait(ended.error or "it left, and nobody had told it to", stop)
            self._become(State.LEFT, "" if self.state is State.LEAVING else self.error)
        finally:
            leaving.cancel()

    async def _once(self, run: Callable[[Job, asyncio.Event], Awaitable[Report]], stop: asyncio.Event) -> Report:
        self._before, self._now = self.figures, Figures()
        self._become(State.STARTING, self.error)
        ended = await run(Job(self.entry, f"fleet-{secrets.token_hex(4)}"), stop)
        if ended.figures.played:
            self._pause_s = PAUSE_S_FIRST
        return ended

    async def _wait(self, error: str, stop: asyncio.Event) -> None:
        pause_s, self._pause_s = self._pause_s, min(2 * self._pause_s, PAUSE_S_MAX)
        self._become(State.WAITING, error)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause_s * random.uniform(0.8, 1.2)):
                await stop.wait()
                return
        self.restarts += 1

    async def _note_leaving(self, stop: asyncio.Event) -> None:
        await stop.wait()
        if self.state in {State.STARTING, State.ONLINE}:
            self._become(State.LEAVING, self.error)

    def _hear(self, report: Report) -> None:
        self._now = report.figures
        if self.state is State.STARTING and report.online:
            self._become(State.ONLINE, "")

    def _become(self, state: State, error: str) -> None:
        before, self.state, self.error = self.state, state, error
        if before is not state or state in {State.WAITING, State.FAILED}:
            self._changed(self)

    # In a process of its own

    async def _run_process(self, job: Job, stop: asyncio.Event) -> Report:
        with self.log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "agent_kit.fleet.worker"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us; its input ends when it shall leave
            )
        assert process.stdin is not None  # noqa: S101 - as asked for
        assert process.stdout is not None  # noqa: S101
        stopping = asyncio.create_task(stop.wait())
        hearing = asyncio.create_task(self._hear_all(process.stdout))
        try:
            process.stdin.write(msgspec.json.encode(job) + b"\n")
            await asyncio.wait({stopping, hearing}, return_when=asyncio.FIRST_COMPLETED)
            process.stdin.close()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LEAVE_S_MAX):
                    await asyncio.shield(hearing)
                    await process.wait()
        finally:
            stopping.cancel()
            if process.returncode is None:
                process.kill()
                await process.wait()
        last = await hearing
        if last is None or not last.ended:
            return Report(self._now, ended=True, error=f"its process ended with {_how(process)}; see {self.log}")
        return last

    async def _hear_all(self, said: asyncio.StreamReader) -> Report | None:
        last = None
        async for line in said:
            last = msgspec.json.decode(line, type=Report)
            self._hear(last)
        return last

    # In ours

    async def _run_task(self, job: Job, stop: asyncio.Event) -> Report:
        ended = Report(Figures(), ended=True)

        def say(report: Report) -> None:
            nonlocal ended
            ended = report
            self._hear(report)

        _member.set(self.name)
        with _logged(self.name, self.log):
            await work(job, stop, say)
        return ended


def _how(process: asyncio.subprocess.Process) -> str:
    code = process.returncode or 0
    return f"signal {-code}" if code < 0 else f"exit code {code}"


@contextlib.contextmanager
def _logged(name: str, path: Path) -> Iterator[None]:
    """What is logged on behalf of this member goes to its file, too."""
    handler = logging.FileHandler(path)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    handler.addFilter(lambda _: _member.get() == name)
    log = logging.getLogger()
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)
        handler.close()
