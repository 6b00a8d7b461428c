"""Answers hellos: welcome, or a refusal with a code and what was expected. Hears beats and leaves."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import msgspec
import structlog

from arena.bus import Bus, BusError, Msg, Unreachable, kv
from arena.games import Game
from arena.matchmaker.instance import Instance
from arena.matchmaker.lobby import INSTANCES_PER_AGENT_MAX, Lobby
from arena.service import steady_ms
from arena.wire import ids, subjects
from arena.wire.codec import UNDECODABLE
from arena.wire.faults import NoticeCode, RefusalCode
from arena.wire.lobby import PROTOCOL, Beat, GameInfo, Goodbye, Hello, HelloReply, Leave, Notice, Refusal, Welcome
from arena.wire.registry import AgentRecord

ANSWERABLE_MS = 2_000  # how long a hello waits for its answer, before it is said again
WAITING_MAX = 10_000  # hellos kept by a standby; of more, the oldest are said again
TOLD_AGAIN_MS = 60_000  # who is refused all the time is worth a line in the log only now and then
TOLD_MAX = 10_000

log = structlog.get_logger("matchmaker")


class Reception:
    """The lobby's door. Standbys hear everything too, and answer nothing, until they take over."""

    def __init__(
        self, bus: Bus, lobby: Lobby, catalogue: Mapping[str, Game], on_arrival: Callable[[Instance], None]
    ) -> None:
        self._bus = bus
        self._lobby = lobby
        self._on_arrival = on_arrival
        self._infos = _infos(catalogue)
        self._hello = msgspec.json.Decoder(Hello).decode
        self._beat = msgspec.json.Decoder(Beat).decode
        self._leave = msgspec.json.Decoder(Leave).decode
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: deque[tuple[int, str, HelloReply]] = deque(maxlen=WAITING_MAX)
        self._told_ms: dict[tuple[str, RefusalCode], int] = {}
        self.active = False
        self.refused = 0
        self.forged = 0  # hellos that asked for the answer to go to somebody else

    async def open(self) -> None:
        """Begin to listen."""
        await self._bus.subscribe(subjects.HELLO.any(), self._on_hello)
        await self._bus.subscribe(subjects.BEAT.any(), self._on_beat)
        await self._bus.subscribe(subjects.LEAVE.any(), self._on_leave)

    async def _on_hello(self, message: Msg) -> None:
        agent = subjects.HELLO.parse(message.subject)["agent"]
        if agent not in self._lobby.agents and ids.is_id(agent) and not await self._look_up(agent):
            return  # it says it again
        now_ms = steady_ms()
        answer = self._judge(agent, message.data, now_ms)
        if self._is_own(agent, message.reply):
            if self.active:
                await self._send(message.reply, answer)
            else:
                self._waiting.append((now_ms, message.reply, answer))
        if isinstance(answer, Refusal):
            self.refused += 1
            self._report(agent, answer, now_ms)
        elif instance := self._lobby.instances.get((agent, answer.instance)):
            self._on_arrival(instance)

    async def _look_up(self, agent: str) -> bool:
        """An agent that was made this moment may be quicker here than its record; returns whether that is known now."""
        try:
            record = await kv.get(self._bus, subjects.AGENTS_BUCKET, agent, AgentRecord)
        except (BusError, msgspec.DecodeError):
            return False
        if record is not None:
            self._lobby.agents.setdefault(agent, record)
        return True

    async def take_over(self, now_ms: int) -> None:
        """The active matchmaker is gone, and we are it: what it left unanswered is answered now."""
        self.active = True
        while self._waiting:
            at_ms, reply, answer = self._waiting.popleft()
            if now_ms - at_ms < ANSWERABLE_MS:
                await self._send(reply, answer)

    def _report(self, agent: str, refusal: Refusal, now_ms: int) -> None:
        if now_ms - self._told_ms.get((agent, refusal.code), 0) < TOLD_AGAIN_MS:
            return
        if len(self._told_ms) >= TOLD_MAX:
            self._told_ms.clear()
        self._told_ms[agent, refusal.code] = now_ms
        log.info("hello refused", agent=agent, code=refusal.code, reason=refusal.message)

    def _is_own(self, agent: str, reply: str) -> bool:
        """Whether the answer goes to the sender: else it could have ours delivered to another agent's subjects."""
        own = reply.startswith(subjects.inbox(agent) + ".")
        self.forged += bool(reply) and not own
        return own

    def _judge(self, agent: str, payload: bytes, now_ms: int) -> HelloReply:
        try:
            hello = self._hello(payload)
        except UNDECODABLE as error:
            return Refusal(code=RefusalCode.MALFORMED, message=f"a hello as in docs/protocol.md: {error}")
        if hello.protocol != PROTOCOL:
            expected = f"protocol {PROTOCOL}, got {hello.protocol}: install an agent kit of this platform's version"
            return Refusal(code=RefusalCode.PROTOCOL, message=expected)
        record = self._lobby.agents.get(agent)
        if record is None or not ids.is_id(agent):
            return Refusal(code=RefusalCode.UNKNOWN_AGENT, message="this agent was deleted; create a new one")
        if record.paused:
            expected = "the agent is paused; resume it in the dashboard or by `arena agent resume`"
            return Refusal(code=RefusalCode.PAUSED, message=expected)
        games = list(self._infos) if "*" in hello.games else hello.games
        unknown = [game for game in games if game not in self._infos]
        if unknown:
            expected = f"unknown: {', '.join(unknown)}; this platform plays {', '.join(self._infos)}"
            return Refusal(code=RefusalCode.UNKNOWN_GAME, message=expected)
        if self._lobby.taken(agent, hello, now_ms):
            expected = f"instance {hello.instance!r} of this agent is running already; choose another instance name"
            return Refusal(code=RefusalCode.INSTANCE_TAKEN, message=expected)
        if self._lobby.full(agent, hello.instance):
            most = f"at most {INSTANCES_PER_AGENT_MAX} instances of one agent at once; this many are here already"
            expected = f"{most}: stop one, or give one more slots"
            return Refusal(code=RefusalCode.TOO_MANY_INSTANCES, message=expected)
        self._lobby.arrive(agent, hello, games, now_ms)
        return Welcome(
            agent=agent,
            name=record.name,
            instance=hello.instance,
            version=record.version,
            games=[self._infos[game] for game in games],
            slots=hello.slots,
            beat_ms=self._lobby.beat_ms,
        )

    async def _on_beat(self, message: Msg) -> None:
        agent = subjects.BEAT.parse(message.subject)["agent"]
        try:
            beat = self._beat(message.data)
        except UNDECODABLE:
            return  # it will be missed, and the agent is told to say hello
        record = self._lobby.agents.get(agent)
        known = self._lobby.heard(agent, beat.instance, beat.session, steady_ms())
        if record is None or record.paused:
            return  # it is told to say hello when it is resumed; until then it plays what runs to the end
        if not known and self.active:
            await self.notice(agent, beat.instance, NoticeCode.SAY_HELLO, "the lobby does not know this instance")

    async def _on_leave(self, message: Msg) -> None:
        agent = subjects.LEAVE.parse(message.subject)["agent"]
        try:
            leave = self._leave(message.data)
        except UNDECODABLE:
            return  # it is taken off the list when its beats are missed
        matches = self._lobby.depart(agent, leave.instance, leave.session)
        if self.active and self._is_own(agent, message.reply):
            await self._send(message.reply, Goodbye(matches=matches))

    async def notice(self, agent: str, instance: str, code: NoticeCode, message: str, match: str | None = None) -> None:
        """Tell an instance something."""
        notice = Notice(code=code, message=message, match=match)
        await self._send(subjects.NOTICE.at(agent=agent, instance=instance), notice)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do this beside the handling of messages, until `close`."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Answer nobody any more."""
        self.active = False
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _send(self, subject: str, message: msgspec.Struct) -> None:
        with contextlib.suppress(Unreachable):  # it says hello again when there is a connection
            await self._bus.publish(subject, msgspec.json.encode(message))


def _infos(catalogue: Mapping[str, Game]) -> dict[str, GameInfo]:
    """What each game that can be set up here looks like to an agent."""
    infos = {}
    for name, game in catalogue.items():
        try:
            infos[name] = game.info()
        except Exception:  # whatever it is: one game must not close the lobby
            log.exception("a game cannot be set up, and is not offered", game=name)
    return infos
