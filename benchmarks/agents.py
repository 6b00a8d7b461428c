"""Random agents, mounted by agent_kit as any author would: `python -m benchmarks.agents SLOTS FILE.creds ...`."""

import asyncio
import random
import signal
import sys

import uvloop

from agent_kit import Turn, play


def policy(turn: Turn) -> int:
    """Any legal action."""
    assert turn.legal
    return random.choice(turn.legal)


async def run(slots: int, files: list[str]) -> None:
    """Play with all of them until told to stop."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await asyncio.gather(*(play(policy, creds=file, games=["connect_four"], slots=slots, stop=stop) for file in files))


if __name__ == "__main__":
    uvloop.run(run(int(sys.argv[1]), sys.argv[2:]))
