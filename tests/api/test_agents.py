import asyncio
import time
from pathlib import Path

import httpx
import nkeys
import pytest

from arena.bus import Unreachable, connect, kv
from arena.credentials import creds_claims
from arena.wire import ids
from arena.wire.registry import AgentRecord
from arena.wire.subjects import AGENTS_BUCKET, MATCHMAKER, inbox
from tests.api.conftest import Web, creds_file
from tests.conftest import BusFor
from tests.recorder.conftest import DEADLINE_S


async def records(bus_for: BusFor) -> dict[str, AgentRecord]:
    mirror = kv.Mirror(await bus_for(MATCHMAKER), AGENTS_BUCKET, AgentRecord)
    await mirror.start()
    await mirror.stop()
    return mirror.records


async def made(client: httpx.AsyncClient, name: str = "deep") -> str:
    answer = await client.post("/api/agents", json={"name": name, "description": "thinks", "metadata": {"kind": "llm"}})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_an_agents_life(web: Web, bus_for: BusFor) -> None:
    client = await web.register()
    agent = await made(client)
    assert ids.is_id(agent)
    shown = (await client.get(f"/api/agents/{agent}")).json()
    assert (shown["name"], shown["version"], shown["paused"], shown["metadata"]) == ("deep", 1, False, {"kind": "llm"})
    assert (await records(bus_for))[agent] == AgentRecord(owner=shown["owner"], name="deep")

    changed = await client.patch(f"/api/agents/{agent}", json={"name": "deeper"})
    assert (changed.json()["name"], changed.json()["description"]) == ("deeper", "thinks")
    bounded = await client.patch(f"/api/agents/{agent}", json={"hourly_max": 60})
    assert (bounded.json()["hourly_max"], (await records(bus_for))[agent].hourly_max) == (60, 60)
    assert (await client.patch(f"/api/agents/{agent}", json={"hourly_max": -1})).status_code == 400
    assert (await client.post(f"/api/agents/{agent}/pause")).json()["paused"] is True
    assert (await records(bus_for))[agent].paused
    assert (await client.post(f"/api/agents/{agent}/resume")).json()["paused"] is False
    assert (await client.post(f"/api/agents/{agent}/versions", json={"description": "v2"})).json()["version"] == 2
    assert [v["description"] for v in (await client.get(f"/api/agents/{agent}/versions")).json()["items"]] == ["v2", ""]
    assert (await records(bus_for))[agent].version == 2
    assert (await client.get(f"/api/agents/{agent}/ratings")).json() == []

    assert (await client.delete(f"/api/agents/{agent}")).status_code == 204
    assert (await client.get(f"/api/agents/{agent}")).status_code == 404
    assert agent not in await records(bus_for)
    assert await made(client, "deeper") != agent  # the name is free again


async def test_lists_come_in_pages(web: Web) -> None:
    client = await web.register()
    agents = [await made(client, f"a{number}") for number in range(5)]
    first = (await client.get("/api/agents", params={"limit": 2})).json()
    second = (await client.get("/api/agents", params={"limit": 2, "cursor": first["next"]})).json()
    third = (await client.get("/api/agents", params={"limit": 2, "cursor": second["next"]})).json()
    assert third["next"] is None
    assert {agent["id"] for page in (first, second, third) for agent in page["items"]} == set(agents)


async def test_other_peoples_agents_do_not_exist(web: Web) -> None:
    mine, other = await web.register(), await web.register()
    agent = await made(mine)
    for method, path in [
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "/pause"),
        ("GET", "/credentials"),
        ("POST", "/credentials"),
        ("POST", "/credentials/rotate"),
        ("POST", "/versions"),
    ]:
        answer = await other.request(method, f"/api/agents/{agent}{path}", json={})
        assert answer.status_code == 404, (method, path)
    assert (await mine.get(f"/api/agents/{agent}")).status_code == 200
    assert await made(other) != agent  # names are per owner
    assert (await mine.post("/api/agents", json={"name": "DEEP"})).status_code == 409


def nested(levels: int) -> object:
    """A list in a list in a list."""
    value: object = "x"
    for _ in range(levels):
        value = [value]
    return value


