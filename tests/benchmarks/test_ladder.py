"""What a ladder counts, and that the order becomes right."""

import numpy as np
import pytest

from benchmarks.matchmaking import arrivals, fairness, learning
from benchmarks.matchmaking.beliefs import OpenSkill
from benchmarks.matchmaking.ladder import ALL, Ladder
from benchmarks.matchmaking.learning import ENTRIES, Entry, arrive, learn
from benchmarks.matchmaking.peers import Random
from benchmarks.matchmaking.population import Habits, Population
from benchmarks.matchmaking.queues import ArenaQueue
from benchmarks.matchmaking.tables import quick

ARENA = ENTRIES[-1]
RANDOM = Entry("random", Random)


def played(habits: Habits, waves: int = 20, capacity: int = ALL) -> Ladder:
    ladder, rng = Ladder(Population(40, 3, habits), OpenSkill(40), capacity), np.random.default_rng(1)
    for _ in range(waves):
        ladder.wave(Random(), rng)
        assert len(ladder.running) <= capacity
    return ladder


def test_quick_agents_play_in_every_wave_and_all_of_it_is_counted() -> None:
    ladder = played(Habits(slow_share=0.0, crash_share=0.0))
    assert ladder.begun == 20 * 20
    assert ladder.games.tolist() == [19] * 40  # those of the last wave still run
    assert ladder.seats.sum() == 2 * ladder.begun
    assert (ladder.recent >= 0).all()
    assert 0 < ladder.longest_wait_s.max() <= 7.0


def test_slow_agents_play_less_and_what_crashes_counts_for_nobody() -> None:
    slow = played(Habits(slow_share=1.0, crash_share=0.0))
    assert 3 <= slow.games.mean() <= 8
    crashed = played(Habits(slow_share=0.0, crash_share=1.0), waves=60)
    assert crashed.begun == 2 * 20  # back after five minutes
    assert crashed.games.sum() == 0
    assert (crashed.belief.mu == 25).all()


def test_no_more_matches_run_than_there_is_room_for() -> None:
    ladder = played(Habits(), capacity=5)
    assert ladder.begun <= 5 * 20
    assert ladder.longest_wait_s.max() > 10


def test_the_stronger_wins_as_often_as_the_normal_distribution_says() -> None:
    population = Population(2, 1, Habits())
    population.skill[:] = 25 + 25 / 6, 25
    score = population.play(np.zeros(40_000, int), np.ones(40_000, int), np.random.default_rng(1))
    assert np.mean(score == 1) == pytest.approx(0.720, abs=0.01)  # 1 - Phi((0.74 - 25/6) / (sqrt 2 25/6))
    assert np.mean(score == 0.5) == pytest.approx(0.077, abs=0.01)


def test_the_order_becomes_right_and_the_same_seed_gives_the_same_figures() -> None:
    first = learn(RANDOM, 7, 60)
    assert first.tau >= 0.9
    assert 5 < first.games < 150
    assert learn(RANDOM, 7, 60) == first
    assert learn(RANDOM, 8, 60) != first


def test_newcomers_come_to_a_ladder_that_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "WARM_UP_WAVES", 60)
    found = arrive(RANDOM, 7, 60)
    assert found.tau >= 0.9
    assert 2 < found.games < 150
    assert found.minutes > 0


def test_how_all_are_treated_by_the_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "WARM_UP_WAVES", 30)
    monkeypatch.setattr(fairness, "WAVES", 10)
    found = fairness.treat(ARENA, 9, 20, ALL)
    assert found.games > 5
    assert found.seats_max <= 3
    assert found.rematches < 0.5


def test_agents_that_come_one_by_one_wait_and_are_matched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "WARM_UP_WAVES", 10)
    found = arrivals.simulate(ArenaQueue(5.0), 60, 0.5, 11)
    assert 0 < found.p50_s < found.p99_s < 30
    assert found.gap > 0


def test_more_come_by_day_than_by_night() -> None:
    times = arrivals.times(10_000, 100.0, np.random.default_rng(1))
    assert len(times) == pytest.approx(10_000, rel=0.05)
    assert (times[1:] >= times[:-1]).all()
    assert 2 < np.mean(times > 50) / np.mean(times < 50) < 4


@pytest.mark.parametrize("figure", [learning, arrivals, fairness], ids=lambda figure: figure.__name__)
def test_every_run_has_a_name_of_its_own(figure: object) -> None:
    labels = [run.label for run in figure.runs(quick(1))]  # type: ignore[attr-defined]
    assert len(set(labels)) == len(labels) > 2
