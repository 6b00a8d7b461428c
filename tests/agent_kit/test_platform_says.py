"""What the platform may say to an agent, today's and a newer one's: notices, unknown kinds, matches half played."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from agent_kit import Agent, Past, Refused, Turn, play
from agent_kit.mount import Options, hello_of
from agent_kit.policy import FAST_CALLS
from arena.wire.faults import NoticeCode
from arena.wire.lobby import Notice, Opponents
from arena.wire.play import Past as WirePast
from arena.wire.play import Turn as WireTurn
from tests.agent_kit.counterpart import DEADLINE_S, Counterpart, unlimited_bus
from tests.stage import Stage


def turn(ply: int = 0, match: str = "m1", left_ms: int = 20_000, **more: Any) -> WireTurn:
    return WireTurn(match=match, game="g", seat=0, ply=ply, observation=[ply], left_ms=left_ms, **more)


@contextlib.asynccontextmanager
async def mounted(bare: Stage, policy: Any, **options: Any) -> AsyncIterator[Counterpart]:
    """An agent that plays until the end of the block, and leaves without an error."""
    agent, creds = await bare.agent()
    host, stop = await Counterpart(agent).sit(bare), asyncio.Event()
    playing = asyncio.create_task(play(policy, creds=creds, stop=stop, **options))
    await host.until("hello", 1)
    yield host
    stop.set()
    async with asyncio.timeout(DEADLINE_S):
        await playing


@pytest.mark.parametrize(
    ("kind", "payload", "level", "said"),
    [
        ("notice", msgspec.json.encode(Notice(code=NoticeCode.PRESENT, message="probe")), None, ""),
        (
            "notice",
            msgspec.json.encode(Notice(code=NoticeCode.QUARANTINED, message="no chess until 12:00: five faults")),
            logging.WARNING,
            "quarantined: no chess until 12:00: five faults",
        ),
        ("notice", b'{"code": "of_2030", "message": "hm", "new": 1}', logging.WARNING, "of_2030: hm"),
        ("notice", b'{"code": "of_2030"}', logging.WARNING, "of_2030: "),
        ("notice", b"{", logging.WARNING, "ignored a message (notice) that cannot be read"),
        ("turn", b"\xc1", logging.WARNING, "ignored a message (turn) that cannot be read"),
        ("over", b"\xc1", logging.WARNING, "ignored a message (over) that cannot be read"),
    ],
)
async def test_nothing_that_is_said_is_fatal(
    bare: Stage, caplog: pytest.LogCaptureFixture, kind: str, payload: bytes, level: int | None, said: str
) -> None:
    caplog.set_level(logging.INFO, "agent_kit")
    async with mounted(bare, lambda _: 3) as host:
        await host.say(kind, payload)
        await host.ask(turn())
        _, move = await host.until("move", 1)
        assert move.action == 3
        await host.over("m1")
    records = [record for record in caplog.records if record.name == "agent_kit"]
    if level is None:
        assert records == []
    else:
        assert [record.levelno for record in records] == [level]
        assert records[0].getMessage().startswith(said)


async def test_a_message_of_an_unknown_kind_is_ignored(bare: Stage, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "agent_kit")
    async with mounted(bare, lambda _: 3) as host:
        await host.say("fanfare", b"\xc1", by=await unlimited_bus(bare))
        await host.ask(turn())
        await host.until("move", 1)
        await host.over("m1")
    assert [record.getMessage() for record in caplog.records if record.name == "agent_kit"] == [
        "ignored a message of an unknown kind, 'fanfare'; is there a newer agent_kit?"
    ]


async def test_a_notice_to_say_hello_is_followed_and_repeats_what_was_said(bare: Stage) -> None:
    async with mounted(bare, lambda _: 0, stateless=True, instance="one") as host:
        await host.say("notice", msgspec.json.encode(Notice(code=NoticeCode.SAY_HELLO, message="")))
        again = await host.until("hello", 2)
        assert again == host.all("hello")[0]
        assert (again.instance, again.stateless) == ("one", True)


async def test_nobody_is_stateless_who_did_not_say_so(bare: Stage) -> None:
    async with mounted(bare, lambda _: 0) as host:
        assert host.hello.stateless is False


async def test_whom_it_wants_to_meet_is_said_or_refused_here(bare: Stage) -> None:
    async with mounted(bare, lambda _: 0, opponents={"within": 5}, unrated=False, patient=False) as host:
        assert host.hello.opponents == Opponents(within=5.0)
        assert (host.hello.unrated, host.hello.patient) == (False, False)
    for wrong in ({"mu": 5.0}, {"within": -1.0}, {"mu_min": 3.0, "mu_max": 2.0}):
        with pytest.raises(Refused, match="opponents"):
            hello_of(Options(opponents=wrong))


@pytest.mark.parametrize("ladder", [True, False])
async def test_who_wants_no_matches_of_the_ladder_says_so(bare: Stage, ladder: bool) -> None:
    async with mounted(bare, lambda _: 0, **({} if ladder else {"ladder": False})) as host:
        assert host.hello.ladder is ladder


@pytest.mark.parametrize("encoding", ["json", "msgpack"])
async def test_a_match_may_begin_in_the_middle_with_its_history(bare: Stage, encoding: str) -> None:
    started, seen = [], []

    class Heir(Agent):
        def start(self, turn: Turn) -> None:
            started.append((turn.match, turn.ply, turn.history))

        def turn(self, turn: Turn) -> int:
            seen.append((turn.ply, turn.history))
            return turn.ply

    pasts = [
        WirePast(ply=1, observation={"hand": [4]}, action=2),
        WirePast(ply=3, observation={"hand": [5]}, action=0, reward=0.5),
    ]
    history = (Past(1, {"hand": [4]}, 2, 0.0), Past(3, {"hand": [5]}, 0, 0.5))
    async with mounted(bare, Heir(), stateless=True, encoding=encoding) as host:
        await host.ask(turn(ply=5, history=pasts))
        await host.until("move", 1)
        await host.ask(turn(ply=7))
        await host.until("move", 2)
        await host.over("m1")
    assert started == [("m1", 5, history)]
    assert seen == [(5, history), (7, ())]


async def test_a_fast_policy_that_hangs_where_it_has_time_does_not_stop_the_heartbeats(bare: Stage) -> None:
    thought = threading.Event()

    def policy(turn: Turn) -> int:
        assert turn.left_ms < 60_000 or thought.wait(DEADLINE_S)
        return turn.ply

    async with mounted(bare, policy) as host:
        for ply in range(2 * FAST_CALLS):  # it has proved to be fast
            await host.ask(turn(ply))
            await host.until("move", ply + 1)
        await host.ask(turn(2 * FAST_CALLS, left_ms=60_000))
        await host.until("beat", len(host.all("beat")) + 4)
        thought.set()
        _, move = await host.until("move", 2 * FAST_CALLS + 1)
        assert move.action == 2 * FAST_CALLS
        await host.over("m1")


async def test_who_leaves_does_not_wait_for_a_match_that_went_on_elsewhere(bare: Stage) -> None:
    async with mounted(bare, lambda _: 0, slots=2) as host:
        for number, match in enumerate(("elsewhere", "here"), 1):
            await host.ask(turn(match=match))
            await host.until("move", number)
        host.playing = ["here"]
        left = asyncio.create_task(host.until("leave", 1))

        async def end() -> None:
            await left
            await host.over("here")

        ending = asyncio.create_task(end())
    await ending


async def test_a_refusal_of_a_newer_platform_is_told_with_its_code(bare: Stage) -> None:
    agent, creds = await bare.agent()
    host = await Counterpart(agent).sit(bare)
    host.refusal = b'{"type": "refusal", "code": "of_2030", "message": "come back in 2030"}'
    with pytest.raises(Refused, match="of_2030: come back in 2030") as caught:
        await play(lambda _: 0, creds=creds)
    assert caught.value.code == "of_2030"


@pytest.mark.parametrize("code", ["instance_taken", "too_many_instances"])
async def test_a_refusal_that_passes_is_outlived(bare: Stage, code: str) -> None:
    agent, creds = await bare.agent()
    host, stop = await Counterpart(agent).sit(bare), asyncio.Event()
    host.refusal = msgspec.json.encode({"type": "refusal", "code": code, "message": "yet"})
    playing = asyncio.create_task(play(lambda _: 0, creds=creds, stop=stop))
    await host.until("hello", 2)
    host.refusal = b""
    await host.until("beat", 1)  # it is in
    stop.set()
    assert await playing == 0


async def test_a_turn_may_overtake_the_welcome(bare: Stage) -> None:
    """It says itself what the game's actions are: a restarted instance loses no time to a lobby that is away."""
    agent, creds = await bare.agent()
    host, stop = Counterpart(agent), asyncio.Event()
    host.first = turn(actions=(5, 2))
    await host.sit(bare)
    seen: list[range] = []

    def policy(turn: Turn) -> int:
        seen.append(turn.actions)
        return turn.actions[-1]

    playing = asyncio.create_task(play(policy, creds=creds, stop=stop))
    _, action = await host.until("move", 1)
    await host.until("hello", 1)
    assert host.all("welcomed") == []
    host.welcoming.set()
    stop.set()
    await host.over("m1")
    async with asyncio.timeout(DEADLINE_S):
        await playing
    assert action.action == 6
    assert seen == [range(5, 7)]
