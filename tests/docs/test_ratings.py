"""docs/ratings.md: what it says of points and percents is what the code does."""

import re
from pathlib import Path

import pytest

from arena.core.rating import BETA, MU, SIGMA, STALE_MS, TAU, VERSION_SIGMA, Rating, believed, expected

PAGE = (Path(__file__).parent.parent.parent / "docs" / "ratings.md").read_text()
ROW = re.compile(r"^\| (\d+) \| ([\d.]+) % \| ([\d.]+) % \| ([\d.]+) % \| ([\d.]+) % \|$", re.MULTILINE)
ROWS = [tuple(map(float, row)) for row in ROW.findall(PAGE)]
DAY_MS = 24 * 3_600_000


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]:.0f} points")
def test_a_difference_means_what_the_page_says(row: tuple[float, ...]) -> None:
    points, *percents = row
    for sigma, percent in zip((0.0, 1.0, 2.0, SIGMA), percents, strict=True):
        ahead, behind = (Rating(mu=mu, sigma=sigma) for mu in (MU + points, MU))
        assert 100 * expected([ahead, behind])[0] == pytest.approx(percent, abs=0.051)


def test_parameters_and_widening_are_those_of_the_page() -> None:
    assert len(ROWS) == 10
    assert (MU, SIGMA, BETA, TAU) == (25, 25 / 3, 25 / 6, 25 / 600)
    assert (VERSION_SIGMA, STALE_MS) == (25 / 6, 90 * DAY_MS)
    sure = Rating(mu=31.0, sigma=1.0, played=50, version=1, rated_ms=DAY_MS)
    after = {days: believed("openskill", sure, 1, (1 + days) * DAY_MS).sigma for days in (7, 90, 365)}
    assert after == pytest.approx({7: 1.5, 90: 4.3, 365: SIGMA}, abs=0.06)
