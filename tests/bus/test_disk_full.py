"""A full disk under the log: appends wait, say so, and go on when there is room; nothing is lost or doubled."""

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import prometheus_client
import pytest
import structlog

from arena.bus import Bus, connect
from arena.bus.journal import Journal
from arena.bus.provision import provision
from arena.bus.rewind import read_match
from arena.credentials import Keyring, write_identity
from arena.stack import ports
from arena.stack.embedded import EmbeddedNats
from arena.wire.subjects import REGISTRAR, RUNNER, inbox
from tests.eventually import DEADLINE_S, eventually

STORE_MB = 24
PAYLOAD = b'"' + b"x" * 8_000 + b'"'


class Disk:
    """A folder of its own small file system, and what else lies in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self) -> None:
        """Leave no byte free."""
        with self._filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 4096)
            except OSError:
                pass

    def clear(self) -> None:
        """Remove what `fill` put there."""
        self._filler.unlink()

    def grow(self) -> None:
        """Four times the room."""
        assert not run("mount", "-o", f"remount,size={4 * STORE_MB}m", str(self.folder))


def run(*command: str) -> str:
    """What a program of the system complains about; empty if it did its work."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed commands
    return done.stderr.strip() or (f"exit code {done.returncode}" if done.returncode else "")


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="arena-"))
    write_identity(Keyring.create(folder))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def disk(home: Path) -> Iterator[Disk]:
    folder = home / "store"
    folder.mkdir()
    assert not run("mount", "-t", "tmpfs", "-o", f"size={STORE_MB}m", "arena-test", str(folder))
    yield Disk(folder)
    run("umount", "--lazy", str(folder))


@pytest.fixture
async def server(home: Path, disk: Disk) -> AsyncIterator[EmbeddedNats]:
    server = EmbeddedNats(home, port=ports.free(), data=disk.folder)
    await server.start()
    yield server
    await server.stop()


async def connected(home: Path, server: EmbeddedNats, role: str) -> Bus:
    return await connect(server.url, home / "creds" / f"{role}.creds", name="t", inbox=inbox(role))


async def test_appends_wait_for_room_and_go_on_when_the_server_is_back(
    home: Path, disk: Disk, server: EmbeddedNats
) -> None:
    registrar, runner = [await connected(home, server, role) for role in (REGISTRAR, RUNNER)]
    await provision(registrar, ["connect_four"], claim_lease_ms=2000)
    journal = Journal(runner)
    seqs = [0]
    wanted = 1200

    async def write() -> None:
        while len(seqs) <= wanted:
            number = len(seqs)
            seqs.append(
                await journal.append("connect_four", "m", "moved", PAYLOAD, after=seqs[-1], msg_id=f"m.{number}")
            )
            if number == 200:
                disk.fill()

    with structlog.testing.capture_logs() as logged:
        await journal.start()
        writing = asyncio.create_task(write())
        await eventually(lambda: any(entry["event"].startswith("the log takes no events") for entry in logged))
        assert not writing.done()
        assert journal.waiting == 1
        assert prometheus_client.REGISTRY.get_sample_value("arena_journal_oldest_seconds") > 3
        before = len(seqs)
        disk.clear()
        await server.stop()  # a server that could not write does not try again by itself
        await server.start()
        async with asyncio.timeout(DEADLINE_S):
            await writing
    assert before < wanted
    assert [entry["event"] for entry in logged].count("the log takes no events; trying on") == 1
    assert "the log takes events again" in [entry["event"] for entry in logged]
    stored = await read_match(runner, "connect_four", "m")
    assert [event.seq for event in stored] == seqs[1:]
    assert {event.payload for event in stored} == {PAYLOAD}
    journal.stop()
    for bus in (registrar, runner):
        await bus.close()


async def test_what_the_servers_own_limit_refuses_is_counted_and_said_once(
    home: Path, disk: Disk, server: EmbeddedNats
) -> None:
    """JetStream takes three quarters of the disk, and answers `insufficient resources` from there on."""
    registrar, runner = [await connected(home, server, role) for role in (REGISTRAR, RUNNER)]
    await provision(registrar, ["connect_four"], claim_lease_ms=2000)
    journal = Journal(runner)
    seqs = [0]

    async def write() -> None:
        while len(seqs) <= STORE_MB * 120:  # more than the limit
            number = len(seqs)
            seqs.append(
                await journal.append("connect_four", "m", "moved", PAYLOAD, after=seqs[-1], msg_id=f"m.{number}")
            )

    def refused() -> float:
        return prometheus_client.REGISTRY.get_sample_value("arena_journal_refused_total", {"code": "10023"}) or 0.0

    began = refused()
    with structlog.testing.capture_logs() as logged:
        await journal.start()
        writing = asyncio.create_task(write())
        await eventually(lambda: refused() >= began + 2)
        assert not writing.done()
    said = [entry for entry in logged if entry["event"].startswith("the log takes no events") and entry["code"]]
    assert [entry["error"] for entry in said] == ["insufficient resources"]
    stopped_at = len(seqs)
    disk.grow()
    await server.stop()
    await server.start()
    async with asyncio.timeout(DEADLINE_S):
        await writing
    assert stopped_at < len(seqs)
    assert [event.seq for event in await read_match(runner, "connect_four", "m")] == seqs[1:]
    journal.stop()
    for bus in (registrar, runner):
        await bus.close()
