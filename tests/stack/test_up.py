"""`arena up` as a person runs it: a process of its own in a new folder, started, killed, started again, stopped."""

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import sys
import tempfile
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from arena.stack.processes import PidFile
from tests.eventually import DEADLINE_S

START_S = 90


class Up:
    """One `arena up`."""

    def __init__(self, home, process):
        self.home = home
        self.process = process
        self.output = ""

    async def says(self, pattern):
        """Wait for a line, and return the match."""
        async with asyncio.timeout(START_S):
            while True:
                line = (await self.process.stdout.readline()).decode()
                assert line, self.output
                self.output += line
                if found := re.search(pattern, line):
                    return found

    async def ends(self):
        async with asyncio.timeout(60):
            self.output += (await self.process.stdout.read()).decode()
            return await self.process.wait()

    def pids(self):
        return {path.stem: PidFile(path).running() for path in (self.home / "run").glob("*.pid")}


@pytest.fixture(scope="module")
def up_home():
    folder = Path(tempfile.mkdtemp(prefix="arena-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
async def start(up_home):
    async with contextlib.AsyncExitStack() as stack:

        async def start(*options, **environ):
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "arena", "up", *options),
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                env=os.environ
                | {"ARENA_HOME": str(up_home), "ARENA_NATS_PORT": "0", "ARENA_API_PORT": "0", "COLUMNS": "200"}
                | environ,
            )
            up = Up(up_home, process)
            stack.push_async_callback(_interrupt, up)
            return up

        yield start


async def _interrupt(up):
    if up.process.returncode is None:
        up.process.send_signal(signal.SIGINT)
        await up.ends()


async def gone(pid):
    """Wait until a process that is no child of ours has ended."""
    try:
        watched = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(watched, ended.set)
    async with asyncio.timeout(DEADLINE_S):
        await ended.wait()
    asyncio.get_running_loop().remove_reader(watched)
    os.close(watched)


async def test_from_nothing_to_healthy_killed_and_up_again(start, up_home):
    up = await start("--runners", "2", "--no-bots")
    url = (await up.says(r"Arena is up after .*(http://\S+)"))[1]
    await up.says(r"first administrator: admin, password \S+")
    await up.says("Ctrl-C")
    pids = up.pids()
    assert set(pids) == {"nats", "postgres", "matchmaker", "recorder", "api", "runner-1", "runner-2"}
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"{url}/api/ready")).status_code == 200
        websocket = (await client.get(f"{url}/api/about")).json()["websocket"]
    async with connect(websocket, origin=url, proxy=None) as page:
        assert (await page.recv()).startswith(b"INFO ")
    with pytest.raises(InvalidStatus):
        await connect(websocket, origin="http://127.0.0.1:1", proxy=None)

    second = await start()
    assert await second.ends() == 1
    assert f"process {up.process.pid} runs `arena up` in {up_home} already" in second.output

    os.kill(pids["runner-1"], signal.SIGKILL)
    await up.says(r"runner-1 ended \(killed by SIGKILL\), starts again")

    for stem, name in (("nats", "nats-server"), ("postgres", "PostgreSQL")):
        os.kill(pids[stem], signal.SIGKILL)
        await up.says(rf"{name} ended \(killed by SIGKILL\), starts again in 0.2 s; its log is ")
        await up.says(f"{name} runs again")
    assert pids["nats"] != up.pids()["nats"]
    assert pids["postgres"] != up.pids()["postgres"]
    async with asyncio.timeout(START_S), httpx.AsyncClient() as client:  # both are where they were
        while (await client.get(f"{url}/api/ready")).status_code != 200:
            pass

    pids = {name: pid for name, pid in up.pids().items() if pid}
    up.process.kill()
    await up.process.wait()
    await asyncio.gather(*map(gone, pids.values()))

    again = await start("--no-bots")
    await again.says("Arena is up")
    await again.says("Ctrl-C")
    assert "first administrator" not in again.output
    pids = again.pids()
    again.process.send_signal(signal.SIGINT)
    assert await again.ends() == 0
    await asyncio.gather(*map(gone, pids.values()))
    assert not list((up_home / "run").glob("*.pid"))
    assert not (up_home / "run" / "servers.toml").exists()


async def test_other_commands_find_a_running_platform(start, up_home):
    up = await start()
    await up.says("Ctrl-C")
    doctor = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "arena", "doctor", "--json"),
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"ARENA_HOME": str(up_home)},
    )
    found = json.loads((await doctor.communicate())[0])
    assert [one for one in found if not one["ok"]] == []
    assert {"nats", "database", "services", "streams"} <= {one["check"] for one in found}
    assert doctor.returncode == 0


@pytest.mark.parametrize("setting", ["ARENA_API_PORT", "ARENA_NATS_PORT"])
async def test_a_taken_port_names_its_setting(start, setting):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        up = await start(**{setting: str(port)})
        assert await up.ends() == 1
    assert f"port {port} is taken by process {os.getpid()}" in up.output
    assert setting in up.output
    assert not list(up.home.glob("run/*.pid"))


async def test_ctrl_c_during_the_start_leaves_nothing(start, up_home):
    up = await start("--no-bots")
    await up.says("ok nats-server|ok PostgreSQL")
    up.process.send_signal(signal.SIGINT)
    assert await up.ends() == 0
    assert "everything that was started is stopped" in up.output
    assert not list((up_home / "run").glob("*.pid"))


async def test_an_error_of_a_wrong_setting_is_one_line(start):
    up = await start(ARENA_WAVE_MS="soon")
    assert await up.ends() == 1
    assert up.output.startswith("arena: wave_ms (environment variable ARENA_WAVE_MS): ")
    assert up.output.count("\n") == 1
