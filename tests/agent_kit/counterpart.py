"""The other end of agent_kit's conversation, on real servers: a lobby and a runner that say what a test wants."""

import asyncio
import time
from typing import Any

import msgspec
import nkeys

from arena.bus import Bus, Msg, connect
from arena.credentials import claims
from arena.credentials.issue import creds_text
from arena.credentials.keyring import FOLDER
from arena.wire import codec, subjects
from arena.wire.faults import EndCause
from arena.wire.lobby import GameInfo, Goodbye, Hello, Welcome
from arena.wire.play import Action, Over, Turn
from arena.wire.subjects import Role
from tests.eventually import DEADLINE_S
from tests.stage import Stage

BEAT_MS = 200


async def service_bus(stage: Stage, role: Role | str) -> Bus:
    """A connection with a service's permissions, closed with the stage."""
    bus = await connect(stage.settings.nats, stage.settings.creds(role), name="listener", inbox=f"_INBOX.{role}")
    stage.stack.push_async_callback(bus.close)
    return bus


async def unlimited_bus(stage: Stage) -> Bus:
    """A connection that may say anything, as the services of a platform to come might."""
    pair = claims.new_key(claims.USER)
    all_of_it = {"allow": [">"]}
    user = {"type": "user", "version": 2, "pub": all_of_it, "sub": all_of_it, "subs": -1, "data": -1, "payload": -1}
    body = {"iat": int(time.time()), "name": "unlimited", "sub": claims.public(pair), "nats": user}
    account = nkeys.from_seed((stage.keyring.home / FOLDER / "account.nk").read_bytes().strip())
    creds = stage.settings.home / "unlimited.creds"
    creds.write_text(creds_text(claims.sign(body, account), claims.seed(pair)))
    bus = await connect(stage.settings.nats, creds, name="unlimited", inbox="_INBOX.unlimited")
    stage.stack.push_async_callback(bus.close)
    return bus


class Lobby:
    """What the lobby hears of one agent, beside the real one: `await lobby.until("beat", 3)`."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.messages: list[bytes] = []
        self._changed = asyncio.Event()

    def on(self, message: Msg) -> None:
        self.heard.append(message.subject.rpartition(".")[2])
        self.messages.append(message.data)
        self._changed.set()

    async def until(self, what: str, times: int) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while self.heard.count(what) < times:
                self._changed.clear()
                await self._changed.wait()


async def listen(stage: Stage, agent: str) -> Lobby:
    """Hear what an agent says to the lobby."""
    bus, lobby = await service_bus(stage, Role.MATCHMAKER), Lobby()
    for subject in (subjects.HELLO, subjects.BEAT, subjects.LEAVE):
        await bus.subscribe(subject.any(agent=agent), lobby.on)
    await bus.barrier()
    return lobby


class Counterpart:
    """Speaks with one agent. `heard` is what the agent said, in its order: (kind, message)."""

    def __init__(self, agent: str) -> None:
        self.agent = agent
        self.heard: list[tuple[str, Any]] = []
        self.playing: list[str] = []  # what a goodbye names
        self.games: list[GameInfo] = []  # what a welcome names
        self.refusal: bytes = b""  # instead of a welcome
        self.first: Turn | None = None  # a turn that is there before the welcome, which waits for `welcoming`
        self.welcoming = asyncio.Event()
        self.buses: list[Bus] = []
        self._changed = asyncio.Event()

    async def open(self, stage: Stage) -> "Counterpart":
        """Take a seat in the lobby. Opened again, after a server's restart, it has new connections."""
        lobby, self._runner = await service_bus(stage, Role.MATCHMAKER), await service_bus(stage, Role.RUNNER)
        self.buses += [lobby, self._runner]

        async def on_hello(message: Msg) -> None:
            hello = msgspec.json.decode(message.data, type=Hello)
            welcome = Welcome(
                agent=self.agent,
                name="n",
                instance=hello.instance,
                version=1,
                games=self.games,
                slots=hello.slots,
                beat_ms=BEAT_MS,
            )
            if self.first is not None:
                self._note("hello", hello)
                await self.ask(self.first)
                await self.welcoming.wait()
                self._note("welcomed", None)
            await lobby.publish(message.reply, self.refusal or msgspec.json.encode(welcome))
            self._note("hello", hello)

        async def on_leave(message: Msg) -> None:
            await lobby.publish(message.reply, msgspec.json.encode(Goodbye(matches=self.playing)))
            self._note("leave", None)

        await lobby.subscribe(subjects.HELLO.any(agent=self.agent), on_hello)
        await lobby.subscribe(subjects.BEAT.any(agent=self.agent), lambda _: self._note("beat", None))
        await lobby.subscribe(subjects.LEAVE.any(agent=self.agent), on_leave)
        moves = subjects.MOVE.any(runner=self.agent)
        await self._runner.subscribe(moves, lambda message: self._note("move", self._action(message)))
        await lobby.barrier()
        await self._runner.barrier()
        return self

    async def say(self, kind: str, payload: bytes, reply: str = "", by: Bus | None = None) -> None:
        """Send anything at all to the agent's instance, which is the last one that said hello."""
        subject = subjects.TURN.at(agent=self.agent, instance=self.hello.instance).rpartition(".")[0]
        bus = by or self._runner
        await bus.publish(f"{subject}.{kind}", payload, reply)
        await bus.barrier()

    async def ask(self, turn: Turn, sending: int = 0) -> None:
        """Send a turn; the answer's subject ends with `sending`."""
        reply = subjects.MOVE.at(runner=self.agent, match=turn.match, seat=turn.seat, sending=sending)
        await self.say("turn", codec.encode(turn, self.hello.encoding), reply)

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

    async def until(self, kind: str, times: int) -> Any:
        """Wait until something was heard so often, and return the last of it."""
        async with asyncio.timeout(DEADLINE_S):
            while len(self.all(kind)) < times:
                self._changed.clear()
                await self._changed.wait()
        return self.all(kind)[times - 1]

    def all(self, kind: str) -> list[Any]:
        """Everything of one kind."""
        return [message for heard, message in self.heard if heard == kind]

    @property
    def hello(self) -> Hello:
        """The last one."""
        last: Hello = self.all("hello")[-1]
        return last

    def _action(self, message: Msg) -> tuple[int, Action]:
        sending = int(subjects.MOVE.parse(message.subject)["sending"])
        return sending, codec.CODECS[self.hello.encoding].action(message.data)

    def _note(self, kind: str, message: Any) -> None:
        self.heard.append((kind, message))
        self._changed.set()


class Cable:
    """A TCP line to the server that a test can cut. While `down` is set, new calls are hung up at once."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._writers: set[asyncio.StreamWriter] = set()
        self.down = False
        self.refused = asyncio.Event()  # somebody called while it was down

    async def open(self) -> str:
        """Begin to listen; returns the address to give to an agent."""
        self._server = await asyncio.start_server(self._on_call, "127.0.0.1", 0)
        return f"nats://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def cut(self, *, down: bool = False) -> None:
        """Reset every connection."""
        self.down = down
        self.refused.clear()
        for writer in self._writers:
            writer.transport.abort()

    async def close(self) -> None:
        """Cut, and stop listening."""
        self._server.close()
        self.cut(down=True)

    async def _on_call(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.down:
            writer.transport.abort()
            self.refused.set()
            return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
        ends = {writer, far_writer}
        self._writers |= ends
        await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer), return_exceptions=True)
        self._writers -= ends


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(64 * 1024):
            writer.write(data)
            await writer.drain()
    finally:
        writer.transport.abort()
