"""Random agents, mounted by agent_kit as any author would.

    python -m benchmarks.agents [--think SECONDS] SLOTS FILE.creds ...

think: how long they take for a move on average, each time another while; without it they answer at once.
"""

import argparse
import asyncio
import random
import signal
from collections.abc import Awaitable, Callable

import uvloop

from agent_kit import Turn, play


def at_once(turn: Turn) -> int:
    """Any legal action."""
    assert turn.legal
    return random.choice(turn.legal)


def thoughtful(think_s: float) -> Callable[[Turn], Awaitable[int]]:
    """A policy that takes its time."""

    async def policy(turn: Turn) -> int:
        await asyncio.sleep(think_s * 2 * random.random())
        return at_once(turn)

    return policy


async def run(think_s: float, slots: int, files: list[str]) -> None:
    """Play with all of them until told to stop."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    policy = thoughtful(think_s) if think_s else at_once
    await asyncio.gather(*(play(policy, creds=file, games=["connect_four"], slots=slots, stop=stop) for file in files))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--think", type=float, default=0.0)
    parser.add_argument("slots", type=int)
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    uvloop.run(run(options.think, options.slots, options.files))
