"""The audit log: every changing call, its result and its maker, and no secret."""

import asyncio
from typing import Any

import msgspec
import structlog

from arena.api.access import prune
from arena.api.audit import AuditLog
from arena.api.stamps import new_id, now_ms
from arena.store import audit
from arena.store.database import Database
from arena.store.schema import audit as table
from arena.wire import ids
from tests.api.conftest import PASSWORD, Web
from tests.eventually import eventually
from tests.recorder.conftest import DEADLINE_S


async def entries(operator: Any, **filters: Any) -> list[dict[str, Any]]:
    answer = await operator.get("/api/audit", params={"limit": 100, **filters})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def entry(operator: Any, **filters: Any) -> dict[str, Any]:
    async def found() -> list[dict[str, Any]]:
        return await entries(operator, **filters)

    return dict((await eventually(found, DEADLINE_S))[0])


async def test_a_changing_call_is_kept_with_who_what_where_and_what_came_of_it(web: Web) -> None:
    client, operator = await web.register("Zoe"), await web.operator(role="operator")
    me = (await client.get("/api/auth/me")).json()["id"]
    session = (await client.get("/api/auth/sessions")).json()[0]["id"]
    agent = (await client.post("/api/agents", json={"name": "a"})).json()["id"]
    made = await entry(operator, user=me, action="POST /api/agents")
    assert abs(made.pop("at_ms") - now_ms()) < 60_000
    assert ids.is_id(made.pop("id"))
    assert made == {
        "user": me,
        "user_name": "Zoe",
        "via": "session",
        "via_id": session,
        "address": "127.0.0.1",
        "action": "POST /api/agents",
        "object": agent,
        "status": 201,
        "detail": "",
    }
    issued = (await client.post("/api/auth/tokens", json={"name": "ci", "scopes": ["agents"]})).json()
    headers = {"Authorization": f"Bearer {issued['token']}"}
    assert (await web.client.delete(f"/api/agents/{agent}", headers=headers)).status_code == 204
    gone = await entry(operator, object=agent, action="DELETE")
    assert (gone["via"], gone["via_id"], gone["status"]) == ("token", issued["id"], 204)


async def test_refused_calls_are_kept_too(web: Web) -> None:
    client, operator = await web.register(), await web.operator()
    me = (await client.get("/api/auth/me")).json()["id"]
    await client.delete("/api/quarantine/chess")
    assert (await entry(operator, user=me, action="DELETE /api/quarantine"))["status"] == 403
    await web.client.post("/api/agents", json={"name": "x"})
    nobody = await entry(operator, action="POST /api/agents", status=401)
    assert (nobody["user"], nobody["via"]) == (None, "none")
    name = (await client.get("/api/auth/me")).json()["name"]
    await web.client.post("/api/auth/login", json={"name": name, "password": "a wrong one"})
    assert (await entry(operator, user=me, action="POST /api/auth/login"))["status"] == 401


async def test_reading_is_not_kept(web: Web) -> None:
    client, operator = await web.register(), await web.operator()
    me = (await client.get("/api/auth/me")).json()["id"]
    await client.get("/api/agents")
    await client.post("/api/agents", json={"name": "a"})
    await entry(operator, user=me, action="POST /api/agents")
    assert not await entries(operator, user=me, action="GET")


async def test_no_secret_is_in_it(web: Web) -> None:
    client, operator = await web.register("Anton"), await web.operator()
    login = {"name": "Anton", "password": PASSWORD}
    session = (await web.client.post("/api/auth/login", json=login)).json()
    renewed = (await web.client.post("/api/auth/refresh", json={"refresh_token": session["refresh_token"]})).json()
    token = (await client.post("/api/auth/tokens", json={"name": "ci", "scopes": ["read"]})).json()["token"]
    agent = (await client.post("/api/agents", json={"name": "a"})).json()["id"]
    creds = (await client.post(f"/api/agents/{agent}/credentials", json={"label": "l"})).json()["creds"]
    typed = "typed-my-password-as-a-name"
    await web.client.post("/api/auth/login", json={"name": typed, "password": PASSWORD})
    await client.post("/api/auth/password", json={"old": PASSWORD, "new": "battery staple"})
    await entry(operator, action="POST /api/auth/password")
    everything = str(await entries(operator))
    seed = next(line for line in creds.splitlines() if line.startswith("SU"))
    secrets = [PASSWORD, "battery staple", token, seed, typed]
    secrets += [session["access_token"], session["refresh_token"], renewed["refresh_token"]]
    for secret in secrets:
        assert secret not in everything


