"""The agent in 20 lines of JavaScript plays matches against itself, with the NATS client from npm."""

import asyncio
import contextlib
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import arena.matchmaker.service
import arena.runner.service
from arena.wire.events import Created, Ended, Faulted
from arena.wire.faults import EndCause
from arena.wire.subjects import Role
from tests.stage import Stage

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
BIN = Path(sys.prefix) / "bin"  # has Node from PyPI where the machine has none
SEARCH = f"{os.environ.get('PATH', '')}{os.pathsep}{BIN}"


@pytest.fixture(scope="module")
async def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example as a newcomer has it after `npm ci`."""
    folder = tmp_path_factory.mktemp("javascript")
    for name in ("random_agent.js", "package.json", "package-lock.json"):
        shutil.copy(EXAMPLES / name, folder)
    npm = shutil.which("npm", path=SEARCH)
    assert npm, "npm comes with Node, and Node with `make install`"
    process = await asyncio.create_subprocess_exec(
        *(npm, "ci", "--no-audit", "--no-fund"),
        cwd=folder,
        env={**os.environ, "PATH": SEARCH},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return folder


@contextlib.asynccontextmanager
async def javascript(folder: Path, creds: Path, *games: str) -> AsyncIterator[None]:
    """The agent in a process (and whatever node wraps itself into) until the end of the block."""
    node = shutil.which("node", path=SEARCH)
    assert node
    command = (node, "random_agent.js", str(creds), *games)
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, start_new_session=True, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def test_it_plays_whole_matches_without_a_fault(stage: Stage, folder: Path) -> None:
    await stage.serve(Role.RUNNER, arena.runner.service.run)
    await stage.serve(Role.MATCHMAKER, arena.matchmaker.service.run)
    agents = dict([await stage.agent(), await stage.agent()])
    async with contextlib.AsyncExitStack() as stack:
        for creds in agents.values():
            await stack.enter_async_context(javascript(folder, creds, "tictactoe", "connect_four"))
        await stage.log.until(lambda log: len(log.of(Ended)) >= 6)
    assert stage.log.of(Faulted) == []
    assert {ended.cause for ended in stage.log.of(Ended)} == {EndCause.FINISHED}
    assert {seat.agent for created in stage.log.of(Created) for seat in created.seats} == set(agents)
    assert {seat.encoding for created in stage.log.of(Created) for seat in created.seats} == {"json"}


def test_it_has_at_most_twenty_lines_and_names_no_registry() -> None:
    assert len((EXAMPLES / "random_agent.js").read_text().splitlines()) <= 20
    assert '"resolved"' not in (EXAMPLES / "package-lock.json").read_text()
