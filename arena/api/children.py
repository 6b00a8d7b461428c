"""Child processes in which environments run: other people's code, and one that hangs or crashes costs a child."""

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

ANSWER_BYTES_MAX = 64 * 1024 * 1024


class Children:
    """The children of one kind: each runs `python -m <module>` and speaks as `arena.review.pipe` does."""

    def __init__(self, module: str, games_file: Path | None) -> None:
        self._command = [sys.executable, "-m", module, *([str(games_file)] if games_file else [])]
        self._all: set[Process] = set()

    async def start(self) -> Process:
        """One more."""
        child = await asyncio.create_subprocess_exec(*self._command, stdin=PIPE, stdout=PIPE, start_new_session=True)
        self._all.add(child)
        return child

    async def end(self, child: Process) -> None:
        """One less, with whatever its environments started."""
        self._all.discard(child)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        await child.wait()

    async def stop(self) -> None:
        """End all of them."""
        for child in list(self._all):
            await self.end(child)


async def exchange(child: Process, request: bytes) -> bytes:
    """What it answers to a request. Raises OSError and asyncio.IncompleteReadError: it ended, or says nonsense."""
    send(child, request)
    assert child.stdin  # noqa: S101 - they are pipes
    await child.stdin.drain()
    return await receive(child)


def send(child: Process, request: bytes) -> None:
    """Ask it; it answers in the order in which it was asked."""
    assert child.stdin  # noqa: S101
    child.stdin.write(len(request).to_bytes(4) + request)


async def receive(child: Process) -> bytes:
    """Its next answer. Raises as `exchange`."""
    assert child.stdout  # noqa: S101
    length = int.from_bytes(await child.stdout.readexactly(4))
    if length > ANSWER_BYTES_MAX:
        raise OSError(f"an answer of {length:,} bytes")
    return await child.stdout.readexactly(length)
