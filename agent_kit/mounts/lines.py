"""A program that speaks JSON lines: `run(lines.mount("node bot.js"))`, or `agent-kit run "lines:node bot.js"`.

    we  -> {"type": "hello", "protocol": 1}      first, to each process
    we  -> {"type": "turn", "match": ..., "ply": ..., "observation": ..., "legal": ...}   fields as in docs/protocol.md
    it  -> {"action": 4}                         or, of several matches at once, {"match": ..., "ply": ..., "action": 4}
    we  -> {"type": "over", "match": ..., "placement": 1, "scores": ...}

One line is one message.  What the program writes to stderr is shown as it is.  A program that ends is started again,
and asked again what it has not answered.
"""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import msgspec

from agent_kit.errors import MountFailed
from agent_kit.mounts.engines import command_of
from agent_kit.mounts.program import Program
from agent_kit.policy import Agent
from agent_kit.turn import Over, Turn
from arena.wire import codec, play

PROTOCOL = 1
DEATHS_MAX = 3  # of a program, with no answer between them
CHARS_SHOWN = 200  # of a line that is not understood
CLOSE_S = 1.0  # what a program gets to read the last results and to end by itself

log = logging.getLogger("agent_kit")


def mount(command: str | Sequence[str], *, per_match: bool = False) -> Agent:
    """An agent that is a program.

    command: the program with its arguments. per_match: a process of its own for each match, whose input is closed
    after it; otherwise one process plays all matches, as many at once as there are `slots`.
    Raises MountFailed where there is no such program.
    """
    return Lines(command_of(command), per_match)


class HelloLine(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="hello"):
    """What is said first."""

    protocol: int = PROTOCOL


class TurnLine(play.Turn, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="turn"):
    """A turn to answer."""


class OverLine(play.Over, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="over"):
    """The end of a match: no answer."""


class Answer(msgspec.Struct):
    """What the program says. Without match and ply it answers the turn that waits longest."""

    action: Any
    match: str | None = None
    ply: int | None = None


_decode = msgspec.json.Decoder(Answer).decode


class Lines(Agent):
    """Hands turns to one process, or to one for each match."""

    def __init__(self, command: list[str], per_match: bool) -> None:
        self._command = command
        self._per_match = per_match
        self._conversations: dict[str, Conversation] = {}

    async def turn(self, turn: Turn) -> Any:
        """The program's action."""
        key = turn.match if self._per_match else ""
        if key not in self._conversations:
            self._conversations[key] = Conversation(self._command)
        return await self._conversations[key].ask(turn)

    def over(self, over: Over) -> None:
        """Tell the program."""
        key = over.match if self._per_match else ""
        if (conversation := self._conversations.get(key)) is not None:
            conversation.tell(over)
            if self._per_match:
                del self._conversations[key]
                conversation.finish()

    def close(self) -> None:
        """End the programs."""
        for conversation in self._conversations.values():
            conversation.close()


class Conversation:
    """One program, started when it is needed and again when it ends, and the turns that wait for its answers."""

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._program: Program | None = None
        self._waiting: dict[tuple[str, int], tuple[str, Future[Any]]] = {}  # oldest first
        self._deaths = 0
        self._closed = False
        self._lock = threading.RLock()
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="lines")  # a program may be slow to read

    async def ask(self, turn: Turn) -> Any:
        """The program's action. Raises MountFailed when it ends again and again without one."""
        key, answer = (turn.match, turn.ply), Future[Any]()
        with self._lock:
            self._waiting[key] = _text(_turn_line(turn)), answer
            if self._program is None:
                self._start()  # this says all that waits
            else:
                self._say(self._waiting[key][0])
        try:
            return await asyncio.wrap_future(answer)
        finally:
            with self._lock:
                self._waiting.pop(key, None)

    def tell(self, over: Over) -> None:
        """A match is over, for a program that runs."""
        fields = {name: getattr(over, name) for name in over.__struct_fields__}
        with self._lock:
            if self._program is not None:
                self._say(_text(OverLine(**fields)))

    def finish(self) -> None:
        """Close the program's input once it has all of it, and let it end by itself, for a while. Blocks."""
        self._writer.shutdown(wait=True)
        with self._lock:
            self._closed, program = True, self._program
        if program is not None:
            program.finish()

    def close(self) -> None:
        """End the program, which may hear of the last results first, if it is quick."""
        ending = threading.Thread(target=self.finish, daemon=True)
        ending.start()
        ending.join(CLOSE_S)
        self._writer.shutdown(wait=False, cancel_futures=True)
        if self._program is not None:
            self._program.close()

    def _start(self) -> None:
        """Start the program, say hello and what waits. Raises MountFailed."""
        self._program = program = Program(self._command, lambda line: self._heard(program, line))
        for line in (_text(HelloLine()), *(line for line, _ in self._waiting.values())):
            self._say(line)

    def _say(self, line: str) -> None:
        if self._program is not None:
            self._writer.submit(_write, self._program, line)

    def _heard(self, program: Program, line: str | None) -> None:
        """In the program's reading thread."""
        with self._lock:
            if program is not self._program or self._closed:
                return
            if line is None:
                self._ended(program)
            elif line.strip():
                self._answered(line)

    def _answered(self, line: str) -> None:
        try:
            said = _decode(line)
        except msgspec.DecodeError as error:
            shown = line[:CHARS_SHOWN]
            log.warning('the program said %r, which is ignored (%s): expected {"action": ...}', shown, error)
            return
        for (match, ply), (_, answer) in self._waiting.items():
            if said.match in {None, match} and said.ply in {None, ply} and not answer.done():
                self._deaths = 0
                answer.set_result(said.action)
                return
        log.warning("the program answered ply %s of match %s, which nobody asks for", said.ply, said.match)

    def _ended(self, program: Program) -> None:
        """The program ended by itself: start it again if it is needed now, unless it does nothing else."""
        code, self._program = program.exit_code, None
        program.close()
        self._deaths += 1
        if self._deaths < DEATHS_MAX:
            log.warning("the program ended with exit code %s: started again", code)
            if self._waiting:
                self._start()
            return
        self._deaths = 0
        failed = MountFailed(f"{' '.join(self._command)} ended {DEATHS_MAX} times without an answer, exit code {code}")
        for _, answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(failed)


def _turn_line(turn: Turn) -> TurnLine:
    return TurnLine(
        match=turn.match,
        game=turn.game,
        seat=turn.seat,
        ply=turn.ply,
        observation=turn.observation,
        legal=turn.legal,
        reward=turn.reward,
        left_ms=turn.left_ms,
        lag_ms=turn.lag_ms,
        strikes=turn.strikes,
        actions=(turn.actions.start, len(turn.actions)) if turn.actions else None,
        history=[play.Past(**past._asdict()) for past in turn.history],
    )


def _text(message: msgspec.Struct) -> str:
    return codec.encode_json(message).decode()


def _write(program: Program, line: str) -> None:
    with contextlib.suppress(OSError, ValueError):  # it has ended: the reading thread says so
        program.send(line)
