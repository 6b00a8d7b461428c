"""What the matchmaker answers about its lobby: asked of a real one, and its reckoning alone."""

import asyncio
import contextlib
from collections.abc import Callable

import msgspec

from arena.bus import Bus, Unanswered, connect
from arena.bus.kv import put
from arena.core.pairing import Meeting, Waiting
from arena.matchmaker.answers import STEP_MS, WINDOW_MS, Pace
from arena.wire import subjects
from arena.wire.events import Created, Ended
from arena.wire.faults import EndCause
from arena.wire.inquiry import AgentState, QueueState, Reason, Wait
from arena.wire.registry import RatingRecord
from arena.wire.subjects import Role
from tests.eventually import DEADLINE_S
from tests.matchmaker import company
from tests.matchmaker.company import RunnersVoice, Visitor
from tests.recorder.test_faults import bus_as
from tests.stage import Stage, open_stage

MINUTE_MS = 60_000


def meeting(*since_ms: int) -> Meeting:
    return Meeting(
        tuple(
            Waiting(slot=f"s{number}", agent=f"a{number}", owner="o", mu=25.0, sigma=8.0, since_ms=since)
            for number, since in enumerate(since_ms)
        ),
        "",
    )


def test_the_pace_is_that_of_the_last_minutes() -> None:
    pace = Pace(0)
    assert (pace.per_minute(1), pace.wait_ms(1)) == (0.0, None)
    for minute in range(1, 11):
        pace.note([meeting(minute * MINUTE_MS - 2_000, minute * MINUTE_MS - 4_000)] * 3, minute * MINUTE_MS)
    assert pace.per_minute(10 * MINUTE_MS) == 3.0
    assert pace.wait_ms(10 * MINUTE_MS) == 3_000
    assert pace.per_minute(10 * MINUTE_MS + WINDOW_MS + STEP_MS) == 0.0
    assert pace.wait_ms(10 * MINUTE_MS + WINDOW_MS + STEP_MS) is None


def test_a_platform_that_began_a_moment_ago_reckons_with_that_moment() -> None:
    pace = Pace(0)
    pace.note([meeting(0, 0)], 30_000)
    assert pace.per_minute(30_000) == 2.0


async def asker(stage: Stage) -> Bus:
    bus = await connect(stage.settings.nats, stage.settings.creds(Role.API), name="t", inbox=subjects.inbox(Role.API))
    stage.stack.push_async_callback(bus.close)
    return bus


async def ask_agent(bus: Bus, agent: str, true: Callable[[AgentState], bool]) -> AgentState:
    """The first answer that is so."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            with contextlib.suppress(Unanswered):
                answer = await bus.request(subjects.INQUIRY_AGENT.at(agent=agent), b"{}", timeout_s=1.0)
                found = msgspec.json.decode(answer.data, type=AgentState)
                if true(found):
                    return found


async def ask_queue(bus: Bus, true: Callable[[QueueState], bool]) -> QueueState:
    async with asyncio.timeout(DEADLINE_S):
        while True:
            with contextlib.suppress(Unanswered):
                answer = await bus.request(subjects.INQUIRY_QUEUE.at(), b"{}", timeout_s=1.0)
                found = msgspec.json.decode(answer.data, type=QueueState)
                if true(found):
                    return found


def wait(state: AgentState, game: str = "tictactoe") -> Wait:
    return next(it for it in state.waits if it.game == game)


async def test_an_agents_owner_learns_who_is_here_and_why_nothing_happens(lively: Stage) -> None:
    bus = await asker(lively)
    one = await Visitor.arrive(lively, instance="gpu-1", slots=3, stateless=True)
    state = await ask_agent(bus, one.agent, lambda it: bool(it.waits) and it.waits[0].since_ms is not None)
    (instance,) = state.instances
    assert (instance.instance, instance.state, instance.slots, instance.busy, instance.free) == (
        "gpu-1",
        "here",
        3,
        0,
        3,
    )
    assert instance.stateless
    assert instance.heard_ago_ms < 20_000
    assert (state.matches, state.matches_total) == ([], 0)
    assert wait(state).waiting == 3
    assert wait(state).why == "no runner plays this game now"
    assert wait(state).reason == Reason(code="no_runner")
    queue = await ask_queue(bus, lambda it: any(game.game == "tictactoe" for game in it.games))
    game = next(game for game in queue.games if game.game == "tictactoe")
    assert (game.waiting >= 3, game.agents >= 1, game.playable) == (True, True, False)
    assert queue.room == 0

    await one.leave()
    gone = await ask_agent(bus, one.agent, lambda it: not it.instances)
    assert gone.waits == []
    assert (await ask_agent(bus, "0" * 26, lambda _: True)).instances == []


async def test_seats_reasons_and_estimates_with_runners() -> None:
    async with open_stage() as stage:
        await company.matchmaker(stage)
        bus, voice = await asker(stage), await RunnersVoice.open(stage)
        one, two = await Visitor.arrive(stage, slots=2), await Visitor.arrive(stage, slots=2)
        match = await voice.match_of(one.agent, two.agent)
        seated = await ask_agent(bus, one.agent, lambda it: it.matches_total > 0)
        assert match in {seat.match for seat in seated.matches}
        assert {(seat.game, seat.instance) for seat in seated.matches} == {("tictactoe", "main")}
        assert seated.instances[0].busy == seated.matches_total
        queue = await ask_queue(bus, lambda it: any(game.matches_per_minute > 0 for game in it.games))
        assert queue.running >= 1
        assert all(game.estimated_ms is not None for game in queue.games if game.matches_per_minute)

        lonely = await Visitor.arrive(stage, games=["connect_four"])

        def alone(state: AgentState) -> bool:
            return bool(state.waits) and "opponents are needed" in wait(state, "connect_four").why

        async with asyncio.timeout(DEADLINE_S):
            while True:
                await voice.offer(50)
                if alone(await ask_agent(bus, lonely.agent, lambda _: True)):
                    break
        state = await ask_agent(bus, lonely.agent, alone)
        assert wait(state, "connect_four").reason == Reason(
            code="opponents_needed", numbers={"needed": 1.0, "waiting": 0.0}
        )
        again = await ask_queue(bus, lambda it: any(game.game == "connect_four" for game in it.games))
        assert again.room > 0


async def test_an_owner_s_bound_is_kept_and_said() -> None:
    async with open_stage() as stage:
        await company.matchmaker(stage, beat_ms=60_000)
        bus, voice = await asker(stage), await RunnersVoice.open(stage)
        bounded = (await stage.agent(hourly_max=2))[0]
        one, other = await Visitor.arrive(stage, bounded, slots=4), await Visitor.arrive(stage, slots=4)
        await voice.match_of(one.agent, other.agent)
        state = await ask_agent(bus, one.agent, lambda it: wait(it).reason != Reason(code="next_wave"))
        reason, estimated_ms = wait(state).reason, wait(state).estimated_ms
        assert reason is not None
        assert (reason.code, reason.numbers["hourly_max"], wait(state).since_ms) == ("owner_limit", 2, None)
        assert 1_500_000 < reason.numbers["wait_ms"] == estimated_ms <= 1_800_000  # type: ignore[operator]
        third = await Visitor.arrive(stage, slots=4)  # others go on, with each other
        await voice.match_of(other.agent, third.agent)
        assert sum(one.agent in {seat.agent for seat in it.seats} for it in stage.log.of(Created)) == 1


async def told(bus: Bus, voice: RunnersVoice, agent: str, code: str, capacity: int = 50) -> Wait:
    """What it waits for, once that is this. A runner has so much room meanwhile."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            await voice.offer(capacity)
            found = wait(await ask_agent(bus, agent, lambda it: bool(it.waits)))
            if found.reason is not None and found.reason.code == code:
                return found


