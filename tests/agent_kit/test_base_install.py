"""What an agent's author installs is enough to play: a fresh environment with the base install and nothing else."""

import asyncio
import os
import re
import sys
import venv
from pathlib import Path

import pytest

import arena.matchmaker.service
import arena.runner.service
from arena.wire.events import Created, Ended, Faulted
from arena.wire.subjects import Role
from tests.stage import Stage

ROOT = Path(__file__).parent.parent.parent
PLATFORM = ("numpy", "gymnasium", "pettingzoo", "sqlalchemy", "litestar", "jwt", "click", "structlog")
AGENT = """
import random
from agent_kit import run

def policy(turn):
    return random.choice(turn.legal)

assert run(policy, games=["tictactoe"], matches=2) >= 2
"""


async def command(*words: str | Path, **environment: str) -> str:
    """Run a program to its end and return what it printed."""
    process = await asyncio.create_subprocess_exec(
        *map(str, words),
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return said.decode()


@pytest.fixture(scope="module")
async def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with the base install, from its lock and a wheel of this tree."""
    folder = tmp_path_factory.mktemp("base")
    await asyncio.to_thread(venv.create, folder / "venv", with_pip=True)
    fresh = folder / "venv" / "bin" / "python"
    build = ("-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT)
    lock = ("-m", "pip", "install", "--quiet", "--require-hashes", "--requirement", ROOT / "requirements-base.lock")
    await asyncio.gather(command(sys.executable, *build), command(fresh, *lock))
    (wheel,) = folder.glob("*.whl")
    await command(fresh, "-m", "pip", "install", "--quiet", "--no-deps", wheel)
    await command(fresh, "-m", "pip", "check")
    return fresh


async def test_the_base_install_is_small_and_imports(python: Path) -> None:
    code = "import agent_kit, arena.wire.codec, arena.wire.subjects, sys; print(*sorted(sys.modules))"
    loaded = {module.partition(".")[0] for module in (await command(python, "-I", "-c", code)).split()}
    assert {"agent_kit", "arena", "msgspec", "nats"} <= loaded
    assert not loaded & set(PLATFORM)
    listed = await command(python, "-m", "pip", "list", "--format=freeze")
    names = {line.partition("==")[0].lower() for line in listed.split()} - {"pip", "setuptools"}
    assert names == {"arena-platform", "cffi", "msgspec", "nats-py", "nkeys", "pycparser", "pynacl"}


@pytest.mark.parametrize("form", ["gym", "pettingzoo"])
async def test_an_environment_says_which_extra_it_needs(python: Path, form: str) -> None:
    code = f"try:\n    import agent_kit.{form}\nexcept ImportError as error:\n    print(error)"
    assert await command(python, "-I", "-c", code) == f"agent_kit.{form} needs: pip install 'arena-platform[gym]'\n"


async def test_the_conformance_kit_says_which_extras_it_needs(python: Path) -> None:
    code = "import sys; from agent_kit.__main__ import main; sys.exit(main(['conform', '--command', 'true']) - 2)"
    said = await command(python, "-I", "-c", code)
    assert said.endswith(" pip install 'arena-platform[server,embedded]'\n"), said


async def test_mounts_play_from_it_or_say_which_extra_they_need(python: Path) -> None:
    code = "import sys; from agent_kit.specs import load; load(sys.argv[1]).close(); print('mounted')"
    assert await command(python, "-I", "-c", code, "lines:cat") == "mounted\n"
    failing = (
        f"from agent_kit import MountFailed\ntry:\n    exec({code!r})\nexcept MountFailed as error:\n    print(error)"
    )
    for scheme in ("uci", "llm", "sb3", "torch", "openspiel"):
        said = await command(python, "-I", "-c", failing, f"{scheme}:anything")
        assert re.fullmatch(rf"this needs the package \w+: pip install 'arena-platform\[{scheme}\]'\n", said)


async def test_two_agents_play_whole_matches_from_it(stage: Stage, python: Path) -> None:
    await stage.serve(Role.RUNNER, arena.runner.service.run)
    await stage.serve(Role.MATCHMAKER, arena.matchmaker.service.run)
    (one, first), (other, second) = await stage.agent(), await stage.agent()
    async with asyncio.timeout(60):
        await asyncio.gather(*(command(python, "-I", "-c", AGENT, ARENA_CREDS=str(creds)) for creds in (first, second)))
    assert len(stage.log.of(Ended)) >= 2
    assert stage.log.of(Faulted) == []
    assert {seat.agent for created in stage.log.of(Created) for seat in created.seats} == {one, other}
