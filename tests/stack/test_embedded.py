"""The embedded servers start, survive a killed parent's leftovers, and stop."""

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import asyncpg
import psutil
import pytest

from arena.bus import connect
from arena.credentials import Keyring, write_identity
from arena.stack.embedded import EmbeddedNats, EmbeddedPostgres, ServerError
from arena.stack.nats_config import DEPLOY, PRODUCTION, Listen, render
from arena.stack.processes import PidFile, end

ROOT = Path(__file__).parents[2]


@pytest.fixture
def own_home():
    folder = Path(tempfile.mkdtemp(prefix="arena-"))
    write_identity(Keyring.create(folder))
    yield folder
    shutil.rmtree(folder)


async def test_postgres_answers_and_makes_databases(database_url):
    connection = await asyncpg.connect(database_url)
    assert await connection.fetchval("select current_database()") == "tests_stack_test_embedded"
    assert await connection.fetchval("show listen_addresses") == ""
    await connection.close()


async def test_postgres_keeps_its_data_and_recovers_after_a_kill(own_home):
    first = EmbeddedPostgres(own_home)
    await first.start()
    await first.create("arena")
    connection = await asyncpg.connect(first.url())
    await connection.execute("create table t (x int); insert into t values (7)")
    await connection.close()
    os.kill(first.process.pid, signal.SIGKILL)
    await first.process.wait()

    second = EmbeddedPostgres(own_home)
    await second.start()
    connection = await asyncpg.connect(second.url())
    assert await connection.fetchval("select x from t") == 7
    await connection.close()
    await second.stop()
    assert not psutil.pid_exists(second.process.pid)


async def test_postgres_refuses_another_versions_data(own_home):
    folder = own_home / "postgres"
    folder.mkdir()
    (folder / "PG_VERSION").write_text("9\n")
    with pytest.raises(ServerError, match="made by PostgreSQL 9"):
        await EmbeddedPostgres(own_home).start()


async def test_a_long_home_has_its_socket_elsewhere_and_no_stranger_can_be_there_first(own_home):
    home = own_home / ("x" * 100)
    home.mkdir()
    server = EmbeddedPostgres(home, durable=False)
    await server.start()
    connection = await asyncpg.connect(server.url("postgres"))
    await connection.close()
    sockets = server.sockets
    assert sockets.stat().st_mode & 0o777 == 0o700
    await server.stop()
    assert not sockets.exists()
    sockets.symlink_to(own_home)
    with pytest.raises(ServerError, match="is not ours"):
        await EmbeddedPostgres(home, durable=False).start()
    sockets.unlink()


async def test_nats_says_why_it_does_not_start(own_home, nats_server):
    port = int(nats_server.url.rpartition(":")[2])
    with pytest.raises(ServerError, match="address already in use"):
        await EmbeddedNats(own_home, port=port).start()


async def test_a_leftover_server_is_ended_before_another_starts(own_home):
    left = EmbeddedNats(own_home)
    await left.start()
    fresh = EmbeddedNats(own_home)
    await fresh.start()
    assert await left.process.wait() is not None
    bus = await connect(fresh.url, own_home / "creds" / "api.creds", name="t", inbox="_INBOX.api")
    await bus.close()
    await fresh.stop()


def test_the_production_configuration_is_the_generated_one():
    assert (ROOT / DEPLOY).read_text() == render(PRODUCTION)
    embedded = render(Listen(host="127.0.0.1", port=1, data="/data"))
    shared = [
        line for line in render(PRODUCTION).splitlines() if "no_fast" in line or "flags" in line or "max_" in line
    ]
    assert len(shared) == 4
    assert all(line in embedded for line in shared)


async def test_a_pid_file_does_not_mean_a_later_process_with_the_same_pid(tmp_path):
    file = PidFile(tmp_path / "x.pid")
    assert file.running() is None
    file.write(os.getpid())
    assert file.running() == os.getpid()
    file.path.write_text(f"{os.getpid()} 12345.0\n")
    assert file.running() is None
    file.path.write_text("torn")
    assert file.running() is None


async def test_what_does_not_end_is_killed():
    script = (
        "import signal,sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(); sys.stdout.flush(); signal.pause()"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE)
    await process.stdout.readline()
    assert not await end(process.pid, signal.SIGTERM, 0.1)
    assert await process.wait() == -signal.SIGKILL
