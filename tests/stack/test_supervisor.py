"""Children are started again when they crash, stopped in order, and never outlive their parent."""

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from arena.stack import supervisor as module
from arena.stack.processes import PidFile
from arena.stack.supervisor import Supervisor, end_leftovers
from tests.eventually import DEADLINE_S

CHILD = "tests.stack.child"


async def soon(queue):
    async with asyncio.timeout(DEADLINE_S):
        return await queue.get()


@pytest.fixture
async def ready():
    """Pids of the children, as they become ready."""
    queue = asyncio.Queue()
    folder = Path(tempfile.mkdtemp(prefix="arena-"))

    async def told(reader, writer):
        queue.put_nowait(int(await reader.readline()))
        writer.close()
        await writer.wait_closed()

    queue.path = str(folder / "ready")
    server = await asyncio.start_unix_server(told, queue.path)
    yield queue
    server.close()
    await server.wait_closed()
    shutil.rmtree(folder)


@pytest.fixture
def said():
    return asyncio.Queue()


@pytest.fixture
async def supervisor(tmp_path, said, ready, monkeypatch):
    monkeypatch.setattr(module, "BACKOFF_S", (0.01,))
    monkeypatch.setattr(module, "STOP_S", 0.5)
    supervisor = Supervisor(tmp_path, os.environ | {"READY": ready.path}, said.put_nowait)
    yield supervisor
    await supervisor.stop([])


async def test_a_crashed_child_is_started_again(supervisor, said, ready, tmp_path):
    child = await supervisor.start("x", CHILD, "once", str(tmp_path / "marker"))
    first = child.process.pid
    second = await soon(ready)
    assert child.restarts == 1
    assert first != second == child.process.pid
    assert await soon(said) == f"x ended (exit code 3), starts again in 0.01 s; its log is {child.log}"
    os.kill(second, signal.SIGKILL)
    assert "killed by SIGKILL" in await soon(said)
    assert await soon(ready) == child.process.pid
    assert child.restarts == 2


async def test_a_misconfigured_child_is_not_started_again(supervisor, said):
    child = await supervisor.start("x", CHILD, "misconfigured")
    assert await soon(said) == "x cannot run:\nthis is misconfigured" == child.failed
    assert child.restarts == 0


async def test_stop_goes_group_by_group(supervisor, ready, monkeypatch):
    stopped = []
    original = module.Child.stop

    async def stop(child):
        await original(child)
        stopped.append(child.name)

    monkeypatch.setattr(module.Child, "stop", stop)
    children = [await supervisor.start(name, CHILD, "run") for name in ("api", "runner-1", "runner-2", "bots", "odd")]
    assert {await soon(ready) for _ in children} == {child.process.pid for child in children}
    await supervisor.stop(("bots", "runner", "api"))
    assert stopped[0] == "bots"
    assert set(stopped[1:3]) == {"runner-1", "runner-2"}
    assert stopped[3:] == ["api", "odd"]
    assert not any(psutil.pid_exists(child.process.pid) for child in children)


async def test_a_stubborn_child_is_killed(supervisor, said, ready):
    child = await supervisor.start("x", CHILD, "stubborn")
    await soon(ready)
    await supervisor.stop(["x"])
    assert child.process.returncode == -signal.SIGKILL
    assert "was killed" in await soon(said)


async def test_leftovers_are_ended_by_their_pid_files(said, tmp_path):
    left = await asyncio.create_subprocess_exec(
        sys.executable, "-m", CHILD, "run", stdout=asyncio.subprocess.PIPE, env=dict(os.environ)
    )
    await left.stdout.readline()
    PidFile(tmp_path / "run" / "runner-1.pid").write(left.pid)
    (tmp_path / "run" / "api.pid").write_text(f"{os.getpid()} 1.0\n")  # our number, but another process' birth
    await end_leftovers(tmp_path, said.put_nowait)
    assert await left.wait() == -signal.SIGTERM
    assert await soon(said) == f"ending runner-1 (process {left.pid}), left over from a run that was killed"
    assert not list((tmp_path / "run").glob("*.pid"))


async def test_children_die_with_a_killed_parent():
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-m", CHILD, "parent", stdout=asyncio.subprocess.PIPE, env=dict(os.environ)
    )
    await parent.stdout.readline()
    ended = asyncio.Event()
    watched = os.pidfd_open(int(await parent.stdout.readline()))
    asyncio.get_running_loop().add_reader(watched, ended.set)
    assert not ended.is_set()
    parent.kill()
    async with asyncio.timeout(DEADLINE_S):
        await ended.wait()
    asyncio.get_running_loop().remove_reader(watched)
    os.close(watched)
    await parent.wait()


async def test_a_long_log_is_put_aside(supervisor, ready, monkeypatch, tmp_path):
    monkeypatch.setattr(module, "LOG_BYTES_MAX", 10)
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "x.log").write_text("long ago " * 10)
    child = await supervisor.start("x", CHILD, "run")
    await soon(ready)
    assert child.log.read_text() == "this is run\n"
    assert (tmp_path / "logs" / "x.log.1").read_text().startswith("long ago")
