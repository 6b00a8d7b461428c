"""Credentials over HTTP: a rotation is all or nothing, a deletion of many drops them all, the last use is known."""

import asyncio
import secrets
import time
from pathlib import Path
from typing import Any

import httpx
import nkeys
import structlog

from arena.api import last_use
from arena.api.last_use import LastUse
from arena.bus import Bus, connect
from arena.store.database import Database
from arena.wire.subjects import API, inbox
from tests.api.conftest import Web, creds_file
from tests.api.test_agents import made
from tests.conftest import BusFor
from tests.recorder.conftest import DEADLINE_S

log = structlog.get_logger()


def public_key() -> str:
    seed = nkeys.encode_seed(secrets.token_bytes(32), nkeys.PREFIX_BYTE_USER)
    return str(nkeys.from_seed(seed).public_key.decode())


async def issued(client: httpx.AsyncClient, agent: str, **body: Any) -> dict[str, Any]:
    answer = await client.post(f"/api/agents/{agent}/credentials", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def listed(client: httpx.AsyncClient, agent: str) -> list[dict[str, Any]]:
    return list((await client.get(f"/api/agents/{agent}/credentials")).json()["items"])


async def connected(web: Web, folder: Path, agent: str, creds: str) -> Bus:
    return await connect(web.settings.nats, creds_file(folder, creds), name="agent", inbox=inbox(agent))


async def test_a_rotation_that_fails_leaves_the_old_ones(web: Web, tmp_path: Path) -> None:
    client = await web.register()
    agent = await made(client)
    old = await issued(client, agent)
    bus = await connected(web, tmp_path, agent, old["creds"])
    for body in ({"public_key": "UNO"}, {"public_key": old["public_key"]}, {"expires_s": 0}, {"label": "x" * 101}):
        assert (await client.post(f"/api/agents/{agent}/credentials/rotate", json=body)).status_code == 400
    assert [one["revoked_ms"] for one in await listed(client, agent)] == [None]
    await bus.barrier()
    assert bus.connected

    own = public_key()
    body = {"public_key": own, "label": "new", "expires_s": 3_600}
    answer = await client.post(f"/api/agents/{agent}/credentials/rotate", json=body)
    assert (answer.json()["creds"], answer.json()["url"]) == (None, web.settings.public_nats)
    assert answer.json()["expires_ms"] / 1000 - time.time() <= 3_600
    async with asyncio.timeout(DEADLINE_S):
        await bus.closed.wait()
    assert {one["public_key"]: one["revoked_ms"] is None for one in await listed(client, agent)} == {
        own: True,
        old["public_key"]: False,
    }


async def test_deleting_many_drops_all_their_connections(web: Web, tmp_path: Path) -> None:
    client = await web.register()
    agents = [await made(client, f"a{number}") for number in range(3)]
    buses = []
    for agent in agents:
        folder = tmp_path / agent
        folder.mkdir()
        buses.append(await connected(web, folder, agent, (await issued(client, agent))["creds"]))
    await client.post("/api/agents/actions", json={"action": "delete", "agents": agents})
    async with asyncio.timeout(DEADLINE_S):
        for bus in buses:
            await bus.closed.wait()


async def test_the_last_use_is_known(web: Web, tmp_path: Path) -> None:
    client = await web.register()
    agent = await made(client)
    used, unused = await issued(client, agent, label="used"), await issued(client, agent, label="unused")
    before = time.time() * 1000
    bus = await connected(web, tmp_path, agent, used["creds"])
    async with asyncio.timeout(DEADLINE_S):
        while not (found := {one["label"]: one["used_ms"] for one in await listed(client, agent)})["used"]:
            pass
    await bus.close()
    assert before - 1_000 <= found["used"] <= time.time() * 1000
    assert found["unused"] is None
    assert unused["public_key"] != used["public_key"]


async def test_of_many_processes_one_writes(web: Web, migrated: str, bus_for: BusFor) -> None:
    client = await web.register()
    agent = await made(client)
    keys = [(await issued(client, agent))["public_key"] for _ in range(3)]
    database = Database(migrated, pool_size=4)
    processes = [LastUse(await bus_for(API), database) for _ in range(4)]
    now = int(time.time() * 1000)
    for number, process in enumerate(processes):
        process._waiting = dict.fromkeys(keys if number % 2 else keys[::-1], now + number)
    await asyncio.gather(*(process._write() for process in processes))
    assert sum(process.written for process in processes) == len(keys)
    processes[0]._waiting = {keys[0]: now + last_use.STEP_MS + 10}
    await processes[0]._write()
    assert sum(process.written for process in processes) == len(keys) + 1
    assert sorted(one["used_ms"] >= now + last_use.STEP_MS for one in await listed(client, agent)) == [0, 0, 1]
    await database.close()


async def test_what_cannot_be_written_now_is_written_later(web: Web, migrated: str, bus_for: BusFor) -> None:
    client = await web.register()
    agent = await made(client)
    key = (await issued(client, agent))["public_key"]
    away = Database("postgresql://nobody@127.0.0.1:1/nothing", pool_size=1)
    noting = LastUse(await bus_for(API), away)
    noting._waiting[key] = int(time.time() * 1000)
    await noting._write()
    assert noting._waiting.keys() == {key}
    noting._database = Database(migrated, pool_size=1)
    await noting.close()
    assert (noting._waiting, noting.written) == ({}, 1)
    assert (await listed(client, agent))[0]["used_ms"]
    assert last_use.STEP_MS > last_use.WRITE_MS
    await noting._database.close()
    await away.close()


async def test_credentials_and_versions_come_in_pages(web: Web) -> None:
    client = await web.register()
    agent = await made(client)
    keys = {(await issued(client, agent))["public_key"] for _ in range(3)}
    for number in (2, 3):
        await client.post(f"/api/agents/{agent}/versions", json={"description": f"the {number}."})
    for what, name, expected in (("credentials", "public_key", keys), ("versions", "version", {1, 2, 3})):
        seen, cursor = [], {}
        for _ in range(3):
            page = (await client.get(f"/api/agents/{agent}/{what}", params={"limit": 1, **cursor})).json()
            seen += [item[name] for item in page["items"]]
            cursor = {"cursor": page["next"]}
        assert (set(seen), len(seen), page["next"]) == (expected, 3, None)
        assert (await client.get(f"/api/agents/{agent}/{what}", params={"cursor": "x y"})).status_code == 400
