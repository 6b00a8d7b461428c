"""Requested matches over HTTP: who may ask for which, and how far they are."""

import asyncio
from typing import Any

import httpx
import msgspec
import pytest

from arena.api import requests as api_requests
from arena.bus import kv
from arena.store.database import Database
from arena.wire import events
from arena.wire.registry import Request
from arena.wire.subjects import API, MATCHMAKER, REQUESTS_BUCKET
from tests.api.conftest import Recorded, Web
from tests.api.test_agents import made
from tests.conftest import BusFor
from tests.core import matchlog
from tests.recorder.conftest import DEADLINE_S


async def ask(client: httpx.AsyncClient, agent: str, *opponents: str, **more: Any) -> httpx.Response:
    wanted = {"game": "connect_four", "agent": agent, "opponents": opponents, "count": 3, **more}
    async with asyncio.timeout(DEADLINE_S):
        while (answer := await client.post("/api/requests", json=wanted)).status_code == 503:
            pass  # the API has not read the bucket yet
    return answer


def requested(
    match: str, request: str, agents: list[str], placements: list[int] | None, teams: tuple[int, ...] = ()
) -> list[matchlog.Line]:
    """A match's events: with a result, or voided. teams: by seat."""
    lines = matchlog.whole(match, agents, placements or [1, 2])
    created = msgspec.json.decode(lines[0][1], type=events.Created)
    seats = created.seats
    if teams:
        seats = [msgspec.structs.replace(seat, team=team) for seat, team in zip(seats, teams, strict=True)]
    lines[0] = matchlog.line(match, msgspec.structs.replace(created, request=request, rated=False, seats=seats))
    return lines if placements else [*lines[:2], matchlog.voided(match)]


async def test_asked_for_played_and_counted(web: Web, recorded: Recorded, bus_for: BusFor) -> None:
    client = await web.register()
    mine, other = await made(client, "mine"), await made(client, "other")
    answer = await ask(client, mine, other, count=4)
    assert answer.status_code == 202, answer.text
    id_ = answer.json()["id"]
    stored = kv.Mirror(await bus_for(MATCHMAKER), REQUESTS_BUCKET, Request)  # as the matchmaker reads it
    await stored.start()
    await stored.stop()
    record = stored.records[id_]
    assert (record.game, record.agent, record.opponents, record.count) == ("connect_four", mine, [other], 4)
    shown = (await client.get(f"/api/requests/{id_}")).json()
    assert (shown["status"], shown["progress"]["created"], shown["estimated_ms"]) == ("queued", 0, None)

    await recorded.write(requested("r1", id_, [mine, other], [1, 2]))
    await recorded.write(requested("r2", id_, [other, mine], [1, 2]))
    await recorded.write(requested("r3", id_, [mine, other], [1, 1]))
    shown = (await client.get(f"/api/requests/{id_}")).json()
    progress = shown["progress"]
    assert (shown["status"], progress["created"], progress["ended"], progress["voided"]) == ("running", 3, 3, 0)
    assert (progress["wins"], progress["draws"], progress["losses"]) == (1, 1, 1)
    assert progress["score_mean"] is not None
    assert shown["estimated_ms"] >= 0
    assert (await client.get(f"/api/agents/{mine}/ratings")).json() == []  # unrated

    await recorded.write(requested("r4", id_, [other, mine], None))
    shown = (await client.get(f"/api/requests/{id_}")).json()
    assert (shown["status"], shown["progress"]["voided"], shown["estimated_ms"]) == ("done", 1, None)
    listed = await web.ask("/api/matches", request=id_)
    assert [match["id"] for match in listed["items"]] == ["r4", "r3", "r2", "r1"]


async def test_a_team_wins_together_and_draws_with_another(web: Web, recorded: Recorded) -> None:
    client = await web.register()
    mine, other = await made(client, "mine"), await made(client, "other")
    id_ = (await ask(client, mine, other)).json()["id"]
    agents, teams = [mine, "x", "y", other], (0, 1, 0, 1)
    await recorded.write(requested("t1", id_, agents, [1, 2, 1, 2], teams))
    await recorded.write(requested("t2", id_, agents, [1, 1, 1, 1], teams))
    await recorded.write(requested("t3", id_, agents, [2, 1, 2, 1], teams))
    progress = (await client.get(f"/api/requests/{id_}")).json()["progress"]
    assert (progress["wins"], progress["draws"], progress["losses"]) == (1, 1, 1)


