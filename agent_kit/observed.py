"""Watching an author's policy from outside, whatever kind it is, without changing how it runs."""

import time
import types
from collections.abc import Awaitable, Callable, Generator
from typing import Any

from agent_kit.policy import Agent, Policy, Runner
from agent_kit.turn import Over, Turn


class Observer:
    """What may be seen; override what you need. Called in whichever thread the policy runs."""

    def began(self, turn: Turn) -> None:
        """A match begins with this turn."""

    def asked(self, turn: Turn) -> None:
        """The policy is called."""

    def answered(self, turn: Turn, action: Any, took_s: float, held_s: float) -> None:
        """It has answered. held_s: for how long at a stretch an async policy let nothing else run."""

    def ended(self, over: Over) -> None:
        """A match is over."""

    def noticed(self, code: str, message: str, match: str | None) -> None:
        """The platform said something."""


class Observed(Agent):
    """A policy that an observer looks at. What the policy raises is raised."""

    def __init__(self, policy: Policy | Agent, observer: Observer) -> None:
        self.games = getattr(policy, "games", Agent.games)
        self._call: Policy = policy.turn if isinstance(policy, Agent) else policy
        self._observer = observer
        self._runner = Runner(policy, threads=1)  # for its hooks
        self.is_async = self._runner.is_async
        if self.is_async:
            self.turn = self._turn_in_loop  # type: ignore[method-assign]  # how it runs depends on what it is

    def turn(self, turn: Turn) -> Any:
        """A plain policy's action."""
        self._observer.asked(turn)
        began_s = time.perf_counter()
        action = self._call(turn)
        self._observer.answered(turn, action, time.perf_counter() - began_s, 0.0)
        return action

    async def _turn_in_loop(self, turn: Turn) -> Any:
        held_s = 0.0

        def held(for_s: float) -> None:
            nonlocal held_s
            held_s = max(held_s, for_s)

        self._observer.asked(turn)
        began_s = time.perf_counter()
        action = await _stepped(self._call(turn), held)
        self._observer.answered(turn, action, time.perf_counter() - began_s, held_s)
        return action

    async def start(self, turn: Turn) -> None:
        """To the policy, if it wants to know."""
        self._observer.began(turn)
        await self._runner.start(turn)

    async def over(self, over: Over) -> None:
        """To the policy, if it wants to know."""
        self._observer.ended(over)
        await self._runner.over(over)

    async def notice(self, code: str, message: str, match: str | None) -> None:
        """To the policy, if it wants to know."""
        self._observer.noticed(code, message, match)
        await self._runner.notice(code, message, match)

    def release(self) -> None:
        """Call the policy no more. It may be used elsewhere."""
        self._runner.release()

    def close(self) -> None:
        """A policy that has something to close is closed."""
        self._runner.close()


@types.coroutine
def _stepped(work: Awaitable[Any], held: Callable[[float], None]) -> Generator[Any, Any, Any]:
    """`await work`, saying after each stretch how long it held the event loop."""
    steps: Any = work.__await__()
    step, value = steps.send, None
    while True:
        began_s = time.perf_counter()
        try:
            waits = step(value)
        except StopIteration as end:
            return end.value
        finally:
            held(time.perf_counter() - began_s)
        try:
            step, value = steps.send, (yield waits)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is the policy's: a cancellation, most of all
            step, value = steps.throw, error
