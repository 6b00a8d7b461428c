"""One instance that plays: in this process beside others, or alone in one (`python -m agent_kit.fleet.worker`).

A process of its own reads a Job from its first line of standard input, and leaves when that input ends: gracefully,
even where its parent was killed. It says what happens in lines of JSON on standard output; what the policy prints goes
to standard error, which is its log.
"""

import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable

import msgspec

from agent_kit.errors import AgentKitError, CredentialsError, Refused
from agent_kit.fleet.figures import Figures, Tally
from agent_kit.fleet.file import Entry
from agent_kit.mount import Options, new_loop, play
from agent_kit.observed import Observed
from agent_kit.specs import load
from arena.wire.faults import RefusalCode

EVERY_S = 0.5  # between two reports
FOR_GOOD = {RefusalCode.MALFORMED, RefusalCode.PROTOCOL, RefusalCode.UNKNOWN_AGENT}  # no patience mends it


class Job(msgspec.Struct, frozen=True):
    """What a process of its own shall play."""

    entry: Entry
    instance: str


class Report(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a process of its own says. error: why it ends; for_good: there is no sense in starting it again."""

    figures: Figures
    online: bool = False  # it has been in the lobby
    ended: bool = False
    error: str = ""
    for_good: bool = False


async def work(job: Job, stop: asyncio.Event, say: Callable[[Report], None]) -> None:
    """Play until `stop`, saying now and then how it goes, and at last how it ended. Raises nothing."""
    tally = Tally()
    entry = job.entry
    try:
        policy = Observed(load(entry.policy, entry.arguments), tally)
    except Exception as error:
        logging.getLogger("agent_kit").error("cannot load %s", entry.policy, exc_info=error)
        say(Report(tally.figures(), ended=True, error=f"{entry.policy}: {_words(error)}", for_good=True))
        return
    options = Options(
        creds=entry.creds, slots=entry.slots, matches=entry.matches, instance=job.instance, encoding=entry.encoding,
        same_owner=entry.same_owner, stateless=entry.stateless, ladder=entry.ladder,
        opponents=entry.opponents, unrated=entry.unrated, patient=entry.patient,
    )  # fmt: skip
    if entry.games:
        options["games"] = entry.games
    if entry.url:
        options["url"] = entry.url
    arrived = asyncio.Event()
    reporting = asyncio.create_task(_report(tally, arrived, say))
    ended = Report(Figures(), ended=True)
    try:
        await play(policy, stop=stop, arrived=arrived.set, **options)
    except AgentKitError as error:
        for_good = isinstance(error, CredentialsError) or (isinstance(error, Refused) and error.code in FOR_GOOD)
        ended = msgspec.structs.replace(ended, error=_words(error), for_good=for_good)
        logging.getLogger("agent_kit").error("%s", ended.error)
    finally:
        reporting.cancel()
    figures = msgspec.structs.replace(tally.figures(), running=0)
    say(msgspec.structs.replace(ended, figures=figures))


async def _report(tally: Tally, arrived: asyncio.Event, say: Callable[[Report], None]) -> None:
    await arrived.wait()
    said = None
    while True:
        if (figures := tally.figures()) != said:
            said = figures
            say(Report(figures, online=True))
        await asyncio.sleep(EVERY_S)


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def main() -> None:
    """A process of its own."""
    said = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # the policy's prints
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    job = msgspec.json.decode(sys.stdin.buffer.readline(), type=Job)

    def say(report: Report) -> None:
        with contextlib.suppress(OSError):  # the parent is gone: its end of the input tells
            said.write(msgspec.json.encode(report) + b"\n")

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(_until_told(job, say))
        logging.shutdown()
        sys.stdout.flush()
        os._exit(0)  # a policy that still thinks in its thread, perhaps for ever, is not waited for


async def _until_told(job: Job, say: Callable[[Report], None]) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()

    def watch() -> None:
        sys.stdin.buffer.read()
        with contextlib.suppress(RuntimeError):  # it has ended by itself
            loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=watch, daemon=True).start()
    with contextlib.suppress(NotImplementedError):  # Windows
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
    await work(job, stop, say)


if __name__ == "__main__":
    main()