async def test_a_list_in_pages_and_a_cancelled_one(web: Web, recorded: Recorded) -> None:
    client, stranger = await web.register(), await web.register()
    mine, other = await made(client, "mine"), await made(client, "other")
    one, two = [(await ask(client, mine, other)).json()["id"] for _ in range(2)]
    async with asyncio.timeout(DEADLINE_S):
        while len((await client.get("/api/requests")).json()["items"]) < 2:
            pass
    first = (await client.get("/api/requests", params={"limit": 1})).json()
    assert [it["id"] for it in first["items"]] == [two]
    rest = (await client.get("/api/requests", params={"limit": 1, "cursor": first["next"]})).json()
    assert ([it["id"] for it in rest["items"]], rest["next"]) == ([one], None)

    assert (await stranger.get("/api/requests")).json()["items"] == []
    for method in ("GET", "DELETE"):
        for id_ in (one, "nothing", "*", "a.b"):
            assert (await stranger.request(method, f"/api/requests/{id_}")).status_code == 404
    assert (await client.delete(f"/api/requests/{one}")).status_code == 204
    assert (await client.delete(f"/api/requests/{one}")).status_code == 204
    shown = (await client.get(f"/api/requests/{one}")).json()
    assert shown["status"] == "cancelled"
    assert shown["cancelled_ms"] >= shown["created_ms"]
    assert (await client.get(f"/api/requests/{two}")).json()["status"] == "queued"


async def test_only_against_those_who_agreed(web: Web, recorded: Recorded) -> None:
    client, stranger = await web.register(), await web.register()
    mine, theirs = await made(client, "mine"), await made(stranger, "theirs")
    closed = (await stranger.post("/api/agents", json={"name": "closed", "open_to": "nobody"})).json()["id"]
    assert (await ask(client, theirs, mine)).status_code == 404
    assert (await ask(client, mine, theirs)).status_code == 202
    assert "open to nobody" in (await ask(client, mine, theirs, closed)).json()["detail"]
    assert (await ask(stranger, theirs, closed)).status_code == 202  # its owner may
    change = await stranger.patch(f"/api/agents/{theirs}", json={"open_to": "nobody"})
    assert (change.status_code, change.json()["open_to"]) == (200, "nobody")
    assert (await ask(client, mine, theirs)).status_code == 400
    assert (await stranger.patch(f"/api/agents/{theirs}", json={"open_to": "friends"})).status_code == 400


async def test_rated_ones_by_rule_alone(web: Web, recorded: Recorded) -> None:
    client, stranger = await web.register(), await web.register()
    mine, theirs = await made(client, "mine"), await made(stranger, "theirs")
    wide, narrow = {"low": 20, "high": 28}, {"low": 24, "high": 26}
    shown = (await ask(client, mine, rating=wide, rated=True)).json()
    assert (shown["rated"], shown["rating"], shown["opponents"]) == (True, {"low": 20.0, "high": 28.0}, [])
    shown = (await client.get(f"/api/requests/{shown['id']}")).json()
    assert (shown["rated"], shown["rating"]) == (True, {"low": 20.0, "high": 28.0})
    assert (await ask(client, mine, rating=narrow)).status_code == 202
    for opponents, wanted, said in [
        ([theirs], {"rated": True}, "not by opponents' names"),
        ([], {"rated": True, "rating": narrow}, "a range of at least 8"),
        ([], {"rated": True, "game": "taxi"}, "are unrated"),
        ([theirs], {"rating": wide}, "either opponents, or a range"),
        ([], {"rating": {"low": 3, "high": 2}}, "low <= high"),
        ([], {"rating": {"low": 3}}, "high"),
        ([], {"rating": wide, "game": "taxi"}, "expected no opponents"),
    ]:
        answer = await ask(client, mine, *opponents, **wanted)
        assert answer.status_code == 400, (opponents, wanted, answer.text)
        assert said in answer.text, (wanted, answer.text)


