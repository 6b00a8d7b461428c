"""The matchmaker's process."""

import asyncio
import contextlib
import secrets
import time
from collections.abc import Coroutine
from typing import Any

import msgspec
from prometheus_client import Counter, Gauge, Histogram

from arena.bus import BusError, Fenced, Msg
from arena.bus.journal import Journal
from arena.bus.kv import Mirror, put
from arena.bus.lease import Leadership
from arena.bus.pull import Delivery, Follower
from arena.bus.stream import stored
from arena.core.blocks import SEED_BITS, Draw
from arena.core.clock import patient
from arena.core.pairing import Meeting, Rule
from arena.core.waiting import patience
from arena.games import Game, load_catalogue
from arena.matchmaker.answers import Answers
from arena.matchmaker.instance import Instance
from arena.matchmaker.ladder import Ladder
from arena.matchmaker.lobby import Lobby
from arena.matchmaker.presence import Presence
from arena.matchmaker.probes import Probes
from arena.matchmaker.quarantine import Quarantines
from arena.matchmaker.reception import Reception
from arena.matchmaker.requests import Asked, Requests
from arena.matchmaker.vigil import Vigil
from arena.matchmaker.voiding import UNCLAIMED_MS_MAX, Voiding
from arena.service import Service, steady_ms
from arena.wire import codec, ids, subjects
from arena.wire.events import Created, Ended, Reseated
from arena.wire.faults import NoticeCode
from arena.wire.registry import AgentRecord, LogPosition, RatingRecord, RunnerBeat

RUNNER_SILENT_MS = 4_000
CHECKPOINT_S = 5.0
LAST_ACKS_S = 2.0
CHECKPOINT_KEY = "matchmaker-from"
WAVE_PAUSE_S = 0.01  # slots that become free together are paired together
# Of the time so much goes into waves, at most: where many slots wait they take longer, and come less often.
WAVE_SHARE, WAVE_SHARE_MAKING = 0.1, 0.5  # the second after a wave that made matches

_READ = (subjects.CREATED, subjects.CLAIMED, subjects.RESEATED, subjects.FAULTED, subjects.ENDED, subjects.VOIDED)

MATCHES = Counter("arena_matchmaker_matches", "Matches created", ["game"])
WAITING = Gauge("arena_matchmaker_waiting", "Slots that wait", ["game"])
RUNNING = Gauge("arena_matchmaker_running", "Matches created and not over")
WAVE_SECONDS = Histogram("arena_matchmaker_wave_seconds", "Time to pair one wave")
WAIT_SECONDS = Histogram("arena_matchmaker_wait_seconds", "Wait of a slot until it was matched", ["game"])


