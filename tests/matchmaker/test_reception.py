"""The lobby's door, on a real server."""

import asyncio

import msgspec
import pytest
import structlog.testing

from arena.bus import connect
from arena.bus.kv import delete
from arena.games import load_catalogue
from arena.matchmaker.lobby import Lobby
from arena.matchmaker.reception import ANSWERABLE_MS, Reception
from arena.service import steady_ms
from arena.wire import subjects
from arena.wire.registry import AgentRecord
from arena.wire.subjects import Role
from tests.stage import Stage


async def door(stage: Stage, agent: str) -> tuple[Reception, asyncio.Event]:
    """A standby's, and an event that is set whenever somebody arrived."""
    creds = stage.settings.creds(Role.MATCHMAKER)
    bus = await connect(stage.settings.nats, creds, name="standby", inbox=subjects.inbox(Role.MATCHMAKER))
    stage.stack.push_async_callback(bus.close)
    lobby, arrived = Lobby(500), asyncio.Event()
    lobby.agents = {agent: AgentRecord(owner="o", name="n")} if agent else {}
    reception = Reception(bus, lobby, load_catalogue(), lambda _: arrived.set())
    stage.stack.push_async_callback(reception.close)
    await reception.open()
    await bus.barrier()
    return reception, arrived


async def test_who_takes_over_answers_the_hellos_that_were_left_unanswered(stage: Stage) -> None:
    agent, creds = await stage.agent()
    reception, arrived = await door(stage, agent)
    bus = await connect(stage.settings.nats, creds, name="agent", inbox=subjects.inbox(agent))
    stage.stack.push_async_callback(bus.close)
    hello = b'{"instance":"main","games":["tictactoe"]}'
    asking = asyncio.create_task(bus.request(subjects.HELLO.at(agent=agent), hello, timeout_s=20))
    await arrived.wait()
    assert not asking.done()
    await reception.take_over(steady_ms())
    assert msgspec.json.decode((await asking).data)["type"] == "welcome"

    reception.active = False
    arrived.clear()
    asking = asyncio.create_task(bus.request(subjects.HELLO.at(agent=agent), hello, timeout_s=20))
    await arrived.wait()
    await reception.take_over(steady_ms() + ANSWERABLE_MS)  # by now it has asked again
    await bus.barrier()
    assert not asking.done()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)


async def test_an_agent_that_is_quicker_than_its_record_is_welcome(stage: Stage) -> None:
    agent, creds = await stage.agent()
    reception, _ = await door(stage, "")
    await reception.take_over(steady_ms())
    bus = await connect(stage.settings.nats, creds, name="agent", inbox=subjects.inbox(agent))
    stage.stack.push_async_callback(bus.close)
    hello = b'{"instance":"main","games":["tictactoe"]}'
    answer = await bus.request(subjects.HELLO.at(agent=agent), hello, timeout_s=20)
    assert msgspec.json.decode(answer.data)["type"] == "welcome"


async def test_who_is_refused_all_the_time_does_not_fill_the_log(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    log = structlog.testing.CapturingLogger()
    monkeypatch.setattr("arena.matchmaker.reception.log", log)
    agent, creds = await stage.agent()
    await delete(stage.registrar, subjects.AGENTS_BUCKET, agent)
    reception, _ = await door(stage, "")
    await reception.take_over(steady_ms())
    bus = await connect(stage.settings.nats, creds, name="agent", inbox=subjects.inbox(agent))
    stage.stack.push_async_callback(bus.close)
    for _ in range(5):
        hello = b'{"instance":"main","games":["tictactoe"]}'
        answer = await bus.request(subjects.HELLO.at(agent=agent), hello, timeout_s=20)
        assert msgspec.json.decode(answer.data)["code"] == "unknown_agent"
    assert reception.refused == 5
    assert [call.args for call in log.calls] == [("hello refused",)]
