import asyncio
import time

import httpx

from arena.bus import Bus, kv
from arena.wire.registry import Quarantine
from arena.wire.subjects import MATCHMAKER, QUARANTINE_BUCKET
from tests.api.conftest import Web
from tests.api.test_agents import made
from tests.conftest import BusFor
from tests.recorder.conftest import DEADLINE_S


def record(game: str, agent: str = "", *, lasts_ms: int = 60_000) -> Quarantine:
    now = time.time_ns() // 1_000_000
    why = "three matches in a row ended by its own fault"
    return Quarantine(game=game, agent=agent, why=why, matches=["m1", "m2"], since_ms=now, until_ms=now + lasts_ms)


async def put(bus: Bus, quarantine: Quarantine, ttl_s: int = 60) -> None:
    """As the matchmaker does it."""
    key = ".".join(filter(None, (quarantine.game, quarantine.agent)))
    await kv.put(bus, QUARANTINE_BUCKET, key, quarantine, {"Nats-TTL": f"{ttl_s}s"})


async def listed(operator: httpx.AsyncClient, count: int) -> list[dict[str, object]]:
    """The list, as soon as it has so many: the API follows the bucket."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            answer = await operator.get("/api/quarantine")
            if answer.status_code == 200 and len(answer.json()) == count:
                return list(answer.json())


async def test_an_operator_sees_and_releases(web: Web, bus_for: BusFor) -> None:
    matchmaker, operator = await bus_for(MATCHMAKER), await web.operator()
    owner, stranger = await web.register(), await web.register()
    agent = await made(owner)
    await put(matchmaker, record("connect_four", agent))
    await put(matchmaker, record("tictactoe"))
    found = await listed(operator, 2)
    assert {(one["game"], one["agent"]) for one in found} == {("connect_four", agent), ("tictactoe", None)}
    assert found[0]["matches"] == ["m1", "m2"]
    shown = (await owner.get(f"/api/agents/{agent}")).json()
    assert [one["why"] for one in shown["quarantine"]] == ["three matches in a row ended by its own fault"]

    for method, path in [("GET", ""), ("DELETE", "/tictactoe"), ("DELETE", f"/connect_four/{agent}")]:
        assert (await stranger.request(method, f"/api/quarantine{path}")).status_code == 403
        assert (await owner.request(method, f"/api/quarantine{path}")).status_code == 403
        assert (await web.client.request(method, f"/api/quarantine{path}")).status_code == 401
    for path in ("chess", "tictactoe/someone", "connect_four", "*", "connect_four/*", "connect_four.x"):
        answer = await operator.delete(f"/api/quarantine/{path}")
        assert answer.status_code == 404, path
        assert "is not in quarantine" in answer.json()["detail"]
    assert (await operator.delete(f"/api/quarantine/connect_four/{agent}")).status_code == 204
    assert [one["game"] for one in await listed(operator, 1)] == ["tictactoe"]
    assert (await owner.get(f"/api/agents/{agent}")).json()["quarantine"] == []
    assert (await operator.delete("/api/quarantine/tictactoe")).status_code == 204
    assert await listed(operator, 0) == []
    mirror = kv.Mirror(matchmaker, QUARANTINE_BUCKET, Quarantine)
    await mirror.start()
    await mirror.stop()
    assert mirror.records == {}


async def test_what_expires_is_gone(web: Web, bus_for: BusFor) -> None:
    operator = await web.operator()
    await put(await bus_for(MATCHMAKER), record("leduc_holdem", lasts_ms=900), ttl_s=1)
    assert [one["game"] for one in await listed(operator, 1)] == ["leduc_holdem"]
    assert await listed(operator, 0) == []
