"""Answers inquiries about the lobby (arena.wire.inquiry), from what the last wave saw: asking costs no pairing."""

import contextlib
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from arena.bus import Bus, Msg, Unreachable
from arena.core.outlook import Outlook, in_words, outlook
from arena.core.pairing import Meeting, Waiting
from arena.matchmaker.instance import Instance
from arena.matchmaker.ladder import Found, GameWave
from arena.matchmaker.lobby import Lobby
from arena.service import steady_ms
from arena.wire import inquiry, subjects
from arena.wire.inquiry import (
    AgentPresence,
    AgentsInquiry,
    AgentsState,
    AgentState,
    Code,
    GameQueue,
    InstanceState,
    QueueState,
    Reason,
    SeatState,
    Wait,
)

WINDOW_MS = 300_000  # what counts as "the last minutes"
STEP_MS = 5_000
WAITING_COMPARED_MAX = 1_000  # slots that "why" is asked against


class Pace:
    """Matches made and how long their slots had waited, over the last minutes. Times in ms of one clock."""

    def __init__(self, since_ms: int) -> None:
        self._since_ms = since_ms
        self._steps: deque[tuple[int, int, int, int]] = deque()  # when, matches, slots, their waits together

    def note(self, meetings: Iterable[Meeting], now_ms: int) -> None:
        """These matches were made now."""
        step = now_ms - now_ms % STEP_MS
        _, matches, slots, waited = self._steps.pop() if self._steps and self._steps[-1][0] == step else (step, 0, 0, 0)
        for meeting in meetings:
            matches += 1
            for slot in meeting.slots:
                slots, waited = slots + 1, waited + max(now_ms - slot.since_ms, 0)
        self._steps.append((step, matches, slots, waited))

    def per_minute(self, now_ms: int) -> float:
        """Matches made in a minute."""
        self._forget(now_ms)
        span_ms = min(max(now_ms - self._since_ms, STEP_MS), WINDOW_MS)
        return round(sum(matches for _, matches, _, _ in self._steps) * 60_000 / span_ms, 2)

    def between_ms(self, now_ms: int) -> float | None:
        """How long it takes from one match to the next; None if there were none."""
        a_minute = self.per_minute(now_ms)
        return 60_000 / a_minute if a_minute else None

    def wait_ms(self, now_ms: int) -> int | None:
        """How long a slot waited on average; None if nobody was matched."""
        self._forget(now_ms)
        slots = sum(slots for _, _, slots, _ in self._steps)
        return sum(waited for *_, waited in self._steps) // slots if slots else None

    def _forget(self, now_ms: int) -> None:
        while self._steps and self._steps[0][0] <= now_ms - WINDOW_MS:
            self._steps.popleft()


