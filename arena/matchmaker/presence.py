"""Who is gone, and who plays on for them.

The server says that a connection of an agent ended, but not which instance it was: each of its instances is probed.
Where nobody is subscribed any more, the instance is lost, and takes no more matches.  A server that dies says nothing,
and a process that hangs is still connected: missed beats are the second line.  For the seats of a lost instance the
matchmaker names another one of the same agent, if both said that they are stateless; the runner then moves the seats.
"""

import asyncio
import contextlib

import msgspec
import structlog

from arena.bus import Bus, Msg, Unreachable
from arena.matchmaker.instance import Instance
from arena.matchmaker.lobby import Lobby
from arena.matchmaker.probes import Probes
from arena.matchmaker.reception import Reception
from arena.service import steady_ms
from arena.wire import ids, presence, subjects
from arena.wire.faults import NoticeCode
from arena.wire.lobby import Notice
from arena.wire.presence import ClientEvent, Silent, Successor

PROBE_AGAIN_S = 0.3  # in a cluster the other servers learn a little later that nobody is subscribed any more
SUCCESSOR_EVERY_MS = 1_000
PROBES_MAX = 3  # of an instance that is heard again while it is probed

log = structlog.get_logger("matchmaker")

_PRESENT = msgspec.json.encode(Notice(code=NoticeCode.PRESENT, message="the platform looks whether you are here"))


class Presence:
    """Takes lost instances off the list and names their successors. Standbys look too, and say nothing."""

    def __init__(self, bus: Bus, lobby: Lobby, reception: Reception, probes: Probes) -> None:
        self._bus = bus
        self._lobby = lobby
        self._reception = reception
        self._probes = probes
        self._said: dict[tuple[str, str], str] = {}  # lost instance -> its successor
        self._swept_ms = 0
        self._decode = msgspec.json.Decoder(ClientEvent).decode

    async def open(self) -> None:
        """Begin to listen to the server."""
        await self._bus.subscribe(subjects.DISCONNECTED.any(), self._on_disconnected)

    async def arrived(self, instance: Instance) -> None:
        """An instance is here (again): may it play on for another one of its agent?"""
        if not instance.stateless:
            return
        for name in self._lobby.orphans(instance.agent):
            absent = self._lobby.instances.get((instance.agent, name))
            if absent is not None and absent.lost:
                await self._succeed(instance.agent, name)
            else:  # it took leave, or was never seen since this matchmaker began: it may well play
                await self._probe(instance.agent, name)

    async def sweep(self, now_ms: int) -> None:
        """Say again who may play on for the lost: the runner may have died too, or taken the match only now."""
        if now_ms - self._swept_ms < SUCCESSOR_EVERY_MS:
            return
        self._swept_ms = now_ms
        lost = dict.fromkeys((it.agent, it.name) for it in self._lobby.instances.values() if it.lost)
        self._said = {key: by for key, by in self._said.items() if key in lost}
        for agent, name in lost:
            await self._succeed(agent, name)

    async def took_over(self, now_ms: int) -> None:
        """We are active now: what our predecessor may not have said is said again."""
        for instance in list(self._lobby.instances.values()):
            if instance.lost:
                await self.silent(instance, now_ms)
            elif instance.here:
                await self.arrived(instance)

    async def silent(self, instance: Instance, now_ms: int) -> None:
        """An instance missed its beats, or was found absent before."""
        silent_ms = now_ms - instance.heard_ms
        log.info("instance silent", agent=instance.agent, instance=instance.name, silent_ms=silent_ms)
        await self._say(subjects.SILENT, instance.agent, Silent(instance=instance.name, silent_ms=silent_ms))
        await self._succeed(instance.agent, instance.name)

    async def _on_disconnected(self, message: Msg) -> None:
        try:
            event = self._decode(message.data)
        except msgspec.DecodeError:
            return  # a server of another version; missed beats tell
        agent = presence.user(event)
        if ids.is_id(agent):  # services are not ours to look after
            self._lobby.doubt(agent)
            await self._probe_all(agent)
            self._reception.spawn(self._probe_again(agent))

    async def _probe_again(self, agent: str) -> None:
        await asyncio.sleep(PROBE_AGAIN_S)
        await self._probe_all(agent)

    async def _probe_all(self, agent: str) -> None:
        for instance in self._lobby.of(agent):
            if not instance.lost:
                await self._probe(agent, instance.name)

    async def _probe(self, agent: str, name: str, left: int = PROBES_MAX) -> None:
        before = self._lobby.instances.get((agent, name))
        heard_ms = before.heard_ms if before else 0

        def nobody() -> None:
            now = self._lobby.instances.get((agent, name))
            if now is before and (now is None or now.heard_ms == heard_ms):
                self._reception.spawn(self._lost(agent, name))
            elif left > 1:  # it said hello or was heard meanwhile: the answer may be older than that
                self._reception.spawn(self._probe(agent, name, left - 1))

        with contextlib.suppress(Unreachable):  # we are cut off; missed beats tell
            await self._probes.ask(subjects.NOTICE.at(agent=agent, instance=name), _PRESENT, nobody)

    async def _lost(self, agent: str, name: str) -> None:
        instance = self._lobby.instances.get((agent, name))
        if instance is None:
            self._lobby.missing(agent, name)
        elif not instance.lost:
            self._lobby.lose(instance)
            log.info("instance lost", agent=agent, instance=name, heard_ms_ago=steady_ms() - instance.heard_ms)
        await self._succeed(agent, name)

    async def _succeed(self, agent: str, name: str) -> None:
        if by := self._lobby.successor(agent, name):
            if self._said.get((agent, name)) != by.name:
                log.info("successor named", agent=agent, instance=name, by=by.name)
            self._said[agent, name] = by.name
            await self._say(subjects.SUCCESSOR, agent, Successor(instance=name, by=by.name, encoding=by.encoding))

    async def _say(self, row: subjects.Subject, agent: str, what: Silent | Successor) -> None:
        if self._reception.active:
            with contextlib.suppress(Unreachable):
                await self._bus.publish(row.at(agent=agent), msgspec.json.encode(what))
