"""Waiting for what no signal tells, and bounds that hold on a machine with other things to do."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any

DEADLINE_S = 60.0  # for what comes sooner or later, on any machine; how soon it must come is a matter for `within`
EVERY_S = 0.05
TRIES = 3


async def eventually(true: Callable[[], Any], timeout_s: float = DEADLINE_S) -> Any:
    """Ask (or await) `true` until its answer is; returns the answer. TimeoutError when it never is."""
    async with asyncio.timeout(timeout_s):
        while True:
            answer = true()
            if inspect.isawaitable(answer):
                answer = await answer
            if answer:
                return answer
            await asyncio.sleep(EVERY_S)


async def within(bound_s: float, attempt: Callable[[], Awaitable[float]]) -> None:
    """`attempt` says how long something took, in seconds: once in a few tries that is less than `bound_s`.

    What is too slow by its rules or timers is too slow each time; what a busy machine holds up is not.
    """
    took_s: list[float] = []
    while not took_s or took_s[-1] >= bound_s:
        assert len(took_s) < TRIES, f"expected less than {bound_s:g} s, got {took_s}"
        took_s.append(await attempt())