async def test_by_a_clock_for_people_a_few_unrated_ones(web: Web, recorded: Recorded) -> None:
    client = await web.register()
    mine, other = await made(client, "mine"), await made(client, "other")
    shown = (await ask(client, mine, other, count=1, clock="patient")).json()
    assert shown["clock"] == (await client.get(f"/api/requests/{shown['id']}")).json()["clock"] == "patient"
    assert (await ask(client, mine, other)).json()["clock"] == "game"
    for wanted in ({"count": 11}, {"rated": True, "rating": {"low": 20, "high": 30}}):
        answer = await ask(client, mine, *([] if "rated" in wanted else [other]), clock="patient", **wanted)
        assert answer.status_code == 400
        assert "at most 10 unrated matches" in answer.json()["detail"]
    assert (await ask(client, mine, other, clock="slow")).status_code == 400


async def test_what_cannot_be_asked_for(web: Web, recorded: Recorded) -> None:
    client = await web.register()
    mine, other = await made(client, "mine"), await made(client, "other")
    for opponents, wanted, said in [
        (["nobody"], {}, "there is no agent"),
        ([mine], {}, "not the agent itself"),
        ([other, other], {}, "every opponent once"),
        ([], {}, "expected either opponents, or a range of ratings"),
        ([other], {"game": "ludo"}, "there is no game"),
        ([other], {"game": "cartpole"}, "expected no opponents"),
        ([other], {"game": "lowest_unique"}, "at least 3 opponents"),
        ([other], {"count": 10_001}, "10000"),
        ([other], {"count": 0}, ">= 1"),
    ]:
        answer = await ask(client, mine, *opponents, **wanted)
        assert answer.status_code == 400, (opponents, wanted, answer.text)
        assert said in answer.text
    assert (await ask(client, mine, game="cartpole")).status_code == 202


async def test_a_user_has_so_many_open_at_once(web: Web, recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_requests, "OPEN_MAX", 1)
    client = await web.register()
    mine, other = await made(client, "mine"), await made(client, "other")
    one = (await ask(client, mine, other)).json()["id"]
    answers = await asyncio.gather(*(ask(client, mine, other) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {400}  # at once, before the bucket has told of the first one
    assert "wait, or cancel one" in answers[0].json()["detail"]
    for it in (await client.get("/api/requests")).json()["items"]:
        await client.delete(f"/api/requests/{it['id']}")
    assert (await client.get(f"/api/requests/{one}")).json()["status"] == "cancelled"
    async with asyncio.timeout(DEADLINE_S):
        while (await ask(client, mine, other)).status_code == 400:
            pass


async def test_what_was_asked_for_a_deleted_agent_is_cancelled(web: Web, recorded: Recorded, bus_for: BusFor) -> None:
    client = await web.register()
    gone, stays, other = [await made(client, name) for name in ("gone", "stays", "other")]
    ids = [(await ask(client, mine, other)).json()["id"] for mine in (gone, stays)]
    await client.delete(f"/api/agents/{gone}")
    requests = api_requests.Requests(await bus_for(API))
    database = Database(web.settings.database_url, pool_size=1)
    await requests.read()
    await requests.cancel_orphans(database)
    await requests.stop()
    await database.close()
    shown = [(await client.get(f"/api/requests/{id_}")).json() for id_ in ids]
    assert [one["status"] for one in shown] == ["cancelled", "queued"]


async def test_access_tokens_need_the_scope_for_it(web: Web, recorded: Recorded) -> None:
    client = await web.register()
    mine, other = await made(client, "mine"), await made(client, "other")
    for scope, asks, reads in (("read", 403, 200), ("matches", 202, 403), ("agents", 403, 403)):
        token = (await client.post("/api/auth/tokens", json={"name": scope, "scopes": [scope]})).json()["token"]
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=web.client.base_url, headers=headers, trust_env=False) as script:
            assert (await ask(script, mine, other)).status_code == asks
            assert (await script.get("/api/requests")).status_code == reads
