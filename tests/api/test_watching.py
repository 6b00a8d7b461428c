"""What is worth watching: ratings of running matches, variety, and how it is found among many."""

import asyncio

import pytest
from sqlalchemy import text

from arena.api.lately import Lately
from arena.core.rating import MU
from arena.games import load_catalogue
from arena.store import running
from arena.store.database import Database
from tests.api.conftest import Recorded, Web
from tests.api.test_agents import made
from tests.core import matchlog


async def test_the_best_running_matches_with_their_ratings_now(web: Web, recorded: Recorded) -> None:
    client = await web.register("Wanda")
    ace, duffer = await made(client, "ace"), await made(client, "duffer")
    for number in range(6):
        await recorded.write(matchlog.whole(f"w{number}", [ace, duffer], [1, 2]))
    await recorded.write(
        [
            *(matchlog.created("x1", [ace, duffer]), matchlog.claimed("x1"), matchlog.moved("x1", 0)),
            *(matchlog.created("x2", [ace, "new"], versions=(2, 1)), matchlog.claimed("x2")),
            *(matchlog.created("x3", ["p", "q"], game="leduc_holdem"), matchlog.claimed("x3", game="leduc_holdem")),
            matchlog.created("x4", ["r", "s"]),  # nobody plays it yet
        ]
    )
    found = await web.ask("/api/watch")
    by_match = {one["match"]: one for one in found}
    assert set(by_match) == {"x1", "x2", "x3"}
    assert found[-1]["match"] == "x3"  # what it hides cannot be watched
    assert (by_match["x1"]["board"], by_match["x3"]["board"]) == (True, False)
    first = by_match["x1"]
    assert (first["game"], first["title"]) == ("connect_four", load_catalogue()["connect_four"].title)
    assert (first["plies"], by_match["x2"]["plies"]) == (1, 0)
    assert first["started_ms"] == matchlog.NOW_MS + 1
    assert "board" in first["why"]
    board = (await web.ask("/api/games/connect_four/leaderboard"))["items"]
    rated = {row["agent"]: (row["mu"], row["sigma"]) for row in board}
    strong, weak = first["seats"]
    assert (strong["agent_name"], strong["owner_name"], strong["version"], strong["house"]) == (
        "ace",
        "Wanda",
        1,
        False,
    )
    assert ((strong["mu"], strong["sigma"]), (weak["mu"], weak["sigma"])) == (rated[ace], rated[duffer])
    assert strong["mu"] > MU > weak["mu"]
    assert [seat["mu"] for seat in by_match["x2"]["seats"]] == [strong["mu"], None]
    assert [one["match"] for one in await web.ask("/api/watch", limit=1)] == [found[0]["match"]]
    assert [one["match"] for one in await web.ask("/api/watch", game="leduc_holdem")] == ["x3"]
    assert await web.ask("/api/watch", game="none") == []
    for limit in (0, 61):
        assert (await web.client.get("/api/watch", params={"limit": limit})).status_code == 400


async def test_among_many_matches_it_goes_along_an_index(migrated: str) -> None:
    """Explained by PostgreSQL itself, with two thousand that run among forty thousand."""
    database = Database(migrated, pool_size=1)
    try:
        async with database.engine.connect() as connection:
            await connection.execute(
                text("""
                    INSERT INTO matches (id, game, game_version, status, seed, rated, block, reason, epoch, detail,
                        created_seq, created_ms, started_ms)
                    SELECT 'many' || to_char(n, 'FM000000'), 'game' || n / 20 % 25, 'v',
                        CASE WHEN n % 20 = 0 THEN 'running' ELSE 'ended' END, 1, true, '', '', 1, '', n, n, n
                    FROM generate_series(1, 40000) AS n""")
            )
            await connection.execute(
                text("""
                    INSERT INTO participations (match, seat, agent, owner, version, instance, faults)
                    SELECT 'many' || to_char(n, 'FM000000'), seat, 'a' || n % 100, 'o', 1, 'i', 0
                    FROM generate_series(1, 40000) AS n, generate_series(0, 1) AS seat""")
            )
            await connection.execute(text("ANALYZE matches, participations"))
            values = {"running": 10_000, "of_a_game": 60, "found": 600}
            plan = await connection.execute(text("EXPLAIN " + running._RUNNING.text), values)
            lines = [row[0] for row in plan]
            assert any("ix_matches_status_id" in line for line in lines), "\n".join(lines)
            found = await running.running_matches(connection)
            assert len(found) == running.FOUND_MAX
            assert {f"game{number}" for number in range(25)} <= {one.game for one in found}  # no game hides the others
            assert all(len(one.seats) == 2 for one in found)
            await connection.rollback()
    finally:
        await database.close()


async def test_an_answer_is_shared_and_a_failure_is_not_remembered() -> None:
    asked = 0
    fails = True
    begun, going = asyncio.Event(), asyncio.Event()

    async def ask() -> int:
        nonlocal asked
        asked += 1
        begun.set()
        await going.wait()
        if fails:
            raise OSError("down")
        return asked

    lately = Lately(ask, held_s=3_600)
    waiting = [asyncio.create_task(lately.get()) for _ in range(3)]
    await begun.wait()
    waiting[0].cancel()  # goes away, and does not take the answer from the others
    going.set()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(result) for result in results] == [asyncio.CancelledError, OSError, OSError]
    fails = False
    assert [await lately.get(), await lately.get(), asked] == [2, 2, 2]
    briefly = Lately(ask, held_s=0)
    assert [await briefly.get(), await briefly.get()] == [3, 4]
    fails = True
    with pytest.raises(OSError, match="down"):
        await briefly.get()
