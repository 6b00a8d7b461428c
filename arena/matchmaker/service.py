"""The matchmaker's process."""

import asyncio
import contextlib
import secrets
import time
from collections.abc import Coroutine
from typing import Any

import msgspec
from prometheus_client import Counter, Gauge, Histogram

from arena.bus import Fenced, Msg, Unanswered
from arena.bus.journal import Journal
from arena.bus.kv import Mirror, put
from arena.bus.lease import Leadership
from arena.bus.pull import Delivery, Follower
from arena.core.pairing import Meeting, Rule, pair
from arena.games import Game, load_catalogue
from arena.matchmaker.lobby import Lobby
from arena.matchmaker.reception import Reception
from arena.service import Service
from arena.wire import codec, ids, subjects
from arena.wire.events import Created
from arena.wire.faults import NoticeCode
from arena.wire.registry import AgentRecord, LogPosition, RatingRecord, RunnerBeat

RUNNER_SILENT_MS = 4_000
CHECKPOINT_S = 5.0
LAST_ACKS_S = 2.0
CHECKPOINT_KEY = "matchmaker-from"
MATCHES_PER_WAVE_MAX = 1_000
WAVE_PAUSE_S = 0.01  # slots that become free together are paired together

MATCHES = Counter("arena_matchmaker_matches", "Matches created", ["game"])
WAITING = Gauge("arena_matchmaker_waiting", "Slots that wait", ["game"])
RUNNING = Gauge("arena_matchmaker_running", "Matches created and not over")
WAVE_SECONDS = Histogram("arena_matchmaker_wave_seconds", "Time to pair one wave")
WAIT_SECONDS = Histogram("arena_matchmaker_wait_seconds", "Wait of a slot until it was matched", ["game"])


