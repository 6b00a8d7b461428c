"""Every game of the catalogue, a short episode each. Whole ones admission plays, whose reports are kept."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from arena.core import digest
from arena.games import Environment, Game, Illegal, Malformed, drawing, load_catalogue, report
from arena.games.replay import link
from arena.review.drawing import svg
from arena.wire import codec
from arena.wire.board import Board, Grid

ROOT = Path(__file__).parents[2]
CATALOGUE = load_catalogue()
PLIES = 12
SEED = 5
ROWS = pytest.mark.parametrize("row", CATALOGUE.values(), ids=CATALOGUE.keys())
OTHER_PROCESS = """
import random, sys
from tests.games.test_every_game import CATALOGUE, chain
random.seed(99)
for name in sys.argv[1:]:
    environment = CATALOGUE[name].make()
    print(name, chain(environment), flush=True)
    environment.close()
"""


def steps(environment: Environment) -> Iterator[tuple[dict[int, Any], dict[int, bytes], list[float]]]:
    """A short episode whose actions its own chain chooses: views, actions and rewards of each step."""
    environment.reset(SEED)
    for ply in range(PLIES):
        if environment.over:
            return
        views = {seat: environment.view(seat) for seat in environment.to_act}
        actions = {seat: environment.substitute(seat, bytes([ply, seat])) for seat in views}
        written = {seat: codec.encode_json(action) for seat, action in actions.items()}
        checked = {seat: environment.check(seat, msgspec.json.decode(text)) for seat, text in written.items()}
        yield views, written, environment.step(checked)


def chain(environment: Environment) -> str:
    found = digest.first("game", "0", SEED, environment.seats)
    for ply, (views, written, rewards) in enumerate(steps(environment)):
        found = link(found, ply, views, written, rewards)
    return found.hex()


@pytest.fixture(scope="module")
def elsewhere() -> dict[str, str]:
    """The chains of all games in a process with another hash seed."""
    command = [sys.executable, "-c", OTHER_PROCESS, *CATALOGUE]
    environ = {"PYTHONHASHSEED": "7", "PATH": "", "SDL_VIDEODRIVER": "dummy"}
    done = subprocess.run(command, cwd=ROOT, env=environ, check=True, capture_output=True, text=True)  # noqa: S603
    return dict(line.split() for line in done.stdout.splitlines() if len(line.split()) == 2)


@ROWS
def test_a_short_episode_is_the_same_again_and_elsewhere(row: Game, elsewhere: dict[str, str]) -> None:
    one, other, third = row.make(), row.make(), row.make()
    for mine, its in zip(steps(one), steps(other), strict=True):  # in turns, so that state they share would show
        assert mine[1:] == its[1:]
    assert chain(third) == elsewhere[row.name]  # of an environment that played nothing before, as every match's
    for environment in (one, other, third):
        environment.close()


@ROWS
def test_a_turn_can_be_sent_and_wrong_answers_are_refused(row: Game) -> None:
    environment = row.make()
    environment.reset(SEED)
    assert len(environment.to_act) == (1 if row.kind != "parallel" else row.seats)
    for seat in environment.to_act:
        view = environment.view(seat)
        for encoding in ("json", "msgpack"):
            assert 0 < len(codec.encode((view.observation, view.legal), encoding)) < 900_000
        for wrong in (None, 2**70, float("nan"), [[[]]], {"north": 1}, "", "\0"):
            with pytest.raises((Malformed, Illegal)):
                environment.check(seat, wrong)
        assert environment.view(seat).raw == view.raw
    environment.close()


@ROWS
def test_every_position_is_drawn(row: Game) -> None:
    environment = row.make()
    shown: list[tuple[str, bytes]] = []
    for _ in steps(environment):
        board = environment.board()
        assert board is not None
        assert msgspec.json.decode(codec.encode_json(board), type=Board) == board
        for grid in (part for part in board.parts if isinstance(part, Grid)):
            assert len({len(line) for line in grid.cells}) == 1 or grid.shifts, "rows of one length, or a shifted board"
            assert len(grid.columns) in {0, len(grid.cells[0])}
            assert len(grid.rows) in {0, len(grid.cells)}
        picture = svg(board)
        assert picture.startswith(b"<svg")
        assert picture.endswith(b"</svg>")
        assert b'"nan' not in picture
        shown.append((drawing.text(board), picture))
        assert environment.render() == shown[-1][0]
    for text, _ in shown:
        assert text.strip()
        assert len(text.splitlines()) <= 30
        assert all(len(line) <= 160 for line in text.splitlines())
    still = {"mpe_crypto", "blotto", "blackjack"}  # nothing moves, or it is over at once
    assert len({text for text, _ in shown}) > 1 or row.name in still
    environment.close()


def test_what_admission_found_is_kept_for_every_game() -> None:
    kept = report.shipped()
    assert list(kept) == list(CATALOGUE), "run `make docs`"
    assert {name: it.report.problems for name, it in kept.items() if not it.report.admitted} == {}
    # What the platform's own package says of its version changes with each release; the rest must be what is installed.
    own = {name for name, row in CATALOGUE.items() if "arena-platform" in row.version}
    assert {name for name, row in CATALOGUE.items() if kept[name].report.version != row.version} <= own


def test_there_are_games_of_every_kind() -> None:
    tags = {
        tag: sum(tag in row.tags for row in CATALOGUE.values()) for tag in ("text", "teams", "negotiation", "cards")
    }
    assert all(count >= 3 for count in tags.values()), tags
    spiel = [row for row in CATALOGUE.values() if row.environment.startswith("arena.games.openspiel:")]
    assert len(spiel) >= 25
    assert sum(row.seats > 2 for row in spiel) >= 10
    assert sum("hidden information" in row.tags for row in spiel) >= 10
    assert len(CATALOGUE) >= 100
