"""A platform with somebody to play against, and an HTTP API that knows the ratings."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import msgspec
import pytest

import arena.matchmaker.service
import arena.recorder.service
import arena.runner.service
from agent_kit import play
from arena.credentials import Keyring, issue_agent
from arena.stack.ports import free
from arena.store.migrate import migrate
from arena.wire import ids
from arena.wire.subjects import API, Role
from tests.agent_kit.sparring import at_random
from tests.api.conftest import serving
from tests.api.test_agents import made
from tests.api.test_agents_live import creds_of
from tests.recorder.test_faults import bus_as
from tests.stage import Stage, open_stage

# Falls the first time it is asked, and plays when it is started again.
POLICIES = """
import os
import signal
import threading
from pathlib import Path

def steady(turn):
    print("thinking of", turn.ply)
    return (turn.legal or turn.actions)[0]

def once(name):
    mark = Path(name + ".fell")
    fell = mark.exists()
    mark.touch()
    return not fell

def raises(turn):
    if once("raises"):
        raise LookupError("no such opening")
    return steady(turn)

def stops(turn):
    if once("stops"):
        os.kill(os.getpid(), signal.SIGTERM)
    return steady(turn)

def hangs(turn):
    print("thinking for ever", flush=True)
    threading.Event().wait()

def dies(turn):
    if once("dies"):
        os._exit(3)
    return steady(turn)
"""


@dataclass
class Platform:
    """Where the agents of one user play, and where it says how they do."""

    stage: Stage
    api: str
    owner: httpx.AsyncClient

    async def write(self, folder: Path, head: str, *agents: str) -> Path:
        """An agents.toml for new agents, each "name policy more", with their credentials."""
        (folder / "bots.py").write_text(POLICIES)
        text = f"{head}\n"
        for line in agents:
            name, policy, more = line.split(" ", 2)
            creds = await creds_of(self.owner, await made(self.owner, f"{name}-{secrets.token_hex(4)}"), folder)
            text += f'[[agent]]\nname = "{name}"\npolicy = "bots.py:{policy}"\ncreds = "{creds.name}"\n'
            text += 'games = ["tictactoe"]\n' + more.replace("; ", "\n") + "\n"
        (folder / "agents.toml").write_text(text)
        return folder / "agents.toml"

    def foreign(self, folder: Path) -> None:
        """Credentials that another platform issued, as foreign.creds."""
        other = folder / "other"
        other.mkdir()
        issued = issue_agent(Keyring.create(other), ids.make(1, bytes(10)), url=self.stage.settings.nats)
        (folder / "foreign.creds").write_text(issued.creds or "")


@pytest.fixture(scope="module")
async def platform(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Platform]:
    await migrate(database_url)
    async with open_stage() as stage:
        stage.settings = msgspec.structs.replace(stage.settings, database_url=database_url)
        await stage.serve(Role.RECORDER, arena.recorder.service.run)
        await stage.serve(Role.RUNNER, arena.runner.service.run)
        await stage.serve(Role.MATCHMAKER, arena.matchmaker.service.run)
        own = msgspec.structs.replace(stage.settings, api_port=free())
        async with serving(own, await bus_as(stage, API)) as web:
            rival = await web.register()
            creds = await creds_of(rival, await made(rival, "rival"), tmp_path_factory.mktemp("rival"))
            stop = asyncio.Event()
            playing = asyncio.create_task(play(at_random, creds=creds, games=["tictactoe"], slots=16, stop=stop))
            yield Platform(stage, f"http://127.0.0.1:{own.api_port}", await web.register())
            stop.set()
            await playing
