import msgspec

from arena.games import load_catalogue
from arena.games.admission import examine
from tests.games.test_adapter import episode


def test_pettingzoos_own_test() -> None:
    found = examine(msgspec.structs.replace(load_catalogue()["go_9x9"], arguments={"board_size": 5}))
    assert (found.error, found.api) == ("", "")


def test_boards_of_two_sizes_in_one_process() -> None:
    small = load_catalogue()["go_9x9"]
    large = msgspec.structs.replace(small, arguments={"board_size": 13}).make()
    alone = episode(small.make(), 1, b"dice", 40)
    one = small.make()
    one.reset(1)
    large.reset(1)
    for move in (0, 80, 40):
        one.step({one.to_act[0]: move})
        large.step({large.to_act[0]: 168 - move})
    assert one.render().count("X") + one.render().count("O") >= 3
    assert large.view(large.to_act[0]).observation.shape == (13, 13, 17)
    assert episode(one, 1, b"dice", 40) == alone


def test_it_ends_without_two_passes() -> None:
    environment = msgspec.structs.replace(load_catalogue()["go_9x9"], arguments={"board_size": 3, "komi": 0.5}).make()
    environment.reset(0)
    plies = 0
    while not environment.over:
        legal = environment.view(environment.to_act[0]).legal or []
        environment.step({environment.to_act[0]: legal[0]})  # a stone wherever one can be played
        plies += 1
    assert plies == 27
    assert sorted(environment.scores) == [-1.0, 1.0]
