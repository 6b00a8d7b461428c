"""Who is there: what agents, the server and the matchmaker say of instances whose turns wait here.

hello         an instance is (again) here: it is sent the turns that wait for it
disconnected  a connection of an agent ended, the server does not say of which instance: its turns are sent again, and
              the server's "nobody is subscribed" tells
silent        an instance misses its beats: it is gone after the game's grace time, unless it is heard again
successor     another instance of a stateless agent takes over
progress      an agent is getting on with a long move: where the clock allows it, that earns time
connected     a new connection without the end of the old one: the server it had died, which is our fault

The other way round nothing is believed: only the server and the matchmaker may publish these, and an agent only its
own hello and progress.
"""

import time

import msgspec
import structlog

from arena.bus import Bus, Msg
from arena.runner.seating import Seating
from arena.wire import codec, presence, subjects
from arena.wire.lobby import Hello

SAME_RETURN_S = 2.0  # a connection and a hello so close together belong together
LOST_S_MAX = 5.0  # what a seat is forgiven in a match for servers that died under its agent

log = structlog.get_logger("runner")


class _Seen(msgspec.Struct):
    """When an agent that plays here was last heard of, by monotonic clock."""

    connected_s: float = 0.0
    disconnected_s: float = 0.0
    hello_s: dict[str, float] = {}


class Presence:
    """Listens, for the seats of this process."""

    def __init__(self, bus: Bus, seating: Seating) -> None:
        self._bus = bus
        self._seating = seating
        self._seen: dict[str, _Seen] = {}
        self._silent_s: dict[tuple[str, str], float] = {}
        self._hello = msgspec.json.Decoder(Hello).decode
        self._event = msgspec.json.Decoder(presence.ClientEvent).decode
        self._silent = msgspec.json.Decoder(presence.Silent).decode
        self._successor = msgspec.json.Decoder(presence.Successor).decode

    async def open(self) -> None:
        """Begin to listen."""
        await self._bus.subscribe(subjects.HELLO.any(), self._on_hello)
        await self._bus.subscribe(subjects.CONNECTED.at(), self._on_connected)
        await self._bus.subscribe(subjects.DISCONNECTED.at(), self._on_disconnected)
        await self._bus.subscribe(subjects.SILENT.any(), self._on_silent)
        await self._bus.subscribe(subjects.SUCCESSOR.any(), self._on_successor)
        await self._bus.subscribe(subjects.SAY.any(kind="progress"), self._on_progress)

    def silent_s(self, agent: str, instance: str) -> float | None:
        """Since when an instance misses its beats, or None."""
        return self._silent_s.get((agent, instance)) if self._silent_s else None

    def heard(self, agent: str, instance: str) -> None:
        """It said something."""
        if self._silent_s:
            self._silent_s.pop((agent, instance), None)

    def forget(self, agent: str) -> None:
        """A match is over: of an agent that plays no other here nothing is kept."""
        if agent not in self._seating:
            self._seen.pop(agent, None)
            for key in [key for key in self._silent_s if key[0] == agent]:
                del self._silent_s[key]

    def _on_hello(self, message: Msg) -> None:
        agent = subjects.HELLO.parse(message.subject)["agent"]
        if agent not in self._seating:
            return
        try:
            hello = self._hello(message.data)
        except codec.UNDECODABLE:
            return  # the matchmaker answers it
        self.heard(agent, hello.instance)
        now_s = time.monotonic()
        self._of(agent).hello_s[hello.instance] = now_s
        self._forgive_lost(agent, hello.instance, now_s)
        if hello.resume:
            for place in self._seating.of(agent, hello.instance):
                place.play.said_hello(place.seat)

    def _on_connected(self, message: Msg) -> None:
        if agent := self._known(message):
            self._of(agent).connected_s = now_s = time.monotonic()
            for instance in self._of(agent).hello_s:
                self._forgive_lost(agent, instance, now_s)

    def _on_disconnected(self, message: Msg) -> None:
        if agent := self._known(message):
            self._of(agent).disconnected_s = time.monotonic()
            for place in self._seating.of(agent):
                place.play.doubt(place.seat)

    def _on_silent(self, message: Msg) -> None:
        agent = subjects.SILENT.parse(message.subject)["agent"]
        if agent in self._seating:
            silent = self._silent(message.data)
            if any(self._seating.of(agent, silent.instance)):
                self._silent_s.setdefault((agent, silent.instance), time.monotonic())

    def _on_successor(self, message: Msg) -> None:
        agent = subjects.SUCCESSOR.parse(message.subject)["agent"]
        if agent in self._seating:
            successor = self._successor(message.data)
            for place in self._seating.of(agent, successor.instance):
                place.play.reseat(place.seat, successor.by, successor.encoding)

    def _on_progress(self, message: Msg) -> None:
        said = subjects.SAY.parse(message.subject)
        for place in self._seating.of(said["agent"]):
            if place.play.match == said["match"]:
                place.play.progressed(place.seat)

    def _known(self, message: Msg) -> str:
        """The agent a server's event is about, if it plays here."""
        agent = presence.user(self._event(message.data))
        return agent if agent in self._seating else ""

    def _of(self, agent: str) -> _Seen:
        return self._seen.setdefault(agent, _Seen())

    def _forgive_lost(self, agent: str, instance: str, now_s: float) -> None:
        """It came back over a new connection, and no server reported the end of the old one: a server died.

        A host without network looks the same; hence the bound.
        """
        seen = self._of(agent)
        if abs(seen.connected_s - seen.hello_s.get(instance, 0.0)) > SAME_RETURN_S:
            return
        for place in self._seating.of(agent, instance):
            place.play.forgive_lost(place.seat, seen.disconnected_s, seen.connected_s, now_s)
