"""Programs that think in processes of their own: how many run, what happens when one dies or takes too long."""

import asyncio
import logging
import random
import shlex
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, Protocol, TypeVar

from agent_kit.errors import MountFailed
from agent_kit.turn import Turn

GAMES_FOLDER = "/usr/games"  # where Debian puts such programs: not on every PATH
TRIES_MAX = 2  # of one turn, each with a new process
MARGIN = 0.1  # of the clock, for the way there and back

log = logging.getLogger("agent_kit")


class Broken(Exception):
    """The program died, or said what makes no sense. It is started anew."""


class Engine(Protocol):
    """A running program."""

    def close(self) -> None:
        """End it, at once. May be called from another thread, and again."""
        ...


E = TypeVar("E", bound=Engine)


class Engines(Generic[E]):
    """At most `count` processes, started when they are needed; each thinks about one turn at a time."""

    def __init__(self, start: Callable[[], E], count: int) -> None:
        if count < 1:
            raise MountFailed(f"expected at least one process, got {count}")
        self._start = start
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="engine")
        self._idle: list[E] = []
        self._all: set[E] = set()
        self._lock = threading.Lock()
        self._closed = False

    async def ask(self, turn: Turn, think: Callable[[E, float], Any]) -> Any:
        """What `think(engine, seconds left)` returns, called in a thread; it raises Broken or TimeoutError.

        An engine that breaks is started anew and asked again; one that takes too long is ended, and chance moves
        for it. Raises MountFailed where it breaks each time.
        """
        ends = time.monotonic() + turn.left_ms / 1000 * (1 - MARGIN)
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._ask, turn, think, ends)

    def close(self) -> None:
        """End all of them."""
        with self._lock:
            self._closed = True
            running = list(self._all)
        for engine in running:
            engine.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _ask(self, turn: Turn, think: Callable[[E, float], Any], ends: float) -> Any:
        for left in reversed(range(TRIES_MAX)):
            engine = self._take()
            try:
                action = think(engine, max(ends - time.monotonic(), 0.0))
            except TimeoutError:
                self._drop(engine)
                log.warning("no answer in time at %r: chance moves instead", turn)
                return chance(turn)
            except Broken as error:
                self._drop(engine)
                if not left:
                    raise MountFailed(f"{error}, {TRIES_MAX} times at one turn") from error
                log.warning("%s at %r: started again", error, turn)
            except BaseException:
                self._drop(engine)
                raise
            else:
                with self._lock:
                    self._idle.append(engine)
                return action
        raise AssertionError("unreachable: the last try returns or raises")

    def _take(self) -> E:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        engine = self._start()
        with self._lock:
            self._all.add(engine)
            closed = self._closed
        if closed:
            engine.close()
        return engine

    def _drop(self, engine: E) -> None:
        engine.close()
        with self._lock:
            self._all.discard(engine)


def command_of(command: str | Sequence[str]) -> list[str]:
    """A command line as its parts, the program with its path. Raises MountFailed where there is no such program."""
    parts = shlex.split(command) if isinstance(command, str) else list(command)
    if not parts:
        raise MountFailed("expected a command, got nothing")
    found = shutil.which(parts[0]) or shutil.which(parts[0], path=GAMES_FOLDER)
    if found is None:
        raise MountFailed(f"there is no program {parts[0]!r} here: install it, or give its path")
    return [found, *parts[1:]]


def chance(turn: Turn) -> Any:
    """Any legal action. Raises MountFailed where the turn names none."""
    actions = turn.actions if turn.legal is None else turn.legal
    if not actions:
        raise MountFailed(f"nothing to fall back on at {turn!r}: it names no actions")
    return random.choice(actions)
