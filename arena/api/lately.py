"""What was found out a moment ago, for all who ask within it: many browsers want the same small answer all the time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

HELD_S = 1.0

Found = TypeVar("Found")


class Lately(Generic[Found]):
    """One question. It is asked once at a time, whoever waits for the answer; what it raises is not remembered."""

    def __init__(self, ask: Callable[[], Awaitable[Found]], held_s: float = HELD_S) -> None:
        self._ask = ask
        self._held_s = held_s
        self._asked: asyncio.Task[Found] | None = None
        self._until_s = 0.0

    async def get(self) -> Found:
        """The answer, at most `held_s` seconds old. Raises what asking raises."""
        if self._asked is None or (self._asked.done() and not self._holds(self._asked)):
            self._asked = asyncio.create_task(self._find(), name="lately")
        return await asyncio.shield(self._asked)  # who goes away does not take it from the others

    def _holds(self, asked: asyncio.Task[Found]) -> bool:
        return not asked.cancelled() and asked.exception() is None and time.monotonic() < self._until_s

    async def _find(self) -> Found:
        found = await self._ask()
        self._until_s = time.monotonic() + self._held_s
        return found
