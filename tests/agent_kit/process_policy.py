"""Policies for other processes: these must be importable there."""

import os
from typing import Any

from agent_kit import Turn


class Where:
    """Plays 1 in any process but the one it was made in."""

    def __init__(self) -> None:
        self.made_in = os.getpid()

    def __call__(self, turn: Turn) -> int:
        return int(os.getpid() != self.made_in and turn.legal is None)


def leave(_: Turn) -> Any:
    """Dies, as a segmentation fault would."""
    os._exit(1)
