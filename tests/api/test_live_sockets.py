"""Live events over a real WebSocket."""

import asyncio
import contextlib
import socket as socket_
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, ConnectionClosedOK

from arena.api import live, sockets
from arena.stack.ports import free
from arena.store.migrate import migrate
from arena.wire.subjects import API, MATCHMAKER, RUNNER
from tests.api.conftest import Recorded, Web, serving
from tests.api.test_faults import SENT, big, opened, ready
from tests.core import matchlog
from tests.recorder.conftest import DEADLINE_S, Log
from tests.recorder.test_faults import bus_as
from tests.stage import Stage


@contextlib.asynccontextmanager
async def socket(web: Web, **options: Any) -> AsyncIterator[ClientConnection]:
    url = f"ws://127.0.0.1:{web.settings.api_port}/api/live/ws"
    async with connect(url, proxy=None, **options) as opened_:
        yield opened_


async def say(client: ClientConnection, **request: Any) -> None:
    await client.send(msgspec.json.encode(request).decode())


async def hear(client: ClientConnection, count: int = 1) -> list[dict[str, Any]]:
    async with asyncio.timeout(DEADLINE_S):
        return [msgspec.json.decode(await client.recv()) for _ in range(count)]


async def test_a_match_a_game_and_an_agent_on_one_connection(web: Web, recorded: Recorded) -> None:
    first = matchlog.whole("m1", ["ann", "bob"], [1, 2])
    await recorded.write(first)
    async with socket(web) as client:
        await say(client, op="subscribe", id="m", match="m1")
        answers = await hear(client, 1 + len(first))
        assert (answers[0]["op"], answers[0]["id"]) == ("subscribed", "m")
        kinds = [answer["kind"] for answer in answers[1:]]
        assert kinds == ["created", "claimed", "moved", "moved", "moved", "ended"]
        assert "seed" not in answers[1]["event"]
        await say(client, op="unsubscribe", id="m")
        await say(client, op="subscribe", id="g", game="tictactoe", kinds=["created", "moved"])
        await say(client, op="subscribe", id="a", agent="cid", kinds=["ended"])
        assert [answer["op"] for answer in await hear(client, 3)] == ["unsubscribed", "subscribed", "subscribed"]
        await recorded.write(
            [
                *matchlog.whole("m2", ["ann", "bob"], [1, 2]),
                *matchlog.whole("m3", ["bob", "cid"], [1, 2]),
                matchlog.created("m4", ["cid", "dan"], game="tictactoe"),
                matchlog.voided("m4", game="tictactoe"),
                matchlog.created("m5", ["ann", "dan"], game="tictactoe"),
            ]
        )
        heard = await hear(client, 3)
        game = [(one["match"], one["kind"]) for one in heard if one["id"] == "g"]
        agent = [(one["match"], one["kind"]) for one in heard if one["id"] == "a"]
        assert (game, agent) == ([("m4", "created"), ("m5", "created")], [("m3", "ended")])


async def test_a_subscription_goes_on_where_it_was(web: Web, recorded: Recorded) -> None:
    lines = matchlog.whole("n1", ["eve", "fay"], [1, 2])
    await recorded.write(lines[:2])
    async with socket(web) as client:
        await say(client, op="subscribe", id="m", match="n1")
        last = (await hear(client, 3))[-1]["seq"]
    await recorded.write(lines[2:])
    async with socket(web) as client:
        await say(client, op="subscribe", id="m", match="n1", after=last)
        await say(client, op="subscribe", id="a", agent="eve", after=last)
        heard = await hear(client, 2 + 4 + 1)
        events = [one for one in heard if one["op"] == "event"]
        assert [one["kind"] for one in events if one["id"] == "m"] == ["moved", "moved", "moved", "ended"]
        assert [one["seq"] for one in events if one["id"] == "m"] == list(range(last + 1, last + 5))
        assert [one["kind"] for one in events if one["id"] == "a"] == ["ended"]  # created before `after`


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ("nonsense", "subscribe or unsubscribe"),
        ('{"op": "dance", "id": "a"}', "subscribe or unsubscribe"),
        ('{"op": "subscribe", "id": ""}', "an id of 1 to 64"),
        ('{"op": "subscribe", "id": "a", "match": "none"}', "no match"),
        ('{"op": "subscribe", "id": "a", "game": "*"}', "a match, a game, an agent"),
        ('{"op": "subscribe", "id": "a", "game": "g", "agent": "b"}', "one of them at most"),
        ('{"op": "subscribe", "id": "a", "agent": "b", "kinds": ["moved"]}', "subscribe to its match"),
        ('{"op": "subscribe", "id": "a", "after": -1}', "a sequence of the log"),
        ('{"op": "subscribe", "id": "a", "kinds": ["all"]}', "subscribe or unsubscribe"),
    ],
)
async def test_what_is_not_understood_is_refused_and_the_connection_stays(
    web: Web, request_: str, expected: str
) -> None:
    async with socket(web) as client:
        await client.send(request_)
        (answer,) = await hear(client)
        assert answer["op"] == "refused"
        assert expected in answer["detail"]
        await say(client, op="subscribe", id="b")
        assert (await hear(client))[0]["op"] == "subscribed"


