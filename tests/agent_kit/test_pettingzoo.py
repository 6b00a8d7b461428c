"""PettingZoo's environments, against a live platform: loops of their users block, so they run in threads."""

import asyncio
import importlib
import warnings
from collections.abc import AsyncIterator
from typing import Any

import pytest

from agent_kit import pettingzoo
from arena.games import load_catalogue
from arena.wire.events import Created, Faulted
from tests.agent_kit.sparring import HOUSE_GAME, matches_of, open_sparring
from tests.stage import Stage


@pytest.fixture(scope="module")
async def stage() -> AsyncIterator[Stage]:
    async with open_sparring(slots=8) as opened:
        yield opened


def tutorial(env: Any) -> dict[str, list[Any]]:
    """The loop of PettingZoo's tutorial, as it is. Returns what each agent got, and its last info."""
    totals: dict[str, list[Any]] = {}
    env.reset(seed=42)
    for agent in env.agent_iter():
        observation, reward, termination, truncation, info = env.last()
        action = None if termination or truncation else env.action_space(agent).sample(observation["action_mask"])
        env.step(action)
        total, _ = totals.get(agent, [0, None])
        totals[agent] = [total + reward, info]
    return totals


def check(env: Any, test: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the module's own, and those of empty boards (all zeros) and of no render()
        module = importlib.import_module("pettingzoo.test")
        getattr(module, test)(env, num_cycles=100)
    env.close()


async def test_the_tutorials_loop_plays_one_own_seat(stage: Stage) -> None:
    agent, creds = await stage.agent()

    def loop() -> list[dict[str, list[Any]]]:
        env = pettingzoo.aec_env("tictactoe", creds, timeout_s=20)
        try:
            return [tutorial(env) for _ in range(2)]
        finally:
            env.close()

    played = await asyncio.to_thread(loop)
    for totals, match in zip(played, matches_of(stage, agent), strict=True):
        (reward, info) = totals["player_0"]
        assert info["match"] == match
        assert reward == info["scores"][info["seat"]]
    assert not [fault for match in matches_of(stage, agent) for fault in stage.log.of(Faulted, match)]


async def test_a_ranked_match_against_a_house_bot(stage: Stage) -> None:
    agent, creds = await stage.agent()

    def loop() -> dict[str, list[Any]]:
        env = pettingzoo.aec_env(HOUSE_GAME, creds)
        try:
            return tutorial(env)
        finally:
            env.close()

    totals = await asyncio.to_thread(loop)
    (match,) = matches_of(stage, agent)
    assert totals["player_0"][1]["match"] == match
    assert stage.log.of(Created, match)[0].rated
    assert not stage.log.of(Faulted, match)


async def test_several_own_agents_meet_in_one_loop(stage: Stage) -> None:
    (one, first), (other, second) = await stage.agent("owner"), await stage.agent("owner")

    def loop() -> dict[str, list[Any]]:
        env = pettingzoo.aec_env("connect_four", [first, second], timeout_s=20)
        try:
            return tutorial(env)
        finally:
            env.close()

    totals = await asyncio.to_thread(loop)
    assert totals.keys() == {"player_0", "player_1"}
    for reward, info in totals.values():
        assert reward == info["scores"][info["seat"]]
    assert matches_of(stage, one)
    assert matches_of(stage, other)


@pytest.mark.parametrize("game", ["lowest_unique", "mpe_adversary"])
async def test_all_seats_of_a_game_in_one_loop(stage: Stage, game: str) -> None:
    """Four seats that see maps of arrays; three of which one sees less than the others."""
    own = [await stage.agent("everybody") for _ in range(load_catalogue()[game].seats)]

    def loop() -> list[dict[str, Any]]:
        env = pettingzoo.aec_env(game, [creds for _, creds in own], timeout_s=20)
        env.reset()
        ends = []
        for agent in env.agent_iter():
            observation, _, termination, truncation, info = env.last()
            assert env.observation_space(agent).contains(observation)
            env.step(None if termination or truncation else env.action_space(agent).sample())
            ends += [info] if termination else []
        env.close()
        return ends

    ends = await asyncio.to_thread(loop)
    (match,) = matches_of(stage, own[0][0])
    assert sorted((info["match"], info["seat"]) for info in ends) == [(match, seat) for seat in range(len(own))]


@pytest.mark.parametrize("several", [1, 2])
async def test_it_passes_pettingzoos_own_test(stage: Stage, several: int) -> None:
    own = [(await stage.agent("tester"))[1] for _ in range(several)]
    await asyncio.to_thread(lambda: check(pettingzoo.aec_env("tictactoe", own), "api_test"))


@pytest.mark.parametrize("several", [1, 2])
async def test_the_parallel_form_passes_pettingzoos_own_test(stage: Stage, several: int) -> None:
    own = [(await stage.agent("tester"))[1] for _ in range(several)]
    await asyncio.to_thread(lambda: check(pettingzoo.parallel_env("rock_paper_scissors", own), "parallel_api_test"))
