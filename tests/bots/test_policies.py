import time
from collections.abc import Sequence
from types import SimpleNamespace

import msgspec
import pytest

from arena.bots import GUESTS, HOUSE, POLICIES, Policy
from arena.games import Environment, load_catalogue
from arena.wire import codec
from arena.wire.registry import EVERY_GAME

CATALOGUE = load_catalogue()
# Matches, and what the stronger bot must make of them on average: its score less that of the best other seat, or,
# where the game is ranked by score, less the random bot's.
ENOUGH = {
    "tictactoe": (40, 0.5),
    "connect_four": (40, 1.8),
    "leduc_holdem": (300, 0.8),
    "texas_holdem": (200, 1.0),
    "texas_holdem_4": (200, 0.5),
    "texas_holdem_no_limit": (200, 8.0),
    "hanabi": (20, 14.0),
    "go_9x9": (20, 1.8),
    "chess": (4, 1.4),
    "lowest_unique": (40, 4.0),
    "cartpole": (10, 400.0),
    "taxi": (40, 500.0),
}
MOVE_MS_MEAN = {"chess": 40.0}  # of CPU time
MOVE_MS_MEAN_ELSE = 10.0


def play(
    environment: Environment, policies: Sequence[Policy], seed: int, times_s: dict[Policy, list[float]]
) -> list[float]:
    environment.reset(seed)
    ply = 0
    while not environment.over:
        actions = {}
        for seat in environment.to_act:
            view, policy = environment.view(seat), policies[seat]
            # Odd seats get what JSON makes of arrays: nested lists.
            observation = msgspec.json.decode(codec.encode_json(view.observation)) if seat % 2 else view.observation
            turn = SimpleNamespace(observation=observation, legal=view.legal, match=str(seed), ply=ply, seat=seat)
            begun_s = time.thread_time()
            action = policy(turn)
            times_s.setdefault(policy, []).append(time.thread_time() - begun_s)
            actions[seat] = environment.check(
                seat, codec.JSON.action(codec.encode_json({"ply": 0, "action": action})).action
            )
        environment.step(actions)
        ply += 1
    return list(environment.scores)


def margin(game: str, strong: str, weak: str, matches: int) -> tuple[float, float]:
    """The mean margin of the stronger bot, seats taking turns, and its mean time for a move in milliseconds."""
    row = CATALOGUE[game]
    environment = row.make()
    best, other = POLICIES[game][strong](1), POLICIES[game][weak](2)
    times_s: dict[Policy, list[float]] = {}
    total = 0.0
    for seed in range(matches):
        own = seed % row.seats
        if row.rating == "score":
            scores = play(environment, [best] * row.seats, seed, times_s)
            total += scores[own] - play(environment, [other] * row.seats, seed, times_s)[own]
        else:
            scores = play(environment, [best if seat == own else other for seat in range(row.seats)], seed, times_s)
            total += scores.pop(own) - max(scores)
    environment.close()
    return total / matches, sum(times_s[best]) / len(times_s[best]) * 1000


def test_games_with_bots_of_their_own_have_a_random_and_a_stronger_one() -> None:
    assert set(POLICIES) < set(CATALOGUE)
    assert all("random" in bots and len(bots) >= max(2, CATALOGUE[game].seats) for game, bots in POLICIES.items())


def test_there_are_guests_enough_for_every_newcomer() -> None:
    assert len(GUESTS) >= max(row.seats for row in CATALOGUE.values()) - 1
    assert set(HOUSE) == {*POLICIES, EVERY_GAME}


@pytest.mark.parametrize("game", ENOUGH)
def test_the_stronger_bot_beats_the_random_one(game: str) -> None:
    matches, enough = ENOUGH[game]
    _, strong, *_ = POLICIES[game]
    mean, move_ms = margin(game, strong, "random", matches)
    assert mean >= enough
    assert move_ms <= MOVE_MS_MEAN.get(game, MOVE_MS_MEAN_ELSE)


def test_rock_paper_scissors() -> None:
    beaten, _ = margin("rock_paper_scissors", "predictor", "cycle", 20)
    assert beaten > 20
    level, _ = margin("rock_paper_scissors", "predictor", "random", 100)  # nothing beats random play, nor loses to it
    assert abs(level) < 3


@pytest.mark.parametrize("game", POLICIES)
def test_two_of_a_kind_play_to_the_end(game: str) -> None:
    for name, factory in POLICIES[game].items():
        policies = [factory(seat) for seat in range(CATALOGUE[game].seats)]
        if name == "searcher":  # two searchers are slow; one against its random colleague is as good a test
            policies[1] = POLICIES[game]["random"](1)
        environment = CATALOGUE[game].make()
        play(environment, policies, 5, {})
        assert environment.over


@pytest.mark.parametrize("game", [game for game in POLICIES if game != "chess"])  # two whole games of chess are long
def test_a_seed_makes_a_bot_predictable(game: str) -> None:
    for factory in POLICIES[game].values():
        environment = CATALOGUE[game].make()
        scores = [play(environment, [factory(3)] * CATALOGUE[game].seats, 9, {}) for _ in range(2)]
        assert scores[0] == scores[1]
