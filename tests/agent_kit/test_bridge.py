"""A user's loop that blocks, and a platform that does what a test wants: what each side sees of the other."""

import asyncio
import contextlib
import gc
import signal
import sys
import threading
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np
import pytest
from gymnasium.error import InvalidAction, ResetNeeded

from agent_kit import ConnectionFailed, Refused, Revoked, client, connection, gym, pettingzoo
from agent_kit.errors import AgentKitError
from arena.credentials import issue_agent, push_account, write_secret
from arena.stack.ports import free as free_port
from arena.wire.faults import EndCause, NoticeCode, RefusalCode
from arena.wire.lobby import GameInfo, Notice, Refusal, SeatSpaces
from arena.wire.play import Turn
from arena.wire.spaces import Box, Discrete
from tests.agent_kit.counterpart import Counterpart, listen, service_bus
from tests.eventually import DEADLINE_S, eventually
from tests.stage import Stage, open_stage

T = TypeVar("T")
SEAT = SeatSpaces(observation=Box(shape=[1], dtype="int8", low=0, high=99), action=Discrete(n=3))
MASKED = "Dict('action_mask': Box(0, 1, (3,), int8), 'observation': Box(0, 99, (1,), int8))"
GAME = GameInfo(
    name="g",
    title="G",
    seats=2,
    observation_space=MASKED,
    action_space="Discrete(3)",
    actions=3,
    move_ms=20_000,
    bank_ms=0,
    increment_ms=0,
    spaces=[SEAT],
)
LOOP = """
import sys
from agent_kit import gym

try:
    env = gym.make("g", sys.argv[1])
    observation, info = env.reset()
    print("turn", flush=True)
    if sys.argv[2] == "step":
        env.step(1)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.fixture(scope="module")
async def bare() -> AsyncIterator[Stage]:
    """A server without services: the test says what they would."""
    async with open_stage() as stage:
        yield stage


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who closes in a match that the platform does not know need not wait for its end."""
    monkeypatch.setattr(client, "LAST_OVERS_S", 0.05)


async def own(bare: Stage, *spaces: SeatSpaces) -> tuple[Counterpart, Path]:
    """A new agent and its counterpart, which has one game."""
    agent, creds = await bare.agent()
    host = await Counterpart(agent).sit(bare)
    host.games = [msgspec.structs.replace(GAME, spaces=list(spaces))] if spaces else [GAME]
    return host, creds


@contextlib.asynccontextmanager
async def closing(env: T) -> AsyncIterator[T]:
    """Close an environment as its user would, where it may block."""
    try:
        yield env
    finally:
        await asyncio.to_thread(env.close)  # type: ignore[attr-defined]


def turn(ply: int = 0, match: str = "m1", **more: Any) -> Turn:
    usual = {"seat": 0, "legal": [0, 2], "left_ms": 20_000, "actions": (0, 3)}
    return Turn(match=match, game="g", ply=ply, observation=np.array([ply], "int8"), **{**usual, **more})


async def asked(host: Counterpart, call: Callable[[], T], *turns: Turn) -> T:
    """Let a user's call block while the platform asks, and return what it returned."""
    hellos = len(host.all("hello"))
    calling = asyncio.create_task(asyncio.to_thread(call))
    await host.until("hello", hellos + 1)
    for one in turns:
        await host.ask(one)
    async with asyncio.timeout(DEADLINE_S):
        return await calling


async def stepped(host: Counterpart, call: Callable[[], T], then: Callable[[], Any]) -> T:
    """Let a user's move block; once it is heard, the platform does something. Returns what the call returned."""
    moves = len(host.all("move"))
    calling = asyncio.create_task(asyncio.to_thread(call))
    await host.until("move", moves + 1)
    await then()
    async with asyncio.timeout(DEADLINE_S):
        return await calling


async def made(host: Counterpart, creds: Path, **options: Any) -> gym.ArenaEnv:
    """An environment that is connected, and rests."""
    env = await asyncio.to_thread(lambda: gym.make("g", creds, **options))
    await host.until("leave", 1)
    return env


