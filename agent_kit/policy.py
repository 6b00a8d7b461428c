"""Runs an author's code beside the connection: a policy that thinks must never stop the heartbeats.

An `async` policy runs in the event loop.  A plain one runs in a thread, until its calls prove to take less than
FAST_S: then it runs in the loop, which is several times faster; one slow call, and it is back in its thread.  Where a
clock leaves more than INLINE_LEFT_MS_MAX, the next call may well be a slow one: it always runs in the thread.
Other ways are policies themselves: `Batch` for many turns at once, `Processes` for a pool of processes.
"""

import asyncio
import inspect
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from agent_kit.errors import PolicyError
from agent_kit.turn import Over, Turn

FAST_S = 0.001
FAST_CALLS = 20
SLOW_S = 0.05
INLINE_LEFT_MS_MAX = 30_000  # whoever thinks longer in the loop, unheard, is taken for gone before its clock runs out

log = logging.getLogger("agent_kit")

Policy = Callable[[Turn], Any]


class Agent:
    """For authors who need more than a function: override what you need. One object plays all matches at once.

    games: names of those it plays, where `run` is told nothing else. A method `close()` is called at the end.
    """

    games: Sequence[str] = ("*",)

    def start(self, turn: Turn) -> Any:
        """A match begins for you; `turn` is the first one that this process sees of it. May be `async`.

        It may begin in the middle (`turn.ply` tells): after a restart under the same instance name, or, for an agent
        that is `stateless`, when an instance that played it is gone. `turn.history` then says what it needs to know.
        """

    def turn(self, turn: Turn) -> Any:
        """Return an action. May be `async`."""
        raise TypeError(f"{type(self).__name__} must define turn(self, turn)")

    def over(self, over: Over) -> Any:
        """A match has ended for you: placement (1 is best), scores, cause and your faults. May be `async`."""

    def notice(self, code: str, message: str, match: str | None) -> Any:
        """The platform has something to say (docs/protocol.md lists the codes), of a match or in general.

        A match that is "voided" is over, and so is one whose end was "missed", the connection being lost at that
        moment; there is no `over` for them. May be `async`.
        """


class Runner:
    """Calls the policy, wherever it runs best."""

    def __init__(self, policy: Policy | Agent, threads: int) -> None:
        self._policy = policy
        self._call: Policy = policy.turn if isinstance(policy, Agent) else policy
        if not callable(self._call):
            raise TypeError(f"a policy is a function turn -> action or an Agent, got {type(policy).__name__}")
        self.is_async = inspect.iscoroutinefunction(self._call) or inspect.iscoroutinefunction(
            getattr(self._call, "__call__", None)  # noqa: B004 - an object whose __call__ is async
        )
        self._fast = 0
        self._start = policy.start if isinstance(policy, Agent) and type(policy).start is not Agent.start else None
        self._over = policy.over if isinstance(policy, Agent) and type(policy).over is not Agent.over else None
        self._notice = policy.notice if isinstance(policy, Agent) and type(policy).notice is not Agent.notice else None
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="policy")

    def inline(self, turn: Turn) -> bool:
        """Whether the call for this turn runs in the event loop, at once."""
        return not self.is_async and self._fast >= FAST_CALLS and turn.left_ms <= INLINE_LEFT_MS_MAX

    def call(self, turn: Turn) -> Any:
        """Run a plain policy here and now."""
        began = time.perf_counter()
        action = self._call(turn)
        if time.perf_counter() - began > SLOW_S:
            self._fast = 0
        return action

    async def call_away(self, turn: Turn) -> Any:
        """Run an async policy, or a plain one in a thread."""
        if self.is_async:
            return await self._call(turn)
        action, took_s = await asyncio.get_running_loop().run_in_executor(self._pool, self._timed, turn)
        self._fast = self._fast + 1 if took_s < FAST_S else 0
        return action

    def _timed(self, turn: Turn) -> tuple[Any, float]:
        began = time.perf_counter()
        action = self._call(turn)
        return action, time.perf_counter() - began

    async def start(self, turn: Turn) -> None:
        """A match begins: tell an agent that wants to know."""
        if self._start is not None:
            await self._tell(self._start, turn)

    async def over(self, over: Over) -> None:
        """A match has ended: tell an agent that wants to know."""
        if self._over is not None:
            await self._tell(self._over, over)

    async def notice(self, code: str, message: str, match: str | None) -> None:
        """The platform says something: tell an agent that wants to know."""
        if self._notice is not None:
            await self._tell(self._notice, code, message, match)

    async def _tell(self, hook: Callable[..., Any], *what: Any) -> None:
        """Call a hook, in a thread unless it is async: it may learn from the match, and take its time."""
        if inspect.iscoroutinefunction(hook):
            await hook(*what)
        else:
            await asyncio.get_running_loop().run_in_executor(self._pool, hook, *what)

    def release(self) -> None:
        """Call the policy no more, and wait for nobody. It may be used elsewhere."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        """As `release`, for good: a policy that has something to close is closed."""
        self.release()
        if callable(close := getattr(self._policy, "close", None)):
            close()


def told(error: Exception, at: object) -> PolicyError:
    """What the author's code raised, as its author is told; where it was, and the traceback in the log."""
    if isinstance(error, PolicyError):
        return error
    log.error("the policy raised at %r", at, exc_info=error)
    failure = PolicyError(f"the policy raised {type(error).__name__} at {at!r}: {error}")
    failure.__cause__ = error
    return failure
