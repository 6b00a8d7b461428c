"""What the command measures, shows and writes."""

from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from benchmarks import page
from benchmarks.matchmaking import speed
from benchmarks.matchmaking.__main__ import FIGURES, markdown, measure
from benchmarks.matchmaking.tables import Scale, mean

SCALE = Scale(seed=1, waiting=(1_000, 2_000), quick=True)
DOCUMENT = Path(__file__).parents[2] / "docs" / "matchmaking.md"


def test_each_matcher_uses_a_ticket_once_and_the_blossom_finds_the_most() -> None:
    waiting = speed.tickets(60, 1)
    matched = {}
    for name, matcher in speed.MATCHERS.items():
        used = [slot.slot for slots in matcher(waiting) for slot in slots]
        assert len(used) == len(set(used))
        matched[name] = len(used)
    assert matched["blossom (NetworkX)"] == 60
    assert matched["greedy"] < 60
    assert matched["Arena"] >= 56


def test_the_growth_is_the_slope_between_logarithms() -> None:
    rows = [speed.Speed("x", count, 1e-6 * count**1.5, count, 0.0) for count in (1_000, 10_000)]
    assert speed.growth(*rows) == pytest.approx(1.5)
    assert rows[0].per_s == pytest.approx(1_000 / (1e-6 * 1_000**1.5))


def test_what_is_measured_is_shown_and_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(speed, "MATCHERS", {"greedy": speed.greedy})
    found = measure(["speed"], SCALE)["speed"]
    (table,) = speed.tables(found)
    assert len(table.rows) == 3
    assert table.rows[-1][-1]  # the growth
    console = Console(width=200, record=True)
    table.show(console)
    assert "tickets/s" in console.export_text()
    document = tmp_path / "page.md"
    document.write_text(f"before\n{page.mark('x')}\nold\n{page.END}\nafter\n")
    page.write(document, "x", markdown("speed", found, SCALE))
    text = document.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "| greedy | 2,000 |" in text
    assert "old" not in text
    with pytest.raises(ValueError, match="expected <!-- figures: y -->"):
        page.write(document, "y", "")


def test_the_page_has_a_place_for_every_figure() -> None:
    text = DOCUMENT.read_text()
    for figure in FIGURES:
        assert page.mark(f"python -m benchmarks.matchmaking --only {figure}") in text


def test_a_mean_comes_with_its_standard_error() -> None:
    assert mean([2.0]) == "2.0"
    assert mean([1.0, 3.0]) == "2.0 ± 1.0"
    assert msgspec.structs.replace(SCALE, quick=False).seeds(3) == range(1, 4)
    assert SCALE.seeds(3) == range(1, 2)
