"""The scaffold, in processes of its own: logs, discovery, metrics, and every way a service can end."""

import asyncio
import json
import os
import signal
import sys
import time

import httpx
import pytest

from arena.bus.micro import services, tell
from arena.credentials import Keyring, claims, creds_claims, push_account, write_identity
from arena.service import RESTART, steady_ms
from arena.stack.embedded import EmbeddedNats
from arena.stack.ports import free
from arena.wire.subjects import API
from tests.eventually import DEADLINE_S, eventually


@pytest.fixture
async def start(home, nats_server):
    processes = []

    async def start(behaviour="run", **environ):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.service.plain", behaviour),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=os.environ | {"ARENA_HOME": str(home), "ARENA_NATS_URL": nats_server.url} | environ,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def line(process, event):
    """The log line of this event."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            text = await process.stdout.readline()
            assert text, (await process.stderr.read()).decode()
            if (found := json.loads(text))["event"] == event:
                return found


async def code(process):
    async with asyncio.timeout(DEADLINE_S):
        return await process.wait()


async def test_logs_metrics_and_discovery(start, bus_for):
    process = await start()
    started = await line(process, "started")
    ready = await line(process, "ready")
    assert (ready["service"], ready["match"], ready["level"]) == ("runner", "m1", "info")
    assert ready["id"] == started["id"]
    api = await bus_for(API)
    [found] = await eventually(lambda: services(api, "arena-runner", 0.3))
    assert found.id == started["id"]
    assert found.metadata["pid"] == str(process.pid)
    async with httpx.AsyncClient() as client:
        page = (await client.get(found.metadata["metrics"])).text
    assert 'arena_test_done_total{what="x"} 3.0' in page
    stats = json.loads((await api.request(f"$SRV.STATS.arena-runner.{found.id}")).data)
    data = stats["endpoints"][0]["data"]
    assert data['arena_test_done_total{what="x"}'] == 3
    assert data["process_resident_memory_bytes"] > 1e6
    assert data["process_open_fds"] > 3
    assert data["arena_service_tasks"] > 1
    assert data["arena_service_subscriptions"] > 3  # $SRV.PING, INFO and STATS at least
    for name in ("arena_service_tasks", "arena_service_subscriptions", "process_open_fds"):
        assert f"\n{name} " in page
    process.send_signal(signal.SIGTERM)
    await line(process, "ended")
    assert await code(process) == 0


def test_a_jump_of_the_wall_clock_changes_no_steady_time(monkeypatch):
    before = steady_ms()
    assert abs(before - time.time() * 1000) < 60_000
    wall_s = time.time()
    for jump_s in (-3600, 3600):
        monkeypatch.setattr(time, "time", lambda moved=wall_s + jump_s: moved)
        monkeypatch.setattr(time, "time_ns", lambda moved=wall_s + jump_s: int(moved * 1e9))
        assert before <= steady_ms() < before + 60_000
    monkeypatch.undo()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_signals_end_it_in_order(start, number):
    process = await start()
    await line(process, "ready")
    process.send_signal(number)
    await line(process, "stopped")
    assert await code(process) == 0


@pytest.mark.parametrize("drained", [False, True])
async def test_who_is_told_to_restart_ends_in_order_and_counts_on_a_supervisor(start, bus_for, drained):
    process = await start()
    identity = (await line(process, "ready"))["id"]
    api = await bus_for(API)
    if drained:
        await tell(api, "drain", "arena-runner", identity)
        await line(process, "drained: does nothing more until it is stopped or restarted")
    await tell(api, "restart", "arena-runner", identity)
    await line(process, "stopped")
    assert await code(process) == RESTART


async def test_a_failure_is_logged_with_its_traceback_and_the_exit_code(start):
    process = await start("crash")
    assert "RuntimeError: broken" in (await line(process, "failed"))["exception"]
    assert await code(process) == 1


async def test_returning_is_success(start):
    assert await code(await start("return")) == 0


async def test_a_wrong_setting_is_one_line(start):
    process = await start(ARENA_RUNNER_SLOTS="many")
    assert await code(process) == 2
    assert "runner_slots (environment variable ARENA_RUNNER_SLOTS)" in (await process.stderr.read()).decode()


async def test_missing_credentials_are_one_line(start, tmp_path):
    process = await start(ARENA_HOME=str(tmp_path))
    assert await code(process) == 2
    assert "run `arena init`" in (await process.stderr.read()).decode()


async def test_a_taken_metrics_port_is_named(start, nats_server):
    process = await start(ARENA_METRICS_PORT=nats_server.url.rpartition(":")[2])
    assert (await line(process, "metrics port not free"))["setting"] == "ARENA_METRICS_PORT"
    assert await code(process) == 2


async def test_it_waits_for_a_server_that_is_not_there_yet(start, tmp_path):
    write_identity(Keyring.create(tmp_path))
    port = free()
    process = await start(ARENA_HOME=str(tmp_path), ARENA_NATS_URL=f"nats://127.0.0.1:{port}")
    assert "cannot connect" in (await line(process, "waiting for NATS"))["error"]
    server = EmbeddedNats(tmp_path, port=port)
    await server.start()
    await line(process, "ready")
    process.send_signal(signal.SIGTERM)
    assert await code(process) == 0
    await server.stop()


async def test_a_revoked_service_ends_with_an_error(start, bus_for, keyring, home, tmp_path):
    process = await start("deaf")
    await line(process, "ready")
    user = creds_claims((home / "creds" / "runner.creds").read_text())
    assert claims.is_public(user["sub"], claims.USER)
    await push_account(await bus_for("system"), keyring, {user["sub"]: user["iat"]})
    await line(process, "stopped")
    assert await code(process) != 0
