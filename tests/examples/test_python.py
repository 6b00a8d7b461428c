"""The README's agent and the examples, run as a newcomer runs them: as programs, until Ctrl-C."""

import asyncio
import contextlib
import re
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import arena.matchmaker.service
import arena.runner.service
from arena.wire.events import Created, Ended, Faulted
from arena.wire.subjects import Role
from tests.stage import Stage

ROOT = Path(__file__).parent.parent.parent
READMES = ("README.md", "README.zh-CN.md")
LEFT = 60.0  # seconds for what is still played at Ctrl-C


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", (ROOT / page).read_text(), re.DOTALL | re.MULTILINE)


@contextlib.asynccontextmanager
async def program(*words: str | Path, cwd: Path) -> AsyncIterator[None]:
    """A Python program until the end of the block; then Ctrl-C, after which it must leave without an error."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *map(str, words)), cwd=cwd, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        async with asyncio.timeout(LEFT):
            said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()


async def open_platform(stage: Stage) -> None:
    await stage.serve(Role.RUNNER, arena.runner.service.run)
    await stage.serve(Role.MATCHMAKER, arena.matchmaker.service.run)


async def check(stage: Stage, *agents: str) -> None:
    """The agents played each other, nobody was charged, and every match can be verified."""
    await stage.log.until(lambda log: len(log.of(Ended)) == len(log.of(Created)))
    assert stage.log.of(Faulted) == []
    assert {seat.agent for created in stage.log.of(Created) for seat in created.seats} == set(agents)
    assert stage.log.verify() == []


@pytest.mark.parametrize("page", READMES)
async def test_the_agent_of_the_readme_plays(stage: Stage, page: str, tmp_path: Path) -> None:
    (code,) = blocks(page, "python")
    assert len([line for line in code.splitlines() if line.strip()]) < 10
    (tmp_path / "my_agent.py").write_text(code)
    await open_platform(stage)
    (one, creds), (other, second) = await stage.agent(), await stage.agent()
    (tmp_path / "first.creds").write_bytes(creds.read_bytes())
    opponent = (ROOT / "examples" / "random_agent.py", second, "connect_four")
    async with program("my_agent.py", cwd=tmp_path), program(*opponent, cwd=tmp_path):
        await stage.log.until(lambda log: len(log.of(Ended)) >= 2)
    await check(stage, one, other)


@pytest.mark.parametrize("page", READMES)
async def test_the_agent_of_the_readme_is_fit_to_play(page: str, tmp_path: Path) -> None:
    (code,) = blocks(page, "python")
    (tmp_path / "my_agent.py").write_text(code)
    (line,) = re.findall(r"`agent-kit (check my_agent\.py:\w+ .*?)`", (ROOT / page).read_text())
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "agent_kit", *line.split()), cwd=tmp_path, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    assert "ok      connect_four  legality: every action was legal" in said.decode()


async def test_the_search_beats_the_random_agent(stage: Stage, tmp_path: Path) -> None:
    await open_platform(stage)
    (searcher, first), (other, second) = await stage.agent(), await stage.agent()
    search = (ROOT / "examples" / "connect_four_minimax.py", first)
    opponent = (ROOT / "examples" / "random_agent.py", second, "connect_four")
    async with program(*search, cwd=tmp_path), program(*opponent, cwd=tmp_path):
        await stage.log.until(lambda log: len(log.of(Ended)) >= 2)
    await check(stage, searcher, other)
    seats = {match: [seat.agent for seat in created.seats] for _, _, match, created in _of(stage, Created)}
    for _, _, match, ended in _of(stage, Ended):
        assert ended.results[seats[match].index(searcher)].placement == 1


async def test_the_random_agent_plays_games_without_a_mask_and_those_that_count_from_one(
    stage: Stage, tmp_path: Path
) -> None:
    await open_platform(stage)
    agents = [await stage.agent() for _ in range(4)]
    async with contextlib.AsyncExitStack() as stack:
        for _, creds in agents:
            words = (ROOT / "examples" / "random_agent.py", creds, "lowest_unique", "rock_paper_scissors")
            await stack.enter_async_context(program(*words, cwd=tmp_path))
        await stage.log.until(
            lambda log: (
                {game for _, game, _, event in log.events if isinstance(event, Ended)}
                == {"lowest_unique", "rock_paper_scissors"}
            )
        )
    await check(stage, *(agent for agent, _ in agents))


@pytest.mark.parametrize("page", READMES)
def test_the_javascript_of_the_readme_is_the_example(page: str) -> None:
    assert blocks(page, "js") == [(ROOT / "examples" / "random_agent.js").read_text()]


def _of(stage: Stage, kind: type) -> list[tuple[int, str, str, object]]:
    return [event for event in stage.log.events if isinstance(event[3], kind)]
