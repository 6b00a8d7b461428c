from pathlib import Path

import msgspec
import pytest

from arena.games import load_catalogue
from arena.games.admission import admit_all, examine
from arena.games.report import Report, render_table
from tests.games.strange import game

STRANGE = [
    game("Dice", "parallel"),
    game("NumpyDice", "parallel"),
    game("HashDice", "parallel"),
    game("Endless", "parallel"),
    game("Endless", "parallel", plies_max=50),
    game("Crash", "parallel"),
    game("Arm", "gymnasium", 1),
    game("Turns", "aec", 2),
]
CATALOGUE = load_catalogue()
# One of every library; of all shipped games the reports are kept (tests/games/test_every_game.py).
SHIPPED = {name: CATALOGUE[name] for name in ("tictactoe", "leduc_holdem", "lowest_unique", "cartpole", "kuhn_poker_3")}
SHIPPED |= {name: CATALOGUE[name] for name in ("goofspiel_3", "mpe_tag", "mafia")}


@pytest.fixture(scope="module")
def reports() -> list[Report]:
    return admit_all([*SHIPPED.values(), *STRANGE])


def test_all_shipped_games_are_admitted(reports: list[Report]) -> None:
    shipped = reports[: len(SHIPPED)]
    assert [report.game for report in shipped] == list(SHIPPED)
    assert {report.game: report.problems for report in shipped if not report.admitted} == {}
    assert all(report.deterministic and report.step_us > 0 and report.turn_bytes > 0 for report in shipped)


def test_what_is_not_deterministic_is_found(reports: list[Report]) -> None:
    dice, numpy_dice, hash_dice = reports[len(SHIPPED) :][:3]
    for report in (dice, numpy_dice, hash_dice):
        assert not report.admitted
        assert not report.deterministic
        assert "not deterministic: episodes differ for seeds 0, 1" in report.problems[0]


def test_other_reasons_not_to_admit(reports: list[Report]) -> None:
    endless, bounded, crash, arm, turns = reports[len(SHIPPED) :][3:]
    assert "no end within 5000 steps; set plies_max" in endless.problems[0]
    assert endless.deterministic
    assert bounded.admitted
    assert not crash.admitted
    assert "RuntimeError: out of cards" in crash.problems[0]
    assert arm.admitted, arm.problems
    assert "the row says 2 seats, the environment has 3" in turns.problems[0]


def test_a_game_is_examined_in_this_process_too() -> None:
    found = examine(SHIPPED["tictactoe"])
    assert (found.error, found.api, found.refusal) == ("", "", "")
    assert all(one == other for one, other in found.chains)
    assert examine(STRANGE[0]).chains[0][0] != examine(STRANGE[0]).chains[0][1]
    assert examine(msgspec.structs.replace(CATALOGUE["chess"], arguments={"colour": 1})).error.startswith("Unplayable")


def test_a_game_that_takes_its_process_down_costs_itself_only() -> None:
    exits = msgspec.structs.replace(STRANGE[3], environment="os:_exit", arguments={"status": 3})
    first, second, third = admit_all([SHIPPED["tictactoe"], exits, SHIPPED["tictactoe"]])
    assert first.admitted
    assert "the process died: exit status 3" in second.problems[0]
    assert "not examined" in third.problems[0]


def test_the_table(reports: list[Report]) -> None:
    table = render_table(reports)
    lines = table.splitlines()
    assert len(lines) == len(reports) + 2
    assert len({line.count("|") for line in lines if "\\|" not in line}) == 1
    assert "| leduc_holdem | leduc_holdem_v4(), pettingzoo" in table
    assert "| no: not deterministic" in table


def test_reports_are_json(reports: list[Report]) -> None:
    assert msgspec.json.decode(msgspec.json.encode(reports), type=list[Report]) == reports


def test_the_document_lists_every_shipped_game() -> None:
    page = (Path(__file__).parents[2] / "docs" / "games.md").read_text()
    for row in CATALOGUE.values():
        assert f"| {row.name} | {row.title} | " in page
