"""Gymnasium's environments, against a live platform: loops of their users block, so they run in threads."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import gymnasium
import pytest
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AutoresetMode

from agent_kit import gym
from arena.wire.events import Created, Ended, Faulted
from tests.agent_kit.sparring import HOUSE_GAME, matches_of, open_sparring
from tests.stage import Stage


@pytest.fixture(scope="module")
async def stage() -> AsyncIterator[Stage]:
    async with open_sparring(slots=8) as opened:
        yield opened


def episode(env: gymnasium.Env[Any, Any]) -> tuple[float, list[dict[str, Any]], bool, bool]:
    """Play one match: the loop that every user of Gymnasium writes."""
    observation, info = env.reset()
    infos, total, terminated, truncated = [info], 0.0, False, False
    while not (terminated or truncated):
        assert env.observation_space.contains(observation)
        action = env.action_space.sample(info.get("action_mask"))
        observation, reward, terminated, truncated, info = env.step(action)
        infos.append(info)
        total += float(reward)
    return total, infos, terminated, truncated


async def test_it_passes_gymnasiums_own_check(stage: Stage) -> None:
    agent, creds = await stage.agent()

    def check() -> None:
        env = gym.make("tictactoe", creds)
        check_env(env)
        env.close()

    await asyncio.to_thread(check)
    assert matches_of(stage, agent)
    await stage.log.until(lambda log: all(log.of(Ended, match) for match in matches_of(stage, agent)))


async def test_matches_one_after_the_other(stage: Stage) -> None:
    agent, creds = await stage.agent()

    def loop() -> list[tuple[float, list[dict[str, Any]], bool, bool]]:
        env = gym.make("tictactoe", creds, timeout_s=20)
        try:
            return [episode(env) for _ in range(3)]
        finally:
            env.close()

    for (total, infos, terminated, truncated), match in zip(
        await asyncio.to_thread(loop), matches_of(stage, agent), strict=True
    ):
        assert (terminated, truncated) == (True, False)
        assert {info["match"] for info in infos} == {match}
        assert infos[-1]["scores"][infos[-1]["seat"]] == total
        assert infos[-1]["cause"] == "finished"
        assert all(info["action_mask"].sum() == 9 - info["ply"] for info in infos[:-1])
    assert not [fault for match in matches_of(stage, agent) for fault in stage.log.of(Faulted, match)]


async def test_a_ranked_match_against_a_house_bot(stage: Stage) -> None:
    agent, creds = await stage.agent()

    def loop() -> bool:
        env = gymnasium.make(f"agent_kit.gym:{gym.ID}", game=HOUSE_GAME, creds=creds)
        (*_, terminated, _) = episode(env)
        env.close()
        return terminated

    assert await asyncio.to_thread(loop)
    (match,) = matches_of(stage, agent)
    assert stage.log.of(Created, match)[0].rated
    assert not stage.log.of(Faulted, match)


async def test_many_matches_at_once(stage: Stage) -> None:
    agent, creds = await stage.agent()

    def loop() -> int:
        env = gym.make_vec("tictactoe", 4, creds, timeout_s=20)
        assert env.metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP
        observations, infos = env.reset()
        ended = 0
        while ended < 8:
            assert env.observation_space.contains(observations)
            actions = [masks.argmax() for masks in env.action_masks()]
            observations, _, terminated, truncated, infos = env.step(actions)
            assert not truncated.any(), infos
            ended += int(terminated.sum())
        env.close()
        return ended

    ended = await asyncio.to_thread(loop)
    assert len(matches_of(stage, agent)) >= ended
