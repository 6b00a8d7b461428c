import msgspec
import numpy as np
import pytest

from arena.games import load_catalogue
from arena.games.admission import examine
from arena.games.lowest_unique import parallel_env


def test_pettingzoos_own_test() -> None:
    arguments = {"players": 5, "numbers": 4, "rounds": 3}
    found = examine(msgspec.structs.replace(load_catalogue()["lowest_unique"], arguments=arguments, seats=5))
    assert (found.error, found.api, found.warnings) == ("", "", [])


@pytest.mark.parametrize(
    ("picks", "winner"),
    [
        ((1, 1, 2, 3), 2),
        ((1, 1, 1, 6), 3),
        ((2, 2, 3, 3), None),
        ((4, 4, 4, 4), None),
        ((6, 5, 4, 3), 3),
        ((1, 2, 3, 4), 0),
    ],
)
def test_the_lowest_number_that_is_unique_wins(picks: tuple[int, ...], winner: int | None) -> None:
    environment = load_catalogue()["lowest_unique"].make()
    environment.reset(0)
    rewards = environment.step({seat: environment.check(seat, pick) for seat, pick in enumerate(picks)})
    assert rewards == [float(seat == winner) for seat in range(4)]
    assert environment.scores == rewards


def test_every_seat_sees_itself_first() -> None:
    environment = load_catalogue()["lowest_unique"].make()
    environment.reset(0)
    environment.step({0: 1, 1: 2, 2: 3, 3: 3})
    for seat, last in enumerate([[1, 2, 3, 3], [2, 3, 3, 1], [3, 3, 1, 2], [3, 1, 2, 3]]):
        seen = environment.view(seat).observation
        assert seen["last"].tolist() == last
        assert seen["scores"][-seat].item() == 1
        assert [int(np.flatnonzero(row)[0]) + 1 for row in seen["counts"]] == last
        assert seen["round"].tolist() == [1]


def test_it_ends_after_its_rounds() -> None:
    environment = load_catalogue()["lowest_unique"].make()
    environment.reset(0)
    for _ in range(20):
        assert environment.to_act == (0, 1, 2, 3)
        environment.step({0: 1, 1: 2, 2: 3, 3: 4})
    assert environment.over
    assert environment.scores == [20.0, 0.0, 0.0, 0.0]


def test_too_few_players() -> None:
    with pytest.raises(ValueError, match="expected players >= 3"):
        parallel_env(players=2)
