import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from arena.games import CatalogueError, Game, Unplayable, load_catalogue
from arena.wire.events import ClockRule
from tests.games.strange import game

ROW = """
[[game]]
name = "go_13x13"
title = "Go, 13x13"
environment = "arena.games.go:env"
arguments = { board_size = 13 }
kind = "aec"
seats = 2
clock = { move_ms = 0, bank_ms = 600_000, increment_ms = 5_000 }
packages = ["pettingzoo"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "games.toml"


def test_shipped_rows() -> None:
    catalogue = load_catalogue()
    assert catalogue.problems == []
    names = """tictactoe connect_four rock_paper_scissors leduc_holdem texas_holdem texas_holdem_4 texas_holdem_no_limit
        hanabi go_9x9 chess lowest_unique cartpole taxi"""
    assert set(names.split()) <= set(catalogue)
    assert {game.name for game in catalogue.values() if game.faults.plays_on != (game.seats > 2)} == set()
    assert re.fullmatch(r"connect_four_v3\(\), pettingzoo [\d.]+", catalogue["connect_four"].version)
    assert "board_size=9" in catalogue["go_9x9"].version
    assert "rlcard" in catalogue["leduc_holdem"].version
    assert catalogue["cartpole"].version.startswith("CartPole-v1(")


def test_shipped_rows_say_where_a_turn_says_all() -> None:
    told = {name for name, row in load_catalogue().items() if row.full_observation}
    assert {"tictactoe", "connect_four", "go_9x9", "chess", "cartpole", "taxi", "hex", "kuhn_poker", "mafia"} <= told
    assert not {"leduc_holdem", "hanabi", "mpe_tag", "skat"} & told


def test_positions_are_shown_live_only_where_nothing_is_hidden() -> None:
    rows = load_catalogue().values()
    assert not [row.name for row in rows if row.perfect_information and "hidden information" in row.tags]
    assert not [row.name for row in rows if row.perfect_information and "text" in row.tags]


def test_a_seed_is_played_twice_only_where_that_tells_nobody_anything() -> None:
    rows = {row.name: row for row in load_catalogue().values() if row.blocks}
    assert {"chess", "connect_four", "go_9x9", "tictactoe", "hex"} <= set(rows)
    unfit = {"dice", "chance", "cards", "simultaneous", "hidden information", "text"}
    assert not [row.name for row in rows.values() if unfit & {*row.tags} or not row.perfect_information]


def test_teams_are_told_and_checked(file: Path) -> None:
    bridge = load_catalogue()["bridge"]
    assert bridge.teams == ((0, 2), (1, 3))
    assert bridge.team_of_seat == (0, 1, 0, 1)
    assert bridge.info().teams == [[0, 2], [1, 3]]
    for teams, problem in (
        ("[[0]]", "in which each seat"),
        ("[[0, 1]]", "two teams or more"),
        ("[[0], [0, 1]]", "once"),
    ):
        file.write_text(f'[[game]]\nname = "chess"\nteams = {teams}\n')
        with pytest.raises(CatalogueError, match=problem):
            load_catalogue(file)


def test_a_row_whose_packages_are_missing_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib import metadata

    def version(package: str) -> str:
        if package == "mpe2":
            raise metadata.PackageNotFoundError(package)
        return "1"

    monkeypatch.setattr("importlib.metadata.version", version)
    monkeypatch.setattr("importlib.metadata.packages_distributions", dict)
    catalogue = load_catalogue()
    assert "chess" in catalogue
    assert "mpe_tag" not in catalogue
    assert any("mpe_tag" in problem and "games-more" in problem for problem in catalogue.problems)


def test_loading_imports_no_environment() -> None:
    program = (
        "import sys; from arena.games import load_catalogue; load_catalogue();"
        "assert not {'pettingzoo', 'gymnasium', 'pygame', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[2])  # noqa: S603


def test_an_operators_row(file: Path) -> None:
    file.write_text(ROW)
    added = load_catalogue(file)["go_13x13"]
    assert added.clock == ClockRule(move_ms=0, bank_ms=600_000, increment_ms=5_000)
    info = added.info()
    assert (info.bank_ms, info.actions, info.seats) == (600_000, 170, 2)
    assert "(170,)" in info.observation_space
    assert info.action_space == "Discrete(170)"


def test_an_operator_changes_fields_of_a_shipped_row(file: Path) -> None:
    file.write_text('[[game]]\nname = "rock_paper_scissors"\narguments = { max_cycles = 3 }\n')
    shipped, changed = load_catalogue()["rock_paper_scissors"], load_catalogue(file)["rock_paper_scissors"]
    assert changed.title == shipped.title
    assert "max_cycles=3" in changed.version != shipped.version


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("seats = 2", 'seats = "two"', r"game 'go_13x13': field seats: Expected `int`, got `str`"),
        ("seats = 2", "seats = 0", "field seats: Expected `int` >= 1"),
        ("seats = 2", "", "missing required field `seats`"),
        ("seats = 2", "seats = 2\nrating = 'score'", "field rating: Expected `openskill`"),
        ("seats = 2", "seats = 5\nblocks = true", "field blocks: Expected false but for games of 2 to 4 seats"),
        ("seats = 2", "seats = 2\ncolour = 'red'", "unknown field `colour`"),
        ('"aec"', '"turns"', "field kind: Invalid enum value 'turns'"),
        ('"aec"', '"gymnasium"', "field seats: Expected 1 for a Gymnasium environment, got 2"),
        ("600_000", '"long"', "field clock.bank_ms: Expected `int`, got `str`"),
        ("600_000", "0", "field clock: Expected move_ms or bank_ms above 0"),
        ('"go_13x13"', '"go.13x13"', "field name: Expected `str` matching regex"),
        ('"arena.games.go:env"', '"arena.games.go"', "field environment: Expected `str` matching regex"),
        (
            '["pettingzoo"]',
            '["no-such-package"]',
            "field packages: Expected installed packages, no-such-package is not",
        ),
        ("[[game]]", "[game]", r"expected tables \[\[game\]\]"),
        ("[[game]]", "[[games]]", r"expected tables \[\[game\]\] and nothing else, got games"),
        ("[[game]]", "[[game]", "not valid TOML"),
    ],
)
def test_a_wrong_row_is_named_with_its_field(file: Path, before: str, after: str, expected: str) -> None:
    file.write_text(ROW.replace(before, after, 1))
    with pytest.raises(CatalogueError, match=expected) as caught:
        load_catalogue(file)
    assert str(file) in str(caught.value)


def test_a_missing_file(file: Path) -> None:
    with pytest.raises(CatalogueError, match="cannot be read: No such file"):
        load_catalogue(file)


def test_entry_points(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "other_games-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: other-games\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[arena.games]\n"
        "broken = tests.games.strange:broken\n"
        "missing = no_such_module:rows\n"
        "one = tests.games.strange:ONE_GAME\n"
        "rows = tests.games.strange:rows\n"
        "wrong = tests.games.strange:WRONG_ROWS\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    # The rows name no packages, so the distribution is looked up by the module, which here belongs to none.
    monkeypatch.setattr("importlib.metadata.packages_distributions", lambda: {"tests": ["other-games"]})
    catalogue = load_catalogue()
    assert {"connect_four", "turns", "arm", "endless"} <= set(catalogue)
    assert catalogue["arm"].version == "strange(), tests (1.0)"
    assert catalogue["turns"].make().seats == 3
    assert "dice_of_two" not in catalogue
    problems = "\n".join(catalogue.problems)
    assert "entry point broken = tests.games.strange:broken: RuntimeError: this package is broken" in problems
    assert "entry point missing" in problems
    assert "entry point wrong = tests.games.strange:WRONG_ROWS: game 'dice_of_two': field seats" in problems
    assert len(catalogue.problems) == 3


def test_a_game_that_cannot_be_set_up() -> None:
    with pytest.raises(Unplayable, match=r"tictactoe: cannot set up .* with {'colour': 'red'}: TypeError"):
        msgspec.structs.replace(load_catalogue()["tictactoe"], arguments={"colour": "red"}).make()
    with pytest.raises(Unplayable, match="the row says 3 seats, the environment has 2"):
        msgspec.structs.replace(load_catalogue()["tictactoe"], seats=3).make()
    with pytest.raises(Unplayable, match="No module named 'no_such_module'"):
        msgspec.structs.replace(load_catalogue()["tictactoe"], environment="no_such_module:env").make()


def test_a_row_survives_json() -> None:
    for row in load_catalogue().values():
        assert msgspec.json.decode(msgspec.json.encode(row), type=Game) == row


def test_info_says_what_the_spaces_are() -> None:
    info = load_catalogue()["connect_four"].info()
    assert info.action_space == "Discrete(7)"
    assert "Box(0, 1, (6, 7, 2), int8)" in info.observation_space
    assert game("Arm", "gymnasium", 1).info().actions == 0