async def test_metadata_has_its_bounds(web: Web) -> None:
    client = await web.register()
    most = {"name": "deep", "metadata": {"x": nested(30), "y": {}, "z": "z" * 16_000}}
    assert (await client.post("/api/agents", json=most)).status_code == 201
    body = '{"name": "a", "metadata": {"x": ' + "[" * 20_000 + "]" * 20_000 + "}}"
    answer = await client.post("/api/agents", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["detail"]) == (400, "expected JSON that is nested less deeply")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": "x" * 41},
        {"name": "a\0b"},
        {"name": "a", "description": "x" * 2001},
        {"name": "a", "metadata": {"x": "y" * 20_000}},
        {"name": "a", "metadata": {"x": "\0"}},
        {"name": "a", "metadata": []},
        {"name": "a", "metadata": {"x": nested(32)}},
        {"name": "a", "metadata": {"x": nested(900)}},
        {"name": "a", "house": True},
    ],
)
async def test_what_is_no_agent(web: Web, body: dict[str, object]) -> None:
    client = await web.register()
    answer = await client.post("/api/agents", json=body)
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("application/problem+json")


async def test_a_credential_connects_and_its_revocation_drops_the_connection(web: Web, tmp_path: Path) -> None:
    client = await web.register()
    agent = await made(client)
    issued = (await client.post(f"/api/agents/{agent}/credentials", json={"label": "laptop"})).json()
    assert creds_claims(issued["creds"])["name"] == agent
    path = creds_file(tmp_path, issued["creds"])
    bus = await connect(web.settings.nats, path, name="agent", inbox=inbox(agent))
    listed = (await client.get(f"/api/agents/{agent}/credentials")).json()["items"]
    assert [(one["public_key"], one["label"], one["revoked_ms"]) for one in listed] == [
        (issued["public_key"], "laptop", None)
    ]
    seed = next(line for line in issued["creds"].splitlines() if line.startswith("SU"))
    assert seed not in str(listed)

    assert (await client.delete(f"/api/agents/{agent}/credentials/{issued['public_key']}")).status_code == 204
    async with asyncio.timeout(DEADLINE_S):
        await bus.closed.wait()
    with pytest.raises(Unreachable):
        await connect(web.settings.nats, path, name="agent", inbox=inbox(agent), timeout_s=2)
    (one,) = (await client.get(f"/api/agents/{agent}/credentials")).json()["items"]
    assert one["revoked_ms"] <= time.time() * 1000
    assert (await client.delete(f"/api/agents/{agent}/credentials/UNKNOWN")).status_code == 404


async def test_rotation_replaces_all_others_at_once(web: Web, tmp_path: Path) -> None:
    client = await web.register()
    agent = await made(client)
    old = (await client.post(f"/api/agents/{agent}/credentials", json={})).json()
    bus = await connect(web.settings.nats, creds_file(tmp_path, old["creds"]), name="agent", inbox=inbox(agent))
    new = (await client.post(f"/api/agents/{agent}/credentials/rotate", json={})).json()
    async with asyncio.timeout(DEADLINE_S):
        await bus.closed.wait()
    fresh = await connect(web.settings.nats, creds_file(tmp_path, new["creds"]), name="agent", inbox=inbox(agent))
    await fresh.close()


async def test_a_key_of_the_users_own_never_leaves_the_user(web: Web) -> None:
    client = await web.register()
    agent = await made(client)
    import secrets

    public = nkeys.from_seed(nkeys.encode_seed(secrets.token_bytes(32), nkeys.PREFIX_BYTE_USER)).public_key.decode()
    issued = await client.post(f"/api/agents/{agent}/credentials", json={"public_key": public})
    assert issued.json()["creds"] is None
    assert issued.json()["public_key"] == public
    again = await client.post(f"/api/agents/{agent}/credentials", json={"public_key": public})
    assert again.status_code == 400
    assert (await client.post(f"/api/agents/{agent}/credentials", json={"public_key": "UNO"})).status_code == 400
    too_long = await client.post(f"/api/agents/{agent}/credentials", json={"expires_s": 10**9})
    assert too_long.status_code == 400
