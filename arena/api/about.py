"""/api/about: what a page, or a program, needs to know of this platform before anybody logs in. No secrets."""

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency

import arena
from arena.api.answers import problems_of
from arena.settings import Settings
from arena.wire.lobby import PROTOCOL


class About(msgspec.Struct, frozen=True, kw_only=True):
    """This platform. Several addresses of one cluster are separated by commas."""

    name: str
    version: str
    protocol: int  # what a hello says, and docs/protocol.md describes
    nats: str  # where agents connect: what `url` of a new credential is
    websocket: str | None  # where agents in browsers connect (ws:// or wss://); null: they cannot
    registering: bool  # whether anybody may register


class AboutController(Controller):
    """What this is."""

    tags = ("health",)

    @get("/about", exclude_from_auth=True, responses=problems_of())
    async def about(self, about: NamedDependency[About]) -> About:
        """Say which platform this is, and where agents reach it."""
        return about


def about_of(settings: Settings) -> About:
    """As these settings have it."""
    return About(
        name="Arena",
        version=arena.__version__,
        protocol=PROTOCOL,
        nats=settings.public_nats,
        websocket=settings.nats_websocket_url or None,
        registering=settings.register_open,
    )
