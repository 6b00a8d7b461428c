"""A child process for the supervisor's tests: `python -m tests.stack.child WHAT [FILE]`.

It says that it is ready by a line to the Unix socket READY: its name and pid.
"""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from arena.stack.processes import die_with_parent

what, *rest = sys.argv[1:]


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


say(f"this is {what}")
if what == "misconfigured":
    sys.exit(2)
if what == "once":  # crashes the first time
    marker = Path(rest[0])
    if not marker.exists():
        marker.touch()
        sys.exit(3)
if what == "parent":  # starts a child as the stack does, says its pid, and waits to be killed
    command = [sys.executable, "-c", "import signal; signal.pause()"]
    ask = die_with_parent(signal.SIGTERM)
    say(str(subprocess.Popen(command, preexec_fn=ask, start_new_session=True).pid))  # noqa: S603, PLW1509 - as there
if what == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if "READY" in os.environ:
    with socket.socket(socket.AF_UNIX) as ready:
        ready.connect(os.environ["READY"])
        ready.sendall(f"{os.getpid()}\n".encode())
signal.pause()
