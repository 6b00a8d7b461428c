"""docs/mounting.md: its code runs as it stands, and PettingZoo's loop is the one that runs offline too."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from arena.wire.events import Ended, Faulted
from tests.agent_kit.sparring import matches_of, open_sparring
from tests.stage import Stage

ROOT = Path(__file__).parent.parent.parent
BLOCKS = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs" / "mounting.md").read_text(), re.DOTALL | re.MULTILINE)
LIMIT_S = 60.0
OFFLINE = "import warnings\nwarnings.simplefilter('ignore')\nfrom pettingzoo.classic import connect_four_v3\n"
MADE = re.compile(r"^env = .*# was: (.*)$", re.MULTILINE)


@pytest.fixture(scope="module")
async def stage() -> AsyncIterator[Stage]:
    async with open_sparring(slots=8) as opened:
        yield opened


async def program(*words: str | Path, cwd: Path) -> str:
    """Run a Python program to its end; what it printed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *map(str, words)), cwd=cwd, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    async with asyncio.timeout(LIMIT_S):
        said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return said.decode()


async def readers(stage: Stage, folder: Path) -> list[str]:
    """Two agents of one owner, whose credentials are where the page has them."""
    agents = []
    for name in ("first", "second"):
        agent, creds = await stage.agent("reader")
        (folder / f"{name}.creds").write_bytes(creds.read_bytes())
        agents.append(agent)
    return agents


@pytest.mark.parametrize("code", BLOCKS)
async def test_the_pages_code_plays(stage: Stage, code: str, tmp_path: Path) -> None:
    agent, _ = await readers(stage, tmp_path)
    (tmp_path / "loop.py").write_text(code)
    await program("loop.py", cwd=tmp_path)
    matches = matches_of(stage, agent)
    assert matches
    await stage.log.until(lambda log: all(log.of(Ended, match) for match in matches))
    assert stage.log.of(Faulted) == []


@pytest.mark.parametrize(
    ("example", "words"),
    [
        ("gym_loop.py", ("first.creds", "tictactoe", "2")),
        ("pettingzoo_loop.py", ("connect_four", "first.creds")),
        ("pettingzoo_loop.py", ("connect_four", "first.creds", "second.creds")),
    ],
)
async def test_the_examples_play(stage: Stage, example: str, words: tuple[str, ...], tmp_path: Path) -> None:
    agents = await readers(stage, tmp_path)
    said = await program(ROOT / "examples" / example, *words, cwd=tmp_path)
    assert said.count("finished") >= len(words) - 1
    assert all(matches_of(stage, agent) for agent in agents[: len([word for word in words if ".creds" in word])])


async def test_pettingzoos_loop_is_the_one_that_runs_offline(tmp_path: Path) -> None:
    (code,) = [block for block in BLOCKS if "agent_iter" in block]
    first, _, rest = code.partition("\n")
    assert first == "from agent_kit import pettingzoo"
    (tmp_path / "loop.py").write_text(OFFLINE + MADE.sub(r"env = \1", rest))
    await program("-I", "loop.py", cwd=tmp_path)
