"""The other end of an agent's conversation, on a real server: a lobby and a runner that say what a script wants."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import msgspec

from arena.bus import Bus, Msg
from arena.wire import codec, subjects
from arena.wire.faults import EndCause, RefusalCode
from arena.wire.lobby import GameInfo, Goodbye, Hello, Refusal, Welcome
from arena.wire.play import Action, Over, Turn

NOBODY_LISTENS = "503"  # the server's word, on the reply subject, that nobody is subscribed


class Counterpart:
    """Speaks with one agent. `heard` is what the agent said, in its order: (kind, message).

    hello: Hello; garbled: why a hello cannot be read; beat, leave: None; move: (sending, Action); noise: (sending, why
    it is no action); nobody: (sending, None), nobody was subscribed to the turn; welcomed: None, after a `first` turn.
    """

    def __init__(self, agent: str, beat_ms: int) -> None:
        self.agent = agent
        self.beat_ms = beat_ms
        self.heard: list[tuple[str, Any]] = []
        self.replies: list[str] = []  # where each hello wants its answer
        self.sounds_s: list[float] = []  # when each hello and beat came (time.monotonic)
        self.playing: list[str] = []  # what a goodbye names
        self.games: list[GameInfo] = []  # what a welcome names
        self.refusal: bytes = b""  # instead of a welcome
        self.unanswered = 0  # so many hellos are heard and get no answer
        self.first: Turn | None = None  # a turn that is there before the welcome, which waits for `welcoming`
        self.welcoming = asyncio.Event()
        self._changed = asyncio.Event()

    async def open(self, lobby: Bus, runner: Bus) -> "Counterpart":
        """Take a seat in the lobby. Opened again, after a server's restart, it has new connections."""
        self._lobby, self._runner = lobby, runner
        await lobby.subscribe(subjects.HELLO.any(agent=self.agent), self._on_hello)
        await lobby.subscribe(subjects.BEAT.any(agent=self.agent), self._on_beat)
        await lobby.subscribe(subjects.LEAVE.any(agent=self.agent), self._on_leave)
        await runner.subscribe(subjects.MOVE.any(runner=self.agent), self._on_move)
        await lobby.barrier()
        await runner.barrier()
        return self

    async def say(self, kind: str, payload: bytes, reply: str = "", by: Bus | None = None) -> None:
        """Send anything at all to the agent's instance, which is the last one that said hello."""
        subject = subjects.TURN.at(agent=self.agent, instance=self.hello.instance).rpartition(".")[0]
        bus = by or self._runner
        await bus.publish(f"{subject}.{kind}", payload, reply)
        await bus.barrier()

    async def ask(self, turn: Turn, sending: int = 0) -> None:
        """Send a turn; the answer's subject ends with `sending`."""
        await self.say("turn", codec.encode(turn, self.hello.encoding), self.reply(turn.match, turn.seat, sending))

    async def over(self, match: str, **more: Any) -> None:
        """Tell the agent that a match is over; `more` are fields of the message."""
        usual = Over(
            match=match,
            game="g",
            seat=0,
            placement=1,
            scores=[0.0],
            placements=[1],
            cause=EndCause.FINISHED,
            plies=1,
        )
        message = msgspec.structs.replace(usual, **more)
        await self.say("over", codec.encode(message, self.hello.encoding))

    async def until(self, kind: str, times: int, timeout_s: float) -> Any:
        """Wait until something was heard so often, and return the last of it. Raises TimeoutError."""
        await self.until_true(lambda: len(self.all(kind)) >= times, timeout_s)
        return self.all(kind)[times - 1]

    async def until_true(self, true: Callable[[], Any], timeout_s: float) -> None:
        """Wait for what only changes when something is heard, or `changed` is called. Raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while not true():
                self._changed.clear()
                await self._changed.wait()

    def changed(self) -> None:
        """Let those who wait look again."""
        self._changed.set()

    def all(self, kind: str) -> list[Any]:
        """Everything of one kind."""
        return [message for heard, message in self.heard if heard == kind]

    def reply(self, match: str, seat: int, sending: int) -> str:
        """A subject for an answer."""
        return subjects.MOVE.at(runner=self.agent, match=match, seat=seat, sending=sending)

    @property
    def hello(self) -> Hello:
        """The last one."""
        last: Hello = self.all("hello")[-1]
        return last

    async def _on_hello(self, message: Msg) -> None:
        self.sounds_s.append(time.monotonic())
        self.replies.append(message.reply)
        try:
            hello = msgspec.json.decode(message.data, type=Hello)
        except codec.UNDECODABLE as error:
            refusal = Refusal(code=RefusalCode.MALFORMED, message=str(error))
            if message.reply:
                await self._lobby.publish(message.reply, msgspec.json.encode(refusal))
            self._note("garbled", str(error))
            return
        if self.first is not None:
            self._note("hello", hello)
            await self.ask(self.first)
            await self.welcoming.wait()
            self._note("welcomed", None)
        if message.reply and len(self.replies) > self.unanswered:
            await self._lobby.publish(message.reply, self.refusal or self._welcome(hello))
        self._note("hello", hello)

    def _welcome(self, hello: Hello) -> bytes:
        welcome = Welcome(
            agent=self.agent,
            name="n",
            instance=hello.instance,
            version=1,
            games=self.games,
            slots=hello.slots,
            beat_ms=self.beat_ms,
        )
        return msgspec.json.encode(welcome)

    async def _on_beat(self, _: Msg) -> None:
        self.sounds_s.append(time.monotonic())
        self._note("beat", None)

    async def _on_leave(self, message: Msg) -> None:
        if message.reply:
            await self._lobby.publish(message.reply, msgspec.json.encode(Goodbye(matches=self.playing)))
        self._note("leave", None)

    async def _on_move(self, message: Msg) -> None:
        sending = int(subjects.MOVE.parse(message.subject)["sending"])
        if not message.data and (message.headers or {}).get("Status") == NOBODY_LISTENS:
            self._note("nobody", (sending, None))
            return
        try:
            action: Action = codec.CODECS[self.hello.encoding].action(message.data)
        except codec.UNDECODABLE as error:
            self._note("noise", (sending, f"{error}; it was {message.data[:80]!r}"))
            return
        self._note("move", (sending, action))

    def _note(self, kind: str, message: Any) -> None:
        self.heard.append((kind, message))
        self._changed.set()
