"""Child processes that cannot outlive their parent, and pid files that cannot mean somebody else's process."""

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import msgspec
import psutil

_PR_SET_PDEATHSIG = 1


def die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """A `preexec_fn`: the kernel sends the child this signal when its parent dies, however it dies. Linux only.

    The parent is the *thread* that starts the child: start children from the main thread.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl  # looked up here: nothing may be loaded between fork and exec
    parent = os.getpid()

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return ask


class PidFile:
    """{home}/run/<name>.pid: a process of ours and when it began, so that a reused pid is told from it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, pid: int) -> None:
        """Note that this process is ours."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(f"{pid} {psutil.Process(pid).create_time()}\n")

    def running(self) -> int | None:
        """Its pid if that very process still runs."""
        try:
            pid, began = self.path.read_text().split()
            process = psutil.Process(int(pid))
            if process.status() != psutil.STATUS_ZOMBIE and abs(process.create_time() - float(began)) < 0.1:
                return int(process.pid)
        except (OSError, ValueError, psutil.NoSuchProcess):
            pass  # no file, a torn one, or nobody
        return None

    def remove(self) -> None:
        """Forget it."""
        self.path.unlink(missing_ok=True)


async def end(pid: int, number: signal.Signals, timeout_s: float) -> bool:
    """Ask a process (child or not) to end, wait, and kill it if it does not. True if it went by itself."""
    try:
        process = psutil.Process(pid)
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return True
    if await _gone(process, timeout_s):
        return True
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return True
    await _gone(process, 5)
    return False


async def _gone(process: psutil.Process, timeout_s: float) -> bool:
    try:
        async with asyncio.timeout(timeout_s):
            while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:  # noqa: ASYNC110 - no child
                await asyncio.sleep(0.02)
    except TimeoutError:
        return False
    except psutil.NoSuchProcess:
        pass
    return True


async def together(*work: Coroutine[Any, Any, Any]) -> None:
    """Do all of it at once. When one part fails, the others are cancelled and waited for, and its error is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            for part in work:
                group.create_task(part)
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None


class ServerError(Exception):
    """An embedded server did not start. The message says why, and where its log is."""


def tail(log: Path, lines: int = 5) -> str:
    """Last lines of a log, for an error's message. Of our own services' lines: the event, and what went wrong."""
    if not log.exists():
        return "(it wrote no log)"
    return "\n".join(map(_readable, log.read_text(errors="replace").splitlines()[-lines:]))


def _readable(line: str) -> str:
    try:
        found = msgspec.json.decode(line, type=dict[str, Any])
    except msgspec.DecodeError:
        return line
    reason = str(found.get("exception", found.get("error", ""))).strip().splitlines()
    return f"{found.get('event')}: {reason[-1]}" if reason else str(found.get("event"))
