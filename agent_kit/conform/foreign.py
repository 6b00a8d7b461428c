"""The program that is tried: any language, started with two environment variables."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from agent_kit.errors import MountFailed
from arena.stack.processes import die_with_parent

LAST_WORDS = 4_000  # characters of its output that are looked at
KILLED_S = 10.0


class Foreign:
    """A running program. Its output goes to `output`; `ended` is called when it is gone."""

    def __init__(self, process: asyncio.subprocess.Process, output: Path, ended: Callable[[], None]) -> None:
        self._process = process
        self.output = output
        self._watch = asyncio.create_task(self._wait(ended))

    @classmethod
    async def start(
        cls, command: Sequence[str], environ: Mapping[str, str], output: Path, ended: Callable[[], None]
    ) -> "Foreign":
        """Start it in the folder we are in. Raises MountFailed."""
        with output.open("ab") as file:
            try:
                process = await asyncio.create_subprocess_exec(
                    *command,
                    env={**os.environ, **environ},
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=file,
                    stderr=file,
                    start_new_session=True,  # so that what it starts itself can be ended with it
                    preexec_fn=die_with_parent(signal.SIGTERM),
                )
            except OSError as error:
                raise MountFailed(f"cannot start {command[0]}: {error}") from error
        return cls(process, output, ended)

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative: the signal that ended it."""
        return self._process.returncode

    def terminate(self) -> None:
        """SIGTERM, to the program itself: what it started is its own affair."""
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()

    def said(self) -> str:
        """Its last words."""
        return self.output.read_text(errors="replace")[-LAST_WORDS:].strip()

    async def close(self) -> None:
        """Kill it, and all it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        async with asyncio.timeout(KILLED_S):
            await self._watch

    async def _wait(self, ended: Callable[[], None]) -> None:
        await self._process.wait()
        ended()
