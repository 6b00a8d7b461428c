"""From agents that live in an event loop to a loop of the user's own that blocks.

the user's thread                                the bridge's thread: an event loop with the instances
    next()                        <- inbox <-    Asked, Ended, Noticed, Failed
    answer, abandon, seek, rest, close  ->       the connection, the lobby, heartbeats

Whatever the user's thread does, and however long, the connection lives.  What it raises here in its own thread: errors
of the bridge's thread, and KeyboardInterrupt.
"""

import asyncio
import atexit
import contextlib
import logging
import os
import queue
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any, TypedDict

import msgspec

from agent_kit.client import MISSED, Instance
from agent_kit.credentials import read
from agent_kit.errors import AgentKitError, ConnectionFailed
from agent_kit.mount import Options, hello_of, new_loop
from agent_kit.policy import Agent, Runner
from agent_kit.spaces import GameSpaces
from agent_kit.turn import Over, Turn
from arena.wire.faults import NoticeCode
from arena.wire.lobby import Encoding, GameInfo

Creds = str | os.PathLike[str] | None
CLOSE_WAIT_S = 10.0  # how long a match that is left unfinished is played on when its environment is closed
JOIN_S = 5.0  # and how long closing the connections may take on top of that
CLOSED = "the environment is closed"
WAKE_S = 1.0  # where a wait for a lock does not hear of Ctrl-C (Windows), it is heard so late at most

log = logging.getLogger("agent_kit")


class Mounting(TypedDict, total=False):
    """Options of `agent_kit.run` that environments take too, and they mean the same."""

    url: str
    instance: str
    same_owner: bool
    encoding: Encoding


class Asked(msgspec.Struct, frozen=True, eq=False):
    """A player's turn. `answer` is of the bridge's thread."""

    player: int
    turn: Turn
    answer: "asyncio.Future[Any]"


class Ended(msgspec.Struct, frozen=True):
    """A player's match is over."""

    player: int
    over: Over


class Noticed(msgspec.Struct, frozen=True):
    """The platform said something to a player."""

    player: int
    code: str
    message: str
    match: str | None


class Failed(msgspec.Struct, frozen=True):
    """Nothing more will come."""

    error: BaseException


Event = Asked | Ended | Noticed | Failed


