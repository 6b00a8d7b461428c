"""Many agents from one file on a real platform: who falls is started again, who cannot play says why."""

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest

from agent_kit import connection
from agent_kit.fleet import Crew, ratings, read_file
from agent_kit.fleet import member as members
from agent_kit.fleet.member import Member, State
from agent_kit.fleet.table import COLUMNS, cells, line
from tests.agent_kit.fleet.conftest import Platform
from tests.eventually import DEADLINE_S, eventually


@contextlib.asynccontextmanager
async def at_work(file: Path) -> AsyncIterator[tuple[Crew, dict[str, Member], list[str]]]:
    """The file's fleet until the end of the block, where it leaves; what each member became is noted."""
    became: list[str] = []
    crew = Crew(read_file(file), lambda member: became.append(f"{member.name} {member.state}"))
    stop = asyncio.Event()
    living = asyncio.create_task(crew.live(stop))
    try:
        yield crew, {member.name: member for member in crew.members}, became
    finally:
        stop.set()
        async with asyncio.timeout(DEADLINE_S):
            await living


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(members, "PAUSE_S_FIRST", 0.05)
    monkeypatch.setattr(ratings, "EVERY_S", 0.1)


def without(file: Path, name: str, creds: str) -> None:
    """This agent's credentials are others."""
    text, count = re.subn(rf'(name = "{name}"\n.*\ncreds = ").*?"', rf'\1{creds}"', file.read_text())
    assert count == 1
    file.write_text(text)


async def test_who_falls_plays_again_and_who_cannot_play_says_why(platform: Platform, tmp_path: Path) -> None:
    file = await platform.write(
        tmp_path,
        f'api = "{platform.api}"',
        "steady steady instances = 2; slots = 2",
        "raises raises slots = 1",
        "dies dies slots = 1",
        "stops stops slots = 1",
        "missing steady slots = 1",
        "typo stedy slots = 1",
    )
    without(file, "missing", "nowhere.creds")
    async with at_work(file) as (crew, named, became):
        await eventually(
            lambda: (
                all(named[name].figures.played for name in ("steady-1", "steady-2", "raises", "dies"))
                and named["stops"].restarts
                and crew.ratings.of(named["steady-1"].agent)
                and named["missing"].error
                and named["typo"].error
            )
        )
        states = {name: member.state for name, member in named.items()}
        assert states["missing"] is states["typo"] is State.FAILED
        assert states["steady-1"] is states["raises"] is states["dies"] is State.ONLINE
        assert "steady-1 waiting" not in became
        assert (named["steady-1"].restarts, named["raises"].restarts, named["dies"].restarts) == (0, 1, 1)
        assert "cannot read credentials nowhere.creds" in named["missing"].error
        assert "bots.py has no 'stedy'" in named["typo"].error
        mu, sigma = crew.ratings.of(named["steady-1"].agent)["tictactoe"]
        row = dict(zip(COLUMNS, cells(named["steady-1"], crew.ratings), strict=True))
        assert row["rating"] == f"tictactoe {mu:.1f}±{sigma:.1f}"
        assert row["played"] != "0"
        assert line(named["missing"], crew.ratings).startswith("missing: failed: CredentialsError: cannot read")
    figures = named["steady-2"].figures
    assert figures.played == figures.won + figures.drawn + figures.lost
    assert (figures.running, figures.faults) == (0, 0)
    assert figures.p99_ms >= figures.p50_ms > 0
    assert {member.state for member in named.values()} == {State.LEFT, State.FAILED}
    assert "thinking of" in (tmp_path / "logs" / "steady-1.log").read_text()
    assert "LookupError: no such opening" in (tmp_path / "logs" / "raises.log").read_text()
    again = became[became.index("dies waiting") :]
    assert again.index("dies starting") < again.index("dies online")


