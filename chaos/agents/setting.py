"""What every agent is given, and how it chooses among legal actions."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chaos.records import Witness


@dataclass(frozen=True)
class Setting:
    """One agent process."""

    creds: Path
    url: str  # of NATS
    games: list[str]
    slots: int
    behaviour: str
    seed: int
    records: Path  # folder
    name: str  # of this process: its instance, and its file of records
    witness: Witness
    rng: random.Random
    stop: asyncio.Event  # set: leave gracefully


def choose(rng: random.Random, legal: Sequence[int] | None, actions: range) -> Any:
    """Any legal action; any action of the game where it has no mask."""
    return rng.choice(legal or actions)


async def pause(stop: asyncio.Event, seconds: float) -> bool:
    """Wait; False as soon as `stop` is set."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return True
    return False