class Bridge:
    """Own agents ("players", by number), each with one instance that plays one game.

    Raises CredentialsError, ConnectionFailed or Refused. Players rest at first: they get matches once they `seek`.
    """

    def __init__(self, game: str, players: Sequence[Creds], slots: int, options: Mounting) -> None:
        mounted: Options = {**options, "games": [game], "slots": slots}  # type: ignore[typeddict-item]
        self._hellos = [hello_of(mounted) for _ in players]
        self._identities = [read(creds, options.get("url")) for creds in players]
        self._inbox: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._failure: BaseException | None = None
        self._lines: list[_Line] = []
        self._instances: list[Instance] = []
        self._moving: dict[int, asyncio.Task[None]] = {}  # into the lobby or out of it
        self._ready: Future[GameInfo] = Future()
        self._loop = new_loop()
        self._stop = asyncio.Event()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="agent_kit", daemon=True)
        self._thread.start()
        atexit.register(self.close)
        try:
            self.info = self._ready.result()
            self.spaces = GameSpaces(self.info)
        except BaseException:
            self.close()
            raise
        for line in self._lines:
            line.spare = self.spaces.spare

    # The user's thread

    def next(self, timeout_s: float | None = None) -> Event:
        """What came next. Raises TimeoutError, and what made the connection fail (every time from then on)."""
        until_s = float("inf") if timeout_s is None else time.monotonic() + timeout_s
        while self._failure is None:
            left_s = until_s - time.monotonic()
            try:
                event = self._inbox.get(timeout=max(min(left_s, WAKE_S), 0))
            except queue.Empty:
                if left_s <= 0:
                    raise TimeoutError from None
                continue
            if not isinstance(event, Failed):
                return event
            self._failure = event.error
        raise self._failure

    def answer(self, asked: Asked, action: Any) -> None:
        """Play an action at this turn. Where the match is over already, nothing happens."""
        self._tell(_settle, asked.answer, action)

    def abandon(self, match: str) -> None:
        """The user's loop plays this match no more: it is played to its end by legal moves drawn at random."""
        self._tell(self._abandon, match)

    def seek(self, player: int) -> None:
        """Let the player be given matches."""
        self._tell(self._move, player, True)

    def rest(self, player: int) -> None:
        """Let the player be given no matches."""
        self._tell(self._move, player, False)

    def stop(self) -> None:
        """As `close`, without waiting for it: from any thread."""
        self._closed = True
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._stop.set)

    def close(self) -> None:
        """Leave: matches that run are played on at random, for CLOSE_WAIT_S at most. Twice is once."""
        self.stop()
        if threading.current_thread() is not self._thread:
            self._thread.join(CLOSE_WAIT_S + JOIN_S)

    def _tell(self, what: Any, *arguments: Any) -> None:
        if self._closed:
            raise AgentKitError(CLOSED)
        with contextlib.suppress(RuntimeError):  # the loop is closed: `next` tells why
            self._loop.call_soon_threadsafe(what, *arguments)

    # The bridge's thread

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            try:
                runner.run(self._live())
                self._inbox.put(Failed(AgentKitError(CLOSED)))
            except BaseException as error:  # noqa: BLE001 - the user's thread raises it
                self._inbox.put(Failed(error))
                if not self._ready.done():
                    self._ready.set_exception(error)
        atexit.unregister(self.close)

    async def _live(self) -> None:
        runners = []
        try:
            for player, (identity, hello) in enumerate(zip(self._identities, self._hellos, strict=True)):
                line = _Line(player, self._inbox)
                self._lines.append(line)
                runners.append(Runner(line, threads=1))
                self._instances.append(Instance(identity, hello, runners[-1]))
            stopping = asyncio.create_task(self._stop.wait())
            arriving = asyncio.create_task(self._arrive())
            await asyncio.wait({arriving, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not arriving.done():
                arriving.cancel()
                return
            self._ready.set_result(arriving.result())
            watching = [asyncio.create_task(self._watch(instance)) for instance in self._instances]
            await stopping
            for task in [*watching, *self._moving.values()]:
                task.cancel()
            await self._leave()
        finally:
            for instance, runner in zip(self._instances, runners, strict=True):
                await instance.close()
                runner.close()

    async def _arrive(self) -> GameInfo:
        welcomes = await asyncio.gather(*(instance.arrive() for instance in self._instances))
        await asyncio.gather(*(instance.rest() for instance in self._instances))
        (info,) = welcomes[0].games
        return info

    async def _watch(self, instance: Instance) -> None:
        await instance.finished.wait()
        self._inbox.put(Failed(instance.failure or ConnectionFailed("the connection was closed")))

    async def _leave(self) -> None:
        for line in self._lines:
            line.abandon(None)
        running = sorted(match for instance in self._instances for match in instance.running)
        if running:
            log.info("closed before the end of %s: played on at random", ", ".join(running))
        await asyncio.gather(*(it.leave(0 if it.failure else CLOSE_WAIT_S) for it in self._instances))

    def _abandon(self, match: str) -> None:
        for line in self._lines:
            line.abandon(match)

    def _move(self, player: int, there: bool) -> None:
        before = self._moving.get(player)
        if before is not None:
            before.cancel()  # an answer that it may wait for means nothing any more
        self._moving[player] = asyncio.create_task(self._moved(player, there, before))

    async def _moved(self, player: int, there: bool, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait({before})
        instance = self._instances[player]
        try:
            await (instance.seek() if there else instance.rest())
        except AgentKitError as error:
            self._inbox.put(Failed(error))


class _Line(Agent):
    """The line from one own agent to the inbox."""

    def __init__(self, player: int, inbox: "queue.SimpleQueue[Event]") -> None:
        self.spare: Any = None  # Turn -> a legal action
        self._player = player
        self._inbox = inbox
        self._abandoned: set[str | None] = set()  # None: every match
        self._asked: dict[str, Asked] = {}  # by match

    async def turn(self, turn: Turn) -> Any:
        if not self._abandoned.isdisjoint({turn.match, None}):
            return self.spare(turn)
        asked = self._asked[turn.match] = Asked(self._player, turn, asyncio.get_running_loop().create_future())
        self._inbox.put(asked)
        return await asked.answer

    async def over(self, over: Over) -> None:
        self._forget(over.match)
        self._inbox.put(Ended(self._player, over))

    async def notice(self, code: str, message: str, match: str | None) -> None:
        if match is not None and code in {NoticeCode.VOIDED, MISSED}:
            self._forget(match)
        self._inbox.put(Noticed(self._player, code, message, match))

    def abandon(self, match: str | None) -> None:
        self._abandoned.add(match)
        for asked in [it for it in self._asked.values() if match in {None, it.turn.match}]:
            _settle(asked.answer, self.spare(asked.turn))

    def _forget(self, match: str) -> None:
        self._asked.pop(match, None)
        self._abandoned.discard(match)


def _settle(answer: "asyncio.Future[Any]", action: Any) -> None:
    if not answer.done():
        answer.set_result(action)
