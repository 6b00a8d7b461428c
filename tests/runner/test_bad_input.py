"""What agents can send that is wrong, on the real parts: what they are told, and that nobody else is touched."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

import arena.matchmaker.service
import arena.runner.service
from arena.bus import Msg, connect
from arena.wire import subjects
from arena.wire.events import Ended, Faulted, Moved, Voided
from arena.wire.faults import AgentFault, EndCause, Verdict
from arena.wire.subjects import Role
from tests.eventually import DEADLINE_S
from tests.runner.test_matches import Scripted, playing, scripted
from tests.stage import GRACE_S, Stage, open_stage

DEEP = b'{"ply":0,"action":' + b"[" * 20_000 + b"]" * 20_000 + b"}"
DEEP_PACKED = b"\x82\xa3ply\x00\xa6action" + b"\x91" * 20_000 + b"\x00"


@pytest.fixture(scope="module")
async def busy() -> AsyncIterator[Stage]:
    """A stage with a matchmaker and a runner."""
    async with open_stage() as stage:
        await stage.serve(Role.RUNNER, arena.runner.service.run)
        await stage.serve(Role.MATCHMAKER, arena.matchmaker.service.run)
        yield stage


class Packed(Scripted):
    """It speaks msgpack."""

    def _on(self, message: Msg) -> None:
        kind = message.subject.rpartition(".")[2]
        if kind == "notice":
            super()._on(message)
        else:
            box = self.turns if kind == "turn" else self.overs
            body = msgspec.msgpack.decode(message.data)
            box.put_nowait((body, message) if kind == "turn" else body)


async def player(stage: Stage, game: str, encoding: str = "json") -> Scripted:
    """An agent with one waiting turn of `game`, sooner or later."""
    agent, creds = await stage.agent()
    bus = await connect(stage.settings.nats, creds, name="scripted", inbox=subjects.inbox(agent))
    stage.stack.push_async_callback(bus.close)
    found = (Packed if encoding == "msgpack" else Scripted)(bus, agent, [game], encoding=encoding)
    await found.arrive()
    return found


def packed(action: Any) -> bytes:
    return msgspec.msgpack.encode({"ply": 0, "action": action})


@pytest.mark.parametrize(
    ("encoding", "reply", "expected"),
    [
        ("json", b"{", '"action": ...'),
        ("json", b'{"ply":0}', "action"),
        ("json", DEEP, '"action": ...'),
        ("json", b'{"ply":0,"action":"left"}', "left"),
        ("json", b'{"ply":0,"action":[0,1]}', "[0,1]"),
        ("json", b'{"ply":0,"action":0.5}', "0.5"),
        ("json", b'{"ply":0,"action":NaN}', "NaN"),
        ("json", b'{"ply":0,"action":2}', "2"),
        ("json", b'{"ply":0,"action":"\\ud800"}', "ud800"),
        ("json", b'{"ply":0,"action":0,"think_ms":-1}', "think_ms"),
        ("msgpack", b"\xc1", '"action": ...'),
        ("msgpack", packed(float("nan")), "nan"),
        ("msgpack", packed({"dtype": "int8", "shape": [3], "data": b"abc"}), "int8"),
        ("msgpack", DEEP_PACKED, '"action": ...'),
    ],
)
async def test_replies_that_are_no_actions_are_told_and_may_be_made_good(
    busy: Stage, encoding: str, reply: bytes, expected: str
) -> None:
    agent = await player(busy, "cartpole", encoding)
    turn, request = await agent.turn()
    await agent.bus.publish(request.reply, reply)
    again, request = await agent.turn()
    assert (again["match"], again["ply"], again["strikes"]) == (turn["match"], 0, 1)
    (fault,) = busy.log.of(Faulted, turn["match"])
    assert (fault.cause, fault.verdict) == (AgentFault.MALFORMED, Verdict.WARNED)
    assert expected in f"{fault.expected} {fault.evidence}"
    assert agent.notices[0]["code"] == "fault"
    right = packed(0) if encoding == "msgpack" else b'{"ply":0,"action":0}'
    await agent.bus.publish(request.reply, right)
    following, _ = await agent.turn()
    assert following["ply"] == 1
    assert busy.log.of(Voided) == []


@pytest.mark.parametrize("size", [100_000, 900_000])
async def test_an_oversized_message_costs_its_sender_the_connection_and_nobody_else_anything(
    busy: Stage, size: int
) -> None:
    agent, other = await player(busy, "cartpole"), await player(busy, "cartpole")
    _, request = await agent.turn()
    await agent.bus.publish(request.reply, b'{"ply":0,"action":"' + b"x" * size + b'"}')
    async with asyncio.timeout(DEADLINE_S):
        await agent.bus.closed.wait()
    assert "maximum payload" in str(agent.bus.last_error).lower()
    _, request = await other.turn()
    await other.bus.publish(request.reply, b'{"ply":0,"action":0}')
    assert (await other.turn())[0]["ply"] == 1


async def test_a_reply_after_the_deadline_changes_nothing(busy: Stage) -> None:
    _, opponent = await busy.agent()
    late = await scripted(busy, ["tictactoe"])
    async with playing(opponent, games=["tictactoe"], matches=1):
        turn, request = await late.turn()
        over = await late.over()
        await late.bus.publish(request.reply, msgspec.json.encode({"ply": turn["ply"], "action": turn["legal"][0]}))
        await late.bus.barrier()
    assert over["cause"] == "forfeit"
    assert over["placement"] == 2
    assert "timeout" in over["faults"][0]
    (ended,) = busy.log.of(Ended, turn["match"])
    assert ended.cause is EndCause.FORFEIT
    assert all(move.seat != turn["seat"] for event in busy.log.of(Moved, turn["match"]) for move in event.moves)


async def test_an_agent_that_comes_back_in_time_may_think_on(busy: Stage) -> None:
    """Gone is who stays away: the grace time ends with the return."""
    _, opponent = await busy.agent()
    back = await scripted(busy, ["tictactoe"])
    async with playing(opponent, games=["tictactoe"], matches=1):
        turn, _ = await back.turn()
        play_on = await connect(
            busy.settings.nats,
            busy.settings.home / "agents" / f"{back.agent}.creds",
            name="back",
            inbox=subjects.inbox(back.agent),
        )
        busy.stack.push_async_callback(play_on.close)
        await back.bus.close()
        hello = msgspec.json.encode(back.hello)
        await play_on.request(subjects.HELLO.at(agent=back.agent), hello)  # sent again to nobody: missed
        again = Scripted(play_on, back.agent, ["tictactoe"])
        await again.arrive()
        _, request = await again.turn()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2 * GRACE_S):
                await busy.log.until(lambda log: log.of(Faulted, turn["match"]))
        await play_on.publish(request.reply, msgspec.json.encode({"ply": turn["ply"], "action": turn["legal"][0]}))
        await busy.log.until(
            lambda log: any(move.seat == turn["seat"] for event in log.of(Moved, turn["match"]) for move in event.moves)
        )


async def test_a_seat_that_forfeits_by_bad_replies_is_moved_for_at_once(busy: Stage) -> None:
    """Four seats play on: the platform moves for the one that is out, and asks it no more."""
    bad = await player(busy, "lowest_unique")
    people = [await busy.agent() for _ in range(3)]

    def policy(_turn: Any) -> int:
        return 1

    async with playing(*(creds for _, creds in people), policy=policy, games=["lowest_unique"], matches=1):
        for strikes in range(3):
            turn, request = await bad.turn()
            assert turn.get("strikes", 0) == strikes
            await bad.bus.publish(request.reply, b"nonsense")
        over = await bad.over()
    match = over["match"]
    await busy.log.until(lambda log: log.of(Ended, match))
    faults = busy.log.of(Faulted, match)
    assert [fault.verdict for fault in faults] == [Verdict.WARNED, Verdict.WARNED, Verdict.FORFEITED]
    assert over["cause"] == "finished"
    assert over["placement"] == 4
    moves = [move for event in busy.log.of(Moved, match) for move in event.moves if move.seat == turn["seat"]]
    assert len(moves) == over["plies"]
    assert all(move.by_platform for move in moves)
    assert bad.turns.empty()
    assert busy.log.verify(match) == []  # others of this module may still be played


async def test_unknown_matches_and_other_peoples_subjects_are_nothing_to_a_runner(busy: Stage) -> None:
    agent = await player(busy, "cartpole")
    _, request = await agent.turn()
    forged = request.reply.rpartition(".")[0] + ".7"
    await agent.bus.publish(forged, b'{"ply":0,"action":0}')
    await agent.bus.barrier()
    assert "permissions violation" in str(agent.bus.last_error)
    await agent.bus.publish(request.reply, b'{"ply":0,"action":1}')
    assert (await agent.turn())[0]["ply"] == 1
