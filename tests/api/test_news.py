"""What happened to one's own agents since last time, on real tables."""

import asyncio
import time
from typing import Any

import httpx
import msgspec

from arena.api.access import prune
from arena.store.database import Database
from arena.wire import events
from arena.wire.subjects import MATCHMAKER
from tests.api.conftest import Recorded, Web
from tests.api.test_agents import made
from tests.api.test_quarantine import put, record
from tests.conftest import BusFor
from tests.core import matchlog
from tests.recorder.conftest import DEADLINE_S


def owned(lines: list[matchlog.Line], match: str, owners: list[str]) -> list[matchlog.Line]:
    """The same match, with these users' agents in its seats."""
    created = msgspec.json.decode(lines[0][1], type=events.Created)
    seats = [msgspec.structs.replace(seat, owner=owner) for seat, owner in zip(created.seats, owners, strict=True)]
    return [matchlog.line(match, msgspec.structs.replace(created, seats=seats)), *lines[1:]]


async def read(client: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    """All pages."""
    found: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = await client.get("/api/news", params={**query, **({"cursor": cursor} if cursor else {})})
        assert answer.status_code == 200, answer.text
        found, cursor = found + answer.json()["items"], answer.json()["next"]
    return found


async def test_what_happened_since_then_in_pages(web: Web, recorded: Recorded, bus_for: BusFor) -> None:
    client, stranger, operator = await web.register(), await web.register(), await web.operator("operator")
    me = (await client.get("/api/auth/me")).json()["id"]
    mine, theirs = await made(client, "mine"), await made(stranger, "theirs")
    before = time.time_ns() // 1_000_000
    await recorded.write(owned(matchlog.whole("n1", [mine, theirs], [1, 2]), "n1", [me, "them"]))
    begun = [matchlog.created("n2", [theirs, mine]), matchlog.claimed("n2"), matchlog.faulted("n2", 1)]
    await recorded.write(owned([*begun, matchlog.faulted("n2", 0), matchlog.voided("n2")], "n2", ["them", me]))
    await recorded.write(owned([matchlog.created("n3", [mine, theirs])], "n3", [me, "them"]))  # not over
    await recorded.write(matchlog.whole("n4", [theirs, "somebody"], [1, 2]))
    await put(await bus_for(MATCHMAKER), record("connect_four", mine))
    await put(await bus_for(MATCHMAKER), record("connect_four", theirs))
    await operator.post("/api/announcements", json={"text": "we move tonight"})
    async with asyncio.timeout(DEADLINE_S):
        while len(found := await read(client, since_ms=0)) < 5:
            pass
    kinds = [one["kind"] for one in found]
    assert sorted(kinds) == ["announcement", "fault", "match", "match", "quarantine"]
    assert [one["at_ms"] for one in found] == sorted((one["at_ms"] for one in found), reverse=True)
    of = {one["kind"]: one for one in found if one["kind"] != "match"}
    ended, voided = sorted((one["match"] for one in found if one["kind"] == "match"), key=lambda it: it["id"])
    (seat,) = [seat for seat in ended["seats"] if seat["owner"] == me]
    assert (ended["status"], seat["agent"], seat["placement"], seat["score"] is None) == ("ended", mine, 1, False)
    assert seat["mu_after"] > seat["mu_before"]
    assert voided["status"] == "voided"
    assert (of["fault"]["agents"], of["fault"]["fault"]["match"], of["fault"]["fault"]["seat"]) == ([mine], "n2", 1)
    assert of["quarantine"]["quarantine"]["why"] == "three matches in a row ended by its own fault"
    assert of["quarantine"]["quarantine"]["agent"] == mine
    assert of["announcement"]["announcement"]["text"] == "we move tonight"
    for limit in (1, 2, 3):
        assert await read(client, since_ms=0, limit=limit) == found
    recent = await read(client, since_ms=before)  # the log above is of another year
    assert [one["kind"] for one in recent] == kinds[: len(recent)]
    assert {one["kind"] for one in recent} == {"announcement", "quarantine"}


async def test_what_is_no_cursor_is_refused_and_nobody_reads_others(web: Web, recorded: Recorded) -> None:
    client = await web.register()
    assert [one["kind"] for one in await read(client, since_ms=0) if one["kind"] != "announcement"] == []
    for cursor in ("x", "1.match", "1.fault.x", f"{10**15}.fault.1", "1.match.a b"):
        assert (await client.get("/api/news", params={"cursor": cursor})).status_code == 400, cursor
    assert (await web.client.get("/api/news")).status_code == 401


async def test_quarantines_are_remembered_when_they_are_over_and_not_for_ever(
    web: Web, recorded: Recorded, bus_for: BusFor
) -> None:
    client, operator = await web.register(), await web.operator()
    agent = await made(client)
    past = record("tictactoe", agent)
    await put(await bus_for(MATCHMAKER), past)
    await put(await bus_for(MATCHMAKER), msgspec.structs.replace(past, game="go_9x9", since_ms=1, until_ms=2))
    async with asyncio.timeout(DEADLINE_S):
        while len([one for one in await read(client, since_ms=0) if one["kind"] == "quarantine"]) < 2:
            pass
        while (await operator.delete(f"/api/quarantine/tictactoe/{agent}")).status_code != 204:
            pass
        while (await client.get(f"/api/agents/{agent}")).json()["quarantine"]:
            pass
    database = Database(web.settings.database_url, pool_size=1)
    await prune(database, 1)
    await database.close()
    kept = [one["quarantine"]["game"] for one in await read(client, since_ms=0) if one["kind"] == "quarantine"]
    assert kept == ["tictactoe"]
