"""What everybody may see of anybody's agent: who it is, and how it does."""

from tests.api.conftest import Recorded, Web
from tests.api.test_agents import made
from tests.core import matchlog


async def test_a_profile_is_for_everybody_and_says_nothing_private(web: Web, recorded: Recorded) -> None:
    dora = await web.register()
    me = (await dora.get("/api/auth/me")).json()
    strong, weak = await made(dora, "strong"), await made(await web.register(), "weak")
    await recorded.write(matchlog.whole("pr1", [strong, weak], [1, 2]))
    await dora.patch(f"/api/agents/{strong}", json={"capabilities": ["minimax"], "open_to": "nobody"})
    shown = await web.ask(f"/api/agents/{strong}/profile")
    (rating,) = shown.pop("ratings")
    assert (rating["game"], rating["won"], rating["agent"]) == ("connect_four", 1, strong)
    assert rating["rank"] < (await web.ask(f"/api/agents/{weak}/profile"))["ratings"][0]["rank"]
    assert shown.pop("created_ms") > 0
    assert shown == {
        "id": strong,
        "name": "strong",
        "owner": {"id": me["id"], "name": me["name"]},
        "description": "thinks",
        "capabilities": ["minimax"],
        "house": False,
        "version": 1,
        "deleted_ms": None,
        "open_to": "nobody",
    }


async def test_a_deleted_agents_profile_says_so_and_who_never_was_has_none(web: Web) -> None:
    client = await web.register()
    agent = await made(client, "gone")
    assert (await client.delete(f"/api/agents/{agent}")).status_code == 204
    shown = await web.ask(f"/api/agents/{agent}/profile")
    assert shown["deleted_ms"] >= shown["created_ms"]
    assert shown["name"] == "gone"
    assert (await web.client.get("/api/agents/nobody/profile")).status_code == 404
