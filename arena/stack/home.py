"""The state folder: one `arena up` at a time in each."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK = "up.lock"


class HomeTaken(Exception):
    """Another `arena up` runs in this folder. The message names its process."""


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Make the folder if need be, and keep it for this process. Raises HomeTaken.

    The lock is the kernel's and goes with the process, however it ends: there is no stale one.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    (home / "run").mkdir(mode=0o700, exist_ok=True)
    with (home / "run" / LOCK).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise HomeTaken(
                f"process {file.read().strip() or '(unknown)'} runs `arena up` in {home} already: end it first, "
                "or set ARENA_HOME (and ARENA_NATS_PORT, ARENA_API_PORT) for a second platform"
            ) from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
