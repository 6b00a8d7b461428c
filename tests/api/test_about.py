"""What everybody may know of the platform before logging in."""

import msgspec

import arena
from arena.stack.ports import free
from arena.wire.lobby import PROTOCOL
from arena.wire.subjects import API
from tests.api.conftest import PASSWORD, Web, serving
from tests.conftest import BusFor


async def test_about_says_where_agents_and_browsers_connect(web: Web) -> None:
    assert await web.ask("/api/about") == {
        "name": "Arena",
        "version": arena.__version__,
        "protocol": PROTOCOL,
        "nats": web.settings.public_nats,
        "websocket": web.settings.nats_websocket_url,
        "registering": True,
    }


async def test_where_nobody_may_register_and_no_browser_plays(served: Web, bus_for: BusFor) -> None:
    settings = msgspec.structs.replace(served.settings, api_port=free(), nats_websocket_url="", register_open=False)
    async with serving(settings, await bus_for(API)) as web:
        about = await web.ask("/api/about")
        assert (about["websocket"], about["registering"]) == (None, False)
        refused = await web.client.post("/api/auth/register", json={"name": "somebody", "password": PASSWORD})
        assert refused.status_code == 403
        assert "an operator makes users" in refused.json()["detail"]
