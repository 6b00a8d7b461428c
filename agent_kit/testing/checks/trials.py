"""Policies around a policy: what may happen to it online, done on purpose."""

from collections.abc import Callable
from typing import Any

from agent_kit.policy import Agent, Policy, Runner
from agent_kit.turn import Over, Turn
from arena.wire import codec


class Maker:
    """Makes the policy as often as it is wanted, each time as a new process would have it; `close` closes all."""

    def __init__(self, make: Callable[[], Policy | Agent]) -> None:
        self._make = make
        self._made: dict[int, Policy | Agent] = {}

    def __call__(self) -> Policy | Agent:
        """One more; a module's function is the same each time."""
        policy = self._make()
        self._made[id(policy)] = policy
        return policy

    def close(self) -> None:
        """Policies that have something to close are closed."""
        for policy in self._made.values():
            if callable(close := getattr(policy, "close", None)):
                close()


class Recorded(Agent):
    """Plays as the policy does. actions: what it did, as JSON."""

    def __init__(self, make: Maker) -> None:
        self._runner = Runner(make(), threads=1)
        self.actions: list[bytes] = []

    async def start(self, turn: Turn) -> None:
        """To the policy."""
        await self._runner.start(turn)

    async def turn(self, turn: Turn) -> Any:
        """The policy's action."""
        action = await self._runner.call_away(turn)
        self.actions.append(codec.encode_json(action))
        return action

    async def over(self, over: Over) -> None:
        """To the policy."""
        await self._runner.over(over)

    async def notice(self, code: str, message: str, match: str | None) -> None:
        """To the policy."""
        await self._runner.notice(code, message, match)

    def release(self) -> None:
        """It plays no more."""
        self._runner.release()


class Twice(Recorded):
    """Every turn is asked twice, and the second answer counts. changed: at how many turns it was another one."""

    def __init__(self, make: Maker) -> None:
        super().__init__(make)
        self.changed = 0

    async def turn(self, turn: Turn) -> Any:
        """The policy's second answer."""
        first = codec.encode_json(await self._runner.call_away(turn))
        action = await super().turn(turn)
        self.changed += first != self.actions[-1]
        return action


class Relay(Recorded):
    """After so many turns another instance of the policy goes on, which has seen none of the match."""

    def __init__(self, make: Maker, after: int) -> None:
        super().__init__(make)
        self._after = after
        self._heir = Runner(make(), threads=1)
        self.taken_over = False

    async def turn(self, turn: Turn) -> Any:
        """The action of whichever instance has the match."""
        if len(self.actions) >= self._after and not self.taken_over:
            self._runner, self._heir = self._heir, self._runner
            self.taken_over = True
            await self._runner.start(turn)
        return await super().turn(turn)

    def release(self) -> None:
        """Both of them."""
        super().release()
        self._heir.release()
