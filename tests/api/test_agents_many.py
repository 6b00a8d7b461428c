"""Many agents: searched, paged, acted on together, and not sent twice."""

import httpx
import pytest

from arena.api.agents import AT_ONCE_MAX
from tests.api.conftest import Recorded, Web
from tests.api.test_agents import made, records
from tests.conftest import BusFor
from tests.core import matchlog


async def names(client: httpx.AsyncClient, **query: object) -> list[str]:
    answer = await client.get("/api/agents", params=query)
    assert answer.status_code == 200, answer.text
    return [agent["name"] for agent in answer.json()["items"]]


async def test_search_by_text_state_and_capability(web: Web) -> None:
    client, other = await web.register(), await web.register()
    deep = await made(client, "Deep 100%")
    shallow = {"name": "shallow", "description": "Deepens nothing", "capabilities": ["vision", "chess", "chess"]}
    assert (await client.post("/api/agents", json=shallow)).json()["capabilities"] == ["chess", "vision"]
    await made(other, "deep elsewhere")
    assert await names(client, search="deep") == ["shallow", "Deep 100%"]
    assert await names(client, search="100%") == ["Deep 100%"]
    assert await names(client, search="_") == []
    assert await names(client, capability="chess") == ["shallow"]
    assert await names(client, capability="ches") == []
    await client.post(f"/api/agents/{deep}/pause")
    assert await names(client, state="paused") == ["Deep 100%"]
    assert await names(client, state="ready", search="DEEP") == ["shallow"]
    assert (await client.get("/api/agents", params={"state": "asleep"})).status_code == 400
    changed = await client.patch(f"/api/agents/{deep}", json={"capabilities": ["go"]})
    assert (changed.json()["capabilities"], changed.json()["description"]) == (["go"], "thinks")


@pytest.mark.parametrize("capabilities", [["x" * 41], [""], ["a"] * 33, ["a\0b"], "chess", [1]])
async def test_what_is_no_capability(web: Web, capabilities: object) -> None:
    client = await web.register()
    assert (await client.post("/api/agents", json={"name": "a", "capabilities": capabilities})).status_code == 400


async def test_what_did_not_change_is_not_sent_again(web: Web) -> None:
    client = await web.register()
    agent = await made(client)
    for path in (f"/api/agents/{agent}", f"/api/agents/{agent}/versions"):
        first = await client.get(path)
        again = await client.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert "private" in first.headers["Cache-Control"]
        await client.post(f"/api/agents/{agent}/versions", json={"description": path})
        changed = await client.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert changed.status_code == 200
        assert changed.headers["ETag"] != first.headers["ETag"]


async def test_actions_on_many_are_done_or_not_one_by_one(web: Web, bus_for: BusFor) -> None:
    client, other = await web.register(), await web.register()
    mine = [await made(client, f"m{number}") for number in range(3)]
    foreign = await made(other)

    async def act(action: str, agents: list[str]) -> dict[str, bool]:
        answer = await client.post("/api/agents/actions", json={"action": action, "agents": agents})
        assert answer.status_code == 200, answer.text
        assert all(bool(one["problem"]) != one["done"] for one in answer.json())
        return {one["agent"]: one["done"] for one in answer.json()}

    wanted = [*mine[:2], foreign, "nobody", "\0", mine[2], mine[0]]
    done = {**dict.fromkeys(mine, True), foreign: False, "nobody": False, "\0": False}
    assert await act("pause", wanted) == done
    known = await records(bus_for)
    assert [known[agent].paused for agent in (*mine, foreign)] == [True, True, True, False]
    assert await act("resume", mine[:2]) == dict.fromkeys(mine[:2], True)
    assert await names(client, state="ready") == ["m1", "m0"]
    assert await act("delete", wanted) == done
    assert await act("delete", mine) == dict.fromkeys(mine, False)
    assert not {*mine} & (await records(bus_for)).keys()
    assert (await other.get(f"/api/agents/{foreign}")).status_code == 200
    for body in (
        {"action": "delete", "agents": []},
        {"action": "delete", "agents": [f"a{number}" for number in range(AT_ONCE_MAX + 1)]},
        {"action": "promote", "agents": mine},
    ):
        assert (await client.post("/api/agents/actions", json=body)).status_code == 400


async def test_what_cannot_be_played_again_is_shown_without_observations(web: Web, recorded: Recorded) -> None:
    client = await web.register()
    agent = await made(client)
    lines = matchlog.whole("trail1", [agent, "other"], [1, 2])
    await recorded.write([*lines[:3], matchlog.faulted("trail1", 0), matchlog.faulted("trail1", 1), *lines[3:]])
    trail = (await client.get(f"/api/agents/{agent}/trail", params={"match": "trail1"})).json()
    assert trail["problem"]
    assert trail["seats"] == [0]
    assert [(turn["ply"], turn["observation"], len(turn["faults"])) for turn in trail["items"]] == [
        (0, None, 0),
        (1, None, 1),
        (2, None, 0),
    ]
    assert trail["items"][1]["faults"][0]["evidence"] == "nonsense"
    assert trail["items"][1]["played"] is None