class Matchmaker:
    """Soft state, and the wave that makes matches of it."""

    def __init__(
        self, service: Service, catalogue: dict[str, Game], *, unclaimed_ms_max: int = UNCLAIMED_MS_MAX
    ) -> None:
        self._service = service
        self._catalogue = catalogue
        self._bus = service.bus
        self._journal = Journal(service.bus)
        self._news = asyncio.Event()  # a slot became free, or an instance arrived
        settings = service.settings
        self.lobby = Lobby(settings.beat_ms, settings.agent_hourly_max)
        bus, lobby = service.bus, self.lobby
        self.reception = Reception(bus, lobby, catalogue, self._on_arrival)
        self._probes = Probes(bus)
        self._presence = Presence(bus, lobby, self.reception, self._probes)
        self._quarantines = Quarantines(bus, lobby, self.reception, self._news.set)
        self._requests = Requests(bus, lobby, {name: game.seats for name, game in catalogue.items()})
        self._ladder = Ladder(lobby, self._rule, [name for name, game in catalogue.items() if game.blocks])
        self._vigil = Vigil(bus, self._probes, service.id, lobby.excuse)
        self._voiding = Voiding(
            bus, self._journal, lobby, self.reception, self._vigil, catalogue, unclaimed_ms_max=unclaimed_ms_max
        )
        self._answers = Answers(
            bus, lobby, settings.wave_ms, lambda: self.reception.active, lambda: self._room(steady_ms())[0]
        )
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
        self.lobby.models = {name: game.rating for name, game in self._catalogue.items()}
        await self._agents.start()
        await self._ratings.start()
        position = await self._position()
        await self._requests.start(position.made)
        await self._quarantines.start(position.counts)
        await self._read_log(position.seq)
        self._quarantines.caught_up()
        await self._bus.subscribe(subjects.RUNNER_BEAT.any(), self._on_runner)
        await self._probes.open()
        self._vigil.start()
        await self.reception.open()
        await self._presence.open()
        await self._answers.open()
        self._lease.start()
        self._voiding.start()
        self._service.log.info("matchmaker ready", agents=len(self.lobby.agents), running=len(self.lobby.running))
        checkpoint_s = 0.0
        while not self._service.stop.is_set():
            self._news.clear()  # what comes during this wave is of the next one
            now_ms = steady_ms()
            if not self._lease.valid:
                self.reception.active = False
            elif not self.reception.active:
                await self.reception.take_over(now_ms)
                await self._presence.took_over(now_ms)
                await self._quarantines.took_over()
            self._quarantines.sweep(now_ms, active=self._lease.valid)
            pause_s = 0.0
            if self._lease.valid:
                began_s = time.monotonic()
                share = WAVE_SHARE_MAKING if await self._wave(now_ms) else WAVE_SHARE
                pause_s = (time.monotonic() - began_s) * (1 / share - 1)
                if time.monotonic() - checkpoint_s > CHECKPOINT_S:
                    checkpoint_s = time.monotonic()
                    await self._checkpoint()
            if self._vigil.hears(steady_ms()):  # else the silence may be ours
                for instance in self.lobby.forget_silent(now_ms):
                    await self._presence.silent(instance, now_ms)
            await self._presence.sweep(now_ms)
            await self._next_wave(pause_s)
        await self._close()

    async def _close(self) -> None:
        """Give the lease back, so that a standby takes over at once."""
        await self.reception.close()
        await self._voiding.stop()
        if self._creating:
            await asyncio.wait(self._creating, timeout=LAST_ACKS_S)
        await self._lease.stop()
        await self._vigil.stop()
        await self._quarantines.stop()
        await self._requests.stop()
        self._journal.stop()
        for reading in (self._agents, self._ratings, self._log):
            if reading is not None:
                await reading.stop()

    async def _next_wave(self, pause_s: float) -> None:
        """Soon after a slot became free, else when waiting may have widened somebody's limits."""
        await asyncio.sleep(max(WAVE_PAUSE_S, pause_s))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._service.settings.wave_ms / 1000):
                await self._news.wait()

    # Reading

    async def _position(self) -> LogPosition:
        """The last checkpoint of whoever was active."""
        key = f"$KV.{subjects.LEASES_BUCKET}.{CHECKPOINT_KEY}"
        found = await stored(self._bus, f"KV_{subjects.LEASES_BUCKET}", last_by=key)
        return msgspec.json.decode(found.data, type=LogPosition) if found else LogPosition(seq=1)

    async def _read_log(self, first: int) -> None:
        """What runs: created and not yet over."""
        filters = [row.any() for row in _READ]
        self._log = Follower(self._bus, subjects.EVENTS_STREAM, filters, self._on_event, after=max(first - 1, 0))
        self._log.start()
        await self._log.caught_up.wait()

    def _on_event(self, delivery: Delivery) -> None:
        game, match, kind = subjects.split_event(delivery.subject)
        self._voiding.on_event(game, match, kind, delivery.seq)
        try:
            event = codec.decode_event(delivery.payload)
        except msgspec.DecodeError:
            event = None  # the recorder keeps and reports it
        if kind in {"ended", "voided"}:
            self.lobby.over(match, steady_ms(), event if isinstance(event, Ended) else None)
            self._requests.over(match)
            self._news.set()
        if event is None:
            return
        if isinstance(event, Created):
            self.lobby.begun(game, match, delivery.seq, event.seats, event.at_ms, requested=bool(event.request))
            self._requests.seen(delivery.seq, match, event)
        elif isinstance(event, Reseated):
            self.lobby.reseated(match, event, steady_ms())
            self._news.set()
        if game in self._catalogue:
            self._quarantines.on_event(delivery, event)

    def _on_arrival(self, instance: Instance) -> None:
        self._news.set()
        if self.reception.active:
            self.reception.spawn(self._presence.arrived(instance))
            if self._quarantines.concerned(instance):
                self.reception.spawn(self._quarantines.tell(instance))

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
        now_ms = steady_ms()
        self._runners = {name: it for name, it in self._runners.items() if now_ms - it[1] < RUNNER_SILENT_MS}
        self._runners[beat.runner] = (beat, now_ms)

    # Writing

    async def _wave(self, now_ms: int) -> bool:
        """Make matches in the runners' room: people's and a share of the requested, the ladder's, what is left.

        Returns whether the ladder made any.
        """
        RUNNING.set(len(self.lobby.running))
        room, playable = self._room(now_ms)
        ahead = self._ladder.requested_room(room, self._requests.running, playable, now_ms)
        for asked in self._requests.meetings(room, playable, now_ms, ahead=ahead):
            self._create(asked.game, asked.meeting, now_ms, asked.draw, asked)
            self._ladder.requested(now_ms)
            room -= 1
        with WAVE_SECONDS.time():
            found = self._ladder.wave(room, playable, now_ms)
        for game, blocks in found.blocks.items():
            for block in blocks:
                draw = Draw(self._id(now_ms) if len(block) > 1 else "", secrets.randbits(SEED_BITS))
                for meeting in block:
                    self._create(game, meeting, now_ms, draw)
                room -= len(block)
        for game, seen in found.games.items():
            WAITING.labels(game).set(len(seen.waiting))
        self._answers.note(found, now_ms)
        for asked in self._requests.meetings(room, playable, now_ms):
            self._create(asked.game, asked.meeting, now_ms, asked.draw, asked)
        await asyncio.sleep(0)
        return any(found.blocks.values())

    def _rule(self, game: str, now_ms: int) -> Rule:
        """How a game is matched now."""
        settings = self._service.settings
        house_matches = self.lobby.house_matches(game, settings.house_matches, settings.house_interval_ms, now_ms)
        row = self._catalogue[game]
        teams = tuple(team for team in row.team_of_seat if team is not None)
        rule = Rule(seats=row.seats, teams=teams, house_matches_max=house_matches)
        usual_ms = self.lobby.usual_match_ms(game)
        if usual_ms is None:
            return rule
        gap_limit, widen_per_s = patience(max(usual_ms, 1.0) / 1000)
        return msgspec.structs.replace(rule, gap_limit=gap_limit, widen_per_s=widen_per_s)

    def _room(self, now_ms: int) -> tuple[int, set[str]]:
        """Matches that the runners heard lately can take on top of what runs, and the games that they play."""
        beats = [beat for beat, heard_ms in self._runners.values() if now_ms - heard_ms < RUNNER_SILENT_MS]
        games = {game for beat in beats if beat.capacity > 0 for game in beat.games}
        return sum(beat.capacity for beat in beats) - len(self.lobby.running), games

    @staticmethod
    def _id(now_ms: int) -> str:
        return ids.make(now_ms, secrets.token_bytes(ids.ENTROPY_BYTES))

    def _create(self, game: str, meeting: Meeting, now_ms: int, draw: Draw, asked: Asked | None = None) -> None:
        match = self._id(now_ms)
        row = self._catalogue[game]
        created = Created(
            at_ms=now_ms,
            seed=draw.seed,
            seats=[
                msgspec.structs.replace(self.lobby.seat(slot, game, now_ms), team=team)
                for slot, team in zip(meeting.slots, row.team_of_seat, strict=True)
            ],
            clock=patient(row.clock) if asked and asked.clock == "patient" else row.clock,
            faults=row.faults,
            game_version=row.version,
            reason=meeting.reason,
            rated=asked is None or asked.rated,
            block=draw.block,
            request=asked.request if asked else "",
        )
        self._requests.sent(match, created)
        self.lobby.begun(game, match, 0, created.seats, now_ms, requested=bool(created.request))
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
        if (counts := self._quarantines.counts(self._log.seq)) is not None:
            seq = self.lobby.first_running_seq(self._log.seq + 1)
            position = LogPosition(seq=seq, made=self._requests.made_before(seq), counts=counts)
            try:
                await put(self._bus, subjects.LEASES_BUCKET, CHECKPOINT_KEY, position)
            except BusError as error:  # a restart reads more of the log
                self._service.log.warning("the checkpoint was not stored; trying on", error=str(error))
        await self._requests.close_complete()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._creating.add(task)
        task.add_done_callback(self._creating.discard)


async def run(service: Service) -> None:
    """Match until told to stop."""
    await Matchmaker(service, load_catalogue(service.settings.games_file)).run()
