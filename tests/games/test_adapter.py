import hashlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.core import digest
from arena.games import Environment, Game, Illegal, Malformed, Unplayable, load_catalogue
from arena.games.environment import People
from arena.games.replay import link
from arena.wire import codec
from tests.games.strange import game

CATALOGUE = load_catalogue()
# A few of every kind, at length; tests/games/test_every_game.py tries all, shortly.
AT_LENGTH = ["tictactoe", "connect_four", "rock_paper_scissors", "leduc_holdem", "texas_holdem", "texas_holdem_4"]
AT_LENGTH += ["texas_holdem_no_limit", "hanabi", "go_9x9", "chess", "lowest_unique", "cartpole", "taxi"]
AT_LENGTH += ["backgammon", "hearts", "goofspiel_3"]
ROWS = pytest.mark.parametrize("row", [CATALOGUE[name] for name in AT_LENGTH], ids=AT_LENGTH)


def episode(environment: Environment, seed: int, dice: bytes, plies: int = 10_000) -> tuple[str, list[list[float]]]:
    """Play by the dice; the digest chain and the rewards of each step."""
    environment.reset(seed)
    chain, rewards = digest.first("game", "0", seed, environment.seats), []
    while not environment.over and len(rewards) < plies:
        views = {seat: environment.view(seat) for seat in environment.to_act}
        salts = {seat: hashlib.sha256(dice + bytes([seat]) + chain).digest() for seat in views}
        actions = {seat: environment.substitute(seat, salt) for seat, salt in salts.items()}
        rewards.append(environment.step({seat: environment.check(seat, action) for seat, action in actions.items()}))
        written = {seat: codec.encode_json(action) for seat, action in actions.items()}
        chain = link(chain, len(rewards) - 1, views, written, rewards[-1])
    return chain.hex(), rewards


@ROWS
def test_whole_episodes(row: Game) -> None:
    one, other = row.make(), row.make()
    assert one.seats == row.seats
    chains = set()
    for seed in (0, 2**63 - 1):
        chain, rewards = episode(one, seed, b"dice")
        assert (chain, rewards) == episode(other, seed, b"dice")
        assert one.over
        assert one.to_act == ()
        assert one.scores == pytest.approx([sum(gained) for gained in zip(*rewards, strict=True)])
        assert all(type(gained) is float for gains in rewards for gained in gains)
        chains.add(chain)
    assert len(chains) == 2
    one.close()
    other.close()


@ROWS
def test_the_first_turn(row: Game) -> None:
    environment = row.make()
    environment.reset(7)
    assert not environment.over
    assert environment.scores == [0.0] * row.seats
    assert len(environment.to_act) == (row.seats if row.kind == "parallel" else 1)
    for seat in environment.to_act:
        view = environment.view(seat)
        assert environment.view(seat) is view
        for encoding in ("json", "msgpack"):
            assert 0 < len(codec.encode(view.observation, encoding)) < 64 * 1024
        for wrong in (None, "north", -7, 10**6, 0.5, True, float("nan"), [], {}):
            with pytest.raises((Malformed, Illegal)):
                environment.check(seat, wrong)
        for salt in (b"", b"1", b"2"):
            action = environment.substitute(seat, salt)
            assert environment.check(seat, action) == action
            assert environment.check(seat, float(action)) == action
            assert environment.check(seat, np.int16(action)) == action
        if view.legal is not None:
            assert view.legal == sorted(set(view.legal))
            illegal = set(range(max(view.legal))) - set(view.legal)
            for action in list(illegal)[:3]:
                with pytest.raises(Illegal, match="one of the legal actions"):
                    environment.check(seat, action)


@ROWS
@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 2**63 - 1), dice=st.binary(max_size=4))
def test_any_seed_and_any_actions_do_again_what_they_did(row: Game, seed: int, dice: bytes) -> None:
    environment = row.make()
    first = episode(environment, seed, dice, 20)
    episode(environment, seed + 1, b"", 3)
    assert episode(environment, seed, dice, 20) == first


def test_a_view_has_observation_and_legal_actions_apart() -> None:
    environment = CATALOGUE["connect_four"].make()
    environment.reset(0)
    for _ in range(6):
        assert environment.view(environment.to_act[0]).legal == [0, 1, 2, 3, 4, 5, 6]
        environment.step({environment.to_act[0]: 3})
    view = environment.view(0)
    assert view.observation.shape == (6, 7, 2)
    assert view.observation[:, 3, 0].tolist() == [0, 1, 0, 1, 0, 1]
    assert view.legal == [0, 1, 2, 4, 5, 6]
    with pytest.raises(Illegal, match="one of the legal actions 0, 1, 2, 4, 5, 6, not 3"):
        environment.check(0, 3)


