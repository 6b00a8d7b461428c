"""What agents say beside their moves: for whom, in which order, and what is not to be heard."""

import asyncio
import json

import httpx
import msgspec

from arena.bus import stream
from arena.wire import ids, subjects
from arena.wire.events import Created
from arena.wire.said import TEXT_CHARS_MAX, Said
from tests.api.conftest import Recorded, Web
from tests.api.test_live_sockets import hear, say, socket
from tests.conftest import BusFor
from tests.core import matchlog
from tests.eventually import DEADLINE_S, eventually

GAME = "connect_four"


def begun(match: str, agents: list[str], owners: list[str]) -> list[matchlog.Line]:
    subject, payload = matchlog.created(match, agents, game=GAME)
    created = msgspec.json.decode(payload, type=Created)
    seats = [msgspec.structs.replace(seat, owner=owner) for seat, owner in zip(created.seats, owners, strict=True)]
    return [
        (subject, msgspec.json.encode(msgspec.structs.replace(created, seats=seats))),
        matchlog.claimed(match, game=GAME),
    ]


async def test_everybody_hears_remarks_and_only_the_owner_hears_thoughts_until_the_end(
    web: Web, recorded: Recorded, bus_for: BusFor
) -> None:
    owner = await web.register()
    me = (await owner.get("/api/auth/me")).json()["id"]
    match, mine, other, stranger = (ids.make(number, bytes(10)) for number in range(1, 5))
    await recorded.write(begun(match, [mine, other], [me, "somebody"]))

    async def say(agent: str, kind: str, said: Said | bytes) -> None:
        payload = said if isinstance(said, bytes) else msgspec.json.encode(said)
        await (await bus_for(agent)).publish(subjects.SAY.at(agent=agent, match=match, kind=kind), payload)

    path = f"/api/matches/{match}/said"
    heard: asyncio.Queue[dict[str, object]] = asyncio.Queue()
    listening = asyncio.create_task(follow(owner, f"{path}/own/live", heard))
    await say(mine, "thinking", Said(ply=0, text="If I take the "))
    await say(mine, "thinking", Said(ply=0, text="middle ..."))
    await say(mine, "commentary", Said(ply=0, text="Well, "))
    await say(mine, "commentary", Said(ply=0, text="well."))
    await say(mine, "commentary", Said(ply=0, done=True))
    await say(other, "progress", Said(ply=1, share=0.25))
    await say(other, "progress", Said(ply=1, text="deeper", share=0.5))
    await say(other, "thinking", Said(ply=1, text="He will regret it."))
    await say(stranger, "commentary", Said(ply=0, text="I sit nowhere."))
    await say(other, "song", Said(ply=0, text="No such kind."))
    await say(other, "commentary", b"no JSON")
    await say(other, "commentary", msgspec.json.encode({"ply": 0, "text": "x" * (TEXT_CHARS_MAX + 1)}))

    async def all_there() -> bool:
        return (await stream.state(web.bus, subjects.SAID_STREAM)).messages == 12

    await eventually(all_there)

    public = [(one["seat"], one["kind"], one["text"], one["share"], one["done"]) for one in await web.ask(path)]
    assert public == [(0, "commentary", "Well, well.", None, True), (1, "progress", "deeper", 0.5, False)]
    own = (await owner.get(f"{path}/own")).json()
    assert [(one["kind"], one["text"]) for one in own] == [
        ("thinking", "If I take the middle ..."),
        ("commentary", "Well, well."),
    ]
    async with asyncio.timeout(DEADLINE_S):
        live = [await heard.get() for _ in range(5)]
    assert [one["text"] for one in live] == ["If I take the ", "middle ...", "Well, ", "well.", ""]
    assert live[-1]["done"] is True
    assert (await web.client.get(f"{path}/own")).status_code == 401
    assert (await web.client.get("/api/matches/none/said")).status_code == 404
    await recorded.write([matchlog.ended(match, [1, 2], game=GAME)])
    assert [(one["seat"], one["text"]) for one in await web.ask(path) if one["kind"] == "thinking"] == [
        (0, "If I take the middle ..."),
        (1, "He will regret it."),
    ]
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)


async def test_on_a_websocket_an_owner_hears_its_own_thoughts_as_long_as_its_session_stands(
    web: Web, recorded: Recorded, bus_for: BusFor
) -> None:
    owner = await web.register()
    me = (await owner.get("/api/auth/me")).json()["id"]
    token = (await owner.post("/api/auth/tokens", json={"name": "t", "scopes": ["read"]})).json()["token"]
    match, mine, other = (ids.make(number, bytes(10)) for number in range(11, 14))
    await recorded.write(begun(match, [mine, other], [me, "somebody"]))

    async def say_(agent: str, kind: str, text: str) -> None:
        payload = msgspec.json.encode(Said(ply=0, text=text))
        await (await bus_for(agent)).publish(subjects.SAY.at(agent=agent, match=match, kind=kind), payload)

    session, personal = owner.headers["Authorization"], f"Bearer {token}"
    async with (
        socket(web) as public,
        socket(web, additional_headers={"Authorization": session}) as own,
        socket(web, additional_headers={"Authorization": personal}) as script,
        socket(web, additional_headers={"Authorization": "Bearer x"}) as wrong,
    ):
        for client, seats in ((public, []), (own, [0]), (script, [0]), (wrong, [])):
            await say(client, op="subscribe", id="t", said=match)
            assert await hear(client) == [{"op": "subscribed", "id": "t", "after": 0, "own": seats}]
        await say_(mine, "thinking", "Shall I?")
        assert (await hear(own))[0]["text"] == (await hear(script))[0]["text"] == "Shall I?"
        await say_(other, "thinking", "He will not.")
        await say_(other, "commentary", "Hello.")
        (heard,) = await hear(public)
        told = {"seat": 1, "ply": 0, "text": "Hello.", "share": None, "done": False}
        where = {"match": match, "seq": heard["seq"], "at_ms": heard["at_ms"]}
        assert heard == {"op": "said", "id": "t", "kind": "commentary", **where, **told}
        assert await hear(own) == await hear(script) == await hear(wrong) == [heard]
        await owner.post("/api/auth/logout-everywhere")
        await say(own, op="subscribe", id="again", said=match, after=heard["seq"] - 1)
        assert [one.get("own", one.get("text")) for one in await hear(own, 2)] == [[], "Hello."]


async def follow(client: httpx.AsyncClient, path: str, heard: asyncio.Queue[dict[str, object]]) -> None:
    async with client.stream("GET", path) as answer:
        assert answer.status_code == 200
        async for line in answer.aiter_lines():
            if line.startswith("data:"):
                heard.put_nowait(json.loads(line.removeprefix("data:")))
