"""Room is shared fairly: between games by max-min, between owners by what they have running."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from arena.core.sharing import Demand, in_turn, shares

DEMANDS = st.dictionaries(
    st.sampled_from([f"game{number}" for number in range(8)]),
    st.builds(Demand, st.integers(0, 40), st.integers(0, 60), st.integers(0, 3)),
)
OWNERS = st.lists(st.frozensets(st.sampled_from("abcdef"), max_size=4), max_size=30)


@given(st.integers(-3, 200), DEMANDS)
def test_room_is_used_up_and_never_exceeded(room: int, demands: dict[str, Demand]) -> None:
    given_ = shares(room, demands)
    assert given_.keys() == demands.keys()
    assert all(0 <= given_[game] <= demand.wanted for game, demand in demands.items())
    assert sum(given_.values()) == min(max(room, 0), sum(demand.wanted for demand in demands.values()))


@given(st.integers(0, 200), DEMANDS)
def test_nobody_is_raised_above_a_game_that_wants_more(room: int, demands: dict[str, Demand]) -> None:
    given_ = shares(room, demands)
    held = {game: demand.running + given_[game] for game, demand in demands.items()}
    for poor, demand in demands.items():
        if given_[poor] < demand.wanted:
            assert all(held[rich] <= held[poor] + 1 for rich in demands if given_[rich])


@given(st.integers(0, 200), DEMANDS, st.randoms(use_true_random=False))
def test_the_order_of_games_changes_nothing(room: int, demands: dict[str, Demand], random: Random) -> None:
    games = list(demands)
    random.shuffle(games)
    assert shares(room, {game: demands[game] for game in games}) == shares(room, demands)


@given(st.integers(1, 4), st.integers(2, 9), st.lists(st.integers(0, 5), min_size=1), st.data())
def test_a_game_without_a_match_gets_one_within_bounded_waves(
    room: int, games: int, lasting: list[int], data: st.DataObject
) -> None:
    served: dict[str, int] = {}
    running: dict[str, list[int]] = {f"game{number}": [] for number in range(games)}
    without = dict.fromkeys(running, 0)
    for wave in range(1, 40):
        running = {game: [until for until in ends if until > wave] for game, ends in running.items()}
        wanted = {game: data.draw(st.integers(1, 3)) if wave < 4 else 3 for game in running}
        given_ = shares(room, {game: Demand(wanted[game], len(running[game]), served.get(game, 0)) for game in running})
        for game, count in given_.items():
            without[game] = 0 if count or running[game] else without[game] + 1
            assert without[game] < -(-games // room)
            if count:
                served[game] = wave
            running[game] += [wave + lasting[(wave + number) % len(lasting)] for number in range(count)]


def test_who_has_more_than_its_share_waits_for_its_own_matches_to_end() -> None:
    demands = {"busy": Demand(100, 90), "new": Demand(100, 0), "small": Demand(2, 0)}
    assert shares(10, demands) == {"busy": 0, "new": 8, "small": 2}
    assert shares(120, demands) == {"busy": 18, "new": 100, "small": 2}


@given(OWNERS, st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 5)), st.integers(0, 40))
def test_meetings_are_taken_once_and_the_least_served_owner_first(
    meetings: list[frozenset[str]], running: dict[str, int], room: int
) -> None:
    order = in_turn(meetings, running, room)
    assert len(order) == len(set(order)) == min(room, len(meetings))
    if order and meetings[order[0]]:
        fewest = min(running.get(owner, 0) for owners in meetings for owner in owners)
        assert min(running.get(owner, 0) for owner in meetings[order[0]]) == fewest


def test_one_owners_many_meetings_do_not_come_before_those_of_others() -> None:
    meetings = [{"many", "x"}] * 5 + [{"one", "x"}, {"two", "x"}, set()]
    assert in_turn(meetings, {}, 3) == [0, 5, 6]
    assert in_turn(meetings, {"many": 3}, 2) == [5, 6]
    assert in_turn(meetings, {"many": 3}, 8)[-1] == 7