async def test_it_is_in_the_lobby_only_while_it_waits_for_a_match(bare: Stage) -> None:
    host, creds = await own(bare)
    async with closing(await made(host, creds)) as env:
        observation, info = await asked(host, env.reset, turn(reward=0.5))
        await host.until("leave", 2)
        assert [kind for kind, _ in host.heard if kind != "beat"] == ["hello", "leave", "hello", "leave"]
        assert (observation.tolist(), info["match"], info["seat"], info["action_mask"].tolist()) == (
            [0],
            "m1",
            0,
            [1, 0, 1],
        )
        assert env.action_masks().tolist() == [True, False, True]

        seen = await stepped(host, lambda: env.step(np.int64(2)), lambda: host.ask(turn(2, reward=1.5)))
        assert (seen[0].tolist(), *seen[1:4]) == ([2], 1.5, False, False)
        assert host.all("move")[-1][1].action == 2

        end = await stepped(host, lambda: env.step(0), lambda: host.over("m1", reward=-1.0, scores=[0.5, 2.0]))
        assert (end[0].tolist(), *end[1:4]) == ([2], -1.0, True, False)
        assert end[4] == {
            "match": "m1", "seat": 0, "cause": "finished", "placement": 1, "placements": [1], "scores": [0.5, 2.0],
            "plies": 1, "faults": [],
        }  # fmt: skip
        assert env.action_masks().all()
        with pytest.raises(ResetNeeded):
            env.step(0)


async def test_an_action_that_is_not_accepted_is_asked_for_again(bare: Stage) -> None:
    host, creds = await own(bare)
    async with closing(await made(host, creds)) as env:
        await asked(host, env.reset, turn(reward=3.0))
        with pytest.raises(InvalidAction, match=r"element of Discrete\(3\), got 7"):
            env.step(7)

        async def refuse() -> None:
            notice = Notice(code=NoticeCode.FAULT, message="expected one of 0, 2", match="m1")
            await host.say("notice", msgspec.json.encode(notice))
            await host.ask(turn(reward=3.0, strikes=1))

        seen = await stepped(host, lambda: env.step(1), refuse)
        assert seen[:4] == (np.array([0]), 0.0, False, False)
        assert (seen[4]["fault"], seen[4]["strikes"]) == ("expected one of 0, 2", 1)
        charged = {"cause": EndCause.FORFEIT, "faults": ["ply 0: illegal (forfeited); expected one of 0, 2"]}
        end = await stepped(host, lambda: env.step(1), lambda: host.over("m1", **charged))
        assert end[2:4] == (False, True)
        assert end[4]["cause"] == "forfeit"
        assert end[4]["faults"] == charged["faults"]


async def test_a_void_match_is_truncated(bare: Stage) -> None:
    host, creds = await own(bare)
    async with closing(await made(host, creds)) as env:
        await asked(host, env.reset, turn())
        notice = Notice(code=NoticeCode.VOIDED, message="crashed: of its own", match="m1")
        end = await stepped(host, lambda: env.step(0), lambda: host.say("notice", msgspec.json.encode(notice)))
        assert end[1:4] == (0.0, False, True)
        assert (end[4]["cause"], end[4]["message"], end[4]["faults"]) == ("voided", "crashed: of its own", [])


async def test_a_match_without_a_move_goes_on_and_one_in_the_middle_is_played_to_its_end(bare: Stage) -> None:
    host, creds = await own(bare)
    async with closing(await made(host, creds)) as env:
        await asked(host, env.reset, turn())
        _, info = await asyncio.to_thread(lambda: env.reset(seed=1))
        assert info["match"] == "m1"
        assert host.all("move") == []
        await stepped(host, lambda: env.step(0), lambda: host.ask(turn(2)))

        calling = asyncio.create_task(asyncio.to_thread(env.reset))
        await host.until("move", 2)
        await host.ask(turn(4, legal=[2]))
        assert (await host.until("move", 3))[1].action == 2
        await host.over("m1")
        await host.ask(turn(match="m2"))
        _, info = await calling
        assert info["match"] == "m2"


async def test_what_comes_between_matches_is_kept_for_the_next_one(bare: Stage) -> None:
    host, creds = await own(bare)
    async with closing(await made(host, creds)) as env:
        await asked(host, env.reset, turn())
        await stepped(host, lambda: env.step(0), lambda: host.over("m1"))
        await host.ask(turn(match="m2"))
        await host.over("m2")
        await host.ask(turn(match="m3"))
        _, info = await asyncio.to_thread(env.reset)
        assert info["match"] == "m3"


