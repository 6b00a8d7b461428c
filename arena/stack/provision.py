"""Provisioning a server that runs: the newest account, then streams, buckets and consumers for every game."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from arena.bus import Bus, connect
from arena.bus.provision import provision as provision_streams
from arena.credentials import Keyring, push_account
from arena.games import load_catalogue
from arena.settings import Settings
from arena.wire.subjects import REGISTRAR, inbox


@asynccontextmanager
async def connected(settings: Settings, who: str) -> AsyncIterator[Bus]:
    """A connection as `who` (a role's name, or "system"), closed at the end. Raises Unreachable."""
    creds = settings.home / "creds" / f"{who}.creds"
    bus = await connect(settings.nats, creds, name=f"arena-{who}", inbox=inbox(who))
    try:
        yield bus
    finally:
        await bus.close()


async def provision(settings: Settings, keyring: Keyring) -> list[str]:
    """Do it; returns the games' names. Raises BusError or AccountError."""
    games = sorted(load_catalogue(settings.games_file))
    async with connected(settings, "system") as system:
        await push_account(system, keyring, {})
    async with connected(settings, REGISTRAR) as registrar:
        await provision_streams(
            registrar, games, claim_lease_ms=settings.claim_lease_ms, replicas=settings.nats_replicas
        )
    return games
