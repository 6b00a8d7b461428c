"""An owner's agents as a list shows them: how each stands, and its faults (what it is doing: test_agents_live)."""

import httpx

from arena.api.stamps import new_id
from arena.store.accounts import PAGE_MAX
from arena.wire.inquiry import AGENTS_MAX
from tests.api.conftest import Recorded, Web
from tests.api.test_agents import made
from tests.core import matchlog


async def overview(client: httpx.AsyncClient, **query: object) -> dict[str, object]:
    answer = await client.get("/api/agents/overview", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_each_agent_with_its_most_played_game_and_the_faults_of_the_last_day(
    web: Web, recorded: Recorded
) -> None:
    client = await web.register()
    first, second = await made(client, "first"), await made(client, "second")
    today, long_ago = [new_id(), new_id()], [f"{'0' * 24}{number}" for number in range(10, 12)]
    for match in (*long_ago, *today):
        lines = matchlog.whole(match, [first, "x"], [1, 2])
        await recorded.write([*lines[:-1], matchlog.faulted(match, 0), matchlog.faulted(match, 1), lines[-1]])
    other = new_id()
    await recorded.write(
        [matchlog.created(other, [first, "x"], game="chess"), matchlog.ended(other, [1, 2], game="chess")]
    )
    (newest, oldest) = (await overview(client))["items"]
    assert (newest["id"], newest["summary"], newest["presence"]) == (
        second,
        {"best": None, "games": 0, "faults": 0},
        None,  # there is no matchmaker here
    )
    assert (oldest["id"], oldest["quarantine"], oldest["metadata"]) == (first, [], {"kind": "llm"})
    assert (oldest["summary"]["games"], oldest["summary"]["faults"]) == (2, 2)
    best = oldest["summary"]["best"]
    assert (best["game"], best["played"], best["ordinal"]) == ("connect_four", 4, best["mu"] - 3 * best["sigma"])


async def test_the_overview_pages_and_filters_as_the_list_does(web: Web) -> None:
    client = await web.register()
    agents = [await made(client, f"a{number}") for number in range(5)]
    page = await overview(client, limit=2)
    rest = await overview(client, cursor=page["next"])
    assert [one["id"] for one in [*page["items"], *rest["items"]]] == agents[::-1]
    assert rest["next"] is None
    assert [one["name"] for one in (await overview(client, search="A3"))["items"]] == ["a3"]
    await client.post(f"/api/agents/{agents[0]}/pause")
    assert [one["id"] for one in (await overview(client, state="paused"))["items"]] == [agents[0]]
    assert (await overview(await web.register()))["items"] == []


def test_one_request_is_enough_for_a_page() -> None:
    assert AGENTS_MAX >= PAGE_MAX