async def test_in_one_process_each_still_has_its_log_and_falls_alone(
    platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "CONNECT_TIMEOUT_S", 2.0)
    file = await platform.write(
        tmp_path,
        "processes = false",
        "steady steady matches = 2",
        "raises raises matches = 1; slots = 1",
        "stranger steady slots = 1",
    )
    platform.foreign(tmp_path)
    without(file, "stranger", "foreign.creds")
    async with at_work(file) as (_, named, became):
        await eventually(
            lambda: named["steady"].state is named["raises"].state is State.LEFT and "stranger waiting" in became
        )
        assert "ConnectionFailed: cannot connect to" in named["stranger"].error
    assert (named["steady"].figures.played, named["raises"].figures.played) == (2, 1)
    assert named["raises"].restarts
    assert "no such opening" in (tmp_path / "logs" / "raises.log").read_text()
    assert "no such opening" not in (tmp_path / "logs" / "steady.log").read_text()


def _read(descriptor: int) -> str:
    try:
        return os.read(descriptor, 65536).decode(errors="replace")
    except OSError:  # a terminal that is closed at its other end
        return ""


async def run_until(told: Callable[[str], bool], *words: str, terminal: bool) -> tuple[str, int]:
    """`agent-kit fleet` until its output satisfies `told`; then Ctrl-C. What it said in all, and its exit code."""
    ours, theirs = os.openpty() if terminal else os.pipe()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "agent_kit", "fleet", *words),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=theirs,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "COLUMNS": "200", "TERM": "xterm"},
    )
    os.close(theirs)
    said, interrupted = "", False
    async with asyncio.timeout(DEADLINE_S):
        while more := await asyncio.to_thread(_read, ours):
            said += more
            if told(said) and not interrupted:
                interrupted = True
                process.send_signal(signal.SIGINT)
    os.close(ours)
    async with asyncio.timeout(DEADLINE_S):
        return said, await process.wait()


async def test_the_command_says_in_lines_what_happens_and_leaves_at_ctrl_c(platform: Platform, tmp_path: Path) -> None:
    file = await platform.write(tmp_path, "", "steady steady slots = 1")
    said, code = await run_until(lambda text: "steady: online" in text, str(file), terminal=False)
    assert code == 0
    states = [text.partition(" (")[0] for text in said.splitlines()]
    assert states[-4:] == ["steady: online", "steady: leaving", "steady: left", "steady: left"]


async def test_on_a_terminal_there_is_a_table(platform: Platform, tmp_path: Path) -> None:
    file = await platform.write(tmp_path, "", "steady steady slots = 1", "typo stedy slots = 1")
    said, code = await run_until(lambda text: "online" in text and "failed" in text, str(file), terminal=True)
    assert code == 1  # one of them could not play
    assert "won/drawn/lost" in said
    assert "bots.py has no" in said


@contextlib.asynccontextmanager
async def fleet_of(file: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, psutil.Process]]:
    """The command, and the process of its one agent, which is playing."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "agent_kit", "fleet", str(file)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(DEADLINE_S):
            while not (await process.stdout.readline()).startswith(b"one: online"):
                pass
        (worker,) = psutil.Process(process.pid).children()
        yield process, worker
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


def gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


async def test_agents_leave_when_their_fleet_was_killed(platform: Platform, tmp_path: Path) -> None:
    async with fleet_of(await platform.write(tmp_path, "", "one steady slots = 1")) as (fleet, worker):
        fleet.kill()
        await eventually(lambda: gone(worker))


async def test_ctrl_c_again_ends_at_once_who_still_thinks(platform: Platform, tmp_path: Path) -> None:
    async with fleet_of(await platform.write(tmp_path, "", "one hangs slots = 1")) as (fleet, worker):
        assert fleet.stdout is not None
        await eventually(lambda: "thinking for ever" in (tmp_path / "logs" / "one.log").read_text())
        fleet.send_signal(signal.SIGINT)
        async with asyncio.timeout(DEADLINE_S):
            assert (await fleet.stdout.readline()).startswith(b"one: leaving")
            fleet.send_signal(signal.SIGINT)
            assert await fleet.wait() == 1
        await eventually(lambda: gone(worker))
