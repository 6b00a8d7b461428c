"""Agents' instances, a runner's voice and a matchmaker to wait for, on a stage."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import msgspec

from arena.bus import Bus, Msg, Unanswered, connect
from arena.bus.journal import Journal
from arena.bus.kv import Mirror
from arena.games import load_catalogue
from arena.matchmaker.service import Matchmaker
from arena.service import Service, steady_ms
from arena.wire import codec, subjects
from arena.wire.events import Claimed, Created, Ended, MatchEvent, Voided, kind
from arena.wire.lobby import Goodbye
from arena.wire.registry import RunnerBeat
from arena.wire.subjects import Role
from tests.eventually import DEADLINE_S
from tests.stage import Stage


class Ear:
    """What one subscription hears, and somebody to wait for it."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self._changed = asyncio.Event()

    def on(self, message: Msg) -> None:
        self.heard.append((message.subject, message.data))
        self._changed.set()

    async def until(self, true: Callable[[list[tuple[str, bytes]]], Any], timeout_s: float = DEADLINE_S) -> Any:
        """The first true value of `true(all that was heard)`."""
        try:
            async with asyncio.timeout(timeout_s):
                while not (found := true(self.heard)):
                    self._changed.clear()
                    await self._changed.wait()
                return found
        except TimeoutError:
            raise AssertionError(f"not within {timeout_s:g} s; heard {self.heard}") from None

    async def notice(self, code: str, times: int = 1) -> dict[str, Any]:
        """The `times`-th notice with this code."""

        def found(heard: list[tuple[str, bytes]]) -> Any:
            notices = [msgspec.json.decode(data) for subject, data in heard if subject.endswith(".notice")]
            return [it for it in notices if it["code"] == code][times - 1 : times]

        return (await self.until(found))[0]  # type: ignore[no-any-return]


class Visitor:
    """One instance of an agent by plain messages, over a connection of its own."""

    def __init__(self, stage: Stage, agent: str, instance: str, bus: Bus) -> None:
        self.agent, self.instance, self.bus, self.ear = agent, instance, bus, Ear()
        self._stage = stage

    @classmethod
    async def arrive(cls, stage: Stage, agent: str = "", instance: str = "main", **hello: Any) -> "Visitor":
        """Connect, listen, and be welcome."""
        if not agent:
            agent, _ = await stage.agent()
        creds = stage.settings.home / "agents" / f"{agent}.creds"
        bus = await connect(stage.settings.nats, creds, name="visitor", inbox=subjects.inbox(agent))
        stage.stack.push_async_callback(bus.close)
        visitor = cls(stage, agent, instance, bus)
        await bus.subscribe(f"arena.agent.{agent}.{instance}.*", visitor.ear.on)
        await visitor.hello_until("welcome", **hello)
        return visitor

    async def hello(self, **hello: Any) -> dict[str, Any]:
        """The lobby's answer, once somebody is there to answer."""
        payload = msgspec.json.encode({"instance": self.instance, "games": ["tictactoe"], **hello})
        async with asyncio.timeout(DEADLINE_S):
            while True:
                with contextlib.suppress(Unanswered):
                    answer = await self.bus.request(subjects.HELLO.at(agent=self.agent), payload, timeout_s=0.5)
                    return msgspec.json.decode(answer.data)  # type: ignore[no-any-return]

    async def hello_until(self, kind: str, **hello: Any) -> dict[str, Any]:
        """Say hello again until the answer is of this kind: a new agent's record takes a moment to be known."""
        async with asyncio.timeout(DEADLINE_S):
            while (answer := await self.hello(**hello))["type"] != kind:
                pass
        return answer

    async def leave(self) -> list[str]:
        """Take leave; the matches still to be played."""
        payload = msgspec.json.encode({"instance": self.instance})
        answer = await self.bus.request(subjects.LEAVE.at(agent=self.agent), payload)
        return msgspec.json.decode(answer.data, type=Goodbye).matches


