"""One instance of an agent: connects, says hello, answers turns, stays alive, leaves.

connect with the .creds file -> hello -> turns on arena.agent.<me>.<instance>.turn -> an answer each -> leave
"""

import asyncio
import contextlib
import logging
import random
import secrets
import time
from collections import deque
from typing import Any

import msgspec
from nats.aio.msg import Msg

from agent_kit.connection import Connection
from agent_kit.credentials import Identity
from agent_kit.errors import ConnectionFailed, Refused, Revoked
from agent_kit.policy import Runner, told
from agent_kit.thinking import Thinking
from agent_kit.turn import Turn
from arena.wire import codec, subjects
from arena.wire.faults import NoticeCode, RefusalCode
from arena.wire.lobby import Beat, Goodbye, Hello, Leave, Welcome
from arena.wire.play import Over
from arena.wire.play import Turn as WireTurn
from arena.wire.said import Kind

HELLO_RETRIES_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
TEMPORARY_S_MAX = 30.0  # longer than a dead process of ours can stay on the list
ENDED_KEPT_MAX = 1024
LAST_OVERS_S = 2.0  # how long a result that the lobby already knows may still be on its way to us
MISSED = "missed"  # a notice of our own: nothing more will be heard of a match
TEMPORARY = {RefusalCode.INSTANCE_TAKEN, RefusalCode.TOO_MANY_INSTANCES}  # our own dead ones may still be listed

log = logging.getLogger("agent_kit")


class _Refusal(msgspec.Struct, tag="refusal"):
    """As lobby.Refusal, with the codes of a newer platform too."""

    code: str
    message: str = ""


class _Notice(msgspec.Struct):
    """As lobby.Notice, with the codes of a newer platform too."""

    code: str
    message: str = ""
    match: str | None = None


_decode_hello = msgspec.json.Decoder(Welcome | _Refusal).decode
_decode_notice = msgspec.json.Decoder(_Notice).decode


