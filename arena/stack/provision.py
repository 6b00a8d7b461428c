"""What servers that run need before services start: account, streams, schema, the first admin, the house's agents."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from arena.api.bootstrap import ensure_admin, ensure_house_bots
from arena.api.registrar import open_registrar
from arena.bots import HOUSE
from arena.bus import Bus, connect
from arena.bus.provision import provision as provision_streams
from arena.credentials import Keyring, push_account, push_system
from arena.games import load_catalogue
from arena.settings import Settings
from arena.stack.admissions import keep_shipped
from arena.stack.processes import together
from arena.store.database import Database
from arena.store.migrate import migrate
from arena.wire.subjects import REGISTRAR, inbox


class Provisioned(msgspec.Struct, frozen=True):
    """What is there now."""

    games: list[str]
    admin_password: str | None  # the first one, said once; None: there is an administrator already


@asynccontextmanager
async def connected(settings: Settings, who: str, timeout_s: float = 5.0) -> AsyncIterator[Bus]:
    """A connection as `who` (a role's name, or "system"), closed at the end. Raises Unreachable."""
    creds = settings.home / "creds" / f"{who}.creds"
    bus = await connect(settings.nats, creds, name=f"arena-{who}", inbox=inbox(who), timeout_s=timeout_s)
    try:
        yield bus
    finally:
        await bus.close()


async def provision(settings: Settings, keyring: Keyring) -> Provisioned:
    """Do it. Doing it again adds what is new and changes nothing else. Raises BusError, AccountError or StoreError."""
    games = sorted(load_catalogue(settings.games_file))
    await together(migrate(settings.database_url), _streams(settings, keyring, games))
    async with open_registrar(settings, REGISTRAR) as registrar:
        password = await ensure_admin(registrar)
        await ensure_house_bots(registrar, HOUSE, settings.home)
    await _admissions(settings.database_url)
    return Provisioned(games, password)


async def _admissions(url: str) -> None:
    database = Database(url, pool_size=1)
    try:
        async with database.begin() as connection:
            await keep_shipped(connection)
    finally:
        await database.close()


async def _streams(settings: Settings, keyring: Keyring, games: list[str]) -> None:
    async with connected(settings, "system") as system:
        await push_system(system, keyring)
        await push_account(system, keyring, {})
    async with connected(settings, REGISTRAR) as registrar:
        await provision_streams(
            registrar, games, claim_lease_ms=settings.claim_lease_ms, replicas=settings.nats_replicas
        )
