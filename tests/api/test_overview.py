"""The platform in a few numbers; with a matchmaker in test_agents_live."""

import asyncio

from sqlalchemy import text

from arena.api.stamps import now_ms
from arena.store.database import Database
from arena.store.overview import stored
from tests.api.conftest import Recorded, Web
from tests.api.test_agents import made
from tests.core import matchlog
from tests.eventually import eventually


async def test_what_there_is_is_counted_and_found_out_once_for_all(web: Web, recorded: Recorded) -> None:
    before = await web.ask("/api/overview")
    assert before["now"] is None  # there is no matchmaker here
    assert now_ms() - before["at_ms"] < 60_000
    assert before["games"] == len(await web.ask("/api/games"))
    client = await web.register()
    agent = await made(client)
    await recorded.write(matchlog.whole("ov1", [agent, "x"], [1, 2]))

    async def counted() -> bool:
        found = await web.ask("/api/overview")
        return all(found[name] == before[name] + 1 for name in ("users", "agents", "matches"))

    await eventually(counted)
    answers = await asyncio.gather(*(web.ask("/api/overview") for _ in range(50)))
    assert len({one["at_ms"] for one in answers}) <= 2
    await client.delete(f"/api/agents/{agent}")
    await eventually(lambda: fewer(web, before["agents"]))


async def fewer(web: Web, agents: int) -> bool:
    return bool((await web.ask("/api/overview"))["agents"] == agents)


async def test_of_many_matches_an_estimate_is_told(web: Web, recorded: Recorded) -> None:
    for number in range(5):
        await recorded.write(matchlog.whole(f"om{number}", ["x", "y"], [1, 2]))
    database = Database(web.settings.database_url, pool_size=1)
    async with database.begin() as connection:
        await connection.execute(text("ANALYZE matches"))
        counted, estimated = await stored(connection), await stored(connection, exact=3)
        assert estimated.matches == counted.matches >= 5  # nobody wrote since
    await database.close()
