"""Matches that somebody asked for: made beside the ladder's, of what it leaves over, and not one too many."""

import asyncio
import contextlib
from collections import Counter
from typing import Any

import pytest

from arena.bus.kv import put
from arena.core.clock import PATIENT_MOVE_MS, patient
from arena.games import load_catalogue
from arena.matchmaker import free, requests
from arena.service import steady_ms
from arena.wire import ids, subjects
from arena.wire.events import Created, Ended
from arena.wire.faults import EndCause
from arena.wire.registry import AgentRecord, LogPosition, RatingRange, RatingRecord, Request
from arena.wire.subjects import Role
from tests.eventually import DEADLINE_S
from tests.matchmaker.company import RunnersVoice, Visitor, entry, matchmaker, stop
from tests.matchmaker.test_answers import ask_agent, asker
from tests.recorder.test_faults import bus_as
from tests.stage import Stage

LONG_BEAT_MS = 60_000
ENDED = {"results": [], "cause": EndCause.FINISHED, "plies": 0, "digest": ""}


async def known(stage: Stage, agent: str, owner: str, mu: float, **more: Any) -> None:
    """An agent's record, as the registrar writes it, and its rating, as the recorder does."""
    await put(stage.registrar, subjects.AGENTS_BUCKET, agent, AgentRecord(owner=owner, name=agent[-6:], **more))
    rating = RatingRecord(mu=mu, sigma=1.0, played=50, seq=1, version=1)
    await put(await bus_as(stage, Role.RECORDER), subjects.RATINGS_BUCKET, f"tictactoe.{agent}", rating)


async def asked(stage: Stage, agent: Visitor, *opponents: Visitor, count: int, number: int = 1, **more: Any) -> str:
    """A request in the bucket, as the API writes it."""
    id_ = ids.make(steady_ms(), bytes([number]) * ids.ENTROPY_BYTES)
    record = Request(
        owner="u",
        game="tictactoe",
        agent=agent.agent,
        opponents=[it.agent for it in opponents],
        count=count,
        created_ms=steady_ms(),
        **more,
    )
    await put(await bus_as(stage, Role.API), subjects.REQUESTS_BUCKET, id_, record)
    return id_


def of(stage: Stage, request: str) -> list[tuple[str, Created]]:
    """The matches of a request ("": of none), in order."""
    return [
        (match, event)
        for _, _, match, event in stage.log.events
        if isinstance(event, Created) and event.request == request
    ]


def over(stage: Stage) -> set[str]:
    return {match for _, _, match, event in stage.log.events if isinstance(event, Ended)}


async def played(stage: Stage, voice: RunnersVoice, true: Any, *, capacity: int = 400) -> None:
    """Offer room, and end whatever is made, until it is so."""
    async with asyncio.timeout(40):
        while not true(stage.log):
            await voice.offer(capacity)
            done = over(stage)
            for _, _, match, event in list(stage.log.events):
                if isinstance(event, Created) and match not in done:
                    await voice.claim(match, Ended(at_ms=steady_ms(), **ENDED))
            with contextlib.suppress(AssertionError):
                await stage.log.until(lambda log: true(log) or len(log.of(Created)) > len(log.of(Ended)), timeout_s=0.3)


async def offered(stage: Stage, voice: RunnersVoice, true: Any, capacity: int = 400) -> None:
    """Offer room, and end nothing, until it is so."""
    async with asyncio.timeout(DEADLINE_S):
        while not true(stage.log):
            await voice.offer(capacity)
            with contextlib.suppress(AssertionError):
                await stage.log.until(true, timeout_s=0.3)


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(free, "LEFT_OVER_ALONE_MS", 600)
    monkeypatch.setattr("arena.matchmaker.service.CHECKPOINT_S", 0.1)


async def closed(stage: Stage, request: str) -> None:
    """Wait until the matchmaker says that all of it is made."""
    await entry(stage, subjects.REQUESTS_BUCKET, Request, request, lambda it: it.closed)


