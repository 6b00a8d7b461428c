"""Agents that break the rules, in one way each. Mostly they play: a fault that ended every match would show little."""

import asyncio
import contextlib
import time

import msgspec

from arena.wire import codec, subjects
from arena.wire.lobby import Beat
from arena.wire.play import Action, Turn
from chaos.agents.bare import Answer, Bare
from chaos.agents.setting import Setting, choose, pause

OFTEN, SELDOM = 0.15, 0.02  # of its turns
HANGS_S = (4.0, 12.0)
LATE_S = (0.5, 1.5)  # after its time
BURST = 3_000  # messages
BETWEEN_BURSTS_S = (5.0, 15.0)
HUGE_BYTES = 10 * 1024 * 1024


async def hangs(setting: Setting) -> None:
    """Now and then it stays connected, and neither answers nor beats."""

    async def answer(bare: Bare, turn: Turn, reply: str) -> None:
        if bare.rng.random() >= SELDOM:
            await bare.give(turn, reply)
            return
        bare.note("misdeed", misdeed="hangs", match=turn.match, ply=turn.ply)
        bare.hanging = True
        await pause(setting.stop, bare.rng.uniform(*HANGS_S))
        bare.hanging = False

    await Bare(setting, answer).run()


async def twice(setting: Setting) -> None:
    """It changes its mind after its answer."""

    async def answer(bare: Bare, turn: Turn, reply: str) -> None:
        first = await bare.give(turn, reply)
        others = [action for action in bare.actions(turn) if action != first]
        if others:
            other = choose(bare.rng, others, range(0))
            bare.note("misdeed", misdeed="twice", match=turn.match, ply=turn.ply, action=other)
            await bare.send(reply, codec.encode_json(Action(ply=turn.ply, action=other)))

    await Bare(setting, answer).run()


async def late(setting: Setting) -> None:
    """Now and then its answer comes after its time."""

    async def answer(bare: Bare, turn: Turn, reply: str) -> None:
        began_s = time.perf_counter()
        if bare.rng.random() < SELDOM:
            bare.note("misdeed", misdeed="late", match=turn.match, ply=turn.ply)
            await pause(setting.stop, turn.left_ms / 1000 + bare.rng.uniform(*LATE_S))
        await bare.give(turn, reply, began_s)

    await Bare(setting, answer).run()


async def other(setting: Setting) -> None:
    """It answers a turn with what belongs to another ply or match, and knocks at other people's doors."""

    async def answer(bare: Bare, turn: Turn, reply: str) -> None:
        if bare.rng.random() < OFTEN:
            await _trespass(bare)
        earlier = range(max(turn.ply - 2, 0), turn.ply)
        plies = sorted({*earlier, *(known.ply for known in bare.running.values() if known)} - {turn.ply})
        if bare.rng.random() >= SELDOM or not plies:
            await bare.give(turn, reply)
            return
        action = choose(bare.rng, bare.actions(turn), range(0))
        said = choose(bare.rng, plies, range(0))
        bare.note("misdeed", misdeed="other_match", match=turn.match, ply=turn.ply, action=action)
        await bare.send(reply, codec.encode_json(Action(ply=said, action=action)))

    await Bare(setting, answer).run()


async def _trespass(bare: Bare) -> None:
    """All of it is refused by the server, or is nobody's business."""
    bare.note("misdeed", misdeed="trespass")
    for match, turn in [(match, turn) for match, turn in bare.running.items() if turn]:
        action = codec.encode_json(Action(ply=turn.ply, action=0))
        await bare.send(subjects.MOVE.at(runner="anyone", match=match, seat=1 - min(turn.seat, 1), sending=0), action)
        await bare.send(subjects.event(turn.game, match, "voided"), b'{"kind":"voided","at_ms":0,"cause":"crashed"}')
    await bare.send(subjects.LEAVE.at(agent="somebody"), b'{"instance":"theirs"}')
    with contextlib.suppress(Exception):
        await bare.client.subscribe(subjects.EVENTS_ALL)


async def flood(setting: Setting) -> None:
    """Bursts of whatever it may send at all, between honest answers."""
    bare = Bare(setting, _honest)
    flooding = asyncio.create_task(_burst(bare))
    try:
        await bare.run()
    finally:
        flooding.cancel()


async def _burst(bare: Bare) -> None:
    while await pause(bare.setting.stop, bare.rng.uniform(*BETWEEN_BURSTS_S)):
        bare.note("misdeed", misdeed="flood")
        for number in range(BURST):
            instance = f"flood{bare.rng.randrange(50)}"
            beat = msgspec.json.encode(Beat(instance=instance))
            await bare.send(subjects.BEAT.at(agent=bare.agent), beat)
            await bare.send(subjects.HELLO.at(agent=bare.agent), bare.hello)
            if number % 100 == 0:
                await asyncio.sleep(0)


async def garbage(setting: Setting) -> None:
    """Bytes without sense, and values of the wrong types; when it is asked again, it may behave."""

    async def answer(bare: Bare, turn: Turn, reply: str) -> None:
        if bare.rng.random() >= OFTEN:
            await bare.give(turn, reply)
            return
        bare.note("misdeed", misdeed="garbage", match=turn.match, ply=turn.ply)
        replies = (
            bare.rng.randbytes(bare.rng.randrange(2_000)),
            b'{"ply":%d}' % turn.ply,
            b'{"ply":%d,"action":"left"}' % turn.ply,
            b'{"ply":%d,"action":[%s]}' % (turn.ply, b",".join([b"1"] * 500)),
            b'{"ply":"one","action":1}',
            b"[" * 5_000,
            b"",
        )
        await bare.send(reply, bare.rng.choice(replies))
        for subject in (subjects.HELLO, subjects.BEAT, subjects.LEAVE):
            await bare.send(subject.at(agent=bare.agent), bare.rng.randbytes(200))

    await Bare(setting, answer).run()


async def huge(setting: Setting) -> None:
    """Ten megabytes now and then: the server closes the connection."""

    async def answer(bare: Bare, turn: Turn, reply: str) -> None:
        if bare.rng.random() >= SELDOM:
            await bare.give(turn, reply)
            return
        bare.note("misdeed", misdeed="huge", match=turn.match, ply=turn.ply)
        bare.client._max_payload = 2 * HUGE_BYTES
        await bare.send(reply, b"x" * HUGE_BYTES)

    await Bare(setting, answer).run()


async def _honest(bare: Bare, turn: Turn, reply: str) -> None:
    await bare.give(turn, reply, time.perf_counter())


__all__ = ["Answer", "flood", "garbage", "hangs", "huge", "late", "other", "twice"]
