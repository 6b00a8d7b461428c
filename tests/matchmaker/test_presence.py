"""Who is gone is noticed, who may play on is named, and our own outages are nobody's silence: on a real server."""

import asyncio
import signal
import time
from typing import Any

import msgspec
import pytest

from agent_kit import play
from arena.bus import connect
from arena.service import steady_ms
from arena.wire import subjects
from arena.wire.events import Created, Reseated
from arena.wire.subjects import Role
from tests.eventually import DEADLINE_S, within
from tests.matchmaker.company import Ear, RunnersVoice, Visitor, matchmaker, stop
from tests.stage import Stage

LONG_BEAT_MS = 60_000  # nobody is silent in these tests


def said(ear: Ear, what: str) -> list[tuple[str, dict[str, Any]]]:
    """(agent, message) of all that was said about presence."""
    return [
        (subject.split(".")[2], msgspec.json.decode(data))
        for subject, data in ear.heard
        if subject.endswith(f".{what}")
    ]


async def test_a_connection_that_ended_is_noticed_within_a_second(stage: Stage) -> None:
    await matchmaker(stage, beat_ms=LONG_BEAT_MS)

    async def noticed() -> float:
        one = await Visitor.arrive(stage, session="one")
        two = await Visitor.arrive(stage, one.agent, instance="other", session="two")
        twin = Visitor(stage, one.agent, "main", two.bus)
        assert (await twin.hello(session="twin"))["code"] == "instance_taken"
        await one.bus.close()
        began_s = time.monotonic()
        await twin.hello_until("welcome", session="twin")
        took_s = time.monotonic() - began_s
        other = Visitor(stage, one.agent, "other", two.bus)  # the one that is still there was probed, and stays
        await two.ear.notice("present")
        await other.hello(session="two")
        assert (await other.hello(session="three"))["code"] == "instance_taken"
        return took_s

    await within(1, noticed)


async def test_who_misses_its_beats_is_silent_once(stage: Stage) -> None:
    voice = await RunnersVoice.open(stage)
    await matchmaker(stage, beat_ms=200)
    quiet = await Visitor.arrive(stage)
    await voice.ear.until(lambda _: said(voice.ear, "silent"))
    ((agent, silent),) = said(voice.ear, "silent")
    assert (agent, silent["instance"]) == (quiet.agent, "main")
    assert 600 < silent["silent_ms"] < 5_000
    other = await Visitor.arrive(stage)
    await voice.ear.until(lambda _: len(said(voice.ear, "silent")) == 2)
    assert {agent for agent, _ in said(voice.ear, "silent")} == {quiet.agent, other.agent}  # each of them once


@pytest.mark.parametrize("first", ["the successor is there", "the successor comes"])
async def test_another_stateless_instance_is_named(stage: Stage, first: str) -> None:
    voice = await RunnersVoice.open(stage)
    await matchmaker(stage, beat_ms=LONG_BEAT_MS)
    hello = {"games": ["cartpole"], "stateless": True}
    one = await Visitor.arrive(stage, instance="one", **hello)
    match = await voice.match_of(one.agent)
    if first == "the successor is there":
        await Visitor.arrive(stage, one.agent, instance="forgetful", games=["cartpole"])
        await Visitor.arrive(stage, one.agent, instance="elsewhere", games=["tictactoe"], stateless=True)
        two = await Visitor.arrive(stage, one.agent, instance="two", **hello, encoding="msgpack")
    await one.bus.close()
    if first == "the successor comes":
        await Visitor.arrive(stage, one.agent, instance="forgetful", games=["cartpole"])
        assert said(voice.ear, "successor") == []
        two = await Visitor.arrive(stage, one.agent, instance="two", **hello, encoding="msgpack")
    await voice.ear.until(lambda _: said(voice.ear, "successor"))
    assert said(voice.ear, "successor")[0] == (one.agent, {"instance": "one", "by": "two", "encoding": "msgpack"})
    await voice.ear.until(lambda _: len(said(voice.ear, "successor")) > 1)  # the first may be lost with a runner
    await voice.claim(match, Reseated(at_ms=steady_ms(), seat=0, instance="two", encoding="msgpack"))
    async with asyncio.timeout(DEADLINE_S):
        while match not in await two.leave():  # the lobby knows who plays it now
            pass


