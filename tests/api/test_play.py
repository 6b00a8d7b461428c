import asyncio
from typing import Any

import httpx
import msgspec
import pytest

from arena.wire import events
from tests.api.conftest import Recorded, Web
from tests.api.test_agents import made
from tests.core import matchlog
from tests.recorder.conftest import DEADLINE_S


async def test_games_leaderboard_matches_and_ratings(web: Web, recorded: Recorded) -> None:
    client = await web.register("Dora")
    strong, weak = await made(client, "strong"), await made(client, "weak")
    await recorded.write([*matchlog.whole("p1", [strong, weak], [1, 2]), *matchlog.whole("p2", [weak, strong], [2, 1])])

    games = await web.ask("/api/games")
    assert "connect_four" in {game["name"] for game in games}
    assert (await web.ask("/api/games/connect_four"))["seats"] == 2
    board = (await web.ask("/api/games/connect_four/leaderboard"))["items"]
    assert [(row["rank"], row["agent_name"], row["won"], row["lost"]) for row in board] == [
        (1, "strong", 2, 0),
        (2, "weak", 0, 2),
    ]
    assert board[0]["owner_name"] == "Dora"
    assert board[0]["ordinal"] == board[0]["mu"] - 3 * board[0]["sigma"]
    history = await web.ask(f"/api/games/connect_four/ratings/{strong}")
    assert [point["match"] for point in history] == ["p1", "p2"]
    assert (await client.get(f"/api/agents/{weak}/ratings")).json()[0]["rank"] == 2

    match = await web.ask("/api/matches/p1")
    assert (match["status"], match["plies"], match["seed"]) == ("ended", 3, "7")
    assert [(seat["agent_name"], seat["placement"]) for seat in match["seats"]] == [("strong", 1), ("weak", 2)]


async def test_sparklines_are_the_ratings_at_even_distances(web: Web, recorded: Recorded) -> None:
    often, seldom = "sp-often", "sp-seldom"
    for number in range(9):
        pair = [often, seldom] if number in {0, 8} else [often, "sp-other"]
        await recorded.write(matchlog.whole(f"sp{number}", pair, [1, 2] if number % 3 else [2, 1]))
    path = "/api/games/connect_four/sparklines"
    found = await web.ask(path, agents=f"{seldom},nobody,{often}", points=9)
    assert [line["agent"] for line in found] == [seldom, often]
    history = {agent: await web.ask(f"/api/games/connect_four/ratings/{agent}") for agent in (often, seldom)}
    # The matches are equally long in the log, so even distances of it are every match.
    assert found[1]["mu"] == [point["mu"] for point in history[often]]
    first, last = (point["mu"] for point in history[seldom])
    assert found[0]["mu"] == [first] * 8 + [last]
    assert found[0]["first_ms"] == history[seldom][0]["at_ms"]
    assert found[0]["last_ms"] == history[seldom][1]["at_ms"]
    (line,) = await web.ask(path, agents=often)
    assert len(line["mu"]) == 24
    assert (line["mu"][0], line["mu"][-1]) == (history[often][0]["mu"], history[often][-1]["mu"])
    many = ",".join(f"a{number}" for number in range(101))
    assert (await web.client.get(path, params={"agents": many})).status_code == 400
    assert (await web.client.get("/api/games/ludo/sparklines", params={"agents": often})).status_code == 404


async def test_matches_are_filtered_and_come_in_pages(web: Web, recorded: Recorded) -> None:
    for number in range(5):
        await recorded.write(matchlog.whole(f"q{number}", ["x", "y" if number % 2 else "z"], [1, 2]))
    await recorded.write([matchlog.created("q5", ["x", "z"]), matchlog.claimed("q5"), matchlog.moved("q5", 0)])
    first = await web.ask("/api/matches", agent="z", limit=2)
    assert [match["id"] for match in first["items"]] == ["q5", "q4"]
    assert first["items"][0]["plies"] == 1
    rest = await web.ask("/api/matches", agent="z", limit=2, cursor=first["next"])
    assert [match["id"] for match in rest["items"]] == ["q2", "q0"]
    assert rest["next"] is None
    running = await web.ask("/api/matches", status="running", game="connect_four", agent="x")
    assert [match["id"] for match in running["items"]] == ["q5"]
    assert (await web.ask("/api/matches", game="chess"))["items"] == []
    assert (await web.client.get("/api/matches", params={"status": "lost"})).status_code == 400
    assert (await web.client.get("/api/matches", params={"limit": 0})).status_code == 400


