"""The script that lives an agent's whole life, run as a program against a whole platform."""

import asyncio
import os
import re
import sys
from pathlib import Path

import httpx
import msgspec

import arena.matchmaker.service
import arena.recorder.service
import arena.runner.service
from arena.stack.ports import free
from arena.store.migrate import migrate
from arena.wire.events import Created, Ended, Faulted
from arena.wire.subjects import API, Role
from tests.api.conftest import serving
from tests.api.test_agents import made
from tests.api.test_agents_live import creds_of
from tests.recorder.test_faults import bus_as
from tests.runner.test_matches import playing
from tests.stage import DEADLINE_S, Stage

SCRIPT = Path(__file__).parent.parent.parent / "examples" / "agent_life.py"


async def token_of(client: httpx.AsyncClient, *scopes: str) -> str:
    """A personal access token of this user."""
    answer = await client.post("/api/auth/tokens", json={"name": "script", "scopes": scopes})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])


async def ended(token: str, script: Path, *arguments: str) -> str:
    """What a script says until it ends, without an error."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(script), *arguments),
        env={**os.environ, "ARENA_TOKEN": token, "no_proxy": "*"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(2 * DEADLINE_S):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, said.decode()
    return said.decode()


async def test_it_lives_and_leaves_its_matches(stage: Stage, database_url: str, tmp_path: Path) -> None:
    await migrate(database_url)
    stage.settings = msgspec.structs.replace(stage.settings, database_url=database_url)
    await stage.serve(Role.RECORDER, arena.recorder.service.run)
    await stage.serve(Role.RUNNER, arena.runner.service.run)
    await stage.serve(Role.MATCHMAKER, arena.matchmaker.service.run)
    own = msgspec.structs.replace(stage.settings, api_port=free())
    async with serving(own, await bus_as(stage, API)) as web:
        sparring = await web.register()
        other = await made(sparring, "sparring")
        async with playing(await creds_of(sparring, other, tmp_path), games=["tictactoe"]):
            token = await token_of(await web.register(), "read", "agents")
            said = await ended(token, SCRIPT, str(web.client.base_url))
    ((agent, count),) = re.findall(r"^(\w+) is no more; its (\d+) matches stay$", said, re.MULTILINE)
    assert int(count) >= 4  # one more may have been made at the moment of leaving; it is played to its end
    assert "'ok': True" in said
    assert "version 2" in said
    assert {seat.agent for created in stage.log.of(Created) for seat in created.seats} == {agent, other}
    versions = {seat.version for created in stage.log.of(Created) for seat in created.seats if seat.agent == agent}
    assert versions == {1, 2}
    assert len(stage.log.of(Ended)) == len(stage.log.of(Created)) >= int(count)
    assert stage.log.of(Faulted) == []


def test_it_fits_on_a_page_or_two() -> None:
    assert len(SCRIPT.read_text().splitlines()) <= 105
