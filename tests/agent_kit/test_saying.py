"""What a policy says while it thinks reaches who listens: in order, gathered, and ended with the answer."""

import asyncio

import msgspec
import pytest

from agent_kit import Turn, play
from agent_kit.voice import CHARS_MAX, Voice
from arena.bus import Msg
from arena.wire import subjects
from arena.wire.play import Turn as WireTurn
from arena.wire.said import TEXT_CHARS_MAX, Said
from arena.wire.subjects import Role
from tests.agent_kit.counterpart import DEADLINE_S, Counterpart, service_bus
from tests.stage import Stage


class Ear:
    """What is said beside the moves, in the order in which it is heard."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Said]] = []
        self._more = asyncio.Event()

    def on(self, message: Msg) -> None:
        kind = subjects.SAY.parse(message.subject)["kind"]
        self.heard.append((kind, msgspec.json.decode(message.data, type=Said)))
        self._more.set()

    async def until_done(self, kinds: int) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while sum(said.done for _, said in self.heard) < kinds:
                self._more.clear()
                await self._more.wait()

    def text(self, kind: str) -> str:
        return "".join(said.text for heard, said in self.heard if heard == kind)


def aloud(turn: Turn) -> int:
    turn.think("one, ")
    turn.think("two")
    turn.progress(0.25, "begun")
    turn.progress(0.5)
    turn.comment("x" * (TEXT_CHARS_MAX + 5))
    turn.comment("y" * CHARS_MAX)
    return 3


async def in_the_loop(turn: Turn) -> int:
    return aloud(turn)


@pytest.mark.parametrize("policy", [aloud, in_the_loop])
async def test_what_is_said_comes_in_order_and_ends_with_the_answer(bare: Stage, policy: object) -> None:
    agent, creds = await bare.agent()
    host, ear, stop = await Counterpart(agent).sit(bare), Ear(), asyncio.Event()
    bus = await service_bus(bare, Role.API)
    await bus.subscribe(subjects.SAY.any(agent=agent), ear.on)
    await bus.barrier()
    playing = asyncio.create_task(play(policy, creds=creds, stop=stop))  # type: ignore[arg-type]
    await host.until("hello", 1)
    await host.ask(WireTurn(match="m1", game="g", seat=0, ply=7, observation=[0], left_ms=20_000))
    _, action = await host.until("move", 1)
    assert action.action == 3
    await ear.until_done(3)
    assert ear.text("thinking") == "one, two"
    assert next((said.share, said.text) for kind, said in ear.heard if kind == "progress") == (0.5, "begun")
    assert len(ear.text("commentary")) == CHARS_MAX - len("one, two" + "begun")
    assert {said.ply for _, said in ear.heard} == {7}
    last = {kind: said.done for kind, said in ear.heard}
    assert last == {"thinking": True, "progress": True, "commentary": True}
    await host.over("m1")
    stop.set()
    assert await playing == 1


async def test_a_share_that_is_none_is_the_authors_error() -> None:
    said: list[object] = []
    turn = WireTurn(match="m1", game="g", seat=0, ply=0, observation=None, left_ms=1)
    voice = Voice(turn, lambda *words: said.append(words), asyncio.get_running_loop())
    with pytest.raises(ValueError, match="expected a share between 0 and 1, got 50"):
        voice.say("progress", "", 50)
    Turn(turn).comment("offline, nobody hears it")
    assert not said
