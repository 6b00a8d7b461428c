"""Who is gone is noticed, who may play on is named, and our own outages are nobody's silence: on a real server."""

import asyncio
import signal
import time
from typing import Any

import msgspec
import pytest

from agent_kit import play
from arena.wire import subjects
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
    one = await Visitor.arrive(stage, session="one")
    two = await Visitor.arrive(stage, one.agent, instance="other", session="two")
    twin = Visitor(stage, one.agent, "main", two.bus)
    assert (await twin.hello(session="twin"))["code"] == "instance_taken"
    await one.bus.close()
    began_s = time.monotonic()
    await twin.hello_until("welcome", session="twin")
    assert time.monotonic() - began_s < 1
    other = Visitor(stage, one.agent, "other", two.bus)  # the one that is still there was probed, and stays
    await two.ear.notice("present")
    assert (await other.hello(session="three"))["code"] == "instance_taken"


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
    await voice.match_of(one.agent)
    if first == "the successor is there":
        await Visitor.arrive(stage, one.agent, instance="forgetful", games=["cartpole"])
        await Visitor.arrive(stage, one.agent, instance="elsewhere", games=["tictactoe"], stateless=True)
        await Visitor.arrive(stage, one.agent, instance="two", **hello, encoding="msgpack")
    await one.bus.close()
    if first == "the successor comes":
        await Visitor.arrive(stage, one.agent, instance="forgetful", games=["cartpole"])
        assert said(voice.ear, "successor") == []
        await Visitor.arrive(stage, one.agent, instance="two", **hello, encoding="msgpack")
    await voice.ear.until(lambda _: said(voice.ear, "successor"))
    assert said(voice.ear, "successor")[0] == (one.agent, {"instance": "one", "by": "two", "encoding": "msgpack"})


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


async def test_our_own_outage_is_nobodys_silence(stage: Stage) -> None:
    voice = await RunnersVoice.open(stage)
    process = await stage.spawn("matchmaker", beat_ms=300)
    _, creds = await stage.agent()
    done = asyncio.Event()
    playing = asyncio.create_task(play(lambda _: 0, creds=creds, games=["tictactoe"], stop=done))
    visitor = await Visitor.arrive(stage)
    await visitor.leave()
    process.send_signal(signal.SIGSTOP)
    await asyncio.wait([playing], timeout=3)  # three times as long as silence is borne
    process.send_signal(signal.SIGCONT)
    await visitor.hello()  # it is active again
    silent = await Visitor.arrive(stage)  # in the same lobby: who comes now and says nothing is silent
    await voice.ear.until(lambda _: silent.agent in dict(said(voice.ear, "silent")))
    assert {agent for agent, _ in said(voice.ear, "silent")} <= {silent.agent, visitor.agent}
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
