"""Rate limits: counted once for all processes, by name and by address, and not to be talked out of."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import httpx
import msgspec
import pytest

from arena.api.addresses import site
from arena.api.limits import BURST_MIN
from arena.settings import Settings, SettingsError, load
from arena.stack.ports import free
from arena.store import limits
from arena.store.database import Database
from arena.store.schema import rate_limits
from arena.wire.subjects import API
from tests.api.conftest import PASSWORD, Web, serving
from tests.conftest import BusFor, with_database

FEW = BURST_MIN  # with a limit this low an hour, so many come through at once


@pytest.fixture
async def database(migrated: str) -> AsyncIterator[Database]:
    database = Database(migrated, pool_size=5)
    async with database.begin() as connection:
        await connection.execute(rate_limits.delete())
    yield database
    await database.close()


@contextlib.asynccontextmanager
async def limited(settings: Settings, migrated: str, bus_for: BusFor, **more: int | str):
    own = msgspec.structs.replace(with_database(settings, migrated), api_port=free(), **more)
    async with serving(own, await bus_for(API), limited=True) as web:
        yield web


async def log_in(web: Web, name: str, **headers: str) -> httpx.Response:
    body = {"name": name, "password": "not the right one"}
    return await web.client.post("/api/auth/login", json=body, headers=headers)


async def test_as_many_as_the_burst_come_through_at_once_and_then_one_after_another(database: Database) -> None:
    async def take() -> int:
        async with database.begin() as connection:
            return await limits.take(connection, "k", every_ms=3_600_000, burst=4)

    waits = await asyncio.gather(*(take() for _ in range(12)))
    assert sorted(waits)[:4] == [0] * 4
    assert all(3_590_000 < wait <= 3_600_000 for wait in sorted(waits)[4:])
    async with database.begin() as connection:
        before = (await connection.execute(rate_limits.select())).one().due_ms
        assert await limits.take(connection, "k", every_ms=3_600_000, burst=4) > 0
        assert (await connection.execute(rate_limits.select())).one().due_ms == before  # refusals cost nothing
        assert await limits.take(connection, "another", every_ms=3_600_000, burst=4) == 0
        # an hour later there is one again, and one only
        await connection.execute(rate_limits.update().values(due_ms=rate_limits.c.due_ms - 3_600_000))
        assert await limits.take(connection, "k", every_ms=3_600_000, burst=4) == 0
        assert await limits.take(connection, "k", every_ms=3_600_000, burst=4) > 0


async def test_rows_that_limit_nothing_are_deleted(database: Database) -> None:
    async with database.begin() as connection:
        assert await limits.take(connection, "short", every_ms=1_000, burst=4) == 0
        assert await limits.take(connection, "long", every_ms=3_600_000, burst=4) == 0
        now_ms = (await connection.execute(rate_limits.select().where(rate_limits.c.key == "short"))).one().due_ms
        assert await limits.prune_limits(connection, now_ms + 1) == 1
        assert [row.key for row in await connection.execute(rate_limits.select())] == ["long"]


async def test_logging_in_is_limited_by_name_in_all_processes(
    settings: Settings, migrated: str, bus_for: BusFor, database: Database
) -> None:
    low = {"login_name_hourly_max": FEW}
    async with limited(settings, migrated, bus_for, **low) as one, limited(settings, migrated, bus_for, **low) as two:
        await one.register("Xena")
        answers = [await log_in(web, name) for web in (one, two) for name in ("Xena", "XENA", "xena")]
        assert [answer.status_code for answer in answers] == [401] * FEW + [429] * (6 - FEW)
        refused = answers[-1]
        assert refused.headers["content-type"].startswith("application/problem+json")
        assert 600 < int(refused.headers["retry-after"]) <= 3600 // FEW + 1
        # the right password is refused as well: else the answer would tell a guesser that it is right
        right = await two.client.post("/api/auth/login", json={"name": "Xena", "password": PASSWORD})
        assert right.status_code == 429
        assert (await log_in(two, "Yves")).status_code == 401


async def test_logging_in_is_limited_by_address(
    settings: Settings, migrated: str, bus_for: BusFor, database: Database
) -> None:
    async with limited(settings, migrated, bus_for, login_address_hourly_max=FEW) as web:
        answers = [await log_in(web, f"nobody {number}") for number in range(FEW + 1)]
        assert [answer.status_code for answer in answers] == [401] * FEW + [429]
        # an address that the client made up changes nothing: nobody trusts it
        assert (await log_in(web, "z", **{"X-Forwarded-For": "203.0.113.9"})).status_code == 429


async def test_registering_and_refreshing_are_limited_by_address(
    settings: Settings, migrated: str, bus_for: BusFor, database: Database
) -> None:
    low = {"register_address_hourly_max": FEW, "refresh_address_hourly_max": FEW}
    async with limited(settings, migrated, bus_for, **low) as web:
        body = {"password": PASSWORD}
        answers = [
            await web.client.post("/api/auth/register", json=body | {"name": f"limit {number}"})
            for number in range(FEW + 1)
        ]
        assert [answer.status_code for answer in answers] == [201] * FEW + [429]
        answers = [await web.client.post("/api/auth/refresh", json={"refresh_token": "x"}) for _ in range(FEW + 1)]
        assert [answer.status_code for answer in answers] == [401] * FEW + [429]


async def test_behind_a_trusted_proxy_each_client_has_its_own_limit(
    settings: Settings, migrated: str, bus_for: BusFor, database: Database
) -> None:
    low = {"login_address_hourly_max": FEW, "trusted_proxies": "127.0.0.0/8, 198.51.100.7"}
    async with limited(settings, migrated, bus_for, **low) as web:
        for _ in range(FEW):
            assert (await log_in(web, "a", **{"X-Forwarded-For": "203.0.113.1"})).status_code == 401
        assert (await log_in(web, "a", **{"X-Forwarded-For": "203.0.113.1"})).status_code == 429
        assert (await log_in(web, "a", **{"X-Forwarded-For": "203.0.113.2"})).status_code == 401
        # what stands left of the last untrusted address the client wrote itself
        forged = "203.0.113.99, 203.0.113.1, 198.51.100.7"
        assert (await log_in(web, "a", **{"X-Forwarded-For": forged})).status_code == 429


def test_a_subscriber_with_ipv6_is_one_client() -> None:
    assert site("2001:db8:1:2:3:4:5:6") == site("2001:db8:1:2:ffff::1") == "2001:db8:1:2::/64"
    assert site("2001:db8:1:3::1") != site("2001:db8:1:2::1")
    assert site("203.0.113.1") == "203.0.113.1"
    assert site("::ffff:203.0.113.1") == site("203.0.113.1")


@pytest.mark.parametrize("proxies", ["10.0.0.1/8", "everybody", "10.0.0.0/8; ::1"])
def test_proxies_are_networks(tmp_path, proxies: str) -> None:
    with pytest.raises(SettingsError, match=r"trusted_proxies .*expected addresses or networks"):
        load({"ARENA_HOME": str(tmp_path), "ARENA_TRUSTED_PROXIES": proxies})
