"""TLS on every way in: verified always, and not to be talked out of."""

import asyncio
import datetime
import shutil
import ssl
import sys
import tempfile
from pathlib import Path

import httpx
import pytest

from agent_kit.connection import CONNECT_TIMEOUT_S, Connection
from agent_kit.credentials import read
from agent_kit.errors import ConnectionFailed
from arena.bus import Unreachable, connect
from arena.credentials import Keyring, ensure_tls, issue_agent, write_identity, write_secret
from arena.credentials.authority import make_authority, make_server
from arena.settings import SettingsError, load
from arena.stack.embedded import EmbeddedNats
from arena.stack.nats_config import Listen, Tls, Websocket, render
from arena.wire.subjects import inbox

DEADLINE_S = 90
AGENT = "a" * 26
HERE = ("localhost", "127.0.0.1")


@pytest.fixture
async def serve():
    """Runs a nats-server whose certificate this function makes; an agent's creds stand beside the right CA."""
    folders, servers = [], []

    async def start(certify):
        home = Path(tempfile.mkdtemp(prefix="arena-"))
        folders.append(home)
        keyring = Keyring.create(home)
        write_identity(keyring)
        ensure_tls(home)
        certify(home / "tls")
        files = home / "tls" / "server.pem", home / "tls" / "server.key"
        server = EmbeddedNats(home, websocket=Websocket(port=-1), tls=files)
        await server.start()
        servers.append(server)
        write_secret(home / "creds" / "agent.creds", issue_agent(keyring, AGENT, url=server.url).creds)
        return server, home

    yield start
    for server in servers:
        await server.stop()
    for folder in folders:
        shutil.rmtree(folder)


async def tried(creds, url=None):
    """Connect as agent_kit does, and leave. Raises ConnectionFailed."""
    connection = Connection(read(creds, url), "i1")
    await connection.open(lambda: None, lambda _: None)
    transport = connection._client._transport._io_writer.transport
    version = transport.get_extra_info("ssl_object").version()
    await connection.close()
    return version


async def test_with_the_right_authority_agents_and_services_connect(serve, monkeypatch, tmp_path):
    server, home = await serve(lambda _: None)
    assert server.url.startswith("tls://")
    assert await tried(home / "creds" / "agent.creds") == "TLSv1.3"
    bus = await connect(server.url, home / "creds" / "runner.creds", name="t", inbox=inbox("runner"))
    await bus.close()
    shutil.copy(home / "creds" / "agent.creds", tmp_path / "elsewhere.creds")
    with pytest.raises(ConnectionFailed, match="ARENA_CA"):  # nobody vouches for it there
        await tried(tmp_path / "elsewhere.creds")
    with pytest.raises(ConnectionFailed, match="ARENA_CA"):  # nor is it ever spoken to in the clear
        await tried(tmp_path / "elsewhere.creds", server.url.replace("tls://", "nats://"))
    monkeypatch.setenv("ARENA_CA", str(home / "tls" / "ca.pem"))
    assert await tried(tmp_path / "elsewhere.creds") == "TLSv1.3"
    monkeypatch.setenv("ARENA_CA", str(tmp_path / "none.pem"))
    with pytest.raises(ConnectionFailed, match="ARENA_CA"):
        await tried(tmp_path / "elsewhere.creds")


@pytest.mark.parametrize("wrong", ["another authority", "expired", "another host"])
async def test_a_wrong_certificate_is_refused(serve, wrong):
    def certify(folder):
        if wrong == "another authority":
            with tempfile.TemporaryDirectory() as other:
                make_authority(Path(other))
                make_server(Path(other), HERE)
                for name in ("server.pem", "server.key"):
                    shutil.copy(Path(other) / name, folder / name)
        elif wrong == "expired":
            make_server(folder, HERE, datetime.timedelta(minutes=-5))
        else:
            make_server(folder, ["arena.example"])

    server, home = await serve(certify)
    with pytest.raises(ConnectionFailed, match=r"(?i)certificate"):
        await tried(home / "creds" / "agent.creds")
    creds = home / "creds" / "runner.creds"
    with pytest.raises(Unreachable, match=r"(?i)certificate"):
        await connect(server.url, creds, name="t", inbox=inbox("runner"), timeout_s=2)


async def test_a_server_in_the_clear_behind_a_tls_address_is_named_at_once(home, nats_server, keyring):
    url = nats_server.url.replace("nats://", "tls://")
    write_secret(home / "creds" / "agent.creds", issue_agent(keyring, AGENT, url=url).creds)
    async with asyncio.timeout(CONNECT_TIMEOUT_S):  # the longest it would try
        with pytest.raises(ConnectionFailed, match="does not speak TLS"):
            await tried(home / "creds" / "agent.creds")


