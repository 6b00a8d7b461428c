"""What the agents of one loop see, each in its seat: of one match, or of several."""

import asyncio

import msgspec
import numpy as np
import pytest

from agent_kit import gym, pettingzoo
from arena.wire.faults import EndCause
from arena.wire.lobby import SeatSpaces
from arena.wire.spaces import Box, Discrete
from tests.agent_kit.scripted import SEAT, asked, closing, made, own, stepped, turn
from tests.stage import Stage

pytestmark = pytest.mark.usefixtures("hurried")


async def test_seats_that_see_different_things_have_the_spaces_of_their_match(bare: Stage) -> None:
    other = SeatSpaces(observation=Box(shape=[2], dtype="int8", low=0, high=99), action=Discrete(n=2, start=1))
    host, creds = await own(bare, SEAT, other)
    async with closing(await made(host, creds), host) as env:
        unlike = msgspec.structs.replace(turn(seat=1, legal=[2], actions=(1, 2)), observation=np.array([7, 8], "int8"))
        observation, info = await asked(host, env.reset, unlike)
        assert env.observation_space.contains(observation)
        assert (env.action_space.start, info["action_mask"].tolist()) == (1, [0, 1])
    with pytest.raises(ValueError, match="different things"):
        await asyncio.to_thread(lambda: gym.make_vec("g", 2, creds))


async def test_own_agents_in_different_matches_share_one_loop(bare: Stage) -> None:
    (one, first), (other, second) = await own(bare), await own(bare)
    env = await asyncio.to_thread(lambda: pettingzoo.aec_env("g", [first, second]))
    async with closing(env, one, other):
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
    async with closing(env, one, other):
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
    async with closing(env, one, other):
        observations, infos = await asked(one, env.reset, turn(match="a"))
        assert [infos[agent]["asked"] for agent in env.agents] == [True, False]
        actions = {agent: env.action_space(agent).sample(observations[agent]["action_mask"]) for agent in env.agents}

        async def both() -> None:
            await one.ask(turn(1, "a"))
            await other.ask(turn(1, "a", seat=1))

        _, rewards, *_, infos = await stepped(one, lambda: env.step(actions), both)
        assert rewards == {"player_0": 0.0, "player_1": 0.0}
        assert [infos[agent]["asked"] for agent in env.agents] == [True, True]
