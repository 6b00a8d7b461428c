"""Two agents for benchmarks.flood: `python -m benchmarks.flooder flood|answer FILE.creds`.

`flood` beats as fast as its connection takes it, and comes back when it is kicked. `answer`
answers every turn at once. Both speak NATS without agent_kit: what is measured is the server and the warden.
"""

import asyncio
import contextlib
import sys
from pathlib import Path

import uvloop

from agent_kit.credentials import read
from arena.bus import Bus, Msg, connect
from arena.wire import subjects

AT_ONCE = 500


async def run(part: str, creds: str) -> None:
    """Until the server closes the connection for good."""
    me = read(creds)
    bus = await connect(me.url, Path(creds), name=f"{me.agent}/i1", inbox=subjects.inbox(me.agent))
    if part == "flood":
        await flood(bus, me.agent)
    else:
        await answer(bus, me.agent)


async def flood(bus: Bus, agent: str) -> None:
    """Beats: an agent may publish them."""
    subject = subjects.BEAT.at(agent=agent)
    while not bus.closed.is_set():
        with contextlib.suppress(Exception):  # kicked: nats-py is about to connect again
            for _ in range(AT_ONCE):
                await bus.publish(subject, b"x" * 100)
        await asyncio.sleep(0)


async def answer(bus: Bus, agent: str) -> None:
    """Any payload will do: nobody plays."""

    async def reply(message: Msg) -> None:
        await bus.publish(message.reply, b"{}")

    await bus.subscribe(subjects.said_to(agent), reply)
    await bus.closed.wait()


if __name__ == "__main__":
    uvloop.run(run(sys.argv[1], sys.argv[2]))