async def test_for_a_long_match_one_waits_longer_for_somebody_near() -> None:
    async with open_stage() as stage:
        await company.matchmaker(stage, beat_ms=60_000)
        bus, voice = await asker(stage), await RunnersVoice.open(stage)
        strong = (await stage.agent())[0]
        rating = RatingRecord(mu=60.0, sigma=1.0, played=50, seq=1, version=1)
        await put(await bus_as(stage, Role.RECORDER), subjects.RATINGS_BUCKET, f"tictactoe.{strong}", rating)
        one, two = await Visitor.arrive(stage, slots=2), await Visitor.arrive(stage)
        match = await voice.match_of(one.agent, two.agent)
        (created,) = stage.log.of(Created, match)
        over = Ended(at_ms=created.at_ms + 400_000, results=[], cause=EndCause.FINISHED, plies=0, digest="")
        await voice.claim(match, over)
        await Visitor.arrive(stage, strong, slots=1)
        far = await told(bus, voice, strong, "far")
        assert far.reason is not None
        assert far.reason.numbers["limit"] < 1.0  # as a game of quick matches accepts at once
        assert far.reason.numbers["wait_ms"] > 60_000


async def test_full_runners_and_ratings_that_nobody_has_are_said() -> None:
    async with open_stage() as stage:
        await company.matchmaker(stage, beat_ms=60_000)
        bus, voice = await asker(stage), await RunnersVoice.open(stage)
        one, two = await Visitor.arrive(stage, slots=8), await Visitor.arrive(stage, slots=2)
        choosy = await Visitor.arrive(stage, slots=1, opponents={"mu_min": 90.0})
        full = await told(bus, voice, one.agent, "runners_full", 2)
        assert len(stage.log.of(Created)) == 2
        assert full.why.startswith("all runners are full")
        assert full.estimated_ms is not None  # two matches began in the last minutes
        unwanted = await told(bus, voice, choosy.agent, "unwanted")
        assert "whose rating it wants to meet" in unwanted.why
        assert unwanted.estimated_ms is None  # whoever comes next need not be the one
        assert {seat.agent for it in stage.log.of(Created) for seat in it.seats} == {one.agent, two.agent}


async def test_standbys_are_silent_and_nobody_else_gets_an_answer() -> None:
    async with open_stage() as stage:
        first = await company.matchmaker(stage)
        bus = await asker(stage)
        await company.matchmaker(stage)
        one = await Visitor.arrive(stage)
        heard: list[bytes] = []
        inbox = bus.new_inbox()
        await bus.subscribe(inbox, lambda message: heard.append(message.data))
        await ask_agent(bus, one.agent, lambda it: bool(it.instances))
        subject = subjects.INQUIRY_AGENT.at(agent=one.agent)
        await bus.publish(subject, b"{}", reply=inbox)
        await bus.publish(subject, b"{}", reply=subjects.NOTICE.at(agent=one.agent, instance="main"))
        await ask_queue(bus, lambda _: True)  # asked later, answered later
        await bus.barrier()
        assert len([data for data in heard if data]) == 1
        assert not [subject for subject, data in one.ear.heard if b"instances" in data]

        await company.stop(stage, first)
        await one.hello_until("welcome")  # it sends no beats, and was forgotten meanwhile
        state = await ask_agent(bus, one.agent, lambda it: bool(it.instances))
        assert state.instances[0].instance == "main"
