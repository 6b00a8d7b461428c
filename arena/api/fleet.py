"""/api/fleet: the platform's own processes, for operators; draining a runner, and restarting any of them.

A runner that is drained does what it does on SIGTERM: it takes nothing new and hands its matches over at once, to be
played on by others. Its process then stays, and does nothing, until it is stopped or restarted: ending by itself would
only make a supervisor start it again. Who is told to restart ends as orderly, with exit code 75, and counts on that.
"""

import asyncio
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import PathParameter

from arena.api.acceptable import Unknown
from arena.api.answers import problems_of
from arena.api.tokens import operators_only
from arena.bus import Bus, Msg, Subscription, Unanswered, micro, stream
from arena.bus.connection import NobodyListens
from arena.bus.provision import STREAMS
from arena.bus.stream import ApiError
from arena.store.database import Database
from arena.store.game_types import read_game_types
from arena.wire import ids, subjects
from arena.wire.registry import RunnerBeat

RUNNER = f"arena-{subjects.RUNNER}"
SILENT_S = 4.0  # as the matchmaker sees it
FORGOTTEN_S = 60.0  # a runner that neither beats nor answers for so long is none
RUNNERS_MAX = 1_000

ProcessId = Annotated[str, PathParameter(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
State = Literal["playing", "draining", "drained", "silent", "unanswering"]


class RunnerShown(msgspec.Struct, frozen=True, kw_only=True):
    """One runner.

    state: `playing` (takes matches); `draining` (hands them over); `drained` (does nothing more); `silent` (answers,
    but its beats do not come: it is starting, or hangs); `unanswering` (beats lately, but does not answer).
    """

    id: str
    state: State
    games: list[str]
    capacity: int  # matches it can play at once
    playing: int
    host: str
    version: str
    started: str  # RFC 3339; empty: it did not answer
    beat_age_ms: int | None  # null: no beat was heard
    figures: dict[str, float]  # its load, as its metrics have it


class ServiceShown(msgspec.Struct, frozen=True, kw_only=True):
    """One process of the platform that answers."""

    name: str
    id: str
    version: str
    host: str
    started: str  # RFC 3339
    metrics: str  # URL
    figures: dict[str, float]


class StreamShown(msgspec.Struct, frozen=True, kw_only=True):
    """One stream. A replica's lag is in entries of the stream's own log."""

    name: str
    messages: int
    bytes: int
    first_seq: int
    last_seq: int
    leader: str  # empty: one server has it, or a leader is being elected
    replicas: list[stream.Replica]


class ConsumerShown(msgspec.Struct, frozen=True, kw_only=True):
    """One durable consumer of the log, and how far it is behind."""

    name: str
    pending: int  # not delivered yet
    unacknowledged: int  # delivered: of a runner's consumer, the matches that are played
    redelivered: int
    waiting: int  # requests that wait for a message: 0 means that nobody is there to take one
    acknowledged: int  # everything up to this sequence is done with


class StreamsShown(msgspec.Struct, frozen=True, kw_only=True):
    """What is stored in NATS, and who is how far with it."""

    streams: list[StreamShown]
    consumers: list[ConsumerShown]


class Fleet:
    """Listens to the runners' beats. home: ARENA_HOME of this process, whose disk is looked at."""

    def __init__(self, bus: Bus, home: Path) -> None:
        self._bus = bus
        self.home = home
        self._beats: dict[str, tuple[RunnerBeat, float]] = {}
        self._decode = msgspec.json.Decoder(RunnerBeat).decode
        self._subscription: Subscription | None = None

    async def start(self) -> None:
        """Listen from now on."""
        self._subscription = await self._bus.subscribe(subjects.RUNNER_BEAT.any(), self._on_beat)

    async def stop(self) -> None:
        """Listen no more: the connection ends soon after."""
        self._beats.clear()

    def _on_beat(self, message: Msg) -> None:
        try:
            beat = self._decode(message.data)
        except msgspec.DecodeError:  # of a newer platform
            return
        if beat.runner in self._beats or len(self._beats) < RUNNERS_MAX:
            self._beats[beat.runner] = beat, time.monotonic()

    async def runners(self) -> list[RunnerShown]:
        """All that beat or answer. Raises Unanswered."""
        return self.runners_of(await self.answers())

    def runners_of(self, told: Iterable[micro.Stats]) -> list[RunnerShown]:
        """All that beat, or are among those that answered just now."""
        answers = {answer.id: answer for answer in told if answer.name == RUNNER}
        now_s = time.monotonic()
        for id_, (_, heard_s) in list(self._beats.items()):
            if now_s - heard_s > FORGOTTEN_S and id_ not in answers:
                del self._beats[id_]
        known = sorted({*self._beats, *answers})[:RUNNERS_MAX]
        return [_runner(id_, answers.get(id_), self._beats.get(id_), now_s) for id_ in known]

    async def answers(self) -> list[micro.Stats]:
        """What all processes say of themselves. Raises Unanswered."""
        if not self._bus.connected:
            raise Unanswered("no connection to NATS")
        return sorted(await micro.stats(self._bus), key=lambda answer: (answer.name, answer.id))


class FleetController(Controller):
    """For operators."""

    path = "/fleet"
    tags = ("operation",)
    guards = (operators_only,)

    @get("/runners", responses=problems_of(401, 403, 503))
    async def runners(self, fleet: NamedDependency[Fleet]) -> list[RunnerShown]:
        """List the runners: games, capacity, load, host, version, and whether they are draining."""
        return await fleet.runners()

    @post("/runners/{runner_id:str}/drain", status_code=202, responses=problems_of(400, 401, 403, 404, 503))
    async def drain(self, runner_id: ProcessId, bus: NamedDependency[Bus]) -> None:
        """Drain a runner: it takes nothing new, hands its matches over to others, and does nothing until restarted."""
        try:
            await _tell(bus, "drain", RUNNER, runner_id)
        except NobodyListens as error:
            raise Unknown(f"there is no runner {runner_id!r}") from error

    @post("/runners/{runner_id:str}/restart", status_code=202, responses=problems_of(400, 401, 403, 404, 503))
    async def restart_runner(self, runner_id: ProcessId, bus: NamedDependency[Bus]) -> None:
        """Restart a runner: it hands its matches over to others and ends; its supervisor starts it again."""
        try:
            await _tell(bus, "restart", RUNNER, runner_id)
        except NobodyListens as error:
            raise Unknown(f"there is no runner {runner_id!r}") from error

    @get("/services", responses=problems_of(401, 403, 503))
    async def services(self, fleet: NamedDependency[Fleet]) -> list[ServiceShown]:
        """List every process of the platform that answers, with its figures."""
        return [_service(answer) for answer in await fleet.answers()]

    @post("/services/{service_id:str}/restart", status_code=202, responses=problems_of(400, 401, 403, 404, 503))
    async def restart(self, service_id: ProcessId, fleet: NamedDependency[Fleet], bus: NamedDependency[Bus]) -> None:
        """Restart any process of the platform, by its id: it ends orderly, and its supervisor starts it again.

        It ends with exit code 75. Where nothing supervises it, it stays down.
        """
        found = next((answer for answer in await fleet.answers() if answer.id == service_id), None)
        if found is None:
            raise Unknown(f"no process {service_id!r} answers")
        try:
            await _tell(bus, "restart", found.name, service_id)
        except NobodyListens as error:
            raise Unknown(f"{found.name} {service_id!r} is gone, or cannot be told to restart") from error

    @get("/streams", responses=problems_of(401, 403, 503))
    async def streams(self, bus: NamedDependency[Bus], database: NamedDependency[Database]) -> StreamsShown:
        """Show how much is stored in NATS, and how far the recorder and the runners are behind the log."""
        return await streams_shown(bus, database)


async def streams_shown(bus: Bus, database: Database) -> StreamsShown:
    """What is stored in NATS, and who is how far with it. Raises Unanswered and StoreError."""
    if not bus.connected:
        raise Unanswered("no connection to NATS")
    games = [game.name for game in await read_game_types(database) if ids.is_token(game.name)]
    names = [subjects.RECORDER_CONSUMER, *map(subjects.runner_consumer, games)]
    streams = await asyncio.gather(*(_stream(bus, name) for name in STREAMS))
    consumers = await asyncio.gather(*(_consumer(bus, name) for name in names))
    return StreamsShown(
        streams=[one for one in streams if one is not None], consumers=[one for one in consumers if one is not None]
    )


async def _tell(bus: Bus, order: micro.Order, name: str, id_: str) -> None:
    if not bus.connected:
        raise Unanswered("no connection to NATS")
    await micro.tell(bus, order, name, id_)


def _runner(id_: str, answer: micro.Stats | None, heard: tuple[RunnerBeat, float] | None, now_s: float) -> RunnerShown:
    beat, heard_s = heard or (None, now_s)
    figures = answer.figures if answer else {}
    fresh = beat is not None and now_s - heard_s <= SILENT_S
    leaving = bool(figures.get("arena_service_draining")) or (beat is not None and beat.draining)
    state: State = "playing"
    if leaving:
        state = "draining" if figures.get("arena_runner_matches") else "drained"
    elif answer is None:
        state = "unanswering"
    elif not fresh:
        state = "silent"
    return RunnerShown(
        id=id_,
        state=state,
        games=beat.games if beat else [],
        capacity=beat.capacity if beat else 0,
        playing=beat.playing if beat and not leaving else int(figures.get("arena_runner_matches", 0)),
        host=answer.metadata.get("host", "") if answer else "",
        version=answer.version if answer else "",
        started=answer.started if answer else "",
        beat_age_ms=int((now_s - heard_s) * 1000) if beat else None,
        figures=figures,
    )


def _service(answer: micro.Stats) -> ServiceShown:
    return ServiceShown(
        name=answer.name,
        id=answer.id,
        version=answer.version,
        host=answer.metadata.get("host", ""),
        started=answer.started,
        metrics=answer.metadata.get("metrics", ""),
        figures=answer.figures,
    )


async def _stream(bus: Bus, name: str) -> StreamShown | None:
    """None: it was not provisioned."""
    try:
        state, replication = await asyncio.gather(stream.state(bus, name), stream.replication(bus, name))
    except ApiError:
        return None
    return StreamShown(
        name=name,
        messages=state.messages,
        bytes=state.bytes,
        first_seq=state.first_seq,
        last_seq=state.last_seq,
        leader=replication.leader,
        replicas=replication.replicas,
    )


async def _consumer(bus: Bus, name: str) -> ConsumerShown | None:
    """None: it was not provisioned."""
    try:
        state = await stream.consumer(bus, subjects.EVENTS_STREAM, name)
    except ApiError:
        return None
    return ConsumerShown(
        name=name,
        pending=state.num_pending,
        unacknowledged=state.num_ack_pending,
        redelivered=state.num_redelivered,
        waiting=state.num_waiting,
        acknowledged=state.acknowledged,
    )