class Answers:
    """`note` every wave; `open` to answer. active: whether it is for this matchmaker to answer.

    room: matches that the runners can take on top of what runs.
    """

    def __init__(
        self, bus: Bus, lobby: Lobby, wave_ms: int, active: Callable[[], bool], room: Callable[[], int]
    ) -> None:
        self._bus = bus
        self._lobby = lobby
        self._wave_ms = wave_ms
        self._active = active
        self._room = room
        self._waves: dict[str, GameWave] = {}
        self._paces: dict[str, Pace] = {}
        self._began_ms = steady_ms()
        self._decode = msgspec.json.Decoder(AgentsInquiry).decode

    async def open(self) -> None:
        """Begin to listen."""
        await self._bus.subscribe(subjects.INQUIRY_AGENT.any(), self._on_agent)
        await self._bus.subscribe(subjects.INQUIRY_AGENTS.any(), self._on_agents)
        await self._bus.subscribe(subjects.INQUIRY_QUEUE.any(), self._on_queue)

    def note(self, found: Found, now_ms: int) -> None:
        """What a wave saw and made. Of other games nobody waits."""
        self._waves = found.games
        for game, meetings in found.meetings.items():
            if meetings:
                self._paces.setdefault(game, Pace(self._began_ms)).note(meetings, now_ms)

    def agent(self, agent: str, now_ms: int) -> AgentState:
        """One agent, as it is now."""
        instances = self._lobby.of(agent)
        seats = [seat for it in instances for seat in self._seats(agent, it.name)]
        games = sorted({game for it in instances if it.here for game in it.games})
        return AgentState(
            agent=agent,
            at_ms=now_ms,
            instances=[self._instance(it, now_ms) for it in instances[: inquiry.INSTANCES_MAX]],
            matches=seats[: inquiry.MATCHES_MAX],
            matches_total=len(seats),
            waits=[self._wait(agent, game, now_ms) for game in games[: inquiry.GAMES_MAX]],
        )

    def agents(self, agents: Iterable[str], now_ms: int) -> AgentsState:
        """Many agents, as they are now."""
        return AgentsState(at_ms=now_ms, agents=[self._presence(agent) for agent in agents])

    def queue(self, now_ms: int) -> QueueState:
        """All queues, as they are now."""
        games = sorted(self._waves.keys() | self._paces.keys())
        here = [it.agent for it in self._lobby.instances.values() if it.here]
        return QueueState(
            at_ms=now_ms,
            games=[self._queue(game, now_ms) for game in games[: inquiry.GAMES_MAX]],
            running=len(self._lobby.running),
            room=max(self._room(), 0),
            agents=len({*here}),
            instances=len(here),
        )

    def _presence(self, agent: str) -> AgentPresence:
        instances = self._lobby.of(agent)
        here = [it for it in instances if it.here]
        free = sum(len(it.free_since_ms) for it in here)
        matches = sum(self._lobby.busy((agent, it.name)) for it in instances)
        return AgentPresence(
            agent=agent,
            doing="playing" if matches else "waiting" if free else "idle" if here else "absent",
            instances=len(here),
            absent=sum(it.lost for it in instances),
            matches=matches,
            free=free,
        )

    def _instance(self, it: Instance, now_ms: int) -> InstanceState:
        return InstanceState(
            instance=it.name,
            state="here" if it.here else "left" if it.left and not it.lost else "absent",
            games=it.games[: inquiry.GAMES_MAX],
            slots=it.slots,
            busy=self._lobby.busy((it.agent, it.name)),
            free=len(it.free_since_ms) if it.here else 0,
            heard_ago_ms=max(now_ms - it.heard_ms, 0),
            stateless=it.stateless,
            ladder=it.ladder,
        )

    def _seats(self, agent: str, instance: str) -> Iterable[SeatState]:
        for match in self._lobby.sits(agent, instance):
            running = self._lobby.running[match]
            for number, seat in enumerate(running.seats):
                if (seat.agent, seat.instance) == (agent, instance):
                    yield SeatState(match=match, game=running.game, seat=number, instance=instance)

    def _wait(self, agent: str, game: str, now_ms: int) -> Wait:
        wave = self._waves.get(game)
        left = wave.left() if wave else []
        own = sorted((slot for slot in left if slot.agent == agent), key=lambda slot: slot.since_ms)
        free = sum(len(it.free_since_ms) for it in self._on_ladder(agent) if game in it.games)
        barred = self._lobby.quarantined.get(game) or self._lobby.quarantined.get(f"{game}.{agent}")
        if barred:
            reason, estimated = Reason(code="quarantined"), None
        else:
            reason, estimated = self._held(agent, now_ms) or self._queued(game, wave, own, left, now_ms)
        return Wait(
            game=game,
            waiting=0 if barred else free,
            since_ms=own[0].since_ms if own and not barred else None,
            why=barred.why if barred else in_words(reason),
            estimated_ms=None if estimated is None else max(round(estimated), self._wave_ms),
            quarantined_until_ms=barred.until_ms if barred else None,
            reason=reason,
        )

    def _held(self, agent: str, now_ms: int) -> Outlook | None:
        """What keeps an agent from all matches of the ladder, if anything does."""
        record = self._lobby.agents.get(agent)
        if record is None:
            return Outlook(Reason(code="unknown_agent"), None)
        if record.paused:
            return Outlook(Reason(code="paused"), None)
        if not self._on_ladder(agent):
            return Outlook(Reason(code="asked_only"), None)
        if not any(it.free_since_ms for it in self._on_ladder(agent)):
            return Outlook(Reason(code="all_playing"), None)
        if (limited_ms := self._lobby.next_match_ms(agent, now_ms) - now_ms) > 0:
            hourly_max = self._lobby.hourly_max(agent)
            code: Code = "owner_limit" if hourly_max == record.hourly_max else "platform_limit"
            return Outlook(Reason(code=code, numbers={"hourly_max": hourly_max, "wait_ms": limited_ms}), limited_ms)
        return None

    def _queued(
        self, game: str, wave: GameWave | None, own: list[Waiting], left: list[Waiting], now_ms: int
    ) -> Outlook:
        """What its longest wait is for, and for about how long."""
        if wave is not None and not wave.played:
            return Outlook(Reason(code="no_runner"), None)
        if not own or wave is None:
            return Outlook(Reason(code="next_wave"), self._wave_ms)
        pace = self._paces.get(game)
        between_ms = pace.between_ms(now_ms) if pace else None
        if not wave.room:
            return self._behind(game, wave, own[0], left, between_ms)
        others = [slot for slot in left if slot.agent != own[0].agent][:WAITING_COMPARED_MAX]
        found = outlook(own[0], others, wave.rule, now_ms)
        if found.reason.code == "opponents_needed":  # anybody will do, and they come as fast as matches are made
            return found._replace(wait_ms=between_ms)
        if found.wait_ms is None:
            return found
        usual_ms = (pace.wait_ms(now_ms) if pace else None) or 0
        sooner_ms = usual_ms - (now_ms - own[0].since_ms)
        return found._replace(wait_ms=sooner_ms) if 0 < sooner_ms < found.wait_ms else found

    def _behind(
        self, game: str, wave: GameWave, slot: Waiting, left: list[Waiting], between_ms: float | None
    ) -> Outlook:
        """Runners are full: its turn is after those that have waited longer, as fast as matches of the game begin.

        Where none began lately, as fast as those that run will end.
        """
        usual_ms, running = self._lobby.usual_match_ms(game), self._lobby.on_ladder(game)
        if between_ms is None and usual_ms is not None and running:
            between_ms = usual_ms / running
        ahead = sum(it.since_ms < slot.since_ms and it.agent != slot.agent and not it.house for it in left)
        wait_ms = None if between_ms is None else between_ms * (ahead // wave.rule.seats + 1)
        return Outlook(Reason(code="runners_full", numbers={"ahead": ahead}), wait_ms)

    def _on_ladder(self, agent: str) -> list[Instance]:
        return [it for it in self._lobby.of(agent) if it.here and it.ladder]

    def _queue(self, game: str, now_ms: int) -> GameQueue:
        wave = self._waves.get(game)
        left = wave.left() if wave else []
        pace = self._paces.get(game)
        return GameQueue(
            game=game,
            waiting=len(left),
            agents=len({slot.agent for slot in left}),
            oldest_ms=max((now_ms - slot.since_ms for slot in left), default=0),
            matches_per_minute=pace.per_minute(now_ms) if pace else 0.0,
            estimated_ms=self._usual_ms(game, now_ms),
            playable=wave is not None and wave.played and game not in self._lobby.quarantined,
        )

    def _usual_ms(self, game: str, now_ms: int) -> int | None:
        pace = self._paces.get(game)
        return pace.wait_ms(now_ms) if pace else None

    async def _on_agent(self, message: Msg) -> None:
        if self._active():
            agent = subjects.INQUIRY_AGENT.parse(message.subject)["agent"]
            await self._answer(message.reply, self.agent(agent, steady_ms()))

    async def _on_agents(self, message: Msg) -> None:
        if self._active():
            try:
                asked = self._decode(message.data).agents[: inquiry.AGENTS_MAX]
            except msgspec.DecodeError:  # of another platform's version
                return
            await self._answer(message.reply, self.agents(asked, steady_ms()))

    async def _on_queue(self, message: Msg) -> None:
        if self._active():
            await self._answer(message.reply, self.queue(steady_ms()))

    async def _answer(self, reply: str, answer: Any) -> None:
        """To the asking API alone, whoever named another reply subject."""
        if reply.startswith(subjects.inbox(subjects.API) + "."):
            with contextlib.suppress(Unreachable):  # it asks again
                await self._bus.publish(reply, msgspec.json.encode(answer))
