from pathlib import Path

from tools import __main__ as generate
from tools import games_page, subject_table


def test_the_committed_files_are_what_is_generated() -> None:
    assert generate.drift() == [], "run `make docs`"


def test_drift_is_named(tmp_path: Path) -> None:
    generate.write(tmp_path)
    assert generate.drift(tmp_path) == []

    (tmp_path / "subjects.md").write_text("something else")
    schemas = tmp_path / generate.PROTOCOL / "schemas"
    (schemas / "Hello.json").unlink()
    stale = schemas / "Farewell.json"
    stale.write_text("{}")
    assert sorted(line.partition(":")[0] for line in generate.drift(tmp_path)) == [
        str(generate.PROTOCOL / "schemas" / "Farewell.json"),
        str(generate.PROTOCOL / "schemas" / "Hello.json"),
        "subjects.md",
    ]

    generate.write(tmp_path)
    assert generate.drift(tmp_path) == []
    assert not stale.exists()


def test_generating_twice_gives_the_same() -> None:
    assert generate.generated() == generate.generated()


def test_every_row_has_a_line_in_the_table() -> None:
    page = subject_table.markdown()
    for row in subject_table.subjects.TABLE:
        assert page.count(f"| `{row.template}` |") == 1
        assert page.count(f"\n| {row.name} |") == 1


def test_the_table_of_games_has_a_row_for_each_game() -> None:
    page = (generate.ROOT / games_page.PAGE).read_text()
    assert games_page.drift(page) == []
    without_chess = "".join(line for line in page.splitlines(keepends=True) if not line.startswith("| chess |"))
    assert games_page.drift(without_chess) == ["docs/games.md: run `make docs`: chess is not in the table"]
