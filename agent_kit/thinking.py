"""Turns that wait for the policy, and answers that may be asked for again."""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import msgspec

from agent_kit.errors import PolicyError
from agent_kit.policy import Runner
from agent_kit.turn import Turn
from agent_kit.voice import Say, Voice
from arena.wire import codec
from arena.wire.lobby import Encoding
from arena.wire.play import ACTION_BYTES_MAX, Action
from arena.wire.play import Turn as WireTurn

ANSWERS_KEPT_MAX = 4096  # for turns that are sent again after a reconnect

log = logging.getLogger("agent_kit")

Key = tuple[str, int, int]  # match, ply, strikes: after a strike the same turn wants another answer


class _Thought(msgspec.Struct, eq=False):
    """A turn that the policy has not answered yet."""

    turn: Turn
    replies: set[str]  # where the answer goes
    task: asyncio.Task[Any] | None = None


class Thinking:
    """Has each turn answered once, however often it is sent.

    publish(subject, payload) sends an answer; say(match, kind, payload) what is said beside it; spawn(coroutine) makes
    a task that ends with the connection; failed(turn, error) hears of what the policy raised, and of a PolicyError for
    an action that cannot be sent.
    """

    def __init__(
        self,
        runner: Runner,
        encoding: Encoding,
        publish: Callable[[str, bytes], Awaitable[None]],
        say: Say,
        spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[Any]],
        failed: Callable[[Turn, Exception], None],
    ) -> None:
        self._runner = runner
        self._encode = codec.CODECS[encoding].encode
        self._publish = publish
        self._say = say
        self._spawn = spawn
        self._failed = failed
        self._loop = asyncio.get_running_loop()
        self._thoughts: dict[Key, _Thought] = {}
        self._answers: OrderedDict[Key, bytes] = OrderedDict()

    async def again(self, wire: WireTurn, reply: str) -> bool:
        """Whether this turn is known already; then its answer is sent here as well, now or once it is there."""
        key = (wire.match, wire.ply, wire.strikes)
        if answer := self._answers.get(key):  # it was lost on its way, or asked by another runner
            await self._publish(reply, answer)
            return True
        if thought := self._thoughts.get(key):  # a runner that may have lost the match asks, and the one that has it
            thought.replies.add(reply)
        return thought is not None

    async def begin(self, wire: WireTurn, reply: str, begins: bool) -> None:
        """Have a new turn answered. `begins`: it is the first one of its match."""
        key = (wire.match, wire.ply, wire.strikes)
        thought = self._thoughts[key] = _Thought(Turn(wire, self._speaks), {reply})
        if self._runner.inline(thought.turn) and not begins:
            await self._think(thought, key)
        else:
            thought.task = self._spawn(self._think(thought, key, begins))

    def cancel(self, match: str) -> None:
        """Nobody waits for this match's answers any more. Code in a thread is told by its turn."""
        for key in [key for key in self._thoughts if key[0] == match]:
            thought = self._thoughts.pop(key)
            thought.turn.cancelled = True
            thought.turn._fall_silent(done=False)
            if thought.task is not None and self._runner.is_async:
                thought.task.cancel()

    async def _think(self, thought: _Thought, key: Key, begins: bool = False) -> None:
        turn, began = thought.turn, time.perf_counter()
        try:
            if begins:
                await self._runner.start(turn)
            action = self._runner.call(turn) if self._runner.inline(turn) else await self._runner.call_away(turn)
            think_ms = round((time.perf_counter() - began) * 1000, 3)
            answer = self._encode(Action(ply=turn.ply, action=action, think_ms=think_ms))
            if len(answer) > ACTION_BYTES_MAX:  # the server would close the connection for good
                expected = f"expected at most {ACTION_BYTES_MAX:,}"
                raise PolicyError(f"the policy returned an action of {len(answer):,} bytes at {turn!r}; {expected}")
        except Exception as error:  # noqa: BLE001 - the author's code may raise anything, and is told
            if turn.cancelled:
                log.warning("the policy raised at %r, whose match is over: %s", turn, error)
            else:
                self._failed(turn, error)
            return
        if turn.cancelled:
            return
        self._answers[key] = answer
        if len(self._answers) > ANSWERS_KEPT_MAX:
            self._answers.popitem(last=False)
        for reply in self._thoughts.pop(key).replies:
            await self._publish(reply, answer)
        turn._fall_silent(done=True)

    def _speaks(self, wire: WireTurn) -> Voice:
        return Voice(wire, self._say, self._loop)
