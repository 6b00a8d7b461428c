"""`run(policy)`: the one call that mounts an agent."""

import asyncio
import contextlib
import os
import secrets
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TypedDict, Unpack

import msgspec

from agent_kit.client import Instance
from agent_kit.credentials import read
from agent_kit.errors import Refused
from agent_kit.policy import Agent, Policy, Runner
from arena.wire.faults import RefusalCode
from arena.wire.lobby import Encoding, Hello, Opponents

VERSION = "0.1.0"
LEAVE_WAIT_S = 120.0
ALL_GAMES = ("*",)


class Options(TypedDict, total=False):
    """How to mount an agent; all of it is optional but the credentials.

    creds: the credentials file (default: environment variable ARENA_CREDS). games: names (default: the policy's
    `games`, or all the platform has). slots: matches played at once (default 1). matches: leave after this many
    (default: never). url: address of NATS (default: as noted in the credentials file). instance: name of this process
    if you run several (default: random). same_owner: may meet your own other agents. stateless: your policy answers
    from the turn alone, so any instance of this agent that says so may go on with the matches of one that is gone;
    turns then carry `turn.history` where the game hides things (default False). ladder: play the ladder's matches too
    (default True), not only those that somebody asks for. opponents: whom you want to meet in rated matches, by rating:
    any of `mu_min`, `mu_max` and `within` (of your own), as {"within": 5.0} (default: anybody). unrated: also unrated
    matches that somebody asks for (default True). patient: also matches by the clock for people, who may take ten
    minutes for a move (default True). encoding: "msgpack" (default) or "json".
    """

    creds: str | os.PathLike[str]
    games: Sequence[str]
    slots: int
    matches: int
    url: str
    instance: str
    same_owner: bool
    stateless: bool
    ladder: bool
    opponents: Mapping[str, float]
    unrated: bool
    patient: bool
    encoding: Encoding


def run(policy: Policy | Agent, **options: Unpack[Options]) -> int:
    """Play until Ctrl-C (or for `matches` matches); returns how many were played. Blocks: `play` is its async form.

    policy: a function turn -> action, plain or async, or an `Agent`; options: see `Options`.
    Raises CredentialsError, ConnectionFailed, Refused, Revoked, or PolicyError when your policy raises.
    """
    with asyncio.Runner(loop_factory=new_loop) as runner:
        return runner.run(_until_signalled(policy, options))


async def play(
    policy: Policy | Agent,
    *,
    stop: asyncio.Event | None = None,
    arrived: Callable[[], None] | None = None,
    **options: Unpack[Options],
) -> int:
    """As `run`, in a running event loop; leaves gracefully when `stop` is set. `arrived()` is called in the lobby."""
    stop = stop or asyncio.Event()
    identity = read(options.get("creds"), options.get("url"))
    hello = hello_of(Options(games=getattr(policy, "games", ALL_GAMES)) | options)
    runner = Runner(policy, threads=hello.slots)
    instance = Instance(identity, hello, runner, options.get("matches", 0))
    try:
        if await _arrive(instance, stop):
            if arrived is not None:
                arrived()
            await _first(instance.finished, stop)
        await instance.leave(LEAVE_WAIT_S if instance.failure is None else 0)
        if instance.failure is not None:
            raise instance.failure
        return instance.played
    finally:
        await instance.close()
        runner.close()


def hello_of(options: Options) -> Hello:
    """What we say to the lobby. Raises Refused for what it would refuse as malformed."""
    games = options.get("games", ALL_GAMES)
    hello = Hello(
        instance=options.get("instance") or f"i{secrets.token_hex(4)}",
        games=[games] if isinstance(games, str) else list(games),
        slots=options.get("slots", 1),
        encoding=options.get("encoding", "msgpack"),
        same_owner=options.get("same_owner", False),
        stateless=options.get("stateless", False),
        ladder=options.get("ladder", True),
        unrated=options.get("unrated", True),
        patient=options.get("patient", True),
        kit=f"agent_kit/{VERSION} python/{sys.version_info.major}.{sys.version_info.minor}",
    )
    opponents = dict(options.get("opponents", {}))
    try:
        if unknown := opponents.keys() - set(Opponents.__struct_fields__):
            known = ", ".join(Opponents.__struct_fields__)
            raise msgspec.ValidationError(f"opponents: expected any of {known}, got {', '.join(sorted(unknown))}")
        return msgspec.convert(msgspec.to_builtins(hello) | {"opponents": opponents}, Hello)
    except msgspec.ValidationError as error:
        raise Refused(RefusalCode.MALFORMED, str(error)) from error


async def _until_signalled(policy: Policy | Agent, options: Options) -> int:
    """The first Ctrl-C (or SIGTERM) leaves gracefully, the second one kills."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()

    def leave(number: signal.Signals) -> None:
        loop.remove_signal_handler(number)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError, ValueError, RuntimeError):  # not the main thread, or Windows
            loop.add_signal_handler(number, leave, number)
    return await play(policy, stop=stop, **options)


async def _arrive(instance: Instance, stop: asyncio.Event) -> bool:
    """Whether the lobby welcomed it; not where it is told to stop before: a match may be made for it all the same."""
    arriving, stopping = asyncio.create_task(instance.arrive()), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({arriving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if arriving.done():
            await arriving
        return arriving.done()
    finally:
        arriving.cancel()
        stopping.cancel()


async def _first(*events: asyncio.Event) -> None:
    """Wait for the first of the events."""
    tasks = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


def new_loop() -> asyncio.AbstractEventLoop:
    """On uvloop where it is installed: a third faster, otherwise the same."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()