async def test_a_fault_is_shown_with_its_evidence_and_a_turn_with_what_was_forgiven(
    web: Web, recorded: Recorded
) -> None:
    client, stranger = await web.register(), await web.register()
    agent = await made(client, "late")
    move = events.Move(seat=0, action=3, think_ms=5.0, forgiven_ms=750.0)
    moved = events.Moved(at_ms=7, ply=0, moves=[move], rewards=[0.0, 0.0], digest="d")
    for match in ("f1", "f2"):
        begin = [matchlog.created(match, ["x", agent]), matchlog.claimed(match), matchlog.line(match, moved)]
        await recorded.write([*begin, matchlog.reseated(match, 1, "second"), matchlog.late(match, 1)])
    shown = await web.ask("/api/matches/f1")
    assert [(seat["instance"], seat["takeovers"]) for seat in shown["seats"]] == [("main", 0), ("second", 1)]
    (fault,) = shown["fault_list"]
    evidence = ("asked_ms", "forgiven_ms", "sent", "replied_ms", "reply_bytes", "connection")
    assert [fault[name] for name in evidence] == [
        *(matchlog.NOW_MS, 1_200.0, 2, matchlog.NOW_MS + 4_300, 12),
        "returned",
    ]
    newest = (await client.get(f"/api/agents/{agent}/faults", params={"limit": 1})).json()
    assert newest["items"][0]["match"] == "f2"
    rest = (await client.get(f"/api/agents/{agent}/faults", params={"cursor": newest["next"]})).json()
    assert rest == {"items": [fault], "next": None}
    assert (await stranger.get(f"/api/agents/{agent}/faults")).status_code == 404
    (turn,) = (await web.ask("/api/matches/f1/turns"))["items"]
    assert (turn["seat"], turn["action"], turn["think_ms"], turn["forgiven_ms"]) == (0, 3, 5.0, 750.0)
    assert await web.ask("/api/matches/f1/turns", cursor=1) == {"items": [], "next": None}


async def test_what_does_not_exist(web: Web, recorded: Recorded) -> None:
    for path in ("/api/matches/none", "/api/matches/none/events", "/api/matches/none/live", "/api/games/none"):
        answer = await web.client.get(path)
        assert answer.status_code == 404, path
        assert answer.json()["detail"]


async def sse(answer: httpx.Response, count: int) -> list[tuple[int, str, Any]]:
    """The first `count` events of a stream: id, kind, data."""
    found: list[tuple[int, str, Any]] = []
    fields: dict[str, str] = {}
    async with asyncio.timeout(DEADLINE_S):
        async for line in answer.aiter_lines():
            name, _, value = line.partition(": ")
            if line:
                fields[name] = value
            elif "data" in fields:
                found.append((int(fields["id"]), fields["event"], msgspec.json.decode(fields["data"])))
                fields = {}
                if len(found) == count:
                    return found
    return found


async def test_a_match_is_followed_live_from_its_beginning_to_its_end(web: Web, recorded: Recorded) -> None:
    lines = matchlog.whole("s1", ["x", "y"], [1, 2])
    await recorded.write(lines[:3])
    async with web.client.stream("GET", "/api/matches/s1/live") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        before = await sse(answer, 3)
        assert [kind for _, kind, _ in before] == ["created", "claimed", "moved"]
    await recorded.write(lines[3:])
    headers = {"Last-Event-ID": str(before[-1][0])}
    async with web.client.stream("GET", "/api/matches/s1/live", headers=headers) as answer:
        rest = await sse(answer, 100)  # it ends by itself
    assert [kind for _, kind, _ in rest] == ["moved", "moved", "ended"]
    assert [data["event"].get("ply") for _, _, data in rest] == [1, 2, None]
    assert rest[-1][2]["match"] == "s1"


async def test_the_arena_is_followed_from_now_on(web: Web, recorded: Recorded) -> None:
    await recorded.write(matchlog.whole("t1", ["x", "y"], [1, 2]))
    async with web.client.stream("GET", "/api/live", params={"kinds": "created,ended"}) as answer:
        last = await recorded.write(matchlog.whole("t2", ["x", "y"], [1, 2]))
        found = await sse(answer, 2)
    assert [(kind, data["match"]) for _, kind, data in found] == [("created", "t2"), ("ended", "t2")]
    assert found[-1][0] == last
    headers = {"Last-Event-ID": str(last - 2)}
    async with web.client.stream("GET", "/api/live", params={"kinds": "moved,ended"}, headers=headers) as answer:
        assert [kind for _, kind, _ in await sse(answer, 2)] == ["moved", "ended"]


@pytest.mark.parametrize("query", [{"kinds": "all"}, {"game": "*"}, {"game": "a.b"}, {"kinds": "ended,>"}])
async def test_only_events_can_be_followed(web: Web, query: dict[str, str]) -> None:
    assert (await web.client.get("/api/live", params=query)).status_code == 400
