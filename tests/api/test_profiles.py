"""What everybody may see of anybody's agent: who it is, and how it does."""

import pytest

from arena.wire import events
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


async def test_a_rank_is_the_place_on_the_leaderboard_without_deleted_agents(web: Web, recorded: Recorded) -> None:
    client = await web.register()
    best, middle, last = [await made(client, name) for name in ("best", "middle", "last")]
    for number, pair in enumerate(((best, middle), (best, last), (middle, last))):
        await recorded.write(matchlog.whole(f"rk{number}", [*pair], [1, 2]))

    async def rank() -> int:
        (rating,) = (await web.ask(f"/api/agents/{last}/profile"))["ratings"]
        board = (await web.ask("/api/games/connect_four/leaderboard", limit=500))["items"]
        assert [place["rank"] for place in board if place["agent"] == last] == [rating["rank"]]
        return int(rating["rank"])

    before = await rank()
    assert (await client.delete(f"/api/agents/{best}")).status_code == 204
    assert await rank() == before - 1


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
        assert all(row["rate"] is None or row["low"] <= row["rate"] <= row["high"] for row in rows)
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
    alone = [matchlog.created("rs8", [own], game="cartpole"), matchlog.ended("rs8", [1], game="cartpole")]
    await recorded.write(alone)
    assert await shown(by="game", game="cartpole") == [("cartpole", 1, 0, 0, 0)]
    row = (await web.ask(f"/api/agents/{own}/results", by="opponent", game="connect_four"))[0]
    assert (row["name"], row["version"], row["rate"], row["last_ms"]) == ("first", 1, 0.5, matchlog.NOW_MS + 100)
    assert row["low"] == pytest.approx(0.1253, abs=1e-4)  # of 1.5 points in 3 matches
    assert row["score_mean"] == pytest.approx(1 / 3)
    for path, status in ((f"/api/agents/{own}/results", 400), ("/api/agents/nobody/results?by=seat", 404)):
        assert (await web.client.get(path)).status_code == status


def thought(
    match: str, ply: int, think_ms: float, lag_ms: float = 1.0, game: str = "connect_four", *, by_platform: bool = False
) -> matchlog.Line:
    move = events.Move(seat=0, action=1, think_ms=think_ms, lag_ms=lag_ms, by_platform=by_platform)
    moved = events.Moved(at_ms=matchlog.NOW_MS, ply=ply, moves=[move], rewards=[0.0, 0.0], digest="d")
    return matchlog.line(match, moved, game)


async def test_timing_is_a_histogram_of_the_agents_own_turns(web: Web, recorded: Recorded) -> None:
    agent = await made(await web.register())
    for match, game, times in (("ti1", "connect_four", [0.05, 3.0, 3.5, 400.0]), ("ti2", "chess", [2e6])):
        lines = [thought(match, ply, ms, 1.0, game) for ply, ms in enumerate(times)]
        forfeited = thought(match, 9, 10_000.0, 0.0, game, by_platform=True)
        await recorded.write([matchlog.created(match, [agent, "x"], game=game), *lines, forfeited])
    found = await web.ask(f"/api/agents/{agent}/timing")
    edges = found["edges_ms"]
    assert edges == sorted(edges)
    chess, connect_four = found["games"]
    assert (chess["game"], chess["turns"], chess["think"]["counts"][-1]) == ("chess", 1, 1)
    assert connect_four["turns"] == 4
    assert connect_four["clock"] == (await web.ask("/api/games/connect_four"))["details"]["clock"]
    think = connect_four["think"]
    seen = {("<", *edges)[place]: count for place, count in enumerate(think["counts"]) if count}
    assert seen == {"<": 1, 2.0: 2, 200.0: 1}
    assert (think["p50"], think["max"]) == (3.25, 400.0)
    assert think["p50"] < think["p90"] < think["p99"] < think["max"]
    assert (connect_four["lag"]["p99"], sum(connect_four["lag"]["counts"])) == (1.0, 4)
    (only,) = (await web.ask(f"/api/agents/{agent}/timing", game="chess"))["games"]
    assert only == chess
    assert (await web.ask(f"/api/agents/{agent}/timing", version=2))["games"] == []
    assert (await web.client.get("/api/agents/nobody/timing")).status_code == 404


async def test_versions_are_compared(web: Web, recorded: Recorded) -> None:
    client = await web.register()
    agent = await made(client)
    for _ in range(2):
        await client.post(f"/api/agents/{agent}/versions", json={"description": "for my eyes only"})
    for number, (version, placed) in enumerate([(1, [2, 1]), (1, [2, 1]), (1, [1, 2]), (2, [1, 2])]):
        match = f"vc{number}"
        begin = matchlog.created(match, [agent, "x"], versions=(version, 1))
        fault = [matchlog.faulted(match, 0)] if version == 1 else []
        line = thought(match, 0, 10.0 * (number + 1))
        await recorded.write([begin, line, *fault, matchlog.ended(match, placed)])
    third, second, first = await web.ask(f"/api/agents/{agent}/versions/compare", game="connect_four")
    assert [(one["version"], one["played"]) for one in (third, second, first)] == [(3, 0), (2, 1), (1, 3)]
    assert (first["won"], first["drawn"], first["lost"], first["faults"]) == (1, 0, 2, 3)
    assert (first["rate"], first["score_mean"]) == (pytest.approx(1 / 3), pytest.approx(-1 / 3))
    assert first["low"] < first["rate"] < first["high"]
    assert first["score_low"] < first["score_mean"] < first["score_high"]
    assert (first["think_ms_mean"], second["think_ms_mean"]) == (20.0, 40.0)
    assert second["score_low"] is None
    history = await web.ask(f"/api/games/connect_four/ratings/{agent}")
    assert [(one["mu"], one["sigma"]) for one in (first, second)] == [
        (history[place]["mu"], history[place]["sigma"]) for place in (2, 3)
    ]
    assert [third[name] for name in ("rate", "low", "high", "score_mean", "mu")] == [None, 0.0, 1.0, None, None]
    assert "description" not in first
    path = f"/api/agents/{agent}/versions/compare"
    for query, status in (("", 400), ("?game=ludo", 404)):
        assert (await web.client.get(path + query)).status_code == status
