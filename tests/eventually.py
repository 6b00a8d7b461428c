"""Waiting for what no signal tells: a counter, another process's file, a server's opinion of its peers."""

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

EVERY_S = 0.05


async def eventually(true: Callable[[], Any], timeout_s: float = 40.0) -> Any:
    """Ask (or await) `true` until its answer is; returns the answer. TimeoutError when it never is."""
    async with asyncio.timeout(timeout_s):
        while True:
            answer = true()
            if inspect.isawaitable(answer):
                answer = await answer
            if answer:
                return answer
            await asyncio.sleep(EVERY_S)
