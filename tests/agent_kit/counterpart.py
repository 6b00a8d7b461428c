"""The other end of agent_kit's conversation, on real servers: a lobby and a runner that say what a test wants."""

import asyncio
from typing import Any

from agent_kit.conform import counterpart as conform
from agent_kit.conform.ground import UNLIMITED, unlimited
from arena.bus import Bus, Msg, connect
from arena.wire import subjects
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
    bus = await connect(stage.settings.nats, unlimited(stage.keyring), name=UNLIMITED, inbox=f"_INBOX.{UNLIMITED}")
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


class Counterpart(conform.Counterpart):
    """The conformance kit's counterpart, with a test's deadline, on a stage's server."""

    def __init__(self, agent: str) -> None:
        super().__init__(agent, BEAT_MS)
        self.buses: list[Bus] = []

    async def sit(self, stage: Stage) -> "Counterpart":
        """Take a seat in the lobby with the services' own permissions; again after a server's restart."""
        lobby, runner = await service_bus(stage, Role.MATCHMAKER), await service_bus(stage, Role.RUNNER)
        self.buses += [lobby, runner]
        await self.open(lobby, runner)
        return self

    async def until(self, kind: str, times: int, timeout_s: float = DEADLINE_S) -> Any:
        return await super().until(kind, times, timeout_s)