class Matchmaker:
    """Soft state, and the wave that makes matches of it."""

    def __init__(self, service: Service, catalogue: dict[str, Game]) -> None:
        self._service = service
        self._catalogue = catalogue
        self._bus = service.bus
        self._journal = Journal(service.bus)
        self._news = asyncio.Event()  # a slot became free, or an instance arrived
        settings = service.settings
        self.lobby = Lobby(settings.beat_ms)
        self.reception = Reception(service.bus, self.lobby, catalogue, self._news.set)
        self._lease = Leadership(service.bus, "matchmaker", service.id, settings.lease_ms)
        self._agents = Mirror(service.bus, subjects.AGENTS_BUCKET, AgentRecord, self._on_agent)
        self._ratings = Mirror(service.bus, subjects.RATINGS_BUCKET, RatingRecord)
        self._runners: dict[str, tuple[RunnerBeat, int]] = {}
        self._decode_runner = msgspec.json.Decoder(RunnerBeat).decode
        self._log: Follower | None = None
        self._creating: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Match until told to stop."""
        await self._journal.start()
        self.lobby.agents, self.lobby.ratings = self._agents.records, self._ratings.records
        await self._agents.start()
        await self._ratings.start()
        await self._read_log()
        await self._bus.subscribe(subjects.RUNNER_BEAT.any(), self._on_runner)
        await self.reception.open()
        self._lease.start()
        self._service.log.info("matchmaker ready", agents=len(self.lobby.agents), running=len(self.lobby.running))
        checkpoint_s = 0.0
        while not self._service.stop.is_set():
            self.reception.active = self._lease.valid
            if self._lease.valid:
                await self._wave(_now_ms())
                if time.monotonic() - checkpoint_s > CHECKPOINT_S:
                    checkpoint_s = time.monotonic()
                    await self._checkpoint()
            for instance in self.lobby.forget_silent(_now_ms()):
                self._service.log.info("instance silent", agent=instance.agent, instance=instance.name)
            await self._next_wave()
        await self._close()

    async def _close(self) -> None:
        """Give the lease back, so that a standby takes over at once."""
        self.reception.active = False
        if self._creating:
            await asyncio.wait(self._creating, timeout=LAST_ACKS_S)
        await self._lease.stop()
        self._journal.stop()
        for reading in (self._agents, self._ratings, self._log):
            if reading is not None:
                await reading.stop()

    async def _next_wave(self) -> None:
        """Soon after a slot became free, else when waiting may have widened somebody's limits."""
        await asyncio.sleep(WAVE_PAUSE_S)
        self._news.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._service.settings.wave_ms / 1000):
                await self._news.wait()

    # Reading

    async def _read_log(self) -> None:
        """What runs: created and not yet over, from the checkpoint on."""
        request = msgspec.json.encode({"last_by_subj": f"$KV.{subjects.LEASES_BUCKET}.{CHECKPOINT_KEY}"})
        answer = await self._bus.request(f"$JS.API.STREAM.MSG.GET.KV_{subjects.LEASES_BUCKET}", request)
        found = msgspec.json.decode(answer.data, type=dict[str, object]).get("message")
        after = msgspec.convert(found, _Stored).position.seq - 1 if found else 0
        filters = [row.any() for row in (subjects.CREATED, subjects.ENDED, subjects.VOIDED)]
        self._log = Follower(self._bus, subjects.EVENTS_STREAM, filters, self._on_event, after=max(after, 0))
        self._log.start()
        await self._log.caught_up.wait()

    def _on_event(self, event: Delivery) -> None:
        game, match, kind = subjects.split_event(event.subject)
        if kind != "created":
            self.lobby.over(match, _now_ms())
            self._news.set()
            return
        try:
            created = codec.decode_event(event.payload)
        except msgspec.DecodeError:
            return  # the recorder keeps and reports it
        if isinstance(created, Created):
            self.lobby.begun(game, match, event.seq, created.seats, created.at_ms)

    def _on_agent(self, agent: str, record: AgentRecord | None) -> None:
        if record is None or record.paused:
            for instance in [it for it in self.lobby.instances.values() if it.agent == agent and it.here]:
                instance.here = False
                if self.reception.active:
                    notice = self.reception.notice(agent, instance.name, NoticeCode.PAUSED, "no new matches")
                    self._spawn(notice)

    def _on_runner(self, message: Msg) -> None:
        try:
            beat = self._decode_runner(message.data)
        except msgspec.DecodeError:
            return  # a runner of another version; its capacity does not count
        self._runners[beat.runner] = (beat, _now_ms())

    # Writing

    async def _wave(self, now_ms: int) -> None:
        """Pair every game's waiting slots, as far as the runners have room."""
        RUNNING.set(len(self.lobby.running))
        settings = self._service.settings
        room = self._room(now_ms)
        games = sorted(self.lobby.games())
        shift = now_ms // settings.wave_ms % max(len(games), 1)
        with WAVE_SECONDS.time():
            for game in games[shift:] + games[:shift]:
                waiting = self.lobby.waiting(game)
                WAITING.labels(game).set(len(waiting))
                house_matches = self.lobby.house_matches(
                    game, settings.house_matches, settings.house_interval_ms, now_ms
                )
                rule = Rule(seats=self._catalogue[game].seats, house_matches_max=house_matches)
                meetings = pair(waiting, rule, now_ms, secrets.randbits(64)) if room > 0 else []
                for meeting in meetings[: min(room, MATCHES_PER_WAVE_MAX)]:
                    self._create(game, meeting, now_ms)
                    room -= 1
        await asyncio.sleep(0)

    def _room(self, now_ms: int) -> int:
        """Matches that the runners heard lately can take on top of what runs."""
        heard = {runner: it for runner, it in self._runners.items() if now_ms - it[1] < RUNNER_SILENT_MS}
        self._runners = heard
        return sum(beat.capacity for beat, _ in self._runners.values()) - len(self.lobby.running)

    def _create(self, game: str, meeting: Meeting, now_ms: int) -> None:
        match = ids.make(now_ms, secrets.token_bytes(ids.ENTROPY_BYTES))
        row = self._catalogue[game]
        created = Created(
            at_ms=now_ms,
            seed=secrets.randbits(31),
            seats=[self.lobby.seat(slot, game) for slot in meeting.slots],
            clock=row.clock,
            faults=row.faults,
            game_version=row.version,
            reason=meeting.reason,
        )
        self.lobby.begun(game, match, 0, created.seats, now_ms)
        for slot in meeting.slots:
            WAIT_SECONDS.labels(game).observe(max(now_ms - slot.since_ms, 0) / 1000)
        self._spawn(self._write(game, match, created))

    async def _write(self, game: str, match: str, created: Created) -> None:
        payload = codec.encode_json(created)
        # Nobody else writes under an id with 80 random bits: an append that is refused had succeeded before, its
        # acknowledgement was lost, and a runner has claimed the match since.
        with contextlib.suppress(Fenced):
            await self._journal.append(game, match, "created", payload, after=0, msg_id=match)
        MATCHES.labels(game).inc()
        agents = [seat.agent for seat in created.seats]
        self._service.log.info("match created", match=match, game=game, agents=agents, reason=created.reason)

    async def _checkpoint(self) -> None:
        assert self._log is not None  # noqa: S101 - read before the first wave
        position = LogPosition(seq=self.lobby.first_running_seq(self._log.seq + 1))
        with contextlib.suppress(Unanswered):
            await put(self._bus, subjects.LEASES_BUCKET, CHECKPOINT_KEY, position)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._creating.add(task)
        task.add_done_callback(self._creating.discard)


class _Stored(msgspec.Struct, frozen=True):
    data: bytes

    @property
    def position(self) -> LogPosition:
        return msgspec.json.decode(self.data, type=LogPosition)


async def run(service: Service) -> None:
    """Match until told to stop."""
    await Matchmaker(service, load_catalogue(service.settings.games_file)).run()


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
