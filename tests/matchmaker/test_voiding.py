"""Matches that nobody will finish end all the same, once: on a real server."""

import asyncio

import pytest

from arena.bus import connect, provision, stream
from arena.bus.journal import Journal
from arena.bus.pull import Delivery, Pull
from arena.games import load_catalogue
from arena.service import steady_ms
from arena.wire import codec, subjects
from arena.wire.events import ClockRule, Created, Ended, FaultRule, Seat, Voided
from arena.wire.faults import EndCause, PlatformFault
from arena.wire.subjects import Role
from tests.eventually import DEADLINE_S
from tests.matchmaker.company import RunnersVoice, Visitor, matchmaker, stop
from tests.stage import Stage

LONG_BEAT_MS = 60_000
RESULT = Ended(at_ms=1, results=[], cause=EndCause.FINISHED, plies=0, digest="")


def created(*agents: str) -> Created:
    seats = [Seat(agent=agent, owner=f"of-{agent}", version=1, instance="main") for agent in agents]
    return Created(at_ms=steady_ms(), seed=1, seats=seats, clock=ClockRule(), faults=FaultRule())


async def write(stage: Stage, game: str, match: str, payload: bytes) -> int:
    """A created event, as a matchmaker of another time wrote it."""
    creds = stage.settings.creds(Role.MATCHMAKER)
    bus = await connect(stage.settings.nats, creds, name="before", inbox=subjects.inbox(Role.MATCHMAKER))
    journal = Journal(bus)
    await journal.start()
    try:
        return await journal.append(game, match, "created", payload, after=0, msg_id=match)
    finally:
        journal.stop()
        await bus.close()


async def test_a_match_that_no_runner_claims_is_void_and_its_slots_are_free(stage: Stage) -> None:
    voice = await RunnersVoice.open(stage)
    await matchmaker(stage, unclaimed_ms_max=700, beat_ms=LONG_BEAT_MS)
    one = await Visitor.arrive(stage, games=["cartpole"])
    claimed = await voice.match_of(one.agent)
    await voice.claim(claimed)
    two, three = await Visitor.arrive(stage), await Visitor.arrive(stage)
    unclaimed = await voice.match_of(two.agent, three.agent)
    await stage.log.until(lambda log: log.of(Voided, unclaimed))
    (voided,) = stage.log.of(Voided, unclaimed)
    assert (voided.cause, voided.detail) == (PlatformFault.ABANDONED, "no runner claimed it within 700 ms")
    assert (await two.ear.notice("voided"))["match"] == unclaimed
    assert await voice.match_of(two.agent, three.agent) != unclaimed
    assert stage.log.of(Voided, claimed) == []  # older, and a runner has it


async def test_a_match_of_a_game_that_is_gone_is_void(stage: Stage) -> None:
    await write(stage, "ludo", "before", codec.encode_json(created("a", "b")))
    first = await matchmaker(stage)
    await stage.log.until(lambda log: log.of(Voided, "before"))
    await write(stage, "ludo", "meanwhile", codec.encode_json(created("a", "b")))
    await stage.log.until(lambda log: log.of(Voided, "meanwhile"))
    await stop(stage, first)
    await matchmaker(stage)
    await write(stage, "ludo", "later", codec.encode_json(created("a", "b")))
    await stage.log.until(lambda log: log.of(Voided, "later"))
    assert [void.cause for void in stage.log.of(Voided)] == [PlatformFault.UNPLAYABLE] * 3  # each of them once


async def test_a_created_event_that_cannot_be_read_ends_too(stage: Stage) -> None:
    await matchmaker(stage, unclaimed_ms_max=300)
    creds = stage.settings.creds(Role.MATCHMAKER)
    bus = await connect(stage.settings.nats, creds, name="before", inbox=subjects.inbox(Role.MATCHMAKER))
    stage.stack.push_async_callback(bus.close)
    await stage.log.stop()  # it cannot read it either
    await stream.append(bus, subjects.event("tictactoe", "odd", "created"), b'{"kind":"created"}')
    async with asyncio.timeout(DEADLINE_S):
        fence = subjects.match_events("tictactoe", "odd")
        while (last := await stream.stored(bus, subjects.EVENTS_STREAM, last_by=fence)) and last.seq == 1:
            await bus.barrier()
    assert last is not None
    assert last.subject.endswith(".voided")


@pytest.mark.parametrize("over", [False, True])
async def test_a_dead_letter_is_a_void_match(stage: Stage, monkeypatch: pytest.MonkeyPatch, over: bool) -> None:
    monkeypatch.setattr(provision, "DELIVERIES_MAX", 2)
    await provision.provision(stage.registrar, load_catalogue(), claim_lease_ms=200)
    voice = await RunnersVoice.open(stage)
    seq = await write(stage, "tictactoe", "dead", codec.encode_json(created("a", "b")))
    await write(stage, "tictactoe", "other", codec.encode_json(created("a", "b")))
    attempts: list[int] = []

    async def hand_back(delivery: Delivery) -> None:
        if delivery.seq == seq:
            attempts.append(delivery.attempt)
            await voice.bus.publish(delivery.reply, b"-NAK")
        else:
            await voice.bus.publish(delivery.reply, b"+ACK")

    await stage.log.until(lambda log: len(log.of(Created)) == 2)
    await voice.claim("dead", *([RESULT] if over else []))
    consumer = subjects.runner_consumer("tictactoe")
    pull = Pull(voice.bus, subjects.EVENTS_STREAM, consumer, hand_back, lambda *_: None)
    await pull.start()
    await pull.ask(10)
    async with asyncio.timeout(DEADLINE_S):
        while not (await stream.state(stage.registrar, subjects.DEAD_STREAM)).messages:
            await voice.bus.barrier()
    await pull.stop()
    assert attempts == [1, 2]
    first = await matchmaker(stage)  # it may come long after the letter
    if not over:
        await stage.log.until(lambda log: log.of(Voided, "dead"))
        (voided,) = stage.log.of(Voided, "dead")
        assert voided.cause is PlatformFault.ABANDONED
        assert "delivered as often as it may be" in voided.detail
    await stop(stage, first)
    await matchmaker(stage)  # reads the letter again
    for match in ("first-round", "second-round"):  # what it does in a round is done before the next one
        await write(stage, "ludo", match, codec.encode_json(created("a", "b")))
        await stage.log.until(lambda log, match=match: log.of(Voided, match))
    assert len(stage.log.of(Voided, "dead")) == (not over)
    assert stage.log.of(Voided, "other") == []
