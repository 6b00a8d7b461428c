"""A person takes a seat from the browser: an agent of the user's own, over a WebSocket, in a match of its own."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest

import arena.matchmaker.service
import arena.recorder.service
import arena.runner.service
from agent_kit import play
from arena.api.bootstrap import ensure_house_bots
from arena.api.registrar import open_registrar
from arena.bots import POLICIES
from arena.core.clock import PATIENT_MOVE_MS
from arena.credentials import claims
from arena.stack.ports import free
from arena.wire.events import Faulted
from arena.wire.subjects import API, REGISTRAR, Role
from tests.api.conftest import Web, serving
from tests.browser import Browser, browsing
from tests.eventually import eventually
from tests.recorder.test_faults import bus_as
from tests.stage import Stage

GAME, BOT = "tictactoe", "perfect"


@pytest.fixture
async def platform(stage: Stage, migrated: str) -> AsyncIterator[tuple[Web, str]]:
    """A whole platform with one house bot, whose id it is."""
    stage.settings = msgspec.structs.replace(stage.settings, database_url=migrated, api_port=free())
    await stage.serve(Role.RECORDER, arena.recorder.service.run)
    await stage.serve(Role.RUNNER, arena.runner.service.run)
    await stage.serve(Role.MATCHMAKER, arena.matchmaker.service.run)
    async with open_registrar(stage.settings, REGISTRAR) as registrar:
        (bot,) = await ensure_house_bots(registrar, {GAME: [BOT]}, stage.settings.home)
    creds, stop, arrived = stage.settings.home / "bots" / bot.creds, asyncio.Event(), asyncio.Event()
    options: Any = {"url": stage.settings.nats, "games": [GAME], "slots": 16, "arrived": arrived.set, "stop": stop}
    playing = asyncio.create_task(play(POLICIES[GAME][BOT](None), creds=creds, **options))
    async with serving(stage.settings, await bus_as(stage, API)) as web:
        await arrived.wait()
        yield web, bot.agent
        stop.set()
        await playing


@contextlib.asynccontextmanager
async def seated(web: Web, client: httpx.AsyncClient) -> AsyncIterator[Browser]:
    """The page's own agent, with a key that never leaves the page."""
    me = {"name": "me", "capabilities": ["person"], "open_to": "nobody"}
    agent = (await client.post("/api/agents", json=me)).json()["id"]
    pair = claims.new_key(claims.USER)
    body = {"label": "browser", "public_key": claims.public(pair), "expires_s": 86_400}
    issued = (await client.post(f"/api/agents/{agent}/credentials", json=body)).json()
    assert issued["creds"] is None
    about = await web.ask("/api/about")
    async with browsing(about["websocket"], issued["jwt"], claims.seed(pair)) as browser:
        await browser.subscribe(f"arena.agent.{agent}.>")
        hello = {"instance": "tab-1", "games": [GAME], "session": "s1", "ladder": False, "protocol": about["protocol"]}
        welcome = await browser.request(f"arena.lobby.{agent}.hello", hello)
        assert (welcome["type"], welcome["name"], welcome["slots"]) == ("welcome", "me", 1)
        yield browser


async def to_the_end(browser: Browser) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Play whatever is legal; all turns, and how it ended."""
    turns = []
    while True:
        message = await browser.next()
        if message.subject.endswith(".turn"):
            turns.append(message.data)
            await browser.publish(message.reply, {"ply": message.data["ply"], "action": message.data["legal"][-1]})
        elif message.subject.endswith(".over"):
            return turns, message.data


async def test_a_person_plays_a_house_bot_from_the_browser(platform: tuple[Web, str], stage: Stage) -> None:
    web, bot = platform
    client = await web.register()
    async with seated(web, client) as browser:
        wanted = {"game": GAME, "agent": browser.agent, "opponents": [bot], "seat": 1, "count": 1, "clock": "patient"}
        request = (await client.post("/api/requests", json=wanted)).json()["id"]
        turns, over = await to_the_end(browser)
        assert [turn["match"] for turn in turns] == [over["match"]] * len(turns)
        assert {turn["seat"] for turn in turns} == {1}
        assert len(turns) >= 2
        assert all(PATIENT_MOVE_MS - 60_000 < turn["left_ms"] <= PATIENT_MOVE_MS for turn in turns)
        assert over["cause"] == "finished"
        assert "ladder's (hello.ladder)" in await why(client, browser.agent)
        for queue in (await web.ask("/api/queue"))["games"]:
            assert queue["agents"] <= 1  # the house bot alone waits for the ladder

    async def done() -> bool:
        return bool((await client.get(f"/api/requests/{request}")).json()["status"] == "done")

    await eventually(done)
    (match,) = (await web.ask("/api/matches", request=request))["items"]
    assert (match["id"], match["rated"]) == (over["match"], False)
    trail = f"/api/agents/{browser.agent}/trail?guide=true&match={over['match']}"

    async def guided() -> bool:
        own = (await client.get(trail)).json()["items"]
        named = [[choice["action"] for choice in turn["guide"]["choices"]] for turn in own]
        return named == [turn["legal"] for turn in turns]

    await eventually(guided)
    assert (await web.ask(f"/api/games/{GAME}/leaderboard"))["items"] == []
    assert stage.log.of(Faulted) == []
    assert stage.log.verify() == []


async def why(client: httpx.AsyncClient, agent: str) -> str:
    """What the platform says an agent waits for."""
    (wait,) = (await client.get(f"/api/agents/{agent}/state")).json()["waits"]
    assert (wait["waiting"], wait["estimated_ms"]) == (0, None)
    return str(wait["why"])
