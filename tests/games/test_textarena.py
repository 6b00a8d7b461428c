"""TextArena's games behind our environment: chance of their own, and an end whatever is said."""

import random

import pytest

from arena.games import Game, load_catalogue
from arena.games.textarena import MISTAKES_MAX, SEEN_CHARS_MAX, env

TALKS = [row for row in load_catalogue().values() if row.environment.startswith("arena.games.textarena:")]


@pytest.mark.parametrize("row", TALKS, ids=[row.name for row in TALKS])
def test_a_game_ends_whatever_is_said(row: Game) -> None:
    environment = row.make()
    environment.reset(3)
    for _ in range(row.plies_max):
        if not environment.over:
            environment.step(dict.fromkeys(environment.to_act, "no idea"))
    assert environment.over
    environment.close()


def test_what_is_not_understood_is_told_and_then_replaced() -> None:
    talk = env("LiarsDice", 3, num_dice=1)
    talk.reset(seed=1)
    first = talk.agent_selection
    for _ in range(MISTAKES_MAX - 1):
        talk.step("hm")
        assert talk.agent_selection == first
        assert "invalid move" in talk.observe(first)
    talk.step("hm")
    assert talk.agent_selection != first
    assert "bids 1 of face" in talk.observe(first)


def test_a_match_has_chance_of_its_own() -> None:
    one, other = env("LiarsDice", 2, num_dice=5), env("LiarsDice", 2, num_dice=5)
    random.seed(4)
    before = random.getstate()
    one.reset(seed=7)
    other.reset(seed=8)
    assert random.getstate() == before
    assert one.observe("player_0") != other.observe("player_0")
    other.reset(seed=7)
    assert one.observe("player_0") == other.observe("player_0")


def test_only_who_is_told_something_sees_it() -> None:
    talk = env("SecretMafia", 6, discussion_rounds=1)
    talk.reset(seed=1)
    asked = [agent for agent in talk.agents if "Night has fallen" in talk.observe(agent)]
    assert 0 < len(asked) < 6
    told = [to for speaker, to, text in talk.transcript if text.startswith("Night has fallen")]
    assert told == [tuple(talk.agents.index(agent) for agent in asked)]


def test_a_long_conversation_keeps_its_rules_and_its_end() -> None:
    talk = env("IteratedPrisonersDilemma", 2, num_rounds=35, communication_turns=1)
    talk.reset(seed=1)
    while talk.agents and not talk.terminations[talk.agent_selection]:
        talk.step(talk.agent_selection + "x" * 1_900)
    seen = talk.observe("player_0")
    assert len(seen) <= SEEN_CHARS_MAX
    assert seen.startswith("[GAME] You are Player 0")
    assert "\n...\n" in seen
    assert talk.observation_space("player_0").contains(seen)