class RunnersVoice:
    """Says what a runner says, in the log and to the matchmaker, and plays nothing."""

    def __init__(self, stage: Stage, bus: Bus) -> None:
        self._stage = stage
        self.bus = bus
        self.journal = Journal(bus)
        self.ear = Ear()

    @classmethod
    async def open(cls, stage: Stage) -> "RunnersVoice":
        creds = stage.settings.creds(Role.RUNNER)
        bus = await connect(stage.settings.nats, creds, name="voice", inbox=subjects.inbox(Role.RUNNER))
        stage.stack.push_async_callback(bus.close)
        voice = cls(stage, bus)
        await voice.journal.start()
        stage.stack.callback(voice.journal.stop)
        for row in (subjects.SILENT, subjects.SUCCESSOR):
            await bus.subscribe(row.any(), voice.ear.on)
        await bus.barrier()
        return voice

    async def offer(self, capacity: int, *only: str) -> None:
        """A beat: there is room for so many matches, of all games or of these."""
        games = [*only] or sorted(load_catalogue(self._stage.settings.games_file))
        beat = RunnerBeat(runner="voice", games=games, capacity=capacity, playing=0)
        await self.bus.publish(subjects.RUNNER_BEAT.at(runner="voice"), msgspec.json.encode(beat))
        await self.bus.barrier()

    async def write(self, match: str, *events: MatchEvent) -> None:
        """Append to a match that is in the log."""
        seq, game = next((seq, game) for seq, game, of, _ in reversed(self._stage.log.events) if of == match)
        for number, event in enumerate(events):
            msg_id = f"{match}-{seq}-{number}"
            payload = codec.encode_json(event)
            seq = await self.journal.append(game, match, kind(event), payload, after=seq, msg_id=msg_id)
        await self._stage.log.until(lambda log: any(at == seq for at, *_ in log.events))

    async def claim(self, match: str, *events: MatchEvent) -> None:
        """Append a claim, and then these."""
        await self.write(match, Claimed(at_ms=steady_ms(), runner="voice", epoch=1), *events)

    async def match_of(self, *agents: str) -> str:
        """Offer room until the matchmaker made a match of exactly these agents that is not over."""
        log = self._stage.log

        def found(_: object) -> str:
            over = {match for _, _, match, event in log.events if isinstance(event, Ended | Voided)}
            for _, _, match, event in log.events:
                if not isinstance(event, Created) or match in over:
                    continue
                if {seat.agent for seat in event.seats} == {*agents}:
                    return match
            return ""

        async with asyncio.timeout(DEADLINE_S):
            while not found(log):
                await self.offer(len({match for _, _, match, _ in log.events}) + 1)
                with contextlib.suppress(AssertionError):
                    await log.until(found, timeout_s=0.5)
        return found(log)


async def entry(stage: Stage, bucket: str, kind: type, key: str, true: Any) -> None:
    """Wait until a bucket's record is so."""
    changed = asyncio.Event()
    mirror = Mirror(stage.registrar, bucket, kind, lambda *_: changed.set())
    await mirror.start()
    async with asyncio.timeout(DEADLINE_S):
        while not (key in mirror.records and true(mirror.records[key])):
            changed.clear()
            await changed.wait()
    await mirror.stop()


async def matchmaker(stage: Stage, unclaimed_ms_max: int = 60_000, **settings: Any) -> asyncio.Event:
    """Run one here; set the event to stop it."""

    async def run(service: Service) -> None:
        catalogue = load_catalogue(service.settings.games_file)
        await Matchmaker(service, catalogue, unclaimed_ms_max=unclaimed_ms_max).run()

    return await stage.serve(Role.MATCHMAKER, run, **settings)


async def stop(stage: Stage, which: asyncio.Event) -> None:
    """Stop a service of `matchmaker`, and wait until it is gone."""
    which.set()
    for stopping, task in stage.tasks:
        if stopping is which:
            await task