async def test_a_matchmaker_that_never_saw_the_lost_one_names_a_successor_too(stage: Stage) -> None:
    voice = await RunnersVoice.open(stage)
    first = await matchmaker(stage, beat_ms=LONG_BEAT_MS)
    hello = {"games": ["cartpole"], "stateless": True}
    one = await Visitor.arrive(stage, instance="one", **hello)
    await voice.match_of(one.agent)
    await stop(stage, first)
    await one.bus.close()
    await matchmaker(stage, beat_ms=LONG_BEAT_MS)
    await Visitor.arrive(stage, one.agent, instance="two", **hello)
    await voice.ear.until(lambda _: said(voice.ear, "successor"))
    assert said(voice.ear, "successor")[0][1]["by"] == "two"


async def test_time_in_which_the_server_answers_nothing_is_nobodys_silence(stage: Stage) -> None:
    voice = await RunnersVoice.open(stage)
    await matchmaker(stage, beat_ms=800)
    quiet = await Visitor.arrive(stage)
    assert stage.server.process
    stage.server.process.send_signal(signal.SIGSTOP)
    with pytest.raises(AssertionError, match="not within 3"):
        await voice.ear.until(lambda heard: heard, timeout_s=3)  # longer than silence is borne
    stage.server.process.send_signal(signal.SIGCONT)
    back_s = time.monotonic()
    await voice.ear.until(lambda _: said(voice.ear, "silent"))
    ((agent, silent),) = said(voice.ear, "silent")
    assert agent == quiet.agent
    assert time.monotonic() - back_s > 0.5  # there was time to be heard after it
    assert 2_400 <= silent["silent_ms"] < 5_000  # without the outage, which took three seconds


async def test_time_in_which_we_were_stopped_is_nobodys_silence(stage: Stage) -> None:
    voice = await RunnersVoice.open(stage)
    process = await stage.spawn("matchmaker", beat_ms=500)
    visitor = await Visitor.arrive(stage)
    await visitor.leave()
    agent, creds = await stage.agent()
    beats, lobby = Ear(), stage.settings.creds(Role.MATCHMAKER)
    overhearing = await connect(stage.settings.nats, lobby, name="beats", inbox=subjects.inbox(Role.MATCHMAKER))
    stage.stack.push_async_callback(overhearing.close)
    await overhearing.subscribe(subjects.BEAT.any(agent=agent), beats.on)
    done = asyncio.Event()
    playing = asyncio.create_task(play(lambda _: 0, creds=creds, games=["tictactoe"], stop=done))
    await beats.until(lambda heard: heard)  # it was welcome
    process.send_signal(signal.SIGSTOP)
    await asyncio.wait([playing], timeout=3)  # twice as long as silence is borne
    process.send_signal(signal.SIGCONT)
    await visitor.hello()  # it is active again
    silent = await Visitor.arrive(stage)  # in the same lobby: who comes now and says nothing is silent
    await voice.ear.until(lambda _: silent.agent in dict(said(voice.ear, "silent")))
    assert agent not in dict(said(voice.ear, "silent"))
    done.set()
    await playing


async def test_an_agent_has_so_many_instances_and_no_more(stage: Stage) -> None:
    await matchmaker(stage, beat_ms=LONG_BEAT_MS)
    first = await Visitor.arrive(stage, instance="i0")
    await first.bus.subscribe(subjects.said_to(first.agent), lambda _: None)
    for number in range(1, 64):
        assert (await Visitor(stage, first.agent, f"i{number}", first.bus).hello())["type"] == "welcome"
    one_more = Visitor(stage, first.agent, "i64", first.bus)
    refusal = await one_more.hello()
    assert refusal["code"] == "too_many_instances"
    assert "at most 64 instances of one agent" in refusal["message"]
    assert (await first.hello())["type"] == "welcome"  # one of the 64, again
    await first.leave()
    assert (await one_more.hello())["type"] == "welcome"


async def test_no_match_is_made_of_a_game_that_no_runner_plays(stage: Stage) -> None:
    voice = await RunnersVoice.open(stage)
    await matchmaker(stage, beat_ms=LONG_BEAT_MS)
    one = await Visitor.arrive(stage, games=["cartpole"])
    await voice.offer(10, "taxi")
    two = await Visitor.arrive(stage, games=["taxi"])
    async with asyncio.timeout(DEADLINE_S):
        while not stage.log.of(Created):
            await voice.offer(10, "taxi")
            await two.hello(games=["taxi"])
    assert [seat.agent for created in stage.log.of(Created) for seat in created.seats] == [two.agent]
    await voice.match_of(one.agent)  # once there is a runner for it
