"""An agent by the protocol alone (docs/protocol.md), without agent_kit: what it answers is its behaviour's affair."""

import asyncio
import contextlib
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from agent_kit.credentials import read
from arena.wire import codec, subjects
from arena.wire.faults import NoticeCode
from arena.wire.lobby import Beat, Goodbye, Hello, HelloReply, Leave, Notice, Refusal, Welcome
from arena.wire.play import Action, Turn
from chaos.agents.setting import Setting, choose, pause

HELLO_S = 2.0
RETRY_S = 0.5
REFUSED_S = 3.0
LAST_MATCHES_S = 10.0

_decode_hello = msgspec.json.Decoder(HelloReply).decode
_decode_notice = msgspec.json.Decoder(Notice).decode

Answer = Callable[["Bare", Turn, str], Awaitable[None]]


class Bare:
    """One instance. `answer(bare, turn, reply subject)` is called in a task for every turn that arrives."""

    def __init__(self, setting: Setting, answer: Answer) -> None:
        self.setting = setting
        self.agent = read(setting.creds, setting.url).agent
        self.rng = setting.rng
        self.note = setting.witness.note
        self.client = Client()
        self.hanging = False  # hears and says nothing
        self.running: dict[str, Turn | None] = {}  # match -> its newest turn, once there was one
        self._answer = answer
        self._hello = Hello(
            instance=setting.name, games=setting.games, slots=setting.slots, session=secrets.token_hex(8), kit="chaos"
        )
        self.hello = msgspec.json.encode(self._hello)
        self._idle = asyncio.Event()  # no match is running
        self._closed = asyncio.Event()
        self._actions: dict[str, range] = {}
        self._beat_s = 1.0
        self._tasks: set[asyncio.Task[None]] = set()
        self._ended: deque[str] = deque(maxlen=1_000)
        self._wanted = asyncio.Event()  # the lobby wants a hello

    async def run(self) -> None:
        """Be there until told to stop; come back whenever the connection is closed for good."""
        stop = self.setting.stop
        while not stop.is_set():
            try:
                await self._visit()
            except (NatsError, OSError, TimeoutError) as error:
                self.note("bye", code=type(error).__name__)
            with contextlib.suppress(NatsError, OSError, TimeoutError):
                await self.client.close()
            await pause(stop, RETRY_S)
        for task in self._tasks:
            task.cancel()

    async def send(self, subject: str, payload: bytes) -> None:
        """Send, if there is a connection."""
        with contextlib.suppress(NatsError, OSError):
            await self.client.publish(subject, payload)

    async def give(self, turn: Turn, reply: str, began_s: float = 0.0) -> Any:
        """Answer as an honest agent would; returns the action."""
        action = choose(self.rng, turn.legal, self._actions.get(turn.game, range(1)))
        think_ms = round((time.perf_counter() - began_s) * 1000, 3) if began_s else 0.0
        self.note("answer", match=turn.match, seat=turn.seat, ply=turn.ply, action=action, think_ms=think_ms)
        await self.send(reply, codec.encode_json(Action(ply=turn.ply, action=action, think_ms=think_ms)))
        return action

    def actions(self, turn: Turn) -> list[int]:
        """What may be played."""
        return turn.legal or list(self._actions.get(turn.game, range(1)))

    async def _visit(self) -> None:
        """One connection, from its beginning to its end."""
        self.client = Client()
        self._closed.clear()
        await self._connect()
        await self.client.subscribe(subjects.said_to(self.agent), cb=self._on_message)
        self._wanted.set()
        beating = asyncio.create_task(self._stay())
        stopping = asyncio.create_task(self.setting.stop.wait())
        closed = asyncio.create_task(self._closed.wait())
        try:
            await asyncio.wait((beating, stopping, closed), return_when=asyncio.FIRST_COMPLETED)
            if self.setting.stop.is_set() and self.client.is_connected:
                await self._leave()
        finally:
            for task in (beating, stopping, closed):
                task.cancel()
            await asyncio.gather(beating, stopping, closed, return_exceptions=True)

    async def _connect(self) -> None:
        async def quiet(_: Exception) -> None:
            """Refusals are what this agent lives for."""

        async def on_closed() -> None:
            self._closed.set()

        async def on_reconnected() -> None:
            self._wanted.set()

        async with asyncio.timeout(10):
            await self.client.connect(
                self.setting.url.split(","),
                user_credentials=str(self.setting.creds),
                name=f"{self.agent}/{self.setting.name}",
                inbox_prefix=subjects.inbox(self.agent).encode(),
                error_cb=quiet,
                closed_cb=on_closed,
                reconnected_cb=on_reconnected,
                reconnect_time_wait=1,
                max_reconnect_attempts=-1,
                ping_interval=10,
            )

    async def _stay(self) -> None:
        """Say hello when it is due, and beat."""
        while True:
            if self.hanging or self.setting.stop.is_set():  # who leaves says no more hellos
                await asyncio.sleep(self._beat_s)
            else:
                if self._wanted.is_set():
                    await self._say_hello()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._beat_s):
                        await self._wanted.wait()
            if not self.hanging:
                beat = msgspec.json.encode(Beat(instance=self._hello.instance, session=self._hello.session))
                await self.send(subjects.BEAT.at(agent=self.agent), beat)

    async def _say_hello(self) -> None:
        self._wanted.clear()
        try:
            async with asyncio.timeout(HELLO_S):
                subject = subjects.HELLO.at(agent=self.agent)
                message = await self.client.request(subject, self.hello, timeout=2 * HELLO_S)
        except (NatsError, OSError, TimeoutError):
            await pause(self.setting.stop, RETRY_S)
            self._wanted.set()
            return
        match _decode_hello(message.data):
            case Welcome() as welcome:
                self.note("hello")
                self._beat_s = welcome.beat_ms / 1000 * 0.8
                self._actions = {
                    game.name: range(game.first_action, game.first_action + game.actions) for game in welcome.games
                }
            case Refusal(code=code):
                self.note("notice", code=code)
                await pause(self.setting.stop, REFUSED_S)
                self._wanted.set()

    async def _leave(self) -> None:
        """Take no new matches; play the running ones to their end, for a while."""
        self.hanging = False
        leave = msgspec.json.encode(Leave(instance=self._hello.instance, session=self._hello.session))
        with contextlib.suppress(NatsError, OSError, TimeoutError):
            async with asyncio.timeout(HELLO_S):
                answer = await self.client.request(subjects.LEAVE.at(agent=self.agent), leave, timeout=2 * HELLO_S)
                for match in msgspec.json.decode(answer.data, type=Goodbye).matches:
                    if match not in self._ended:
                        self.running.setdefault(match, None)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_MATCHES_S):
                while self.running:
                    self._idle.clear()
                    await self._idle.wait()

    async def _on_message(self, message: Msg) -> None:
        if self.hanging:
            return
        _, _, _, instance, kind = message.subject.split(".")
        if instance != self._hello.instance:
            return
        match kind:
            case "turn":
                turn = codec.JSON.turn(message.data)
                self.running[turn.match] = turn
                self.note("turn", match=turn.match, seat=turn.seat, ply=turn.ply)
                self._spawn(self._answer(self, turn, message.reply))
            case "over":
                over = codec.JSON.over(message.data)
                self._forget(over.match)
                self.note("over", match=over.match, seat=over.seat, over=over)
            case "notice":
                self._on_notice(_decode_notice(message.data))

    def _on_notice(self, notice: Notice) -> None:
        if notice.code is NoticeCode.SAY_HELLO:
            self._wanted.set()
        if notice.code is NoticeCode.VOIDED and notice.match:
            self._forget(notice.match)
        if notice.code is not NoticeCode.PRESENT:
            self.note("notice", code=notice.code, match=notice.match or "")

    def _forget(self, match: str) -> None:
        self._ended.append(match)
        self.running.pop(match, None)
        if not self.running:
            self._idle.set()

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
