"""An agent's live state, the queue, and the trail of its own turns: with a matchmaker, a runner and a recorder."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

import arena.matchmaker.service
import arena.recorder.service
import arena.runner.service
from agent_kit import Turn
from arena.stack.ports import free
from arena.wire import codec
from arena.wire.subjects import API, Role
from tests.api.conftest import Web, creds_file, serving
from tests.api.test_agents import made
from tests.recorder.conftest import DEADLINE_S
from tests.recorder.test_faults import bus_as
from tests.runner.test_matches import playing
from tests.stage import Stage, open_stage


@pytest.fixture(scope="module")
async def platform(migrated: str) -> AsyncIterator[Stage]:
    """A matchmaker, a runner and a recorder."""
    async with open_stage() as stage:
        stage.settings = msgspec.structs.replace(stage.settings, database_url=migrated)
        await stage.serve(Role.RECORDER, arena.recorder.service.run)
        await stage.serve(Role.MATCHMAKER, arena.matchmaker.service.run)
        await stage.serve(Role.RUNNER, arena.runner.service.run)
        yield stage


@pytest.fixture
async def live(platform: Stage) -> AsyncIterator[Web]:
    """The API before it."""
    own = msgspec.structs.replace(platform.settings, api_port=free())
    async with serving(own, await bus_as(platform, API)) as web:
        yield web


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """One for each agent's credentials."""
    found = tmp_path / "one", tmp_path / "two"
    for folder in found:
        folder.mkdir()
    return found


async def creds_of(client: httpx.AsyncClient, agent: str, folder: Path) -> Path:
    answer = await client.post(f"/api/agents/{agent}/credentials", json={})
    return creds_file(folder, answer.json()["creds"])


async def until(client: httpx.AsyncClient, path: str, true: Any, **query: Any) -> Any:
    """The first answer that is so."""
    found = None
    try:
        async with asyncio.timeout(DEADLINE_S):
            while True:
                answer = await client.get(path, params=query)
                found = answer.json()
                if answer.status_code == 200 and true(found):
                    return found
    except TimeoutError:
        raise AssertionError(f"{path} never became what was expected: {found}") from None


def doing(word: str, **numbers: int) -> Callable[[Any], bool]:
    """Whether the only agent of a page is doing this."""

    def true(listed: Any) -> bool:
        (agent,) = listed["items"]
        return agent["presence"] == {"agent": agent["id"], "doing": word, **numbers}

    return true


async def test_state_queue_and_trail_of_agents_that_play(live: Web, folders: tuple[Path, Path]) -> None:
    alice, bob = await live.register(), await live.register()
    one, two = await made(alice, "one"), await made(bob, "two")
    creds_one = await creds_of(alice, one, folders[0])
    creds_two = await creds_of(bob, two, folders[1])
    saw: dict[str, list[tuple[int, Any, Any]]] = {}
    going_on = asyncio.Event()

    async def policy(turn: Turn) -> int:
        saw.setdefault(turn.match, []).append((turn.ply, turn.observation, turn.legal))
        await going_on.wait()
        assert turn.legal
        return turn.legal[0]

    def lonely(state: Any) -> bool:
        return any("opponents are needed" in wait["why"] for wait in state["waits"])

    async with playing(creds_one, policy=policy, games=["tictactoe"], instance="laptop", slots=1):
        alone = await until(alice, f"/api/agents/{one}/state", lonely)
        assert [(it["instance"], it["state"], it["slots"], it["free"]) for it in alone["instances"]] == [
            ("laptop", "here", 1, 1)
        ]
        assert alone["waits"][0]["since_ms"] <= alone["at_ms"]
        queue = await until(live.client, "/api/queue", lambda it: any(game["waiting"] for game in it["games"]))
        assert queue["room"] > 0
        assert min(queue["agents"], queue["instances"]) >= 1
        await until(alice, "/api/agents/overview", doing("waiting", instances=1, absent=0, matches=0, free=1))
        async with playing(creds_two, policy=policy, games=["tictactoe"], matches=1):
            state = await until(alice, f"/api/agents/{one}/state", lambda it: it["matches"])
            (seat,) = state["matches"]
            assert (state["instances"][0]["busy"], seat["game"], seat["instance"]) == (1, "tictactoe", "laptop")
            match = seat["match"]
            await until(alice, "/api/agents/overview", doing("playing", instances=1, absent=0, matches=1, free=0))
            queue = await until(live.client, "/api/queue", lambda it: any(game["estimated_ms"] for game in it["games"]))
            assert queue["running"] >= 1
            going_on.set()
            await until(live.client, f"/api/matches/{match}", lambda it: it["status"] == "ended")
    await until(alice, "/api/agents/overview", doing("absent", instances=0, absent=0, matches=0, free=0))

    for client, agent in ((alice, one), (bob, two)):
        trail = (await client.get(f"/api/agents/{agent}/trail", params={"match": match})).json()
        (own,) = trail["seats"]
        assert (trail["problem"], trail["status"], trail["next"]) == ("", "ended", None)
        assert {turn["seat"] for turn in trail["items"]} == {own}
        assert len(trail["items"]) >= 2
        plain = msgspec.json.decode(codec.encode_json(saw[match]))
        said = {ply: (observation, legal) for ply, observation, legal in plain}
        for turn in trail["items"]:
            assert (turn["observation"], turn["legal"]) == said[turn["ply"]]
            assert turn["played"]["action"] == turn["legal"][0]
            assert turn["played"]["think_ms"] >= 0
    part = (await alice.get(f"/api/agents/{one}/trail", params={"match": match, "cursor": 2, "limit": 2})).json()
    assert {turn["ply"] for turn in part["items"]} <= {2, 3}
    assert part["next"] == "4"

    stranger = await live.register()
    mine = await made(stranger, "mine")
    for client, path in (
        (stranger, f"/api/agents/{one}/state"),
        (stranger, f"/api/agents/{one}/trail?match={match}"),
        (stranger, f"/api/agents/{mine}/trail?match={match}"),
        (alice, f"/api/agents/{one}/trail?match=nothing"),
    ):
        assert (await client.get(path)).status_code == 404, path
    assert (await stranger.get(f"/api/agents/{mine}/state")).json()["instances"] == []
    assert (await alice.get(f"/api/agents/{one}/trail")).status_code == 400


async def test_the_front_page_says_what_is_going_on(live: Web, folders: tuple[Path, Path]) -> None:
    owners = await live.register(), await live.register()
    creds = [await creds_of(owner, await made(owner), folder) for owner, folder in zip(owners, folders, strict=True)]

    def busy(shown: Any) -> bool:
        now = shown["now"]
        return bool(now and now["matches_per_minute"] and now["agents"] >= 2 <= now["instances"] and now["matches"])

    async with playing(*creds, games=["tictactoe"]):
        await until(live.client, "/api/overview", busy)


async def test_without_a_matchmaker_it_says_so(web: Web) -> None:
    client = await web.register()
    agent = await made(client)
    for path in ("/api/queue", f"/api/agents/{agent}/state"):
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["title"]) == (503, "no matchmaker answers")
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert answer.headers["Retry-After"]
