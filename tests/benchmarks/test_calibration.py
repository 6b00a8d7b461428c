import pytest

from arena.core.calibration import Prediction, calibration
from arena.store.rated_matches import RatedMatch
from benchmarks.calibration import by_game, by_prediction, simulated
from benchmarks.populations import POPULATIONS, Population, library, ours, simulate

EACH = 44


def test_the_same_seed_gives_the_same_figures_and_another_one_others() -> None:
    found = [simulate(POPULATIONS[0], EACH, ours, seed) for seed in (1, 1, 2)]
    assert found[0] == found[1] != found[2]


def test_ratings_are_nearer_to_the_skills_than_with_the_librarys_own_parameters() -> None:
    own, other = (simulate(POPULATIONS[0], EACH, how, seed=1) for how in (ours, library))
    assert own.distance < other.distance < POPULATIONS[0].spread
    assert own.brier_knowing < own.predicted.brier < 0.25
    assert own.predicted.matches == EACH * 20
    assert own.predicted.low < own.predicted.predicted < own.predicted.high


@pytest.mark.parametrize("population", POPULATIONS, ids=lambda population: population.name)
def test_who_knows_the_skills_predicts_best(population: Population) -> None:
    """So results are drawn by the skills, in teams and with draws too."""
    found = simulate(population, EACH, ours, seed=3)
    assert found.brier_knowing < found.predicted.brier + 0.01
    assert 0.5 < found.covered <= 1


def test_figures_become_tables_of_as_many_columns_as_heads() -> None:
    match = RatedMatch(
        match="m", game="chess", mu=[30.0, 20.0], sigma=[1.0, 1.0], placements=[1, 2], teams=[None, None], before=20
    )
    new = RatedMatch(
        match="n", game="go", mu=[25.0, 20.0], sigma=[8.0, 8.0], placements=[1, 2], teams=[None, None], before=0
    )
    found = simulate(POPULATIONS[0], EACH, ours, seed=1)
    right = calibration([Prediction(0.7, 1.0)])
    assert right is not None
    for lines in (by_game([match, new]), by_prediction(right), simulated([("alike", found, found)])):
        assert len({line.count("|") for line in lines}) == 1, lines
    assert [line.split(" | ")[0] for line in by_game([match, new])[2:]] == ["| chess", "| go", "| all"]
