"""Many turns in one call, for models that are cheap by the dozen: `run(Batch(policy), slots=64)`."""

import asyncio
import inspect
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from agent_kit.turn import Turn

SIZE = 64
WAIT_MS = 2.0

BatchPolicy = Callable[[Sequence[Turn]], Any]


class Batch:
    """A policy that takes several turns at once, over all matches of this process.

    policy: a function `turns -> actions` (one action for each turn, in the same order), plain or async; a plain one
    runs in a thread of its own, so the heartbeats go on while it computes. size: turns in one call, at most. wait_ms:
    how long the first turn of a call waits for others; none waits once `size` are there, and what arrives during a call
    is taken together by the next. One call runs at a time. Offer at least as many `slots` as the batch shall have.
    """

    def __init__(self, policy: BatchPolicy, size: int = SIZE, wait_ms: float = WAIT_MS) -> None:
        if size < 1 or wait_ms < 0:
            raise ValueError(f"expected size >= 1 and wait_ms >= 0, got size={size}, wait_ms={wait_ms}")
        self._policy = policy
        self._is_async = inspect.iscoroutinefunction(policy) or inspect.iscoroutinefunction(
            getattr(policy, "__call__", None)  # noqa: B004 - an object whose __call__ is async
        )
        self._size = size
        self._wait_s = wait_ms / 1000
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="batch")
        self._waiting: list[tuple[Turn, asyncio.Future[Any]]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._call: asyncio.Task[None] | None = None

    async def __call__(self, turn: Turn) -> Any:
        """The action for this turn, once the batch it is in was computed. Raises what the policy raises."""
        loop = asyncio.get_running_loop()
        action: asyncio.Future[Any] = loop.create_future()
        self._waiting.append((turn, action))
        if len(self._waiting) >= self._size:
            self._begin()
        elif self._timer is None:
            self._timer = loop.call_later(self._wait_s, self._begin)
        return await action

    def close(self) -> None:
        """Wait for nobody."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _begin(self) -> None:
        """Compute what waits, unless a call runs: it does this again when it has ended."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._call is not None:
            return
        wanted = [(turn, action) for turn, action in self._waiting if not action.done()]  # done: its match is over
        batch, self._waiting = wanted[: self._size], wanted[self._size :]
        if batch:
            self._call = asyncio.get_running_loop().create_task(self._compute(batch))

    async def _compute(self, batch: list[tuple[Turn, asyncio.Future[Any]]]) -> None:
        turns = [turn for turn, _ in batch]
        try:
            actions = await self._actions(turns)
            if len(actions) != len(turns):
                raise ValueError(f"the policy returned {len(actions)} actions for {len(turns)} turns")
        except Exception as error:  # noqa: BLE001 - the author's code may raise anything: each turn's caller gets it
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
        else:
            for (_, future), action in zip(batch, actions, strict=True):
                if not future.done():
                    future.set_result(action)
        finally:
            self._call = None
            if self._waiting:
                self._begin()

    async def _actions(self, turns: list[Turn]) -> Sequence[Any]:
        if self._is_async:
            actions: Sequence[Any] = await self._policy(turns)
            return actions
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._policy, turns)