async def test_waiting_has_a_limit_and_says_what_the_platform_said(bare: Stage) -> None:
    host, creds = await own(bare)
    async with closing(await made(host, creds, timeout_s=0.5)) as env:
        calling = asyncio.create_task(asyncio.to_thread(env.reset))
        await host.until("hello", 2)
        await host.say("notice", msgspec.json.encode(Notice(code=NoticeCode.QUARANTINED, message="no g until 12:00")))
        with pytest.raises(TimeoutError, match=r"no match within 0\.5 s; the platform said: no g until 12:00"):
            await calling
        await host.until("leave", 2)
        _, info = await asked(host, lambda: env.reset(options={"timeout_s": 20}), turn())
        assert info["match"] == "m1"


async def test_closing_in_the_middle_plays_on_to_the_end(bare: Stage) -> None:
    host, creds = await own(bare)
    env = await made(host, creds)
    await asked(host, env.reset, turn())
    host.playing = ["m1"]
    calling = asyncio.create_task(asyncio.to_thread(env.close))
    assert (await host.until("move", 1))[1].action in {0, 2}
    await host.ask(turn(2, legal=[0]))
    await host.until("move", 2)
    await host.over("m1")
    await calling
    await asyncio.to_thread(env.close)
    with pytest.raises(AgentKitError, match="closed"):
        await asyncio.to_thread(env.reset)


async def test_an_environment_that_nobody_holds_any_more_leaves(bare: Stage) -> None:
    host, creds = await own(bare)
    env = await made(host, creds)
    await asked(host, env.reset, turn())
    await host.until("leave", 2)
    before = {thread for thread in threading.enumerate() if thread.name == "agent_kit"}
    del env
    gc.collect()
    await host.until("move", 1)
    await host.until("leave", 3)
    await host.over("m1")
    await eventually(lambda: not any(thread.is_alive() for thread in before))


