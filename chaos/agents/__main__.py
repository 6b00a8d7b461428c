"""One agent process, until SIGTERM."""

import argparse
import asyncio
import random
import signal
import time
from pathlib import Path

import uvloop

from agent_kit.credentials import read
from chaos.agents import BEHAVIOURS, Setting
from chaos.records import Witness

PULSE_S = 0.02
STALL_S = 0.03


async def main(options: argparse.Namespace) -> None:
    """Behave as told, then leave."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    identity = read(options.creds, options.url)
    with Witness(options.records, options.name, identity.agent) as witness:
        setting = Setting(
            creds=options.creds,
            url=identity.url,
            games=options.games.split(","),
            slots=options.slots,
            behaviour=options.behaviour,
            seed=options.seed,
            records=options.records,
            name=options.name,
            witness=witness,
            rng=random.Random(options.seed),
            stop=stop,
        )
        watching = asyncio.create_task(_note_stalls(witness))
        try:
            await BEHAVIOURS[options.behaviour].play(setting)
        finally:
            watching.cancel()
            witness.note("bye")


async def _note_stalls(witness: Witness) -> None:
    """Note when this process did not run: on a busy machine that time is not the platform's, nor is it thinking."""
    last_s = time.monotonic()
    while True:
        await asyncio.sleep(PULSE_S)
        now_s = time.monotonic()
        if now_s - last_s - PULSE_S > STALL_S:
            witness.note("stall", think_ms=round((now_s - last_s) * 1000, 3))
        last_s = now_s


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m chaos.agents")
    parser.add_argument("--creds", type=Path, required=True)
    parser.add_argument("--url", default=None)
    parser.add_argument("--games", required=True, help="names, separated by commas")
    parser.add_argument("--slots", type=int, default=1)
    parser.add_argument("--behaviour", choices=sorted(BEHAVIOURS), required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--records", type=Path, required=True, help="folder")
    parser.add_argument("--name", required=True, help="instance, and file of records")
    return parser.parse_args()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(parse()))
