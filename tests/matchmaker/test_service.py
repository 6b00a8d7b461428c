"""Refusals, restarts and standbys, on a real server."""

import asyncio
import contextlib
import random
from typing import Any

import msgspec
import pytest

import arena.matchmaker.service
import arena.runner.service
from agent_kit import Refused, Turn, play
from arena.bus import Bus, Unanswered, connect
from arena.bus.kv import put
from arena.wire import subjects
from arena.wire.events import Created, Ended
from arena.wire.registry import AgentRecord
from arena.wire.subjects import Role
from tests.eventually import DEADLINE_S
from tests.stage import Stage


async def knock(bus: Bus, agent: str, payload: bytes) -> dict[str, Any]:
    """The lobby's answer to a hello, once somebody is there to answer."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            with contextlib.suppress(Unanswered):
                answer = await bus.request(subjects.HELLO.at(agent=agent), payload, timeout_s=0.5)
                return msgspec.json.decode(answer.data)


async def knock_until(bus: Bus, agent: str, payload: bytes, kind: str) -> dict[str, Any]:
    """Knock again until the answer is of this kind: a changed record takes a moment to reach the matchmaker."""
    async with asyncio.timeout(DEADLINE_S):
        while (answer := await knock(bus, agent, payload))["type"] != kind:
            pass
    return answer


async def visitor(stage: Stage, **record: Any) -> tuple[str, Bus]:
    agent, creds = await stage.agent(**record)
    bus = await connect(stage.settings.nats, creds, name="visitor", inbox=subjects.inbox(agent))
    stage.stack.push_async_callback(bus.close)
    return agent, bus


@pytest.mark.parametrize(
    ("payload", "code", "expected"),
    [
        (b"{", "malformed", "docs/protocol.md"),
        (b'{"instance":"i","games":["tictactoe"],"slots":0}', "malformed", "slots"),
        (b'{"instance":"not a token","games":["tictactoe"]}', "malformed", "instance"),
        (b'{"instance":"i","games":[]}', "malformed", "games"),
        (
            b'{"instance":"i","games":["*"],"opponents":{"mu_min":9,"mu_max":8}}',
            "malformed",
            "mu_min <= opponents.mu_max",
        ),
        (b'{"instance":"i","games":["*"],"opponents":{"within":-1}}', "malformed", "within"),
        (b'{"instance":"i","games":["tictactoe","ludo"]}', "unknown_game", "unknown: ludo; this platform plays"),
        (b'{"instance":"i","games":["tictactoe"],"protocol":9}', "protocol", "protocol 1, got 9"),
        (b"[" * 50_000, "malformed", "docs/protocol.md"),
    ],
)
async def test_a_hello_that_is_wrong_is_told_what_was_expected(
    lively: Stage, payload: bytes, code: str, expected: str
) -> None:
    agent, bus = await visitor(lively)
    answer = await knock(bus, agent, payload)
    assert (answer["type"], answer["code"]) == ("refusal", code)
    assert expected in answer["message"]


async def test_a_paused_agent_is_refused_and_may_come_back(lively: Stage) -> None:
    agent, bus = await visitor(lively, paused=True)
    hello = b'{"instance":"i","games":["tictactoe"]}'
    assert (await knock(bus, agent, hello))["code"] == "paused"
    await put(lively.registrar, subjects.AGENTS_BUCKET, agent, AgentRecord(owner="u", name="n"))
    await knock_until(bus, agent, hello, "welcome")


async def test_two_processes_with_one_instance_name(lively: Stage) -> None:
    agent, bus = await visitor(lively)
    hello = {"instance": "main", "games": ["tictactoe"]}
    assert (await knock(bus, agent, msgspec.json.encode({**hello, "session": "one"})))["type"] == "welcome"
    assert (await knock(bus, agent, msgspec.json.encode({**hello, "session": "two"})))["code"] == "instance_taken"
    assert (await knock(bus, agent, msgspec.json.encode({**hello, "session": "one"})))["type"] == "welcome"


async def test_a_hello_cannot_have_its_answer_sent_to_somebody_else(lively: Stage) -> None:
    (agent, bus), (victim, listener) = await visitor(lively), await visitor(lively)
    heard: list[bytes] = []
    await listener.subscribe(f"arena.agent.{victim}.>", lambda message: heard.append(message.data))
    await listener.barrier()
    hello = b'{"instance":"i","games":["tictactoe"]}'
    await knock(bus, agent, hello)  # the matchmaker answers honest ones
    await bus.publish(subjects.HELLO.at(agent=agent), hello, reply=f"arena.agent.{victim}.i.turn")
    await knock(bus, agent, hello)  # answered after the forged one was handled
    await listener.barrier()
    assert heard == []


async def test_an_unknown_agent_is_told_so_and_a_lost_beat_asks_for_a_hello(lively: Stage) -> None:
    agent, bus = await visitor(lively)
    hello = b'{"instance":"i","games":["tictactoe"]}'
    await knock(bus, agent, hello)
    told = asyncio.Event()
    await bus.subscribe(f"arena.agent.{agent}.other.notice", lambda _: told.set())
    await bus.publish(subjects.BEAT.at(agent=agent), b'{"instance":"other"}')
    async with asyncio.timeout(DEADLINE_S):
        await told.wait()
    await lively.registrar.client.jetstream().publish(
        f"$KV.{subjects.AGENTS_BUCKET}.{agent}", b"", headers={"KV-Operation": "DEL"}
    )
    assert (await knock_until(bus, agent, hello, "refusal"))["code"] == "unknown_agent"


async def test_agent_kit_raises_what_the_lobby_refused(lively: Stage) -> None:
    _, creds = await lively.agent()
    with pytest.raises(Refused, match=r"unknown_game: unknown: ludo; this platform plays .*chess"):
        await play(lambda _: 0, creds=creds, games=["ludo"])


def any_legal(turn: Turn) -> int:
    assert turn.legal
    return random.choice(turn.legal)


async def test_who_comes_right_after_a_wave_is_in_the_next_one_at_once(stage: Stage) -> None:
    await stage.serve(Role.RUNNER, arena.runner.service.run)
    stop = await stage.serve(Role.MATCHMAKER, arena.matchmaker.service.run, wave_ms=60_000)
    hello = b'{"instance":"i","games":["cartpole"]}'
    agent, bus = await visitor(stage)
    async with asyncio.timeout(DEADLINE_S):
        while not stage.log.of(Created):  # until the runner is known
            await knock(bus, agent, hello)
    visitors = [await visitor(stage) for _ in range(10)]
    for number, (other, its_bus) in enumerate(visitors, 2):  # each as soon as the one before has its match
        await knock(its_bus, other, hello)
        await stage.log.until(lambda log, number=number: len(log.of(Created)) == number, timeout_s=30)
    stop.set()
    await knock(bus, agent, hello)  # or else it ends with the wave


async def test_a_standby_takes_over_and_a_restart_knows_what_runs(stage: Stage) -> None:
    await stage.serve(Role.RUNNER, arena.runner.service.run)
    first = await stage.spawn("matchmaker")
    stop = asyncio.Event()
    people = [await stage.agent() for _ in range(4)]
    agents = [
        asyncio.create_task(play(any_legal, creds=creds, games=["tictactoe"], slots=2, stop=stop))
        for _, creds in people
    ]
    await stage.log.until(lambda log: len(log.of(Ended)) >= 10)
    await stage.serve(Role.MATCHMAKER, arena.matchmaker.service.run)  # stands by
    first.kill()
    await first.wait()
    done = len(stage.log.of(Ended))
    await stage.log.until(lambda log: len(log.of(Ended)) >= done + 10)
    stop.set()
    await asyncio.gather(*agents)
    await stage.log.until(lambda log: len(log.of(Ended)) == len(log.of(Created)))
    at_once: dict[str, int] = {}
    for _, _, match, event in stage.log.events:  # nobody ever sat in more matches than it has slots
        if isinstance(event, Created):
            for seat in event.seats:
                at_once[seat.agent] = at_once.get(seat.agent, 0) + 1
                assert at_once[seat.agent] <= 2
        elif isinstance(event, Ended):
            (created,) = stage.log.of(Created, match)
            for seat in created.seats:
                at_once[seat.agent] -= 1
    assert stage.log.verify() == []
