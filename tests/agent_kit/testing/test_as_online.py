"""What a policy is told offline is, byte for byte, what it is told online for the same seed and actions."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest

import arena.matchmaker.service
import arena.runner.service
from agent_kit import Agent, Over, Turn, play, testing
from arena.wire import codec
from arena.wire.events import Created, Ended
from arena.wire.lobby import Encoding
from arena.wire.subjects import Role
from tests.stage import Stage, open_stage


class Listens(Agent):
    """Plays by ply and seat alone, and keeps what it is told; but for the match's name, and what was measured."""

    def __init__(self, encoding: Encoding) -> None:
        self._encode = codec.CODECS[encoding].encode
        self.told: list[bytes] = []

    def turn(self, turn: Turn) -> int:
        self.told.append(self._encode(msgspec.structs.replace(turn._wire, match="", left_ms=0, lag_ms=0.0)))
        actions = turn.legal or turn.actions
        return actions[(turn.ply * 7 + turn.seat) % len(actions)]

    def over(self, over: Over) -> None:
        self.told.append(self._encode(msgspec.structs.replace(over, match="")))


@pytest.fixture(scope="module")
async def stage() -> AsyncIterator[Stage]:
    async with open_stage() as opened:
        await opened.serve(Role.RUNNER, arena.runner.service.run)
        await opened.serve(Role.MATCHMAKER, arena.matchmaker.service.run)
        yield opened


@pytest.mark.parametrize("encoding", ["msgpack", "json"])
@pytest.mark.parametrize("game", ["connect_four", "leduc_holdem", "rock_paper_scissors"])
async def test_a_turn_offline_is_the_turn_online(stage: Stage, game: str, encoding: Encoding) -> None:
    agents = [(await stage.agent(), Listens(encoding)) for _ in range(2)]
    await asyncio.gather(
        *(
            play(policy, creds=creds, games=[game], matches=1, encoding=encoding, stateless=True)
            for (_, creds), policy in agents
        )
    )
    ours = {agent for (agent, _), _ in agents}
    (created,) = [one for one in stage.log.of(Created) if {seat.agent for seat in one.seats} == ours]
    online = {agent: policy.told for (agent, _), policy in agents}
    offline = [Listens(encoding) for _ in created.seats]
    result = await testing.play_async(game, *offline, seed=created.seed, stateless=True, encoding=encoding)
    assert [policy.told for policy in offline] == [online[seat.agent] for seat in created.seats]
    assert all(len(policy.told) > 1 for policy in offline)
    (match,) = {match for _, _, match, event in stage.log.events if event is created}
    await stage.log.until(lambda log: log.of(Ended, match))
    assert result.events[-1].digest == stage.log.of(Ended, match)[0].digest  # type: ignore[union-attr]
    assert codec.CODECS[encoding].turn(offline[0].told[0]).game == game
