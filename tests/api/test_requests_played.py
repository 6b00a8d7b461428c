"""A whole platform plays what the example asks for: API, matchmaker, runner, agents and recorder."""

from pathlib import Path

import msgspec

import arena.matchmaker.service
import arena.recorder.service
import arena.runner.service
from arena.stack.ports import free
from arena.wire import events
from arena.wire.subjects import API, Role
from tests.api.conftest import serving
from tests.api.test_agents import made
from tests.api.test_agents_live import creds_of
from tests.examples.test_agent_life import ended, token_of
from tests.recorder.test_faults import bus_as
from tests.runner.test_matches import playing
from tests.stage import Stage

SCRIPT = Path(__file__).parent.parent.parent / "examples" / "request_matches.py"


async def test_a_whole_platform_plays_what_was_asked_for(stage: Stage, migrated: str, tmp_path: Path) -> None:
    stage.settings = msgspec.structs.replace(stage.settings, database_url=migrated)
    await stage.serve(Role.RECORDER, arena.recorder.service.run)
    await stage.serve(Role.RUNNER, arena.runner.service.run)
    await stage.serve(Role.MATCHMAKER, arena.matchmaker.service.run)
    own = msgspec.structs.replace(stage.settings, api_port=free())
    async with serving(own, await bus_as(stage, API)) as web:
        client = await web.register()
        agents = [await made(client, name) for name in ("one", "two")]
        creds = [await creds_of(client, agent, tmp_path) for agent in agents]
        async with playing(*creds, games=["tictactoe"], slots=4):
            token = await token_of(client, "read", "matches")
            one, two = agents
            asked = (str(web.client.base_url), "tictactoe", one, "--against", two, "--count", "5")
            said = await ended(token, SCRIPT, *asked)
        (done,) = (await client.get("/api/requests")).json()["items"]
        assert said.endswith(f"/api/matches?request={done['id']}\n")
        progress = done["progress"]
        assert f"{progress['wins']} won, {progress['draws']} drawn, {progress['losses']} lost, 0 voided" in said
        assert done["status"] == "done"
        assert progress["created"] == progress["ended"] == 5
        assert progress["wins"] + progress["draws"] + progress["losses"] == 5
        match = (await web.ask("/api/matches", request=done["id"]))["items"][0]
        assert match["rated"] is False
        assert match["reason"].startswith("requested, ")
    assert stage.log.of(events.Faulted) == []
    assert stage.log.verify() == []
