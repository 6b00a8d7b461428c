import pytest

from arena.core.standings import outcomes


@pytest.mark.parametrize(
    ("placements", "expected"),
    [
        ([1, 2], ["won", "lost"]),
        ([2, 1], ["lost", "won"]),
        ([1, 1], ["drawn", "drawn"]),
        ([1, 1, 3], ["drawn", "drawn", "lost"]),
        ([2, 1, 2, 4], ["lost", "won", "lost", "lost"]),
    ],
)
def test_first_alone_wins_first_together_draws(placements: list[int], expected: list[str]) -> None:
    assert outcomes(placements) == expected
