"""deploy/nats.conf and docker-compose.yml: a real server runs with the file, and lets nobody in without TLS."""

import asyncio
import json
import os
import re
import shutil
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from agent_kit.connection import Connection
from agent_kit.credentials import read
from arena.bus import Unreachable, connect
from arena.credentials import Keyring, ensure_tls, issue_agent, write_identity, write_secret
from arena.stack.embedded_nats import find_server
from arena.stack.nats_config import DEPLOY, Listen, render
from arena.wire.subjects import inbox
from tests.eventually import eventually

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
AGENT = "a" * 26
DEADLINE_S = 60


@pytest.fixture
def own_home(tmp_path):
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.fixture
async def deployed(own_home):
    """A server that runs with the very file, but for its folders and ports; the home folder, and its ports."""
    write_identity(Keyring.create(own_home))
    ensure_tls(own_home, ["nats"])
    text = (ROOT / DEPLOY).read_text()
    for place, here in {
        'host: "0.0.0.0"': 'host: "127.0.0.1"',
        "port: 4222": "port: -1",
        "port: 8080": "port: -1",
        'http: "127.0.0.1:8222"': 'http: "127.0.0.1:-1"',
        'include "identity/': 'include "nats/',
        "/etc/nats/tls/": f"{own_home}/tls/",
        '"/data': f'"{own_home}/data',
    }.items():
        assert place in text
        text = text.replace(place, here)
    (own_home / "nats.conf").write_text(text)
    log = (own_home / "nats.log").open("wb")
    arguments = (find_server(), "--config", str(own_home / "nats.conf"), "--ports_file_dir", str(own_home))
    server = await asyncio.create_subprocess_exec(*arguments, stdout=log, stderr=log)
    ports = own_home / f"nats-server_{server.pid}.ports"
    found = await eventually(lambda: server.returncode is None and ports.exists() and ports.read_text())
    yield own_home, json.loads(found)
    server.terminate()
    await server.wait()
    log.close()


async def test_a_server_with_the_file_lets_in_who_speaks_tls_and_nobody_else(deployed):
    home, ports = deployed
    address = urlsplit(ports["nats"][0])
    clear, secured = f"nats://{address.netloc}", f"tls://{address.netloc}"
    creds = home / "creds" / "runner.creds"
    bus = await connect(secured, creds, name="t", inbox=inbox("runner"))
    await bus.close()
    write_secret(home / "creds" / "agent.creds", issue_agent(Keyring.load(home), AGENT, url=secured).creds)
    agent = Connection(read(home / "creds" / "agent.creds"), "i1")
    await agent.open(lambda: None, lambda _: None)
    await agent.close()
    assert ports["websocket"][0].startswith("wss://")
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    assert b'"tls_required":true' in await reader.readuntil(b"\r\n")
    writer.write(b"CONNECT {}\r\nPING\r\n")
    assert b"PONG" not in await reader.read()  # until the server ends it
    writer.close()
    shutil.copy(creds, home / "runner.creds")  # where no ca.pem is
    with pytest.raises(Unreachable, match=r"(?i)certificate"):
        await connect(clear, home / "runner.creds", name="t", inbox=inbox("runner"), timeout_s=2)


def test_no_server_is_made_that_others_reach_in_the_clear():
    with pytest.raises(ValueError, match="expected a certificate"):
        render(Listen(host="0.0.0.0", port=1, data="d"))  # noqa: S104


def test_every_service_of_the_compose_file_speaks_tls():
    text = COMPOSE.read_text()
    assert not re.search(r"(?<![\w+])(nats|ws)://", text)
    services = yaml.safe_load(text)["services"]
    assert services["api"]["environment"]["ARENA_TLS"] == "true"
    for name, service in services.items():
        environment = service.get("environment", {})
        if name not in {"init", "nats", "postgres"}:
            assert environment["ARENA_NATS_URL"].startswith("tls://"), name
        for volume in service.get("volumes", []):
            source, target, *_ = re.sub(r"\$\{\w+:-(\w+)\}", r"\1", volume).split(":")
            if source == "tls":
                assert target == {"init": "/share/tls", "nats": "/etc/nats/tls", "api": "/arena/tls"}[name]


async def test_what_init_does_in_the_container_gives_each_service_the_authority(own_home, tmp_path):
    """The script of the compose file, run here: folders stand for the volumes."""
    script = yaml.safe_load(COMPOSE.read_text())["services"]["init"]["command"][0]
    script = script.replace("$$", "$").replace("/arena/", f"{own_home}/").replace("/share/", f"{tmp_path}/")
    roles = ("matchmaker", "runner", "recorder", "bots")
    for folder in (*roles, "tls"):
        (tmp_path / folder).mkdir()
    (own_home / "bots").mkdir()
    await run(script, own_home)
    ca = (own_home / "tls" / "ca.pem").read_bytes()
    assert {path.name for path in (tmp_path / "tls").iterdir()} == {"ca.pem", "server.pem", "server.key"}  # no ca.key
    for folder in (*(tmp_path / role for role in roles), own_home / "creds", own_home / "bots"):
        assert (folder / "ca.pem").read_bytes() == ca
    assert {path.name for path in (tmp_path / "runner").iterdir()} == {"ca.pem", "runner.creds"}
    ours = (tmp_path / "tls" / "server.pem").read_bytes()
    (own_home / "tls" / "server.pem").unlink()
    await run(script, own_home, ARENA_TLS_FOLDER="/some/where")
    assert (tmp_path / "tls" / "server.pem").read_bytes() == ours  # the operator's own are left alone
    assert not (own_home / "tls" / "server.pem").exists()


async def run(script: str, home: Path, **more: str) -> None:
    """As in the container: `arena` is in the path."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environ = os.environ | {"ARENA_HOME": str(home), "PATH": path} | more
    child = await asyncio.create_subprocess_exec("sh", "-c", script, env=environ, stdout=asyncio.subprocess.PIPE)
    async with asyncio.timeout(DEADLINE_S):
        await child.communicate()
    assert child.returncode == 0