async def test_who_never_answers_a_handshake_is_given_up(home, nats_server, keyring, monkeypatch):
    """A port that accepts and says nothing, or only an INFO in the clear: nats-py would wait a minute."""
    monkeypatch.setattr("agent_kit.connection.CONNECT_TIMEOUT_S", 0.5)
    opened = []
    silent = await asyncio.start_server(lambda _reader, writer: opened.append(writer), "127.0.0.1", 0)
    url = f"tls://127.0.0.1:{silent.sockets[0].getsockname()[1]}"
    write_secret(home / "creds" / "agent.creds", issue_agent(keyring, AGENT, url=url).creds)
    async with asyncio.timeout(CONNECT_TIMEOUT_S):
        with pytest.raises(ConnectionFailed, match=r"no answer within 0\.5 s"):
            await tried(home / "creds" / "agent.creds")
    silent.close()
    for writer in opened:
        writer.close()


MOUNT = """
import asyncio, sys
from pathlib import Path
from agent_kit.connection import Connection
from agent_kit.credentials import read
from arena.bus import connect
creds, url = sys.argv[2:]
if sys.argv[1] == "agent":
    asyncio.run(Connection(read(creds, url), "i1").open(lambda: None, lambda _: None))
else:
    asyncio.run(connect(url, Path(creds), name="t", inbox="_INBOX.runner"))
"""


@pytest.mark.parametrize("who", ["agent", "runner"])
async def test_who_stands_between_cannot_talk_them_out_of_tls(serve, who):
    """A man in the middle who answers in the clear, with an INFO that asks for no TLS, gets nothing to read."""
    _, home = await serve(lambda _: None)
    heard = asyncio.Queue()

    async def between(reader, writer):
        writer.write(b'INFO {"server_id":"x","version":"2.15.1","max_payload":1048576,"nonce":"abc"}\r\n')
        heard.put_nowait(await reader.read(4096))
        writer.close()

    middle = await asyncio.start_server(between, "127.0.0.1", 0)
    url = f"tls://127.0.0.1:{middle.sockets[0].getsockname()[1]}"
    arguments = ("-c", MOUNT, who, str(home / "creds" / f"{who}.creds"), url)
    child = await asyncio.create_subprocess_exec(sys.executable, *arguments, stderr=asyncio.subprocess.DEVNULL)
    async with asyncio.timeout(DEADLINE_S):
        first = await heard.get()
    child.kill()
    await child.wait()
    middle.close()
    assert first.startswith(b"\x16\x03"), first  # a TLS ClientHello, and no CONNECT with a JWT


async def test_a_browsers_way_in_has_tls_too(serve):
    server, home = await serve(lambda _: None)
    assert server.websocket_url.startswith("wss://")
    address = httpx.URL(server.websocket_url)
    context = ssl.create_default_context(cafile=home / "tls" / "ca.pem")
    _, writer = await asyncio.open_connection("127.0.0.1", address.port, ssl=context, server_hostname="127.0.0.1")
    assert writer.get_extra_info("peercert")
    writer.close()
    await writer.wait_closed()


async def test_old_versions_of_tls_are_refused(serve):
    server, home = await serve(lambda _: None)
    context = ssl.create_default_context(cafile=home / "tls" / "ca.pem")
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE+AES128:@SECLEVEL=0")
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    port = httpx.URL(server.url).port
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
    assert writer.get_extra_info("ssl_object").version() in {"TLSv1.2", "TLSv1.3"}
    writer.close()
    assert 'min_version: "1.2"' in render(Listen(host="h", port=1, data="d", tls=Tls(cert="c", key="k")))


def test_made_once_and_kept_from_others(tmp_path):
    folder = ensure_tls(tmp_path, ["arena.example"])
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert ensure_tls(tmp_path) == folder
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())
    make_server(folder, HERE, datetime.timedelta(days=10))  # ends soon
    ending = (folder / "server.pem").read_bytes()
    ensure_tls(tmp_path)
    assert (folder / "server.pem").read_bytes() != ending
    assert (folder / "ca.pem").read_bytes() == before["ca.pem"]


def test_half_a_pair_of_files_is_a_mistake(tmp_path):
    for extra in ({"ARENA_TLS_CERT": "x"}, {"ARENA_TLS_CERT": "x", "ARENA_TLS_KEY": "y"}):
        with pytest.raises(SettingsError, match="tls_cert and tls_key"):
            load({"ARENA_HOME": str(tmp_path)} | extra)
    assert load({"ARENA_HOME": str(tmp_path), "ARENA_TLS": "true"}).nats == "tls://127.0.0.1:4222"
