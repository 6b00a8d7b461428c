"""Matches played again, in child processes: environments are other people's code, and one that hangs costs a child.

A bounded number of children (`python -m arena.review.again`) is started when they are needed and kept; a request that
takes too long ends its child. What came of a match that is over never changes, so it is remembered.
"""

import asyncio
from asyncio.subprocess import Process
from collections import OrderedDict
from pathlib import Path
from typing import Literal

import msgspec
import structlog

from arena.api.children import Children, exchange
from arena.api.passwords import Busy

CHILDREN_MAX = 2
WAITING_MAX = 20  # requests without a child; more are refused
REPLAY_S_MAX = 20.0
REMEMBERED_BYTES_MAX = 16 * 1024 * 1024
FRAME_COUNT_MAX = 200
EVENTS_MAX = 50_000  # of a match that is played again here

What = Literal["verify", "frames", "turns", "png", "svg", "spaces"]
Key = tuple[str, ...]

log = structlog.get_logger("api")


class Unshowable(Exception):
    """A match cannot be played again: another version of the game, events that do not fit, an environment that fails.

    missing: nothing is wrong, but there is no such ply or picture.
    """

    def __init__(self, problem: str, *, missing: bool = False) -> None:
        super().__init__(problem)
        self.missing = missing


class _Answer(msgspec.Struct, frozen=True):
    body: bytes = b""
    problem: str = ""
    missing: bool = False


class Replays:
    """The children, and what they said lately."""

    def __init__(self, games_file: Path | None) -> None:
        self._children = Children("arena.review.again", games_file)
        self._idle: list[Process] = []
        self._free = asyncio.Semaphore(CHILDREN_MAX)
        self._waiting = 0
        self._remembered: OrderedDict[Key, bytes] = OrderedDict()
        self._remembered_bytes = 0

    async def ask(
        self,
        what: What,
        game: str,
        events: list[tuple[int, str, bytes]],
        *,
        first: int = 0,
        count: int = 1,
        key: Key = (),
    ) -> bytes:
        """JSON, or a picture. key: remember the answer under it. Raises Unshowable and Busy."""
        if key and (known := self._remembered.get(key)) is not None:
            self._remembered.move_to_end(key)
            return known
        request = {"what": what, "game": game, "events": events, "first": first, "count": count}
        answer = await self._turn(msgspec.msgpack.encode(request))
        if answer.problem:
            raise Unshowable(answer.problem, missing=answer.missing)
        if key:
            self._remember(key, answer.body)
        return answer.body

    def known(self, key: Key) -> bytes | None:
        """What is remembered."""
        return self._remembered.get(key)

    async def stop(self) -> None:
        """End the children."""
        await self._children.stop()

    async def _turn(self, request: bytes) -> _Answer:
        if self._waiting >= WAITING_MAX:
            raise Busy(f"{WAITING_MAX} requests for replays wait already: try again later")
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
        try:
            return await self._through(request)
        finally:
            self._free.release()

    async def _through(self, request: bytes) -> _Answer:
        child = self._idle.pop() if self._idle else await self._children.start()
        try:
            async with asyncio.timeout(REPLAY_S_MAX):
                body = await exchange(child, request)
        except TimeoutError:
            await self._children.end(child)
            raise Unshowable(f"playing it again takes longer than {REPLAY_S_MAX:g} s: use `arena match`") from None
        except (asyncio.IncompleteReadError, OSError) as error:
            await self._children.end(child)
            log.warning("a replay ended its process", code=child.returncode, error=str(error))
            raise Unshowable("the environment ended its process: it cannot be shown here") from error
        except BaseException:  # the browser is gone: what the child says next is of no use
            await self._children.end(child)
            raise
        self._idle.append(child)
        return msgspec.msgpack.decode(body, type=_Answer)

    def _remember(self, key: Key, body: bytes) -> None:
        if key in self._remembered or len(body) > REMEMBERED_BYTES_MAX // 8:
            return
        self._remembered[key] = body
        self._remembered_bytes += len(body)
        while self._remembered_bytes > REMEMBERED_BYTES_MAX:
            _, oldest = self._remembered.popitem(last=False)
            self._remembered_bytes -= len(oldest)
