import re
from pathlib import Path

import msgspec
import pytest

from arena.core.match import TRANSITIONS
from arena.games import load_catalogue
from arena.settings import Settings
from tools import pages


def test_the_pages_are_as_generated() -> None:
    assert pages.drift() == [], "run `make docs`"


def test_drift_is_named_and_mended(tmp_path: Path) -> None:
    for name in pages.PAGES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text((pages.ROOT / name).read_text())
    assert pages.drift(tmp_path) == []
    page = tmp_path / "docs" / "operations.md"
    page.write_text(page.read_text().replace("`ARENA_API_PORT` | `8000`", "`ARENA_API_PORT` | `80`"))
    assert [line.partition(":")[0] for line in pages.drift(tmp_path)] == ["docs/operations.md"]
    pages.write(tmp_path)
    assert pages.drift(tmp_path) == []


def test_what_stands_outside_the_marks_is_left_alone() -> None:
    page = "before\n<!-- layers: make docs -->\nold\n<!-- end -->\nafter\n"
    renewed = pages.renewed(page)
    assert renewed.startswith("before\n<!-- layers: make docs -->\n```\n__main__\n")
    assert renewed.endswith("\nwire\n```\n<!-- end -->\nafter\n")
    with pytest.raises(KeyError):
        pages.renewed("<!-- nothing: make docs -->\n<!-- end -->")


def test_every_page_has_its_parts() -> None:
    text = "".join((pages.ROOT / name).read_text() for name in pages.PAGES)
    assert all(f"<!-- {block}: make docs -->" in text for block in pages.BLOCKS)


def test_the_parts_are_whole() -> None:
    for field in msgspec.structs.fields(Settings):
        assert pages.settings().count(f"| `ARENA_{field.name.upper()}` |") == 1
    for (before, event), after in TRANSITIONS.items():
        assert f"    {before or '[*]'} --> {after}: {event.__name__.lower()}" in pages.match_states()
    assert sorted(re.findall(r"`(\w+)`", pages.games())) == sorted(load_catalogue())
