"""A game of one's own: written, installed, examined, added."""

import asyncio
import subprocess
import sys
import tomllib
from functools import partial
from pathlib import Path

import pytest

from arena.games import load_catalogue
from arena.stack.admissions import keep_shipped
from arena.store.admissions import read_admissions
from arena.store.database import Database
from tests.cli.conftest import Arena, Failed


async def test_a_new_package_passes_its_own_tests(arena: Arena, tmp_path: Path) -> None:
    assert "arena games admit take_away" in await arena("games", "new", "take_away", "--folder", tmp_path)
    package = tmp_path / "arena-take-away"
    declared = tomllib.loads((package / "pyproject.toml").read_text())
    assert declared["project"]["entry-points"]["arena.games"] == {"take_away": "arena_take_away:ROW"}
    assert not [path for path in package.rglob("*") if path.is_file() and "$" in path.read_text()]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "ignore", str(package / "tests")]
    run = partial(subprocess.run, command, cwd=package, env={"PYTHONPATH": str(package)}, check=True)
    await asyncio.to_thread(run)
    with pytest.raises(Failed, match="exists: choose another name"):
        await arena("games", "new", "take_away", "--folder", tmp_path)
    with pytest.raises(Failed, match="expected small letters"):
        await arena("games", "new", "Take-Away", "--folder", tmp_path)


async def test_an_environment_is_added_if_it_is_admitted(arena: Arena, tmp_path: Path) -> None:
    file = tmp_path / "games.toml"
    wanted = ("arena.games.lowest_unique:parallel_env", "--arguments", '{"players": 3}', "--file", str(file))
    options = ("--kind", "parallel", "--seats", "3")
    said = await arena("games", "add", *wanted, *options)
    assert "lowest_unique is added" in said
    added = load_catalogue(file)["lowest_unique"]
    assert (added.seats, added.arguments) == (3, {"players": 3})
    with pytest.raises(Failed, match="is there already"):
        await arena("games", "add", *wanted, *options)


async def test_one_that_is_not_is_not(arena: Arena, tmp_path: Path) -> None:
    file = tmp_path / "games.toml"
    wrong = ("--kind", "parallel", "--seats", "5", "--file", str(file))
    with pytest.raises(Failed):
        await arena("games", "add", "arena.games.lowest_unique:parallel_env", *wrong)
    assert not file.exists()
    with pytest.raises(Failed, match="Expected 1 for a Gymnasium environment"):
        await arena("games", "add", "gymnasium:make", "--kind", "gymnasium", "--seats", "2", "--file", str(file))


async def test_what_came_with_the_package_is_shown_until_somebody_examines_anew(
    arena: Arena, database_url: str
) -> None:
    (report,) = await arena("games", "admit", "tictactoe", "--keep", "--json")
    database = Database(database_url, pool_size=1)
    async with database.begin() as connection:
        await keep_shipped(connection)
        known = await read_admissions(connection)
        await keep_shipped(connection)
        assert await read_admissions(connection) == known
    await database.close()
    assert set(known) == set(load_catalogue())
    assert known["tictactoe"].step_us == report["step_us"]
    assert known["mafia"].admitted
