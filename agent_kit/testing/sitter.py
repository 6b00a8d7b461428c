"""Who sits at one seat: a policy of any kind, asked as `agent_kit.run` asks it, without a connection."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec

from agent_kit.policy import Agent, Policy, Runner, told
from agent_kit.thinking import Thinking
from agent_kit.turn import Turn
from arena.games import Environment
from arena.wire import codec
from arena.wire.lobby import Encoding, Notice
from arena.wire.said import Kind

Player = Policy | Agent | type[Agent] | str | None  # what may be given for a seat; None: moves at random


class Chance:
    """Plays legal actions, those that the game suggests where it does; drawn from `seed`, the ply and the seat."""

    def __init__(self, environment: Environment, seed: int) -> None:
        self._environment = environment
        self._seed = seed

    async def __call__(self, turn: Turn) -> Any:
        """Any legal action."""
        salt = f"{self._seed} {turn.ply} {turn.seat} {turn.strikes}"
        return self._environment.substitute(turn.seat, random.Random(salt).randbytes(16))


class Sitter:
    """One seat's player. `replied(payload)` gets its answers, `progressed()` its signs, `failed(error)` what it raised.

    owned: the policy was made for this match, and is closed with it.
    """

    def __init__(
        self,
        policy: Policy | Agent,
        encoding: Encoding,
        replied: Callable[[bytes], None],
        progressed: Callable[[], None],
        failed: Callable[[Exception], None],
        *,
        owned: bool,
    ) -> None:
        self._codec = codec.CODECS[encoding]
        self._runner = Runner(policy, threads=1)
        self._replied = replied
        self._progressed = progressed
        self._failed = failed
        self._owned = owned
        self._begun = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._hooks: set[asyncio.Task[None]] = set()
        self._thinking = Thinking(self._runner, encoding, self._publish, self._say, self._spawn, self._raised)

    def hear(self, kind: str, payload: bytes) -> None:
        """A message as it came from the platform: `turn`, `over` or `notice`."""
        match kind:
            case "turn":
                begins, self._begun = not self._begun, True
                self._spawn(self._thinking.begin(self._codec.turn(payload), "", begins))
            case "over":
                over = self._codec.over(payload)
                self._thinking.cancel(over.match)
                self._tell(self._runner.over(over), over)
            case "notice":
                notice = msgspec.json.decode(payload, type=Notice)
                self._tell(self._runner.notice(notice.code, notice.message, notice.match), notice)

    async def settle(self) -> None:
        """Until all it was told has been heard. A thought that nobody waits for any more is not waited for."""
        while self._hooks:
            await asyncio.wait(self._hooks)

    def close(self) -> None:
        """It plays no more."""
        for task in self._tasks:
            task.cancel()
        if self._owned:
            self._runner.close()
        else:
            self._runner.release()

    def _tell(self, hook: Coroutine[Any, Any, None], at: object) -> None:
        task = self._spawn(self._told(hook, at))
        self._hooks.add(task)
        task.add_done_callback(self._hooks.discard)

    async def _told(self, hook: Coroutine[Any, Any, None], at: object) -> None:
        try:
            await hook
        except Exception as error:  # noqa: BLE001 - the author's code may raise anything, and is told
            self._failed(told(error, at))

    async def _publish(self, _: str, payload: bytes) -> None:
        self._replied(payload)

    def _say(self, _match: str, kind: Kind, _payload: bytes) -> None:
        if kind == "progress":
            self._progressed()

    def _raised(self, turn: Turn, error: Exception) -> None:
        self._failed(told(error, turn))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
