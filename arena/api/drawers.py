"""Children that keep watched matches open and draw them (`arena.review.kept`)."""

import asyncio
from asyncio.subprocess import Process
from pathlib import Path

import msgspec
import structlog

from arena.api.children import Children, exchange
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
    """One child, started when it is needed. Requests take turns, so whoever it hangs or dies with is known."""

    def __init__(self, games_file: Path | None) -> None:
        self._children = Children("arena.review.kept", games_file)
        self._child: Process | None = None
        self._turn = asyncio.Lock()
        self._stopped = False
        self.kept = 0  # matches that are its

    async def feed(self, game: str, match: str, events: list[StoredEvent], *, first: bool, draw: bool) -> Drawn:
        """Step a match, and draw it. first: the events begin with its `created`.

        Not to be cancelled. Raises Crashed, and Unshowable: the environment hangs, or the child says what is wrong.
        """
        request = {"match": match, "game": game, "events": events, "first": first, "draw": draw}
        drawn = await self._ask(game, match, msgspec.msgpack.encode(request))
        if drawn.problem:
            raise Unshowable(drawn.problem)
        return drawn

    async def close(self, game: str, match: str) -> None:
        """Free what a match holds. Raises as `feed`."""
        if self._child is not None and not self._stopped:  # else it went with the child
            request = {"match": match, "game": game, "events": [], "close": True}
            await self._ask(game, match, msgspec.msgpack.encode(request))

    async def stop(self) -> None:
        """End the child."""
        self._stopped = True
        await self._children.stop()

    async def _ask(self, game: str, match: str, request: bytes) -> Drawn:
        async with self._turn:
            if self._stopped:
                raise Unshowable("this server ends: come back")
            if self._child is None:
                self._child = await self._children.start()
            try:
                async with asyncio.timeout(ANSWER_S_MAX):
                    body = await exchange(self._child, request)
            except TimeoutError:
                await self._end(self._child)
                log.warning("a watched match hangs", game=game, match=match)
                raise Unshowable(f"drawing it takes longer than {ANSWER_S_MAX:g} s") from None
            except (asyncio.IncompleteReadError, OSError) as error:
                await self._end(self._child)
                log.warning("a watched match ended its process", game=game, match=match)
                raise Crashed from error
        return msgspec.msgpack.decode(body, type=Drawn)

    async def _end(self, child: Process) -> None:
        self._child = None
        await self._children.end(child)
