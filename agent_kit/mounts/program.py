"""A process that is spoken to line by line on its standard streams. What it writes to stderr is shown as it is."""

import contextlib
import subprocess
import threading
from collections.abc import Callable, Sequence

from agent_kit.errors import MountFailed

END_S = 5.0  # for a process to be gone
EXIT_S = 1.0  # for one that said its last to have an exit code


class Program:
    """A running process. `heard` gets each line of its output, in a thread, and None once it has ended."""

    def __init__(self, command: Sequence[str], heard: Callable[[str | None], None]) -> None:
        """Start it. Raises MountFailed."""
        try:
            process = subprocess.Popen(  # noqa: S603 - the author's own command
                list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8", errors="replace"
            )
        except OSError as error:
            raise MountFailed(f"cannot start {command[0]}: {error}") from error
        if process.stdin is None or process.stdout is None:
            raise AssertionError("unreachable: both are pipes")
        self._process, self._stdin, self._stdout = process, process.stdin, process.stdout
        self._heard = heard
        self._reader = threading.Thread(target=self._read, name=f"read {command[0]}", daemon=True)
        self._reader.start()

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative: the signal that ended it."""
        return self._process.poll()

    def send(self, line: str) -> None:
        """Write one line. Blocks while the process does not read. Raises OSError or ValueError if it has ended."""
        self._stdin.write(f"{line}\n")
        self._stdin.flush()

    def finish(self) -> None:
        """Close its input, give it some seconds to end by itself, and free what it held."""
        with contextlib.suppress(OSError, ValueError):
            self._stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(END_S)
        self.close()

    def close(self) -> None:
        """Kill it, and free what it held."""
        self._process.kill()
        self._process.wait(END_S)
        if threading.current_thread() is not self._reader:
            self._reader.join(END_S)
        for pipe in (self._stdin, self._stdout):
            with contextlib.suppress(OSError, ValueError):
                pipe.close()

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            for line in self._stdout:
                self._heard(line.rstrip("\r\n"))
        with contextlib.suppress(subprocess.TimeoutExpired):  # it has closed its output: its exit code comes now
            self._process.wait(EXIT_S)
        self._heard(None)