async def test_a_connection_is_bounded(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "SUBSCRIPTIONS_MAX", 2)
    async with socket(web) as client:
        for number in range(3):
            await say(client, op="subscribe", id=f"s{number}")
        assert [answer["op"] for answer in await hear(client, 3)] == ["subscribed", "subscribed", "refused"]
        await say(client, op="unsubscribe", id="s0")
        await say(client, op="subscribe", id="s3")
        assert [answer["op"] for answer in await hear(client, 2)] == ["unsubscribed", "subscribed"]
        await say(client, op="subscribe", id="x" * sockets.REQUEST_BYTES_MAX)
        with pytest.raises(ConnectionClosed):
            await hear(client)
        assert client.close_code == 1009
    await opened(web, 0)
    monkeypatch.setattr(live, "ADDRESS_STREAMS_MAX", 2)
    async with socket(web) as client:  # the connection itself is one
        for number in range(2):
            await say(client, op="subscribe", id=f"s{number}", kinds=["ended", "ended"])
        answers = await hear(client, 2)
        assert [answer["op"] for answer in answers] == ["subscribed", "refused"]
        assert "of your address" in answers[1]["detail"]
        refused = await web.client.get("/api/live")
        assert (refused.status_code, refused.json()["title"]) == (503, "busy")
    await opened(web, 0)
    monkeypatch.setattr(live, "STREAMS_MAX", 0)
    async with socket(web) as client:
        with pytest.raises(ConnectionClosed, match="1013"):
            await hear(client)


async def test_a_slow_reader_is_told_and_comes_back_for_the_rest(
    web: Web, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "WAITING_MAX", 20)
    await opened(web, 0)
    heard: list[dict[str, Any]] = []
    narrow = socket_.socket()
    narrow.setsockopt(socket_.SOL_SOCKET, socket_.SO_RCVBUF, 4_096)
    narrow.setblocking(False)
    await asyncio.get_running_loop().sock_connect(narrow, ("127.0.0.1", web.settings.api_port))
    async with socket(web, sock=narrow, max_queue=1, max_size=None, compression=None) as client:
        await say(client, op="subscribe", id="a", kinds=["moved"])
        await hear(client)
        last = await log.write([big("slow", ply) for ply in range(SENT)])
        await opened(web, 1)  # its subscription has ended; what waits is still to be read
        with contextlib.suppress(ConnectionClosed):
            while True:
                heard += await hear(client)
        assert client.close_code == 1013
    assert heard.pop() == {"op": "slow"}
    seqs = [one["seq"] for one in heard]
    assert seqs == list(range(seqs[0], seqs[-1] + 1))
    assert 20 <= len(seqs) < SENT
    monkeypatch.undo()
    async with socket(web, max_size=None) as client:
        await say(client, op="subscribe", id="a", kinds=["moved"], after=seqs[-1])
        rest = await hear(client, 1 + last - seqs[-1])
    assert [one["seq"] for one in rest[1:]] == list(range(seqs[-1] + 1, last + 1))
    await opened(web, 0)


async def test_a_server_that_ends_says_so(own_web: Web) -> None:
    async with socket(own_web) as client:
        await say(client, op="subscribe", id="a")
        await hear(client)
        own_web.stop.set()
        with pytest.raises((ConnectionClosedOK, ConnectionClosed)):
            await hear(client)
        assert client.close_code == 1001


async def test_both_kinds_of_streams_survive_a_killed_server(stage: Stage, database_url: str) -> None:
    await migrate(database_url)
    own = msgspec.structs.replace(stage.settings, database_url=database_url, api_port=free())
    async with serving(own, await bus_as(stage, API)) as web:
        log = Log(await bus_as(stage, MATCHMAKER), await bus_as(stage, RUNNER))
        async with socket(web) as client, web.client.stream("GET", "/api/live?kinds=created") as stream:
            await say(client, op="subscribe", id="a", kinds=["created"])
            await hear(client)
            await log.write([matchlog.created("k1", ["x", "y"])])
            assert (await hear(client))[0]["match"] == "k1"
            assert stage.server.process
            stage.server.process.kill()
            await stage.server.process.wait()
            await say(client, op="subscribe", id="b")
            assert "is down" in (await hear(client))[0]["detail"]
            await stage.server.start()
            await ready(web)
            await log.write([matchlog.created("k2", ["x", "y"])])
            assert (await hear(client))[0]["match"] == "k2"
            async with asyncio.timeout(DEADLINE_S):
                async for line in stream.aiter_lines():
                    if line.startswith("data") and '"k2"' in line:
                        break
