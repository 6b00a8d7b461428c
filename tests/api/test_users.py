"""Users, as operators see and change them; announcements."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from arena.api.stamps import now_ms
from arena.bus import Bus, Unreachable, connect, kv
from arena.wire.registry import AgentRecord
from arena.wire.subjects import AGENTS_BUCKET, REGISTRAR, inbox
from tests.api.conftest import PASSWORD, Web, creds_file
from tests.api.test_agents import made
from tests.conftest import BusFor
from tests.eventually import eventually
from tests.recorder.conftest import DEADLINE_S


async def who(client: Any) -> str:
    return str((await client.get("/api/auth/me")).json()["id"])


async def test_operators_find_users_and_users_do_not(web: Web) -> None:
    client, operator = await web.register("Findme Frank"), await web.operator(role="operator")
    await client.post("/api/agents", json={"name": "a"})
    for nobody in (client, web.client):
        assert (await nobody.get("/api/users")).status_code in {401, 403}
    found = (await operator.get("/api/users", params={"search": "findme"})).json()["items"]
    assert [(user["name"], user["role"], user["agents"], user["locked_ms"]) for user in found] == [
        ("Findme Frank", "user", 1, None)
    ]
    assert "password" not in str(found)
    assert (await operator.get("/api/users", params={"search": "100%"})).json()["items"] == []
    page = (await operator.get("/api/users", params={"limit": 1})).json()
    rest = (await operator.get("/api/users", params={"limit": 1, "cursor": page["next"]})).json()
    assert page["items"][0]["id"] > rest["items"][0]["id"]


async def test_a_locked_user_is_out_at_once_and_back_after_unlocking(web: Web) -> None:
    client, operator = await web.register("Lockme"), await web.operator(role="operator")
    issued = (await client.post("/api/auth/tokens", json={"name": "ci", "scopes": ["read"]})).json()
    token = {"Authorization": f"Bearer {issued['token']}"}
    me, login = await who(client), {"name": "Lockme", "password": PASSWORD}
    answer = await operator.patch(f"/api/users/{me}", json={"locked": True})
    assert answer.status_code == 200, answer.text
    assert answer.json()["locked_ms"]
    assert (await client.get("/api/auth/me")).status_code == 401
    assert (await web.client.get("/api/auth/me", headers=token)).status_code == 401
    assert (await web.client.post("/api/auth/login", json=login)).status_code == 403
    wrong = login | {"password": "a wrong one"}
    assert (await web.client.post("/api/auth/login", json=wrong)).status_code == 401
    assert [u["id"] for u in (await operator.get("/api/users", params={"locked": True})).json()["items"]] == [me]
    assert (await operator.patch(f"/api/users/{me}", json={"locked": False})).status_code == 200
    assert (await web.client.post("/api/auth/login", json=login)).status_code == 200
    assert (await web.client.get("/api/auth/me", headers=token)).status_code == 401  # who had it by then, nobody knows
    assert (await client.get("/api/auth/me")).status_code == 401  # that session is over


async def test_a_locked_users_agents_are_dropped_and_halt_until_it_is_unlocked(
    web: Web, bus_for: BusFor, tmp_path: Path
) -> None:
    client, operator = await web.register("Lock Agents"), await web.operator(role="operator")
    me, plays, rests = await who(client), await made(client, "plays"), await made(client, "rests")
    assert (await client.post("/api/agents/actions", json={"action": "pause", "agents": [rests]})).status_code == 200
    buses: dict[str, Bus] = {}
    paths: dict[str, Path] = {}
    for agent in (plays, rests):
        creds = (await client.post(f"/api/agents/{agent}/credentials", json={})).json()["creds"]
        paths[agent] = creds_file(tmp_path, creds)
        buses[agent] = await connect(web.settings.nats, paths[agent], name="agent", inbox=inbox(agent))
    mirror = kv.Mirror(await bus_for(REGISTRAR), AGENTS_BUCKET, AgentRecord)
    await mirror.start()

    for _ in range(2):  # whoever is not sure that it came to NATS does it again
        assert (await operator.patch(f"/api/users/{me}", json={"locked": True})).status_code == 200
    async with asyncio.timeout(DEADLINE_S):
        for bus in buses.values():
            await bus.closed.wait()
    await eventually(lambda: [mirror.records[agent].paused for agent in buses] == [True, True])

    assert (await operator.patch(f"/api/users/{me}", json={"locked": False})).status_code == 200
    await eventually(lambda: [mirror.records[agent].paused for agent in buses] == [False, True])
    await mirror.stop()
    with pytest.raises(Unreachable, match=r"(?i)authorization|revoked"):
        await connect(web.settings.nats, paths[plays], name="a", inbox=inbox(plays), timeout_s=1)
    login = (await web.client.post("/api/auth/login", json={"name": "Lock Agents", "password": PASSWORD})).json()
    headers = {"Authorization": f"Bearer {login['access_token']}"}
    fresh = (await web.client.post(f"/api/agents/{plays}/credentials", json={}, headers=headers)).json()["creds"]
    again = await connect(web.settings.nats, creds_file(tmp_path, fresh), name="agent", inbox=inbox(plays))
    await again.close()


async def test_roles_are_changed_by_administrators_alone_and_hold_at_once(web: Web) -> None:
    client, operator, admin = await web.register(), await web.operator(role="operator"), await web.operator()
    me = await who(client)
    for refused in (client, operator):
        assert (await refused.patch(f"/api/users/{me}", json={"role": "admin"})).status_code == 403
    for target in (await who(operator), await who(admin)):
        assert (await operator.patch(f"/api/users/{target}", json={"locked": True})).status_code == 403
    assert (await client.get("/api/users")).status_code == 403
    assert (await admin.patch(f"/api/users/{me}", json={"role": "operator"})).status_code == 200
    assert (await client.get("/api/users")).status_code == 200
    assert (await client.get("/api/quarantine")).status_code == 200
    assert (await client.patch(f"/api/users/{me}", json={"role": "admin"})).status_code == 403
    assert (await admin.patch(f"/api/users/{me}", json={"role": "user"})).status_code == 200
    assert (await client.get("/api/users")).status_code == 403


@pytest.mark.parametrize("body", [{"role": "house"}, {"role": "root"}, {"name": "x"}, {"locked": "maybe"}])
async def test_what_cannot_be_changed(web: Web, body: dict[str, Any]) -> None:
    client, admin = await web.register(), await web.operator()
    assert (await admin.patch(f"/api/users/{await who(client)}", json=body)).status_code == 400


async def test_nobody_locks_himself_out_and_nobody_unknown_is_changed(web: Web) -> None:
    admin = await web.operator()
    assert (await admin.patch(f"/api/users/{await who(admin)}", json={"locked": True})).status_code == 403
    assert (await admin.patch("/api/users/nobody", json={"locked": True})).status_code == 404


async def test_one_administrator_stays(web: Web) -> None:
    admin = await web.operator()
    me = await who(admin)
    for other in (await admin.get("/api/users", params={"role": "admin"})).json()["items"]:
        if other["id"] != me:
            assert (await admin.patch(f"/api/users/{other['id']}", json={"role": "user"})).status_code == 200
    assert (await admin.patch(f"/api/users/{me}", json={"role": "user"})).status_code == 409
    assert (await admin.get("/api/users")).status_code == 200


async def test_operators_announce_and_everybody_reads(web: Web) -> None:
    client, operator = await web.register(), await web.operator(role="operator")
    said = {"text": "Down for an hour <script>", "level": "warning", "until_ms": now_ms() + 3_600_000}
    assert (await client.post("/api/announcements", json=said)).status_code == 403
    assert (await web.client.post("/api/announcements", json=said)).status_code == 401
    made = (await operator.post("/api/announcements", json=said)).json()
    read = (await web.client.get("/api/announcements")).json()["items"]
    assert read == [made]
    assert made["text"] == said["text"]
    path = f"/api/announcements/{made['id']}"
    assert (await client.delete(path)).status_code == 403
    assert (await operator.delete(path)).status_code == 204
    assert (await operator.delete(path)).status_code == 404
    assert (await web.client.get("/api/announcements")).json()["items"] == []


@pytest.mark.parametrize(
    "body", [{"text": ""}, {"text": "x" * 2_001}, {"text": "x", "level": "loud"}, {"text": "x", "until_ms": 1}]
)
async def test_what_is_no_announcement(web: Web, body: dict[str, Any]) -> None:
    assert (await (await web.operator()).post("/api/announcements", json=body)).status_code == 400
