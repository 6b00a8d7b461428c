"""The peers pair who is free, once each, as their ideas say."""

from itertools import combinations

import numpy as np
import pytest

from benchmarks.matchmaking.beliefs import OpenSkill
from benchmarks.matchmaking.ladder import Ladder
from benchmarks.matchmaking.learning import ENTRIES, Entry
from benchmarks.matchmaking.order import Floats
from benchmarks.matchmaking.peers import Cgos, Halite, Lila, Nearest, TrueSkill, mutual_best, quality_of
from benchmarks.matchmaking.population import Habits, Population
from benchmarks.matchmaking.queues import FafQueue, LilaQueue


def ladder(agents: int, mu: list[float] | None = None, sigma: float = 1.5) -> Ladder:
    """Agents who are known."""
    made = Ladder(Population(agents, 1, Habits(slow_share=0.0, crash_share=0.0)), OpenSkill(agents))
    made.belief.mu[:] = mu or made.population.skill
    made.belief.sigma[:] = sigma
    return made


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_whoever_is_free_plays_once_and_no_more_than_there_is_room(entry: Entry) -> None:
    many, peer, rng = ladder(61), entry.peer(), np.random.default_rng(1)
    for capacity in (1000, 7, 1000):
        many.capacity = capacity
        free = np.flatnonzero(many.free_s <= many.now_s)
        room = min(capacity - len(many.running.split(many.now_s)[1]), len(free) // 2)
        pairs = many.wave(peer, rng)
        assert len(pairs) <= room
        assert len(np.unique(pairs)) == 2 * len(pairs)
        assert set(pairs.ravel()) <= set(free)
    assert many.begun > 30


def test_nearest_rating_pairs_neighbours() -> None:
    pairs = Nearest().pairs(ladder(4, [1.0, 30, 2, 31]), np.arange(4), 2, np.random.default_rng(1))
    assert {frozenset(pair) for pair in pairs.tolist()} == {frozenset({0, 2}), frozenset({1, 3})}


def all_matchings(agents: list[int]) -> list[list[tuple[int, int]]]:
    """Every set of disjoint pairs."""
    if len(agents) < 2:
        return [[]]
    first, *rest = agents
    found = all_matchings(rest)
    for other in rest:
        left = [agent for agent in rest if agent != other]
        found += [[(first, other), *more] for more in all_matchings(left)]
    return found


@pytest.mark.parametrize("seed", range(6))
def test_the_pool_of_lila_matches_as_many_as_may_meet_at_the_least_cost(seed: int) -> None:
    rng = np.random.default_rng(seed)
    elo, misses = rng.integers(1300, 1700, 7).tolist(), rng.integers(0, 6, 7).tolist()

    def cost(one: int, other: int) -> float:
        found = abs(elo[one] - elo[other]) - 12 * min(misses[one], misses[other])
        lower = min(elo[one], elo[other])
        return found if found <= (100 if lower < 1500 else lower // 15) else np.inf

    allowed = [it for it in all_matchings(list(range(7))) if all(cost(*pair) < np.inf for pair in it)]
    most = max(map(len, allowed))
    least = min(sum(cost(*pair) for pair in it) for it in allowed if len(it) == most)
    found = Lila().matched(elo, [False] * 7, misses)
    assert len(found) == most
    assert sum(cost(*pair) for pair in found) == least


def test_a_pool_of_lila_has_a_wave_at_once_when_it_is_full_and_misses_widen_it() -> None:
    many, queue, rng = ladder(30, [25.0] * 29 + [32.0]), LilaQueue(), np.random.default_rng(1)
    assert [queue.came(agent) for agent in range(30)] == [False] * 29 + [True]
    pairs = queue.wave(many, np.arange(30), rng)
    assert len(pairs) == 14
    assert 12.0 <= queue.next_s <= 13.0
    (other,) = set(range(29)) - set(pairs.ravel().tolist())
    waves = 1
    while not len(pairs := queue.wave(many, np.array([other, 29]), rng)):
        waves += 1
    assert {*pairs[0].tolist()} == {other, 29}
    assert waves == 9  # 7 units of mu are 206 points of Elo, 106 above the limit: nine waves missed before


def test_a_round_of_cgos_begins_when_the_last_game_is_over() -> None:
    many, peer, rng = ladder(20), Cgos(), np.random.default_rng(1)
    many.population.slow[0] = True
    rounds = [len(many.wave(peer, rng)) for _ in range(8)]
    assert rounds[0] == 10
    waves_of_the_slow = next(number for number, size in enumerate(rounds[1:], 1) if size)
    assert 2 <= waves_of_the_slow <= 5
    many.population.slow[0] = False


def test_two_of_cgos_take_the_first_seat_in_turn() -> None:
    two, peer, rng = ladder(2), Cgos(), np.random.default_rng(1)
    for _ in range(10):
        two.wave(peer, rng)
    assert two.seats.tolist() == [[5, 5], [5, 5]]


def test_a_seed_of_halite_has_few_games_and_its_opponent_is_near() -> None:
    many, rng = ladder(200, [float(number) for number in range(200)]), np.random.default_rng(1)
    many.games[:] = 500
    many.games[[50, 51, 52]] = 1
    gaps, rare = [], 0
    for _ in range(100):
        ((one, other),) = Halite().pairs(many, np.arange(200), 1, rng)
        rare += bool({one, other} & {50, 51, 52})
        gaps.append(abs(one - other))
    assert rare > 20  # by chance: 3
    assert np.median(gaps) <= 10
    assert max(gaps) <= 100


def greedy(quality: Floats) -> set[tuple[int, int]]:
    edges = sorted(combinations(range(len(quality)), 2), key=lambda edge: -quality[edge])
    found: set[tuple[int, int]] = set()
    for one, other in edges:
        if np.isfinite(quality[one, other]) and not {one, other} & {agent for pair in found for agent in pair}:
            found.add((one, other))
    return found


def test_the_best_of_each_other_again_and_again_are_the_greedy_matching() -> None:
    rng = np.random.default_rng(1)
    for size in (0, 1, 2, 9, 30):
        quality = rng.random((size, size))
        quality = np.where(quality + quality.T > 0.7, quality + quality.T, -np.inf)
        np.fill_diagonal(quality, -np.inf)
        assert {tuple(sorted(pair)) for pair in mutual_best(quality).tolist()} == greedy(quality)


def test_the_quality_of_trueskill_prefers_the_near_and_the_known() -> None:
    pairs = TrueSkill().pairs(ladder(4, [20.0, 30.0, 20.5, 30.5]), np.arange(4), 2, np.random.default_rng(1))
    assert {frozenset(pair) for pair in pairs.tolist()} == {frozenset({0, 2}), frozenset({1, 3})}
    mu, sure, unsure = np.array([25.0]), np.array([1.0]), np.array([8.0])
    assert quality_of(mu, sure, mu, sure) > quality_of(mu, unsure, mu, sure) > quality_of(mu, unsure, mu + 9, sure)


def test_the_queue_of_faf_accepts_less_with_each_pop_but_not_anything() -> None:
    rng = np.random.default_rng(1)

    def pops(gap: float) -> int:
        two, queue = ladder(2, [25.0, 25 + gap]), FafQueue()
        queue.came(0)
        queue.came(1)
        for number in range(20):
            two.now_s = queue.next_s
            if len(queue.wave(two, np.arange(2), rng)):
                return number
        return -1

    assert pops(1.0) == 0
    assert 0 < pops(5.0) <= 5
    assert pops(12.0) == -1
