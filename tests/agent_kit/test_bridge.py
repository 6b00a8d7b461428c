"""A user's loop that blocks, and a platform that does what a test wants: what each side sees of the other."""

import asyncio
import contextlib
import gc
import signal
import sys
import threading
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import numpy as np
import pytest
from gymnasium.error import InvalidAction, ResetNeeded

from agent_kit import ConnectionFailed, Refused, Revoked, connection, gym
from agent_kit.conform.cable import Cable
from agent_kit.errors import AgentKitError
from arena.credentials import issue_agent, push_account, write_secret
from arena.stack.ports import free as free_port
from arena.wire.faults import EndCause, NoticeCode, RefusalCode
from arena.wire.lobby import Notice, Refusal
from tests.agent_kit.counterpart import listen, service_bus
from tests.agent_kit.scripted import asked, closing, made, own, stepped, turn
from tests.eventually import DEADLINE_S, eventually
from tests.stage import Stage

pytestmark = pytest.mark.usefixtures("hurried")

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
    if sys.argv[2] == "stay":
        sys.stdin.read()
"""


async def test_it_is_in_the_lobby_only_while_it_waits_for_a_match(bare: Stage) -> None:
    host, creds = await own(bare)
    async with closing(await made(host, creds), host) as env:
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
    async with closing(await made(host, creds), host) as env:
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
    async with closing(await made(host, creds), host) as env:
        await asked(host, env.reset, turn())
        notice = Notice(code=NoticeCode.VOIDED, message="crashed: of its own", match="m1")
        end = await stepped(host, lambda: env.step(0), lambda: host.say("notice", msgspec.json.encode(notice)))
        assert end[1:4] == (0.0, False, True)
        assert (end[4]["cause"], end[4]["message"], end[4]["faults"]) == ("voided", "crashed: of its own", [])


async def test_an_end_that_was_missed_is_no_end_of_waiting(bare: Stage) -> None:
    host, creds = await own(bare)
    cable = Cable(urlsplit(bare.server.url).port or 0)
    async with closing(await made(host, creds, url=await cable.open()), host) as env:
        await asked(host, env.reset, turn())

        async def lose() -> None:
            host.playing.clear()
            cable.cut()

        end = await stepped(host, lambda: env.step(0), lose)
        assert end[1:4] == (0.0, False, True)
        assert end[4]["cause"] == "missed"
        _, info = await asked(host, env.reset, turn(match="m2"))
        assert info["match"] == "m2"
    await cable.close()


async def test_closing_in_another_thread_ends_the_waiting(bare: Stage) -> None:
    host, creds = await own(bare)
    env = await made(host, creds)
    calling = asyncio.create_task(asyncio.to_thread(env.reset))
    await host.until("hello", 2)
    await asyncio.to_thread(env.close)
    with pytest.raises(AgentKitError, match="closed"):
        await calling


async def test_a_match_without_a_move_goes_on_and_one_in_the_middle_is_played_to_its_end(bare: Stage) -> None:
    host, creds = await own(bare)
    async with closing(await made(host, creds), host) as env:
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
    async with closing(await made(host, creds), host) as env:
        await asked(host, env.reset, turn())
        await stepped(host, lambda: env.step(0), lambda: host.over("m1"))
        await host.ask(turn(match="m2"))
        await host.over("m2")
        await host.ask(turn(match="m3"))
        _, info = await asyncio.to_thread(env.reset)
        assert info["match"] == "m3"


async def test_waiting_has_a_limit_and_says_what_the_platform_said(bare: Stage) -> None:
    host, creds = await own(bare)
    async with closing(await made(host, creds, timeout_s=0.5), host) as env:
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
    process = await asyncio.create_subprocess_exec(*words, stdin=PIPE, stdout=PIPE, stderr=PIPE)
    async with asyncio.timeout(DEADLINE_S):
        yield process
        out, errors = await process.communicate(b"")
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
    async with program(creds, "stay", "interrupted\n") as process:
        await host.until("hello", 2)
        process.send_signal(signal.SIGINT)
        await host.until("leave", 2)  # though the program goes on


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
    async with closing(await made(host, tmp_path / "a.creds"), host) as env:
        host.refusal = msgspec.json.encode(Refusal(code=RefusalCode.PAUSED, message="resume it"))
        with pytest.raises(Refused, match="resume it"):
            await asyncio.to_thread(env.reset)
    host.refusal = b""
    async with closing(await made(host, tmp_path / "a.creds"), host) as env:
        await asked(host, env.reset, turn())
        system = await service_bus(bare, "system")
        revoked = {issued.public_key: (2**32)}
        with pytest.raises(Revoked, match="revo"):
            await stepped(host, lambda: env.step(0), lambda: push_account(system, bare.keyring, revoked))
        with pytest.raises(Revoked):
            await asyncio.to_thread(env.reset)