async def test_exactly_so_many_unrated_with_seats_and_opponents_in_turn(stage: Stage) -> None:
    voice = await RunnersVoice.open(stage)
    await matchmaker(stage, beat_ms=LONG_BEAT_MS)
    own = (await stage.agent("me"))[0], (await stage.agent("me"))[0], (await stage.agent("me"))[0]
    agent, one, two = [await Visitor.arrive(stage, it, slots=4) for it in own]  # one owner's: the ladder has nothing
    request = await asked(stage, agent, one, two, count=8)
    await played(stage, voice, lambda log: len(log.of(Ended)) == 8)
    await closed(stage, request)
    made = of(stage, request)
    assert len(made) == len(stage.log.of(Created)) == 8
    assert not any(created.rated for _, created in made)
    seats = Counter([seat.agent for seat in created.seats].index(agent.agent) for _, created in made)
    assert seats == {0: 4, 1: 4}
    others = Counter(seat.agent for _, created in made for seat in created.seats if seat.agent != agent.agent)
    assert others == {one.agent: 4, two.agent: 4}


async def test_a_comparison_has_each_seed_from_both_seats(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(free, "LEFT_OVER_ALONE_MS", 0)
    voice = await RunnersVoice.open(stage)
    await matchmaker(stage, beat_ms=LONG_BEAT_MS)
    own = (await stage.agent("me"))[0], (await stage.agent("me"))[0]
    agent, other = [await Visitor.arrive(stage, it) for it in own]  # one slot each: one match after the other
    request = await asked(stage, agent, other, count=5)
    await played(stage, voice, lambda log: len(log.of(Ended)) == 5)
    made = [created for _, created in of(stage, request)]
    first_round, second_round = f"{request}-0", f"{request}-1"
    assert [created.block for created in made] == [first_round, first_round, second_round, second_round, ""]
    for first, second in ((0, 1), (2, 3)):
        assert made[first].seed == made[second].seed
        assert [seat.agent for seat in made[first].seats] == [seat.agent for seat in made[second].seats][::-1]
    assert len({created.seed for created in made}) == 3
    person = await asked(stage, agent, other, count=2, number=2, clock="patient")
    await played(stage, voice, lambda _: len(of(stage, person)) == 2)
    assert {created.block for _, created in of(stage, person)} == {""}


async def test_a_batch_of_thousands_leaves_the_ladder_its_slots_and_its_room(stage: Stage) -> None:
    voice = await RunnersVoice.open(stage)
    await matchmaker(stage, beat_ms=LONG_BEAT_MS)
    mine, theirs = (await stage.agent("me"))[0], (await stage.agent("me"))[0]
    greedy, partner = await Visitor.arrive(stage, mine, slots=64), await Visitor.arrive(stage, theirs, slots=64)
    request = await asked(stage, greedy, partner, count=5_000)
    capacity = 40
    async with asyncio.timeout(DEADLINE_S):
        while len(of(stage, request)) < capacity * requests.SHARE_MAX:
            await voice.offer(capacity)
            with contextlib.suppress(AssertionError):
                await stage.log.until(lambda _: len(of(stage, request)) >= 10, timeout_s=0.3)
    newcomers = [await Visitor.arrive(stage, slots=8) for _ in range(8)]
    people = {it.agent for it in newcomers}

    def full(log: Any) -> bool:
        return len(log.of(Created)) >= capacity

    async with asyncio.timeout(DEADLINE_S):
        while not full(stage.log):
            await voice.offer(capacity)
            with contextlib.suppress(AssertionError):
                await stage.log.until(full, timeout_s=0.3)
    # Nothing ended: whatever the request could take it has taken, and all the rest of the room is the ladder's.
    assert len(of(stage, request)) == capacity * requests.SHARE_MAX
    ladder = of(stage, "")
    assert len(ladder) == capacity * (1 - requests.SHARE_MAX)
    assert all(created.rated for _, created in ladder)
    assert all(people & {seat.agent for seat in created.seats} for _, created in ladder)


async def test_a_slot_that_the_ladder_can_use_is_the_ladders(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(free, "LEFT_OVER_MS", 0)  # no other reason to come second than the order in a wave
    monkeypatch.setattr(free, "LEFT_OVER_ALONE_MS", 0)
    voice = await RunnersVoice.open(stage)
    mine, theirs = (await stage.agent("me"))[0], (await stage.agent("me"))[0]
    serving = await matchmaker(stage, beat_ms=LONG_BEAT_MS)
    agent, partner = await Visitor.arrive(stage, mine), await Visitor.arrive(stage, theirs)
    stranger = await Visitor.arrive(stage)
    request = await asked(stage, agent, partner, count=3_000)
    await voice.offer(100)
    await stage.log.until(lambda log: len(log.of(Created)) >= 1)
    first = stage.log.of(Created)[0]
    assert first.request == ""  # of the same wave, or an earlier one
    assert stranger.agent in {seat.agent for seat in first.seats}
    await stop(stage, serving)
    assert len(of(stage, request)) <= 1


async def test_a_restart_makes_none_twice(stage: Stage) -> None:
    voice = await RunnersVoice.open(stage)
    serving = await matchmaker(stage, beat_ms=LONG_BEAT_MS)
    mine, theirs = (await stage.agent("me"))[0], (await stage.agent("me"))[0]
    agent, partner = await Visitor.arrive(stage, mine, slots=4), await Visitor.arrive(stage, theirs, slots=4)
    request = await asked(stage, agent, partner, count=9)
    await played(stage, voice, lambda log: len(log.of(Created)) >= 4)
    await entry(
        stage, subjects.LEASES_BUCKET, LogPosition, "matchmaker-from", lambda position: position.made.get(request)
    )
    await stop(stage, serving)
    await matchmaker(stage, beat_ms=LONG_BEAT_MS)
    await agent.hello_until("welcome", slots=4)
    await partner.hello_until("welcome", slots=4)
    await played(stage, voice, lambda log: len(log.of(Ended)) >= 9)
    await closed(stage, request)
    assert len(of(stage, request)) == len(stage.log.of(Created)) == 9


async def test_a_cancelled_one_gets_no_more_and_requests_take_turns(stage: Stage) -> None:
    voice = await RunnersVoice.open(stage)
    await matchmaker(stage, beat_ms=LONG_BEAT_MS)
    mine, theirs = (await stage.agent("me"))[0], (await stage.agent("me"))[0]
    agent, partner = await Visitor.arrive(stage, mine, slots=2), await Visitor.arrive(stage, theirs, slots=2)
    cancelled = await asked(stage, agent, partner, count=100, number=1, cancelled_ms=steady_ms())
    first = await asked(stage, agent, partner, count=3_000, number=2)
    second = await asked(stage, partner, agent, count=3, number=3)
    await played(stage, voice, lambda _: len(of(stage, second)) == 3)
    assert of(stage, cancelled) == []
    assert 2 <= len(of(stage, first)) <= 4


@pytest.mark.parametrize("rated", [True, False])
async def test_by_a_range_of_ratings_only_those_who_agreed(stage: Stage, rated: bool) -> None:
    voice = await RunnersVoice.open(stage)
    await matchmaker(stage, beat_ms=LONG_BEAT_MS)
    agents = [(await stage.agent(owner))[0] for owner in ("me", "me", "them", "them", "them")]
    mine, kin, fits, closed, strong = agents
    await known(stage, mine, "me", 25.0)
    await known(stage, kin, "me", 26.0)
    await known(stage, fits, "them", 100.0)  # so far from all others that the ladder lets them wait
    await known(stage, closed, "them", 101.0, open_to="nobody")
    await known(stage, strong, "them", 180.0)
    visitors = [await Visitor.arrive(stage, it, slots=4) for it in agents]
    shy = (await stage.agent("them"))[0]
    await known(stage, shy, "them", 102.0)
    await Visitor.arrive(stage, shy, slots=4, unrated=False, opponents={"mu_min": 90.0})  # neither is for it
    request = await asked(stage, visitors[0], count=4, rating=RatingRange(low=20.0, high=105.0), rated=rated)
    await played(stage, voice, lambda _: len(of(stage, request)) == 4)
    made = of(stage, request)
    # Of one owner: never for a rating.
    assert {seat.agent for _, created in made for seat in created.seats} == (
        {mine, fits} if rated else {mine, fits, kin}
    )
    assert {created.rated for _, created in made} == {rated}


async def test_who_agrees_no_more_is_left_alone(stage: Stage) -> None:
    voice = await RunnersVoice.open(stage)
    await matchmaker(stage, beat_ms=LONG_BEAT_MS)
    mine, first, second = [(await stage.agent(owner))[0] for owner in ("me", "them", "them")]
    await known(stage, mine, "me", 25.0)
    await known(stage, first, "them", 100.0)
    await known(stage, second, "them", 100.0)
    visitors = [await Visitor.arrive(stage, it, slots=4) for it in (mine, first, second)]
    request = await asked(stage, *visitors, count=3_000)

    def partners() -> list[str]:
        return [seat.agent for _, created in of(stage, request) for seat in created.seats if seat.agent != mine]

    await played(stage, voice, lambda _: {*partners()} == {first, second})
    await known(stage, first, "them", 100.0, open_to="nobody")
    await played(stage, voice, lambda _: partners()[-6:] == [second] * 6)


@pytest.mark.parametrize(("slots", "count"), [(1, 1), (4, 4)])
async def test_a_busy_ladder_leaves_requests_their_part_and_keeps_the_larger_one(
    stage: Stage, slots: int, count: int
) -> None:
    voice = await RunnersVoice.open(stage)
    await matchmaker(stage, beat_ms=LONG_BEAT_MS)
    mine, theirs = (await stage.agent("me"))[0], (await stage.agent("me"))[0]
    agent, partner = [await Visitor.arrive(stage, it, slots=slots) for it in (mine, theirs)]
    for _ in range(2):  # whoever of the two is free is wanted at once
        await Visitor.arrive(stage, slots=4 * slots)
    request = await asked(stage, agent, partner, count=count)
    await played(stage, voice, lambda _: len(of(stage, request)) == count)
    for it in (mine, theirs):
        ladder = sum(it in {seat.agent for seat in created.seats} for _, created in of(stage, ""))
        assert ladder >= (count if slots > 1 else count * free.TURNS_ALONE)


async def test_a_person_finds_a_house_bot_whatever_a_batch_and_the_ladder_took(stage: Stage) -> None:
    voice = await RunnersVoice.open(stage)
    await matchmaker(stage, beat_ms=LONG_BEAT_MS)
    house, eager, mine = [(await stage.agent(owner))[0] for owner in ("house", "them", "me")]
    await known(stage, house, "house", 25.0, house=True)
    bot, crowd = [await Visitor.arrive(stage, it, slots=8) for it in (house, eager)]
    for slots in (8, 32):  # more than all others together: whatever is paired, some wait for the house bot
        await Visitor.arrive(stage, slots=slots)
    batch = await asked(stage, crowd, bot, count=5_000)

    def taken(log: Any) -> int:
        return sum(house in {seat.agent for seat in created.seats} for created in log.of(Created))

    await offered(stage, voice, lambda log: taken(log) == 7)  # nothing ends: but for the last one all slots are taken
    assert 1 <= len(of(stage, batch)) <= 4
    person = await Visitor.arrive(stage, mine, ladder=False)
    answer = await ask_agent(await asker(stage), mine, lambda state: bool(state.instances and state.waits))
    assert (answer.instances[0].ladder, answer.waits[0].waiting) == (False, 0)
    assert "not for the ladder's" in answer.waits[0].why
    request = await asked(stage, person, bot, count=2, number=2, clock="patient")
    await offered(stage, voice, lambda _: len(of(stage, request)) == 1)
    (_, created), game = of(stage, request)[0], load_catalogue(stage.settings.games_file)["tictactoe"]
    assert (created.rated, created.clock) == (False, patient(game.clock))
    assert created.clock.move_ms == PATIENT_MOVE_MS > game.clock.move_ms
    assert taken(stage.log) == 8
    assert all(mine not in {seat.agent for seat in it.seats} for _, it in of(stage, ""))
