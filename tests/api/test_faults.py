"""The API under faults: slow and vanishing readers, and servers that are killed and come back."""

import asyncio
import socket
from typing import Any

import httpx
import msgspec
import pytest

from arena.api import live
from arena.bus import Bus
from arena.stack.embedded import EmbeddedPostgres
from arena.stack.ports import free
from arena.wire import events
from arena.wire.subjects import API, EVENTS_STREAM, MATCHMAKER, REGISTRAR
from tests.api.conftest import PASSWORD, Web, serving
from tests.api.test_agents import made
from tests.api.test_play import sse
from tests.api.test_quarantine import put as put_quarantine
from tests.api.test_quarantine import record
from tests.conftest import BusFor
from tests.core import matchlog
from tests.recorder.conftest import DEADLINE_S, Log
from tests.recorder.test_faults import bus_as
from tests.stage import Stage

CLIENTS = 200
AT_ONCE = 50
BIG = [0.125] * 17_000  # 100 KB of JSON
SENT = 150  # times BIG: more than any socket buffer holds


def big(match: str, ply: int) -> matchlog.Line:
    # In its rewards: actions are told of open games only.
    move = events.Move(seat=0, action=0)
    return matchlog.line(match, events.Moved(at_ms=1, ply=ply, moves=[move], rewards=BIG, digest=""))


async def ask_raw(web: Web, path: str) -> socket.socket:
    """A client that asked, and has not read anything of the answer yet."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    client.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(client, ("127.0.0.1", web.settings.api_port))
    await loop.sock_sendall(client, f"GET {path} HTTP/1.1\r\nHost: arena\r\n\r\n".encode())
    return client


async def opened(web: Web, count: int) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while live.OPEN._value.get() != count:
            await web.ask("/api/health")


async def test_a_slow_reader_is_told_and_comes_back_for_the_rest(
    web: Web, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "WAITING_MAX", 20)
    slow = await ask_raw(web, "/api/live?kinds=moved")
    await opened(web, 1)
    begin = live.SENT_AWAY._value.get()
    last = await log.write([big("slow", ply) for ply in range(SENT)])
    read = b""
    async with asyncio.timeout(DEADLINE_S):
        while piece := await asyncio.get_running_loop().sock_recv(slow, 1 << 20):
            read += piece
            if read.endswith(b"0\r\n\r\n"):
                break
    slow.close()
    assert b"event: slow" in read[-300:]
    assert live.SENT_AWAY._value.get() == begin + 1
    ids = [int(line[4:]) for line in read.replace(b"\r", b"").split(b"\n") if line.startswith(b"id: ")]
    assert ids == list(range(ids[0], ids[-1] + 1))
    assert 20 <= len(ids) < SENT
    monkeypatch.undo()
    headers = {"Last-Event-ID": str(ids[-1])}
    async with web.client.stream("GET", "/api/live", params={"kinds": "moved"}, headers=headers) as answer:
        rest = await sse(answer, last - ids[-1])
    assert [seq for seq, _, _ in rest] == list(range(ids[-1] + 1, last + 1))


async def test_a_reader_that_takes_nothing_is_dropped(
    settings: Any, migrated: str, bus_for: BusFor, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("arena.api.service.UNREAD_MS_MAX", 1_000)
    own = msgspec.structs.replace(settings, database_url=migrated, api_port=free())
    async with serving(own, await bus_for(API)) as web:
        stuck = await ask_raw(web, "/api/live?kinds=moved")
        await opened(web, 1)
        await log.write([big("stuck", ply) for ply in range(SENT)])
        await opened(web, 0)
        stuck.close()


async def consumers(registrar: Bus) -> int:
    answer = await registrar.request(f"$JS.API.CONSUMER.NAMES.{EVENTS_STREAM}")
    return int(msgspec.json.decode(answer.data)["total"])


async def test_streams_that_come_and_go_leave_nothing_behind(web: Web, log: Log, bus_for: BusFor) -> None:
    registrar = await bus_for(REGISTRAR)
    api = web.bus
    await log.write(matchlog.whole("leak", ["x", "y"], [1, 2]))
    await opened(web, 0)
    before_consumers = await consumers(registrar)  # the first request of a connection begins a task that stays
    before = (len(asyncio.all_tasks()), api.subscriptions)
    for _ in range(CLIENTS // AT_ONCE):
        clients = [await ask_raw(web, "/api/live?kinds=created,moved,ended") for _ in range(AT_ONCE)]
        await opened(web, AT_ONCE)
        for client in clients:
            client.close()
        await opened(web, 0)
    async with asyncio.timeout(DEADLINE_S):
        while len(asyncio.all_tasks()) > before[0] or api.subscriptions > before[1]:
            await web.ask("/api/health")
        while await consumers(registrar) > before_consumers:  # fewer: those of earlier tests went meanwhile
            pass


async def refused(client: httpx.AsyncClient, method: str, path: str, **body: Any) -> None:
    answer = await client.request(method, path, **body)
    assert answer.status_code == 503, (path, answer.text)
    assert answer.headers["content-type"].startswith("application/problem+json"), path
    assert answer.json()["detail"]


async def ready(web: Web) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while (await web.client.get("/api/ready")).status_code != 200:
            pass


async def test_servers_are_killed_and_come_back(stage: Stage, own_postgres: EmbeddedPostgres) -> None:
    own = msgspec.structs.replace(stage.settings, database_url=own_postgres.url(), api_port=free())
    async with serving(own, await bus_as(stage, API)) as web:
        client, operator = await web.register("Fay"), await web.operator()
        agent = await made(client)
        await ready(web)

        assert stage.server.process
        stage.server.process.kill()
        await stage.server.process.wait()
        answer = await web.client.get("/api/ready")
        assert (answer.status_code, answer.json()["database"]) == (503, "up")
        assert (await web.client.get("/api/matches")).status_code == 200
        assert (await client.get(f"/api/agents/{agent}")).status_code == 200
        await refused(web.client, "GET", "/api/live")
        await refused(operator, "GET", "/api/metrics/targets")
        await refused(operator, "GET", "/api/quarantine")
        await refused(operator, "GET", "/api/dead-letters")
        await refused(client, "POST", f"/api/agents/{agent}/pause")
        await stage.server.start()
        await ready(web)
        assert (await client.post(f"/api/agents/{agent}/resume")).status_code == 200
        await put_quarantine(await bus_as(stage, MATCHMAKER), record("tictactoe"))
        async with asyncio.timeout(DEADLINE_S):
            while not (await operator.get("/api/quarantine")).json():
                pass

        assert own_postgres.process
        own_postgres.process.kill()
        await own_postgres.process.wait()
        await refused(web.client, "GET", "/api/matches")
        await refused(web.client, "GET", "/api/matches/m1/live")
        await refused(client, "GET", "/api/agents")
        await refused(operator, "GET", "/api/dead-letters")
        await refused(web.client, "POST", "/api/auth/login", json={"name": "Fay", "password": PASSWORD})
        answer = await web.client.get("/api/ready")
        assert (answer.status_code, answer.json()["nats"]) == (503, "up")
        await own_postgres.start()
        await ready(web)
        assert (await client.get("/api/agents")).status_code == 200
