from arena_nim.game import env
from pettingzoo.test import api_test


def test_the_interface() -> None:
    api_test(env())


def test_who_takes_the_last_one_wins() -> None:
    game = env(heaps=1, largest=3)
    game.reset(seed=0)
    (left,) = game.heaps
    game.step(left - 1)
    assert game.rewards == {"player_0": 1.0, "player_1": -1.0}
