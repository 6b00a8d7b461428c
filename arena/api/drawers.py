"""Children that keep watched matches open and draw them (`arena.review.kept`)."""

import asyncio
from asyncio.subprocess import Process
from collections import deque
from pathlib import Path

import msgspec
import structlog

from arena.api.children import Children, receive, send
from arena.api.replays import Unshowable

DRAWERS = 2  # processes; a match stays with one of them
ANSWER_S_MAX = 15.0  # for one answer, and to start with; longer is an environment that hangs

StoredEvent = tuple[int, str, bytes]  # log sequence, subject, payload

log = structlog.get_logger("api")


class Crashed(Exception):
    """The child ended over this request: by this match's environment, or by whatever else ends processes."""


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """What a child answers."""

    frame: bytes = b""  # JSON of a ReplayFrame; empty: the position is the one before, or was not wanted
    problem: str = ""
    forgotten: bool = False  # it has no such match (any more): begin again with the first event


class Drawer:
    """One child, started when it is needed. It answers in order, so whoever it hangs or dies with is known.

    Requests do not wait for each other's answers: on a busy machine each change of process costs its time.
    """

    def __init__(self, games_file: Path | None) -> None:
        self._children = Children("arena.review.kept", games_file)
        self._child: Process | None = None
        self._starting = asyncio.Lock()
        self._asked: deque[tuple[str, asyncio.Future[Drawn]]] = deque()  # match, oldest first
        self._reading: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._stopped = False
        self.kept = 0  # matches that are its

    async def feed(self, game: str, match: str, events: list[StoredEvent], *, first: bool, draw: bool) -> Drawn:
        """Step a match, and draw it. first: the events begin with its `created`.

        Not to be cancelled. Raises Crashed, and Unshowable: the environment hangs, or the child says what is wrong.
        """
        request = {"match": match, "game": game, "events": events, "first": first, "draw": draw}
        drawn = await self._ask(match, msgspec.msgpack.encode(request))
        if drawn.problem:
            raise Unshowable(drawn.problem)
        return drawn

    async def close(self, game: str, match: str) -> None:
        """Free what a match holds. Raises as `feed`."""
        if self._child is not None and not self._stopped:  # else it went with the child
            request = {"match": match, "game": game, "events": [], "close": True}
            await self._ask(match, msgspec.msgpack.encode(request))

    async def stop(self) -> None:
        """End the child."""
        self._stopped = True
        await self._children.stop()
        self._wake.set()
        if self._reading:
            await self._reading

    async def _ask(self, match: str, request: bytes) -> Drawn:
        async with self._starting:
            if self._stopped:
                raise Unshowable("this server ends: come back")
            if self._child is None:
                self._child = await self._children.start()
                self._reading = asyncio.create_task(self._read(self._child), name="drawer-reads")
        answer: asyncio.Future[Drawn] = asyncio.get_running_loop().create_future()
        self._asked.append((match, answer))
        send(self._child, request)
        self._wake.set()
        return await answer

    async def _read(self, child: Process) -> None:
        """Until it ends. The oldest request is the one that it hangs or dies with; the others' matches went with it."""
        problem: Exception = Crashed()
        try:
            while not self._stopped:
                while self._asked:
                    async with asyncio.timeout(ANSWER_S_MAX):
                        drawn = msgspec.msgpack.decode(await receive(child), type=Drawn)
                    self._asked.popleft()[1].set_result(drawn)
                self._wake.clear()
                await self._wake.wait()
        except TimeoutError:
            problem = Unshowable(f"drawing it takes longer than {ANSWER_S_MAX:g} s")
        except (asyncio.IncompleteReadError, OSError, msgspec.DecodeError) as error:
            log.warning("a child that draws has ended", error=str(error))
        asked, self._asked, self._child = self._asked, deque(), None
        await self._children.end(child)
        for number, (match, answer) in enumerate(asked):
            if number == 0:
                log.warning("a watched match ended its process", match=match, error=repr(problem))
                answer.set_exception(problem)
            else:
                answer.set_result(Drawn(forgotten=True))
