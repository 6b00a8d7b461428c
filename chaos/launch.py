"""A service as `python -m arena ROLE` starts it, under two influences that the platform itself knows nothing of.

    CHAOS_CLOCK=FILE   eight bytes (a little-endian double): seconds by which this process' wall clock is wrong
    CHAOS_BREAK=NAME   one of `chaos.broken.BREAKAGES`, applied if it is meant for this role

The clock is bent before anything of the platform is imported: whoever asks `time.time()` sees it jump.
"""

import mmap
import os
import struct
import sys
import time
from pathlib import Path

OFFSET = struct.Struct("<d")


def set_offset(path: Path, seconds: float) -> None:
    """Make the wall clock of the processes that were started with this file wrong by so much, at once."""
    with path.open("r+b" if path.exists() else "w+b") as file:
        file.write(OFFSET.pack(seconds))


def bend_clock(path: Path) -> None:
    """From now on the wall clock of this process is off by what stands in the file. Monotonic clocks are not."""
    with path.open("r+b") as file:
        shared = mmap.mmap(file.fileno(), OFFSET.size)
    true_s, true_ns = time.time, time.time_ns

    def offset_s() -> float:
        return float(OFFSET.unpack_from(shared)[0])

    time.time = lambda: true_s() + offset_s()
    time.time_ns = lambda: true_ns() + int(offset_s() * 1e9)


def main(role: str) -> int:
    """Run the service in this process; returns its exit code."""
    if clock := os.environ.get("CHAOS_CLOCK"):
        bend_clock(Path(clock))
    if name := os.environ.get("CHAOS_BREAK"):
        from chaos.broken import BREAKAGES

        meant_for, apply = BREAKAGES[name]
        if role == meant_for:
            apply()
    from arena.cli.root import main as run

    return run([role])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