@contextlib.asynccontextmanager
async def program(creds: Path, way: str, said: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A program with a loop. It must end by itself after the block, without an error, having said this."""
    words = (sys.executable, "-c", LOOP, creds, way)
    process = await asyncio.create_subprocess_exec(*words, stdout=PIPE, stderr=PIPE)
    async with asyncio.timeout(DEADLINE_S):
        yield process
        out, errors = await process.communicate()
    assert (process.returncode, out.decode()) == (0, said), errors.decode()
    assert b"Traceback" not in errors


async def test_a_program_that_ends_in_the_middle_of_a_match_leaves(bare: Stage) -> None:
    host, creds = await own(bare)
    async with program(creds, "end", "turn\n"):
        await host.until("hello", 2)
        await host.ask(turn())
        await host.until("move", 1)  # played for it
        await host.over("m1")
    await host.until("leave", 2)


async def test_a_program_hears_of_ctrl_c_while_it_waits_for_a_turn(bare: Stage) -> None:
    host, creds = await own(bare)
    async with program(creds, "step", "turn\ninterrupted\n") as process:
        await host.until("hello", 2)
        await host.ask(turn())
        await host.until("move", 1)
        process.send_signal(signal.SIGINT)
        await host.until("leave", 3)
        await host.over("m1")


async def test_a_program_hears_of_ctrl_c_while_it_waits_for_a_match(bare: Stage) -> None:
    host, creds = await own(bare)
    async with program(creds, "step", "interrupted\n") as process:
        await host.until("hello", 2)
        process.send_signal(signal.SIGINT)
        await host.until("leave", 2)


async def test_a_program_hears_of_ctrl_c_while_nobody_answers_its_hello(bare: Stage) -> None:
    agent, creds = await bare.agent()
    lobby = await listen(bare, agent)
    async with program(creds, "step", "interrupted\n") as process:
        await lobby.until("hello", 1)
        process.send_signal(signal.SIGINT)


async def test_errors_are_raised_where_the_user_waits(
    bare: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "CONNECT_TIMEOUT_S", 1.0)
    host, creds = await own(bare)
    with pytest.raises(ConnectionFailed, match="cannot connect"):
        await asyncio.to_thread(lambda: gym.make("g", creds, url=f"nats://127.0.0.1:{free_port()}"))
    host.refusal = msgspec.json.encode(Refusal(code=RefusalCode.UNKNOWN_GAME, message="plays g"))
    with pytest.raises(Refused, match="plays g"):
        await asyncio.to_thread(lambda: gym.make("chess", creds))

    issued = issue_agent(bare.keyring, host.agent, url=bare.settings.nats)
    write_secret(tmp_path / "a.creds", issued.creds or "")
    host.refusal = b""
    async with closing(await made(host, tmp_path / "a.creds")) as env:
        host.refusal = msgspec.json.encode(Refusal(code=RefusalCode.PAUSED, message="resume it"))
        with pytest.raises(Refused, match="resume it"):
            await asyncio.to_thread(env.reset)
    host.refusal = b""
    async with closing(await made(host, tmp_path / "a.creds")) as env:
        await asked(host, env.reset, turn())
        system = await service_bus(bare, "system")
        revoked = {issued.public_key: (2**32)}
        with pytest.raises(Revoked, match="revo"):
            await stepped(host, lambda: env.step(0), lambda: push_account(system, bare.keyring, revoked))
        with pytest.raises(Revoked):
            await asyncio.to_thread(env.reset)


async def test_seats_that_see_different_things_have_the_spaces_of_their_match(bare: Stage) -> None:
    other = SeatSpaces(observation=Box(shape=[2], dtype="int8", low=0, high=99), action=Discrete(n=2, start=1))
    host, creds = await own(bare, SEAT, other)
    async with closing(await made(host, creds)) as env:
        unlike = msgspec.structs.replace(turn(seat=1, legal=[2], actions=(1, 2)), observation=np.array([7, 8], "int8"))
        observation, info = await asked(host, env.reset, unlike)
        assert env.observation_space.contains(observation)
        assert (env.action_space.start, info["action_mask"].tolist()) == (1, [0, 1])
    with pytest.raises(ValueError, match="different things"):
        await asyncio.to_thread(lambda: gym.make_vec("g", 2, creds))


async def test_own_agents_in_different_matches_share_one_loop(bare: Stage) -> None:
    (one, first), (other, second) = await own(bare), await own(bare)
    env = await asyncio.to_thread(lambda: pettingzoo.aec_env("g", [first, second]))
    async with closing(env):
        await asked(one, env.reset, turn(match="a"))
        assert (env.agent_selection, env.agents) == ("player_0", ["player_0", "player_1"])
        assert one.hello.same_owner
        assert other.hello.same_owner
        assert env.observe("player_1")["action_mask"].tolist() == [0, 0, 0]

        await stepped(one, lambda: env.step(0), lambda: other.ask(turn(match="b", seat=1, reward=0.25)))
        assert env.agent_selection == "player_1"
        assert env.last()[1] == 0.25
        await stepped(other, lambda: env.step(2), lambda: one.over("a", reward=2.0))
        assert env.agent_selection == "player_0"
        assert env.last()[1:4] == (2.0, True, False)

        calling = asyncio.create_task(asyncio.to_thread(lambda: env.step(None)))
        await other.over("b", reward=-0.5, cause=EndCause.FORFEIT)
        await calling
        assert (env.agents, env.agent_selection) == (["player_1"], "player_1")
        assert env.last()[1:4] == (-0.5, False, True)
        env.step(None)
        assert env.agents == []


async def test_who_had_no_turn_in_a_match_of_both_is_told_its_end(bare: Stage) -> None:
    (one, first), (other, second) = await own(bare), await own(bare)
    env = await asyncio.to_thread(lambda: pettingzoo.aec_env("g", [first, second]))
    async with closing(env):
        await asked(one, env.reset, turn(match="a"))

        async def end() -> None:
            await one.over("a", reward=1.0)
            await other.over("a", seat=1, reward=-1.0)

        await stepped(one, lambda: env.step(0), end)
        seen = {}
        for agent in env.agent_iter():
            observation, *seen[agent], info = await asyncio.to_thread(env.last)
            assert env.observation_space(agent).contains(observation)
            assert info["match"] == "a"
            await asyncio.to_thread(lambda: env.step(None))
        assert seen == {"player_0": [1.0, True, False], "player_1": [-1.0, True, False]}


async def test_the_parallel_form_says_who_is_not_asked(bare: Stage) -> None:
    (one, first), (other, second) = await own(bare), await own(bare)
    env = await asyncio.to_thread(lambda: pettingzoo.parallel_env("g", [first, second]))
    async with closing(env):
        observations, infos = await asked(one, env.reset, turn(match="a"))
        assert [infos[agent]["asked"] for agent in env.agents] == [True, False]
        actions = {agent: env.action_space(agent).sample(observations[agent]["action_mask"]) for agent in env.agents}

        async def both() -> None:
            await one.ask(turn(1, "a"))
            await other.ask(turn(1, "a", seat=1))

        _, rewards, *_, infos = await stepped(one, lambda: env.step(actions), both)
        assert rewards == {"player_0": 0.0, "player_1": 0.0}
        assert [infos[agent]["asked"] for agent in env.agents] == [True, True]
