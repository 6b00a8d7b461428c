"""The processes of one run: who is ready, who ended, and what CPU they used."""

import asyncio
import contextlib
import sys
import time
from pathlib import Path
from typing import NamedTuple

import psutil

from arena.stack.processes import tail

READY_S = 60.0


class _Running(NamedTuple):
    name: str
    process: asyncio.subprocess.Process
    log: Path


class Processes:
    """The children of one run, and what CPU they used."""

    def __init__(self, environment: dict[str, str], logs: Path) -> None:
        self._environment = environment
        self._logs = logs
        self._running: list[_Running] = []
        self._pids: dict[str, list[int]] = {}

    def watch(self, name: str, pid: int) -> None:
        """Measure a process that somebody else started, with its children."""
        self._pids.setdefault(name, []).append(pid)

    async def start(self, name: str, *arguments: str) -> asyncio.subprocess.Process:
        """Start `python ARGUMENTS`; its output goes to a log file."""
        with (self._logs / f"{name}-{len(self._running)}.log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, *arguments, env=self._environment, stdout=log, stderr=log
            )
        self._running.append(_Running(name, process, Path(log.name)))
        self.watch(name, process.pid)
        return process

    async def until_ready(self, **said: str) -> None:
        """Wait until each of these has logged that it is ready. Raises SystemExit, and says who is not."""
        deadline_s = time.monotonic() + READY_S
        for name, words in said.items():
            for one in self._running:
                while one.name == name and words not in one.log.read_text():
                    if one.process.returncode is not None or time.monotonic() > deadline_s:
                        raise SystemExit(f"the {name} is not ready within {READY_S:g} s\n{self.report()}")
                    await asyncio.sleep(0.1)

    async def ended(self) -> None:
        """Wait until one of them ends, which none should."""
        waiting = [asyncio.create_task(one.process.wait()) for one in self._running]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()

    def report(self) -> str:
        """What became of each, with the last line that it wrote."""
        lines = []
        for name, process, log in self._running:
            state = "runs" if process.returncode is None else f"ended with {process.returncode}"
            lines.append(f"{name} {state}; it wrote last: {tail(log, 1) or 'nothing'}")
        return "\n".join(lines)

    def cpu(self) -> dict[str, float]:
        """CPU seconds of each name until now."""
        return {name: sum(_cpu_s(pid) for pid in pids) for name, pids in self._pids.items()}

    async def stop(self) -> None:
        """End them, the newest first."""
        for _, process, _ in reversed(self._running):
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            try:
                async with asyncio.timeout(10):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()


def _cpu_s(pid: int) -> float:
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        return sum(sum(member.cpu_times()[:2]) for member in family)
    except psutil.NoSuchProcess:
        return 0.0