def test_the_raw_bytes_tell_masks_apart() -> None:
    environment = game("Turns", "aec", 3).make()
    masked = game("Turns", "aec", 3, arguments={"mask_in_info": True}).make()
    environment.reset(0)
    masked.reset(0)
    assert environment.view(0).legal is None
    assert masked.view(0).legal == [2, 3]  # the space starts at 1
    assert environment.view(0).raw != masked.view(0).raw
    with pytest.raises(Illegal, match="one of the legal actions 2, 3, not 1"):
        masked.check(0, 1)
    with pytest.raises(Malformed, match="an integer from 1 to 3, not 0"):
        masked.check(0, 0)


@pytest.mark.parametrize(
    ("arguments", "scores"),
    [({}, [12.0, 11.0 - 10.0, 12.0]), ({"stale": True}, [12.0, 1.0, 12.0]), ({"late": True}, [12.0, 1.0, 17.0])],
)
def test_every_reward_counts_once_also_those_of_dead_steps(arguments: dict[str, bool], scores: list[float]) -> None:
    environment = game("Turns", "aec", 3, arguments=arguments).make()
    environment.reset(0)
    order = []
    while not environment.over:
        order += environment.to_act
        environment.step({environment.to_act[0]: 1})
    assert order == [0, 1, 2, 0, 2, 0]
    assert environment.scores == scores


def test_an_agent_that_does_not_die_is_no_endless_loop() -> None:
    environment = game("Turns", "aec", 3, arguments={"undying": True}).make()
    environment.reset(0)
    environment.step({0: 1})
    with pytest.raises(RuntimeError, match="agent player_1 is dead, but stays among the agents"):
        environment.step({1: 1})


def test_rewards_that_are_no_numbers_never_get_into_the_log() -> None:
    environment = game("Boundless", "parallel").make()
    environment.reset(0)
    with pytest.raises(ValueError, match=r"the environment gave the rewards \[nan, nan\]; expected finite numbers"):
        environment.step({0: 0, 1: 0})


def test_a_match_ends_at_its_last_ply() -> None:
    environment = game("Endless", "parallel", plies_max=7).make()
    _, rewards = episode(environment, 0, b"")
    assert len(rewards) == 7
    environment.reset(0)
    assert not environment.over


def test_wrappers_that_check_are_peeled_and_others_stay() -> None:
    from pettingzoo.utils.wrappers import BaseWrapper, OrderEnforcingWrapper

    from arena.games.aec import AEC, peeled

    class Doubling(BaseWrapper):
        """Changes what is played."""

    inner = CATALOGUE["connect_four"].bare()
    assert type(peeled(inner)) is type(inner.unwrapped)
    changed = OrderEnforcingWrapper(Doubling(inner))
    assert type(peeled(changed)) is Doubling
    environment = AEC(changed, 0, People())
    episode(environment, 0, b"")
    assert environment.over


def test_actions_of_every_kind() -> None:
    environment = game("Arm", "gymnasium", 1).make()
    environment.reset(0)
    view = environment.view(0)
    assert view.legal is None
    assert view.observation == {"ply": 0, "note": "begin"}
    data = np.full((2, 2), 0.25, "f4").tobytes()
    action: dict[str, Any] = {
        "reach": {"dtype": "f4", "shape": [2, 2], "data": data},
        "fingers": [1, 0, 1],
        "joints": [-1, [1, 4]],
        "word": "abc",
    }
    assert environment.step({0: environment.check(0, action)}) == [1.0]
    with pytest.raises(Malformed, match=r"a number from -1.0 to 1.0 at .reach\[1, 1\], not 2"):
        environment.check(0, {**action, "reach": [[0, 0], [0, 2]]})
    while not environment.over:
        environment.step({0: environment.check(0, environment.substitute(0, b"salt"))})
    assert len(environment.scores) == 1


@pytest.mark.parametrize("kind", ["aec", "parallel"])
def test_an_environment_without_possible_agents(kind: str) -> None:
    row = game("Arm", kind, 1)
    with pytest.raises(Unplayable, match="needs possible_agents"):
        row.make()


def test_positions_without_a_renderer() -> None:
    environment = game("Turns", "aec", 3).make()
    environment.reset(0)
    assert environment.render() == "turn 0 of 6"
    environment = game("Endless", "parallel").make()
    environment.reset(5)
    assert environment.render() == "player_0: 5\nplayer_1: 5\nscores: [0.0, 0.0]"
