"""Agents mounted on real servers: what their authors see when something goes wrong, on either side."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import arena.matchmaker.service
import arena.runner.service
from agent_kit import Agent, ConnectionFailed, Over, PolicyError, Refused, Revoked, Turn, connection, play
from arena.bus.kv import put
from arena.credentials import Keyring, issue_agent, push_account, write_identity, write_secret
from arena.stack.ports import free as free_port
from arena.wire import subjects
from arena.wire.events import Created, Ended, Faulted
from arena.wire.faults import EndCause
from arena.wire.registry import AgentRecord
from arena.wire.subjects import Role
from tests.agent_kit.counterpart import listen, service_bus
from tests.eventually import DEADLINE_S
from tests.stage import Stage, open_stage

ALONE = {"games": ["cartpole"], "matches": 1}  # a game of one seat: it needs no opponent


@pytest.fixture(scope="module")
async def running() -> AsyncIterator[Stage]:
    """A stage with a matchmaker and a runner."""
    async with open_stage() as stage:
        await stage.serve(Role.RUNNER, arena.runner.service.run)
        await stage.serve(Role.MATCHMAKER, arena.matchmaker.service.run)
        yield stage


def matches_of(stage: Stage, agent: str) -> int:
    return sum(created.seats[0].agent == agent for created in stage.log.of(Created))


@pytest.mark.parametrize(
    ("action", "said"),
    [
        (lambda: 1 / 0, "the policy raised ZeroDivisionError at Turn"),
        (object, "cannot encode object"),
        (lambda: "x" * 100_000, "an action of 100,0.. bytes at Turn.*expected at most 65,536"),
    ],
)
async def test_a_policy_that_fails_is_told_and_gets_no_new_matches(running: Stage, action: Any, said: str) -> None:
    agent, creds = await running.agent()
    lobby = await listen(running, agent)
    with pytest.raises(PolicyError, match=said):
        await play(lambda _: action(), creds=creds, games=["cartpole"], slots=1)
    await lobby.until("leave", 1)
    _, other = await running.agent()
    await play(lambda _: 0, creds=other, **ALONE)
    assert matches_of(running, agent) == 1


@pytest.mark.parametrize("hook", ["start", "over"])
async def test_a_hook_that_raises_is_a_policy_error(running: Stage, hook: str) -> None:
    def fail(_self: Agent, what: Turn | Over) -> None:
        raise LookupError(f"in {hook}")

    policy = type("Failing", (Agent,), {hook: fail, "turn": lambda _self, _turn: 0})()
    _, creds = await running.agent()
    with pytest.raises(PolicyError, match=f"the policy raised LookupError at .*: .*in {hook}"):
        await play(policy, creds=creds, games=["cartpole"])


async def test_hooks_may_take_long(running: Stage) -> None:
    agent, creds = await running.agent()
    lobby, learned, stop, seen = await listen(running, agent), threading.Event(), asyncio.Event(), []

    class Learner(Agent):
        def turn(self, turn: Turn) -> int:
            return 0

        def over(self, over: Over) -> None:
            seen.append((learned.wait(20), over.placement))

    playing = asyncio.create_task(play(Learner(), creds=creds, games=["cartpole"], slots=2, stop=stop))
    await running.log.until(lambda log: any(e.results[0].seat == 0 for e in log.of(Ended)))
    await lobby.until("beat", 3)
    learned.set()
    stop.set()
    assert await playing >= 1
    assert seen[0] == (True, 1)


async def test_a_policy_that_blocks_does_not_stop_the_heartbeats(running: Stage) -> None:
    agent, creds = await running.agent()
    lobby, thought, stop = await listen(running, agent), threading.Event(), asyncio.Event()

    def policy(turn: Turn) -> int:
        assert thought.wait(20)
        return 0

    playing = asyncio.create_task(play(policy, creds=creds, games=["cartpole"], stop=stop))
    await lobby.until("beat", 4)
    stop.set()
    await lobby.until("leave", 1)
    thought.set()
    assert await playing == 1
    assert lobby.heard.count("hello") == 1


async def test_a_rejected_action_is_thought_over_again(running: Stage) -> None:
    agent, creds = await running.agent()
    assert await play(lambda turn: 0 if turn.strikes else 99, creds=creds, **ALONE) == 1
    (match,) = [match for _, _, match, e in running.log.events if isinstance(e, Created) and e.seats[0].agent == agent]
    await running.log.until(lambda log: log.of(Ended, match))
    assert len(running.log.of(Faulted, match)) == 1
    assert running.log.of(Ended, match)[0].cause is EndCause.FINISHED


async def test_an_agent_hears_what_the_platform_says(running: Stage) -> None:
    _, creds = await running.agent()
    heard: list[tuple[str, str, str | None]] = []

    class Listener(Agent):
        def turn(self, turn: Turn) -> int:
            self.match = turn.match
            return 0 if turn.strikes else 99

        def notice(self, code: str, message: str, match: str | None) -> None:
            heard.append((code, message, match))

    await play(listener := Listener(), creds=creds, **ALONE)
    ((code, message, match),) = heard
    assert (code, match) == ("fault", listener.match)
    assert "malformed" in message


async def test_it_leaves_after_as_many_matches_as_were_asked_for(running: Stage) -> None:
    agent, creds = await running.agent()
    assert await play(lambda _: 0, creds=creds, games="cartpole", matches=3) == 3
    assert matches_of(running, agent) == 3


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ({"slots": 0}, r"malformed: .*>= 1.*slots"),
        ({"games": []}, r"malformed: .*games"),
        ({"instance": "my bot"}, r"malformed: .*instance"),
        ({"instance": "*"}, r"malformed: .*instance"),
        ({"encoding": "xml"}, r"malformed: .*encoding"),
    ],
)
async def test_options_that_are_wrong_are_named(running: Stage, option: Any, said: str) -> None:
    _, creds = await running.agent()
    with pytest.raises(Refused, match=said):
        await play(lambda _: 0, creds=creds, **option)


async def test_an_agent_whose_credentials_are_revoked_learns_it(running: Stage, tmp_path: Path) -> None:
    agent, _ = await running.agent()
    issued = issue_agent(running.keyring, agent, url=running.settings.nats)
    write_secret(tmp_path / "a.creds", issued.creds or "")
    asked = asyncio.Event()

    async def policy(turn: Turn) -> int:
        asked.set()
        await asyncio.Event().wait()
        return 0

    playing = asyncio.create_task(play(policy, creds=tmp_path / "a.creds", games=["cartpole"]))
    async with asyncio.timeout(DEADLINE_S):
        await asked.wait()
        await push_account(await service_bus(running, "system"), running.keyring, {issued.public_key: int(time.time())})
        with pytest.raises(Revoked, match="revo"):
            await playing


async def test_who_cannot_connect_is_told_where(
    running: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert connection.CONNECT_TIMEOUT_S <= 10
    monkeypatch.setattr(connection, "CONNECT_TIMEOUT_S", 1.0)
    agent, creds = await running.agent()
    nowhere = f"nats://127.0.0.1:{free_port()}"
    with pytest.raises(ConnectionFailed, match=f"cannot connect to {nowhere}: .+"):
        await play(lambda _: 0, creds=creds, url=nowhere)
    monkeypatch.setattr(connection, "CONNECT_TIMEOUT_S", 3.0)
    write_identity(Keyring.create(tmp_path))
    foreign = issue_agent(Keyring.load(tmp_path), agent, url=running.settings.nats)
    write_secret(tmp_path / "foreign.creds", foreign.creds or "")
    with pytest.raises(ConnectionFailed, match=r"(?i)authorization"):
        await play(lambda _: 0, creds=tmp_path / "foreign.creds")


async def test_a_paused_agent_plays_its_match_to_the_end_and_goes_on_when_resumed(running: Stage) -> None:
    agent, creds = await running.agent("owner")
    lobby, go, stop = await listen(running, agent), asyncio.Event(), asyncio.Event()

    async def policy(turn: Turn) -> int:
        await go.wait()
        return 0

    playing = asyncio.create_task(play(policy, creds=creds, games=["cartpole"], stop=stop))
    await running.log.until(lambda _: matches_of(running, agent) == 1)
    await put(running.registrar, subjects.AGENTS_BUCKET, agent, AgentRecord(owner="owner", name="n", paused=True))
    await lobby.until("beat", lobby.heard.count("beat") + 3)
    go.set()
    ended = len(running.log.of(Ended))
    await running.log.until(lambda log: len(log.of(Ended)) > ended)
    await lobby.until("beat", lobby.heard.count("beat") + 2)
    assert matches_of(running, agent) == 1
    assert lobby.heard.count("hello") == 1
    await put(running.registrar, subjects.AGENTS_BUCKET, agent, AgentRecord(owner="owner", name="n"))
    await running.log.until(lambda _: matches_of(running, agent) > 1)
    stop.set()
    assert await playing >= 2


async def test_who_leaves_while_the_server_restarts_abandons_no_match(stage: Stage) -> None:
    await stage.serve(Role.RUNNER, arena.runner.service.run)
    await stage.serve(Role.MATCHMAKER, arena.matchmaker.service.run)
    agent, creds = await stage.agent()
    lobby, asked, go, stop = await listen(stage, agent), asyncio.Event(), asyncio.Event(), asyncio.Event()
    turns = []

    async def policy(turn: Turn) -> int:
        turns.append((turn.match, turn.ply))
        asked.set()
        await go.wait()
        return 0

    playing = asyncio.create_task(play(policy, creds=creds, games=["cartpole"], stop=stop))
    await asked.wait()
    stop.set()
    await lobby.until("leave", 1)
    await stage.server.stop()
    await stage.server.start()
    go.set()
    played = await playing
    assert len(turns) == len(set(turns))  # sent again, and answered without asking the policy again
    await stage.log.until(lambda log: len(log.of(Ended)) == len(log.of(Created)))
    assert played == len(stage.log.of(Created))
    assert stage.log.of(Faulted) == []


async def test_who_is_told_to_stop_while_nobody_answers_in_the_lobby_leaves(stage: Stage) -> None:
    agent, creds = await stage.agent()
    lobby, stop = await listen(stage, agent), asyncio.Event()
    playing = asyncio.create_task(play(lambda _: 0, creds=creds, stop=stop, **ALONE))
    await lobby.until("hello", 2)
    stop.set()
    async with asyncio.timeout(DEADLINE_S):
        assert await playing == 0
