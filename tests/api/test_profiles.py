"""What everybody may see of anybody's agent: who it is, and how it does."""

import pytest

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


async def test_results_by_opponent_seat_version_and_game(web: Web, recorded: Recorded) -> None:
    client = await web.register()
    own, first, second = [await made(client, name) for name in ("own", "first", "second")]
    await client.post(f"/api/agents/{first}/versions", json={})
    for number, (seats, placed) in enumerate(
        [([own, first], [1, 2]), ([first, own], [1, 1]), ([own, first], [2, 1]), ([second, own], [2, 1])]
    ):
        versions = tuple(2 if agent == own and number > 1 else 1 for agent in seats)
        match = f"rs{number}"
        await recorded.write([matchlog.created(match, seats, versions=versions), matchlog.ended(match, placed)])
    await recorded.write(
        [
            matchlog.created("rs9", [own, first, second], game="hanabi"),
            matchlog.ended("rs9", [2, 1, 3], game="hanabi"),
        ]
    )

    async def shown(**query: object) -> list[tuple[object, ...]]:
        rows = await web.ask(f"/api/agents/{own}/results", **query)
        assert all(row["low"] <= row["rate"] <= row["high"] for row in rows)
        assert [row["played"] for row in rows] == sorted((row["played"] for row in rows), reverse=True)
        names = {first: "first", second: "second"}
        found = [
            (names.get(row["key"], row["key"]), *(row[n] for n in ("played", "won", "drawn", "lost"))) for row in rows
        ]
        return sorted(found)

    assert await shown(by="opponent") == [("first", 4, 1, 1, 2), ("second", 2, 2, 0, 0)]
    assert await shown(by="opponent", game="connect_four") == [("first", 3, 1, 1, 1), ("second", 1, 1, 0, 0)]
    assert await shown(by="opponent", version=2) == [("first", 1, 0, 0, 1), ("second", 1, 1, 0, 0)]
    assert await shown(by="seat", game="connect_four") == [("0", 2, 1, 0, 1), ("1", 2, 1, 1, 0)]
    assert await shown(by="version", game="connect_four") == [("1", 2, 1, 1, 0), ("2", 2, 1, 0, 1)]
    assert await shown(by="game") == [("connect_four", 4, 2, 1, 1), ("hanabi", 1, 0, 0, 1)]
    assert await shown(by="game", game="go_9x9") == []
    row = (await web.ask(f"/api/agents/{own}/results", by="opponent", game="connect_four"))[0]
    assert (row["name"], row["version"], row["rate"], row["last_ms"]) == ("first", 1, 0.5, matchlog.NOW_MS + 100)
    assert row["low"] == pytest.approx(0.1253, abs=1e-4)  # of 1.5 points in 3 matches
    assert row["score_mean"] == pytest.approx(1 / 3)
    for path, status in ((f"/api/agents/{own}/results", 400), ("/api/agents/nobody/results?by=seat", 404)):
        assert (await web.client.get(path)).status_code == status