async def test_it_is_for_operators_filtered_and_in_pages(web: Web) -> None:
    client, operator = await web.register(), await web.operator()
    assert (await client.get("/api/audit")).status_code == 403
    assert (await web.client.get("/api/audit")).status_code == 401
    me = (await client.get("/api/auth/me")).json()["id"]
    for number in range(5):
        await client.post("/api/agents", json={"name": f"a{number}"})

    async def all_there() -> bool:
        return len(await entries(operator, user=me, action="POST /api/agents")) == 5

    await eventually(all_there, DEADLINE_S)
    seen, cursor = [], None
    for expected in (2, 2, 1):
        query = {"user": me, "action": "POST /api/agents", "limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await operator.get("/api/audit", params=query)).json()
        assert len(page["items"]) == expected
        seen += [one["id"] for one in page["items"]]
        cursor = page["next"]
    assert cursor is None
    assert seen == sorted(set(seen), reverse=True)
    between = await entries(operator, user=me, since_ms=0, until_ms=1)
    assert between == []
    assert (await operator.get("/api/audit", params={"limit": 1_000})).status_code == 400


def made_entry(**more: Any) -> audit.Entry:
    entry = audit.Entry(
        id=new_id(), at_ms=now_ms(), user=None, via="none", via_id=None, address="", action="A", object="", status=200
    )
    return msgspec.structs.replace(entry, **more)


async def test_entries_wait_for_the_database_and_a_bad_one_holds_up_nobody(migrated: str) -> None:
    nowhere = Database("postgresql://nobody@127.0.0.1:9/none", pool_size=1)
    log = AuditLog(nowhere, structlog.get_logger())
    log.start()
    first, bad, last = made_entry(), made_entry(object="\0"), made_entry()
    for one in (first, bad, last):
        log.add(one)
    await eventually(lambda: log._task is not None and not log._some.is_set(), DEADLINE_S)
    there = Database(migrated, pool_size=1)
    log._database = there  # it is back
    await log.stop()
    async with there.begin() as connection:
        query = table.select().where(table.c.id.in_([first.id, bad.id, last.id]))
        found = {row.id for row in await connection.execute(query)}
    assert found == {first.id, last.id}
    await there.close()
    await nowhere.close()


async def test_what_cannot_wait_any_more_goes_to_the_processs_log(monkeypatch) -> None:
    monkeypatch.setattr("arena.api.audit.WAITING_MAX", 2)
    with structlog.testing.capture_logs() as said:
        log = AuditLog(Database("postgresql://nobody@127.0.0.1:9/none", pool_size=1), structlog.get_logger())
        made = [made_entry() for _ in range(3)]
        for one in made:
            log.add(one)
    assert [line["id"] for line in said] == [made[2].id]


async def test_it_is_kept_as_long_as_the_setting_says(migrated: str) -> None:
    database = Database(migrated, pool_size=1)
    day_ms = 24 * 3_600_000
    aged = [
        made_entry(id=ids.make(now_ms() - days * day_ms, bytes(10)), at_ms=now_ms() - days * day_ms)
        for days in (31, 29)
    ]
    async with database.begin() as connection:
        await audit.add_entries(connection, aged)
    await prune(database, 30)
    async with database.begin() as connection:
        query = table.select().where(table.c.id.in_([one.id for one in aged]))
        assert [row.id for row in await connection.execute(query)] == [aged[1].id]
    await database.close()


async def test_a_call_does_not_wait_for_its_entry(web: Web, monkeypatch) -> None:
    never = asyncio.Event()

    async def stuck(_self: AuditLog) -> None:
        await never.wait()

    monkeypatch.setattr(AuditLog, "_write_batch", stuck)
    client = await web.register()
    assert (await client.post("/api/agents", json={"name": "a"})).status_code == 201
    never.set()
    monkeypatch.undo()
