"""A plain policy in a pool of processes, for code that keeps Python's interpreter lock: `run(Processes(policy))`."""

import asyncio
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from agent_kit.policy import Policy
from agent_kit.turn import Turn

_policy: Policy  # of this worker process


class Processes:
    """A policy that is called in `count` other processes (default: one for each core), a turn at a time in each.

    policy: a plain function turn -> action, or a callable object, that can be pickled: defined in a module, not a
    lambda. It is sent once to each process, which then keeps it, with what it loads: a model, an engine. What it keeps
    of a match is kept in one process only, and the next turn may go to another.
    Raises TypeError for a policy that cannot be pickled.
    """

    def __init__(self, policy: Policy, count: int | None = None) -> None:
        try:
            pickle.dumps(policy)
        except Exception as error:
            expected = "expected a function or an object of a class that a module defines (no lambda)"
            raise TypeError(f"{policy!r} cannot be sent to another process: {error}; {expected}") from error
        # Not forked: the policy's libraries may have threads, and we have some.
        spawned = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(count, spawned, initializer=_install, initargs=(policy,))

    async def __call__(self, turn: Turn) -> Any:
        """The policy's action. Raises what it raises, and BrokenProcessPool if its process dies."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, _answer, turn)

    def close(self) -> None:
        """Wait for nobody."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _install(policy: Policy) -> None:
    global _policy  # noqa: PLW0603 - a worker process has one policy, and no other place to keep it
    _policy = policy


def _answer(turn: Turn) -> Any:
    return _policy(turn)