class Instance:
    """An agent's instance on the platform. `finished` is set when it has nothing more to do."""

    def __init__(self, identity: Identity, hello: Hello, runner: Runner, matches_max: int = 0) -> None:
        self.identity = identity
        self.hello = msgspec.structs.replace(hello, session=hello.session or secrets.token_hex(8))
        self.welcome: Welcome | None = None
        self.played = 0
        self.running: set[str] = set()
        self._ended: deque[str] = deque(maxlen=ENDED_KEPT_MAX)
        self.finished = asyncio.Event()
        self.failure: Exception | None = None
        self._runner = runner
        self._matches_max = matches_max
        self._codec = codec.CODECS[hello.encoding]
        self._connection = Connection(identity, hello.instance)
        self._thinking = Thinking(
            runner, hello.encoding, self._connection.publish, self._say, self._spawn, self._policy_failed
        )
        self._tasks: set[asyncio.Task[Any]] = set()
        self._greeting = 0  # how often hello is being said at the moment
        self._coming: asyncio.Task[Any] | None = None  # saying hello again
        self._up_again = asyncio.Event()  # the connection came back since hello was last said
        self._leaving = False
        self._resting = False

    # Arriving and leaving

    async def arrive(self) -> Welcome:
        """Connect and say hello. Raises ConnectionFailed or Refused."""
        await self._connection.open(self._on_up, self._on_closed)
        subject = subjects.TURN.any(agent=self.identity.agent, instance=self.hello.instance)
        await self._connection.subscribe(subject.rpartition(".")[0] + ".*", self._on_message)
        welcome = await self._say_hello()
        self._spawn(self._beat())
        return welcome

    async def leave(self, wait_s: float) -> None:
        """Take no new matches, play the running ones to their end (at most `wait_s`), and close."""
        self._leaving = True
        if self._connection.opened and not self._connection.closed:
            await self._take_leave()
            if self.running and wait_s and self.failure is None:
                self.finished.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wait_s):
                        await self.finished.wait()
        await self.close()

    async def rest(self) -> None:
        """Take no new matches until `seek`; those that run are played on."""
        self._resting = True
        await self._take_leave()

    async def seek(self) -> None:
        """Take new matches again. Raises ConnectionFailed or Refused."""
        self._resting = False
        await self._say_hello()

    async def _take_leave(self) -> None:
        """Say goodbye, and learn which matches are still to be played: one may have been made this moment.

        Others that we think we play are over, or went on with another instance while we were away.
        """
        leave = msgspec.json.encode(Leave(instance=self.hello.instance, session=self.hello.session))
        try:
            answer = await self._connection.request(subjects.LEAVE.at(agent=self.identity.agent), leave)
            playing = set(msgspec.json.decode(answer, type=Goodbye).matches)
        except (TimeoutError, msgspec.DecodeError):
            return  # no matchmaker now: it makes no matches either
        self.running |= playing - set(self._ended)
        for match in self.running - playing:
            asyncio.get_running_loop().call_later(LAST_OVERS_S, self._miss, match)

    async def close(self) -> None:
        """Close at once."""
        for task in self._tasks:
            task.cancel()
        await self._connection.close()

    def _on_up(self) -> None:
        self._up_again.set()  # who waits to say hello says it at once
        if not self._greeting:
            self._coming = self._spawn(self._come_back())

    def _on_closed(self, why: str) -> None:
        self.finished.set()
        if not self._leaving:
            self._fail(Revoked(f"the server closed the connection: {why}"))

    async def _come_back(self) -> None:
        """Say hello again. Who is refused now (paused, ...) plays the running matches to their end, and no others."""
        try:
            await self._say_hello()
        except Refused as refused:
            self._leaving = True
            self.failure = self.failure or refused
            if not self.running:
                self.finished.set()

    async def _say_hello(self) -> Welcome:
        """Until it is answered: with no matchmaker at the moment, the next one will. Raises what `arrive` does."""
        self._greeting += 1
        try:
            self.welcome = await self._hear_welcome()
        finally:
            self._greeting -= 1
        if self._leaving or self._resting:  # meant meanwhile: hello listed us again
            await self._take_leave()
        return self.welcome

    async def _hear_welcome(self) -> Welcome:
        hello, subject = msgspec.json.encode(self.hello), subjects.HELLO.at(agent=self.identity.agent)
        tries, began_s = 0, time.monotonic()
        while True:
            self._up_again.clear()
            pause_s = HELLO_RETRIES_S[min(tries, len(HELLO_RETRIES_S) - 1)]
            tries += 1
            try:
                answer: Welcome | _Refusal = _decode_hello(await self._connection.request(subject, hello))
            except TimeoutError:
                if self._connection.closed:
                    raise ConnectionFailed("the connection was closed before the lobby answered") from None
                if tries == len(HELLO_RETRIES_S):
                    log.warning("the lobby does not answer; still trying")
                await self._pause(pause_s * random.uniform(0.5, 1))
                continue
            if isinstance(answer, _Refusal):
                if answer.code in TEMPORARY and time.monotonic() - began_s < TEMPORARY_S_MAX:
                    await self._pause(pause_s)
                    continue
                raise Refused(answer.code, answer.message)
            return answer

    async def _pause(self, pause_s: float) -> None:
        """At most so long: a connection that comes back is a good moment to go on."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause_s):
                await self._up_again.wait()

    async def _beat(self) -> None:
        beat = msgspec.json.encode(Beat(instance=self.hello.instance, session=self.hello.session))
        subject = subjects.BEAT.at(agent=self.identity.agent)
        while True:
            every_s = (self.welcome.beat_ms if self.welcome else 5_000) / 1000
            await asyncio.sleep(every_s * random.uniform(0.8, 1.0))
            if not self._leaving and not self._resting:
                await self._connection.publish(subject, beat)

    # Turns

    async def _on_message(self, message: Msg) -> None:
        kind = message.subject.rpartition(".")[2]
        try:
            match kind:
                case "turn":
                    await self._on_turn(self._codec.turn(message.data), message.reply)
                case "over":
                    self._on_over(self._codec.over(message.data))
                case "notice":
                    self._on_notice(_decode_notice(message.data))
                case _:  # of a newer platform: what we must answer would be a turn
                    log.info("ignored a message of an unknown kind, %r; is there a newer agent_kit?", kind)
        except codec.UNDECODABLE as error:
            log.warning("ignored a message (%s) that cannot be read: %s; is there a newer agent_kit?", kind, error)

    async def _on_turn(self, wire: WireTurn, reply: str) -> None:
        if await self._thinking.again(wire, reply):
            return
        begins = wire.match not in self.running
        if begins:
            if wire.match in self._ended:  # asked by a runner that does not know yet
                return
            self.running.add(wire.match)
            if self._matches_max and self.played + len(self.running) >= self._matches_max:
                self.finished.set()  # to take leave: no new ones, and these are played to their end
        await self._thinking.begin(wire, reply, begins)

    def _say(self, match: str, kind: Kind, payload: bytes) -> None:
        subject = subjects.SAY.at(agent=self.identity.agent, match=match, kind=kind)
        self._spawn(self._connection.publish(subject, payload))

    def _policy_failed(self, at: Turn | Over | _Notice, error: Exception) -> None:
        self._fail(told(error, at))

    def _on_over(self, over: Over) -> None:
        if over.match in self._ended:
            return  # told again by a runner that does not know whether the first one did
        self._ended.append(over.match)
        self._thinking.cancel(over.match)
        for fault in over.faults:
            log.warning("match %s: you were charged: %s", over.match, fault)
        self._spawn(self._finish(over))

    async def _finish(self, over: Over) -> None:
        """The match counts as played when the author's code knows of it."""
        try:
            await self._runner.over(over)
        except Exception as error:  # noqa: BLE001 - the author's code may raise anything, and is told
            self._policy_failed(over, error)
        self.played += 1
        self._end(over.match)
        if self._matches_max and self.played >= self._matches_max:
            self.finished.set()

    def _end(self, match: str) -> None:
        self.running.discard(match)
        if self._leaving and not self.running:
            self.finished.set()

    def _miss(self, match: str) -> None:
        """Its end was told while we were away, unless it came after all."""
        if match in self.running:
            self._ended.append(match)
            self._thinking.cancel(match)
            self._end(match)
            self._spawn(self._tell(_Notice(MISSED, "the match went on or ended while this instance was away", match)))

    def _on_notice(self, notice: _Notice) -> None:
        match notice.code:
            case NoticeCode.PRESENT:
                return
            case NoticeCode.SAY_HELLO:
                if self._coming is None or self._coming.done():
                    self._coming = self._spawn(self._come_back())
                return
            case NoticeCode.VOIDED if notice.match:
                self._ended.append(notice.match)
                self._thinking.cancel(notice.match)
                self._end(notice.match)
        log.warning("%s: %s", notice.code, notice.message)
        self._spawn(self._tell(notice))

    async def _tell(self, notice: _Notice) -> None:
        try:
            await self._runner.notice(notice.code, notice.message, notice.match)
        except Exception as error:  # noqa: BLE001 - the author's code may raise anything, and is told
            self._policy_failed(notice, error)

    def _fail(self, failure: Exception) -> None:
        self.failure = self.failure or failure
        self.finished.set()

    def _spawn(self, work: Any) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._fail(task.exception())  # type: ignore[arg-type]
