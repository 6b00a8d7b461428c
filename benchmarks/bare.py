"""The bare loop: PettingZoo and NATS request-reply, nothing else. What the platform is measured against.

    python -m benchmarks.bare agent URL            answers every request with a random legal action
    python -m benchmarks.bare play URL MATCHES SECONDS [durable]

`durable` also awaits a JetStream publish of each move before the next observation.  Prints one JSON line.
"""

import asyncio
import random
import sys
import time

import msgspec
import nats
import numpy as np
import uvloop
from nats.aio.msg import Msg
from pettingzoo.classic import connect_four_v3

SUBJECT = "bench.agent"
STREAM = "BENCH"


async def agent(url: str) -> None:
    """Answer until killed."""
    client = await nats.connect(url)

    async def answer(message: Msg) -> None:
        turn = msgspec.json.decode(message.data)
        await message.respond(msgspec.json.encode({"ply": turn["ply"], "action": random.choice(turn["legal"])}))

    await client.subscribe(SUBJECT, cb=answer)
    print("ready", flush=True)
    await asyncio.Event().wait()


async def play(url: str, matches: int, seconds: float, durable: bool) -> dict[str, float]:
    """Play `matches` at once for `seconds`; moves a second, and milliseconds per move."""
    client = await nats.connect(url)
    stream = client.jetstream(publish_async_max_pending=10_000)
    if durable:
        await stream.add_stream(name=STREAM, subjects=["bench.event.>"])
    times: list[float] = []
    end = time.perf_counter() + seconds

    async def match(number: int) -> None:
        env = connect_four_v3.env()
        subject = f"bench.event.{number}"
        seed = number
        while time.perf_counter() < end:
            seed += matches
            env.reset(seed=seed)
            ply = 0
            began = time.perf_counter()
            for _ in env.agent_iter():
                observation, _, terminated, truncated, _ = env.last()
                if terminated or truncated:
                    env.step(None)
                    continue
                legal = np.flatnonzero(observation["action_mask"]).tolist()
                turn = {"ply": ply, "observation": observation["observation"].tolist(), "legal": legal}
                reply = await client.request(SUBJECT, msgspec.json.encode(turn), timeout=10)
                action = msgspec.json.decode(reply.data)["action"]
                env.step(action)
                if durable:
                    await stream.publish(subject, msgspec.json.encode({"ply": ply, "action": action}))
                ply += 1
                now = time.perf_counter()
                times.append(now - began)
                began = now

    began_all = time.perf_counter()
    await asyncio.gather(*(match(number) for number in range(matches)))
    lasted = time.perf_counter() - began_all
    if durable:
        await stream.delete_stream(STREAM)
    await client.close()
    return {
        "moves_per_s": len(times) / lasted,
        "p50_ms": float(np.percentile(times, 50)) * 1000,
        "p99_ms": float(np.percentile(times, 99)) * 1000,
        "cpu_us_per_move": time.process_time() / len(times) * 1e6,
    }


def main() -> None:
    """The command line of this module's docstring."""
    role, url, *rest = sys.argv[1:]
    if role == "agent":
        uvloop.run(agent(url))
    else:
        result = uvloop.run(play(url, int(rest[0]), float(rest[1]), "durable" in rest))
        print(msgspec.json.encode(result).decode())


if __name__ == "__main__":
    main()
