"""The web server on real servers: requests over a real socket.

One server for all tests of a module: starting one takes longer than most of these tests. A test that ends it, fills it
or replaces its parts takes one of its own.
"""

import asyncio
import contextlib
import secrets
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import structlog

from arena.api.service import run
from arena.bus import Bus
from arena.bus.provision import provision
from arena.credentials import Keyring
from arena.games import load_catalogue
from arena.recorder.service import Recorder, game_type
from arena.service import Service
from arena.settings import Settings
from arena.stack.embedded import EmbeddedNats
from arena.stack.ports import free
from arena.store.accounts import UserRole
from arena.store.database import Database
from arena.store.migrate import migrate
from arena.store.sessions import tell
from arena.store.users import change_user
from arena.wire.subjects import API, MATCHMAKER, RECORDER, REGISTRAR, RUNNER
from tests.conftest import BusFor, connections, with_database
from tests.core import matchlog
from tests.eventually import eventually
from tests.recorder.conftest import DEADLINE_S, Log

PASSWORD = "correct horse"
NOBODY_TRUSTED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # these URLs are plain; each client would load all authorities


@dataclass
class Web:
    """A running API, and somebody who asks it."""

    client: httpx.AsyncClient
    settings: Settings
    stop: asyncio.Event
    opened: contextlib.AsyncExitStack
    bus: Bus

    async def register(self, name: str = "") -> httpx.AsyncClient:
        """A new user's client, logged in."""
        answer = await self.client.post(
            "/api/auth/register", json={"name": name or f"user-{secrets.token_hex(4)}", "password": PASSWORD}
        )
        assert answer.status_code == 201, answer.text
        headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        return await self.opened.enter_async_context(asking(str(self.client.base_url), headers))

    async def operator(self, role: UserRole = "admin", name: str = "") -> httpx.AsyncClient:
        """An administrator's (or an operator's) client."""
        client = await self.register(name)
        me = (await client.get("/api/auth/me")).json()
        database = Database(self.settings.database_url, pool_size=1)
        async with database.begin() as connection:  # as `arena user role` does it
            await change_user(connection, me["id"], {"role": role})
            await tell(connection, me["id"])
        await database.close()
        answer = await self.client.post("/api/auth/login", json={"name": me["name"], "password": PASSWORD})
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"  # says the new role itself
        return client

    async def ask(self, path: str, **query: Any) -> Any:
        """What a public path answers."""
        answer = await self.client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture(scope="module")
async def migrated(database_url: str) -> str:
    await migrate(database_url)
    return database_url


@pytest.fixture(scope="module")
async def served(
    settings: Settings, migrated: str, home: Path, nats_server: EmbeddedNats, keyring: Keyring
) -> AsyncIterator[Web]:
    """The API's service in this process, on a free port."""
    async with connections(home, nats_server, keyring) as bus_for:
        await provision(await bus_for(REGISTRAR), ["connect_four"], claim_lease_ms=2000)
        own = msgspec.structs.replace(with_database(settings, migrated), api_port=free())
        async with serving(own, await bus_for(API)) as web:
            yield web


@pytest.fixture
async def web(served: Web) -> AsyncIterator[Web]:
    """The module's server, with clients of this test's own."""
    async with asking(str(served.client.base_url)) as client, contextlib.AsyncExitStack() as opened:
        yield replace(served, client=client, opened=opened)


@pytest.fixture
async def own_web(served: Web, bus_for: BusFor) -> AsyncIterator[Web]:
    """A second server beside the module's, for one test to do with what it wants."""
    async with serving(msgspec.structs.replace(served.settings, api_port=free()), await bus_for(API)) as web:
        yield web


def asking(base: str, headers: dict[str, str] | None = None) -> httpx.AsyncClient:
    """Somebody who asks the server at this address."""
    return httpx.AsyncClient(base_url=base, headers=headers, trust_env=False, timeout=DEADLINE_S, verify=NOBODY_TRUSTED)


@contextlib.asynccontextmanager
async def serving(settings: Settings, bus: Bus, *, limited: bool = False) -> AsyncIterator[Web]:
    """The API's service in this process. limited: with the rate limits that are set; else tests may log in at will."""
    if not limited:
        free_of = ("login_name", "login_address", "register_address", "refresh_address")
        settings = msgspec.structs.replace(settings, **{f"{name}_hourly_max": 1_000_000 for name in free_of})
    stop = asyncio.Event()
    service = Service(API, "api-test", settings, bus, structlog.get_logger(), stop, 0)
    task = asyncio.create_task(run(service))
    base = f"http://127.0.0.1:{settings.api_port}"
    async with asking(base) as client:
        await eventually(lambda: task.done() or listening(client))
        assert not task.done(), task.exception()
        async with contextlib.AsyncExitStack() as opened:
            yield Web(client, settings, stop, opened, bus)
    stop.set()
    async with asyncio.timeout(DEADLINE_S):
        await task


async def listening(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/api/health")).status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture
async def log(web: Web, bus_for: BusFor) -> Log:
    return Log(await bus_for(MATCHMAKER), await bus_for(RUNNER))


@dataclass
class Recorded:
    """Writes to the log, and waits until it is in the tables."""

    log: Log
    recorder: Recorder

    async def write(self, lines: list[matchlog.Line]) -> int:
        last = await self.log.write(lines)
        async with asyncio.timeout(DEADLINE_S):
            while self.recorder.last_seq < last:
                self.recorder.advanced.clear()
                await self.recorder.advanced.wait()
        return last


@pytest.fixture
async def recorded(log: Log, migrated: str, bus_for: BusFor) -> AsyncIterator[Recorded]:
    database = Database(migrated, pool_size=2)
    stop = asyncio.Event()
    recorder = Recorder(await bus_for(RECORDER), database, {}, structlog.get_logger())
    task = asyncio.create_task(recorder.run(stop, [game_type(game) for game in load_catalogue().values()]))
    async with asyncio.timeout(DEADLINE_S):
        await recorder.active.wait()
    yield Recorded(log, recorder)
    stop.set()
    await task
    await database.close()


def creds_file(folder: Path, text: str) -> Path:
    path = folder / f"{secrets.token_hex(4)}.creds"
    path.write_text(text)
    return path
