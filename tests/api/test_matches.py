"""Lists of matches by every filter, along an index; a match's events, and what is kept back while it is played."""

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from arena.store.database import Database
from arena.store.match_list import Wanted, selection
from arena.store.migrate import migrate
from arena.wire import ids
from tests.api.conftest import Recorded, Web
from tests.api.test_agents import made
from tests.core import matchlog

MATCHES = 200_000
DAY_MS = 24 * 3600 * 1000


def id_at(ms: int, tail: int = 0) -> str:
    return ids.make(ms, tail.to_bytes(ids.ENTROPY_BYTES))


async def listed(web: Web, **query: object) -> list[str]:
    return [match["id"] for match in (await web.ask("/api/matches", **query))["items"]]


async def test_matches_by_user_cause_and_time(web: Web, recorded: Recorded) -> None:
    first, second, third = (id_at(matchlog.NOW_MS + day * DAY_MS) for day in range(3))
    lines = [*matchlog.whole(first, ["g", "h"], [1, 2]), *matchlog.whole(second, ["g", "i"], [1, 2])]
    await recorded.write([*lines, matchlog.created(third, ["h", "i"]), matchlog.voided(third)])
    assert await listed(web, user="owner-g") == [second, first]
    assert await listed(web, user="owner-g", agent="h") == []
    assert await listed(web, agent="h") == [third, first]
    assert await listed(web, agent="h", cause="crashed") == [third]
    assert await listed(web, agent="h", cause="finished", status="ended") == [first]
    middle = {"since_ms": matchlog.NOW_MS + DAY_MS, "until_ms": matchlog.NOW_MS + 2 * DAY_MS}
    assert await listed(web, agent="g", **middle) == [second]
    assert second in await listed(web, **middle)
    assert {first, third}.isdisjoint(await listed(web, **middle))
    answer = await web.client.get("/api/matches", params={"cause": "boredom"})
    assert answer.status_code == 400
    assert "timeout" not in answer.json()["detail"]
    assert "forfeit, crashed" in answer.json()["detail"]


async def test_two_agents_of_a_user_in_one_match_are_one_row(web: Web, recorded: Recorded) -> None:
    lines = matchlog.whole("twice", ["u", "u"], [1, 2])
    await recorded.write(lines)
    assert await listed(web, agent="u") == ["twice"]
    assert await listed(web, user="owner-u", limit=1) == ["twice"]
    assert (await web.ask("/api/matches", user="owner-u", limit=1))["next"] is None


async def test_the_events_of_a_match_come_in_pages_and_as_a_file(web: Web, recorded: Recorded) -> None:
    lines = matchlog.whole("r1", ["x", "y"], [1, 2])
    await recorded.write([*lines[:2], ("arena.event.connect_four.r1.moved", b"\xff?"), *lines[2:]])
    first = await web.ask("/api/matches/r1/events", limit=4)
    rest = await web.ask("/api/matches/r1/events", cursor=first["next"])
    assert rest["next"] is None
    shown = first["items"] + rest["items"]
    kinds = [event["subject"].rpartition(".")[2] for event in shown]
    assert kinds == ["created", "claimed", "moved", "moved", "moved", "moved", "ended"]
    assert shown[0]["payload"] == msgspec.json.decode(lines[0][1])
    assert shown[2]["payload"] is None
    assert shown[2]["text"] == "\ufffd?"
    assert shown[2]["error"]
    answer = await web.client.get("/api/matches/r1/download")
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    assert 'filename="r1.jsonl"' in answer.headers["content-disposition"]
    assert [msgspec.json.decode(line) for line in answer.text.splitlines()] == shown


async def test_the_seed_is_kept_back_until_the_match_is_over(web: Web, recorded: Recorded) -> None:
    lines = matchlog.whole("deal", ["x", "y"], [1, 2])
    await recorded.write(lines[:4])
    assert (await web.ask("/api/matches/deal"))["seed"] is None
    (listed_one,) = [one for one in (await web.ask("/api/matches"))["items"] if one["id"] == "deal"]
    assert listed_one["seed"] is None
    assert "seed" not in (await web.ask("/api/matches/deal/events"))["items"][0]["payload"]
    assert '"seed"' not in (await web.client.get("/api/matches/deal/download")).text
    await recorded.write(lines[4:])
    assert (await web.ask("/api/matches/deal"))["seed"] == "7"
    assert (await web.ask("/api/matches/deal/events"))["items"][0]["payload"]["seed"] == 7


async def test_a_match_shows_its_rules(web: Web, recorded: Recorded) -> None:
    await recorded.write(matchlog.whole("rules", ["x", "y"], [1, 2]))
    match = await web.ask("/api/matches/rules")
    assert match["clock"]["move_ms"] == 10_000
    assert match["fault_rule"]["strikes_max"] == 2
    await recorded.write([("arena.event.connect_four.rules.created", b"?")])
    assert (await web.ask("/api/matches/rules"))["clock"]["move_ms"] == 10_000


async def test_a_match_of_a_block_names_the_others_and_is_rated_with_them(web: Web, recorded: Recorded) -> None:
    swapped = matchlog.created("duo2", ["second", "first"], block="duo1")
    await recorded.write([matchlog.created("duo1", ["first", "second"], block="duo1"), swapped])
    await recorded.write([matchlog.claimed("duo1"), matchlog.ended("duo1", [1, 2])])
    pending = await web.ask("/api/matches/duo1")
    assert pending["block_matches"] == [{"id": "duo2", "status": "created"}]
    assert [seat["mu_after"] for seat in pending["seats"]] == [None, None]
    await recorded.write([matchlog.ended("duo2", [2, 1])])
    both = [await web.ask(f"/api/matches/{id_}") for id_ in ("duo1", "duo2")]
    assert [[other["id"] for other in one["block_matches"]] for one in both] == [["duo2"], ["duo1"]]
    changes = [{seat["agent"]: (seat["mu_before"], seat["mu_after"]) for seat in one["seats"]} for one in both]
    assert changes[0] == changes[1]
    before, after = changes[0]["first"]
    assert after > before


async def test_leaderboards_are_filtered(web: Web, recorded: Recorded) -> None:
    client = await web.register()
    mine, other = await made(client, "mine"), await made(await web.register(), "other")
    await recorded.write(matchlog.whole("b1", [mine, other], [1, 2]))
    me = (await client.get("/api/auth/me")).json()["id"]
    path = "/api/games/connect_four/leaderboard"
    (place,) = (await web.ask(path, owner=me))["items"]
    assert (place["agent"], place["provisional"], place["rank"]) == (mine, True, 1)
    assert place["low"] < place["mu"] < place["high"]
    assert (await web.ask(path, provisional=False))["items"] == []
    assert (await web.ask(path, house=True))["items"] == []
    assert [row["agent"] for row in (await web.ask(path, search=place["agent_name"].upper()))["items"]] == [mine]
    assert (await web.ask(path, search="%"))["items"] == []
    page = await web.ask(path, house=False, limit=1)
    rest = await web.ask(path, house=False, cursor=page["next"])
    assert [row["rank"] for row in page["items"] + rest["items"]] == list(range(1, 2 + len(rest["items"])))


_FILL = """
    INSERT INTO matches (id, game, game_version, status, seed, rated, block, reason, epoch, cause, detail,
                         created_seq, created_ms)
    SELECT lpad(n::text, 26, '0'), (ARRAY['chess', 'go_9x9', 'tictactoe', 'hanabi'])[1 + n % 4], '',
           CASE WHEN n % 5000 = 0 THEN 'voided' WHEN n > 199900 THEN 'running' ELSE 'ended' END, 1, true, '', '', 1,
           CASE WHEN n % 5000 = 0 THEN 'crashed' WHEN n > 199900 THEN NULL WHEN n % 300 = 0 THEN 'forfeit'
                ELSE 'finished' END, '', n, n
    FROM generate_series(1, 200000) AS n;
    INSERT INTO participations (match, seat, agent, owner, version, instance, faults)
    SELECT lpad(n::text, 26, '0'), seat, 'a' || (n * (seat + 7)) % 1000, 'o' || (n * (seat + 7)) % 300, 1, 'm', 0
    FROM generate_series(1, 200000) AS n, generate_series(0, 1) AS seat;
"""
WANTED = {
    "nothing": Wanted(),
    "game": Wanted(game="chess"),
    "status": Wanted(status="voided"),
    "cause": Wanted(cause="forfeit"),
    "rare cause": Wanted(cause="abandoned"),
    "agent": Wanted(agent="a7"),
    "agent and game": Wanted(agent="a7", game="chess"),
    "two agents": Wanted(agent="a7", opponent="a8"),
    "unknown agent": Wanted(agent="nobody"),
    "user": Wanted(owner="o3"),
    "user and status": Wanted(owner="o3", status="running"),
    "game and status": Wanted(game="go_9x9", status="running"),
    "game and rare cause": Wanted(game="go_9x9", cause="abandoned"),
    "everything": Wanted(game="chess", status="ended", cause="finished", agent="a8", owner="o8"),
    "time": Wanted(since_ms=0, until_ms=1_700_000_000_000),
}


@pytest.fixture(scope="module")
async def many(postgres: object, migrated: str) -> str:
    """A database of its own with 200,000 matches."""
    name = "many_matches"
    await postgres.create(name)  # type: ignore[attr-defined]
    url = postgres.url(name)  # type: ignore[attr-defined]
    await migrate(url)
    database = Database(url, pool_size=1, statement_s=None)
    async with database.begin() as connection:
        for statement in _FILL.split(";")[:2]:
            await connection.execute(text(statement))
    async with database.begin() as connection:
        await connection.execute(text("ANALYZE"))
    await database.close()
    return str(url)


async def test_no_filter_reads_all_matches(many: str) -> None:
    database = Database(many, pool_size=1)
    problems = []
    async with database.begin() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM matches"))).scalar() == MATCHES
        for name, wanted in WANTED.items():
            for before in (None, "00000000000000000000150000"):
                compiled = selection(wanted, before=before, limit=51).compile(
                    dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}
                )
                rows = await connection.execute(text("EXPLAIN (ANALYZE, BUFFERS) " + str(compiled).replace(":", "\\:")))
                plan = "\n".join(rows.scalars())
                tables = [line for line in plan.splitlines() if "Seq Scan on" in line and "turns" not in line]
                time_ms = float(plan.rpartition("Execution Time: ")[2].split()[0])
                if tables or time_ms > 200:
                    problems.append(f"{name}, before {before}: {time_ms} ms\n{plan}")
    await database.close()
    assert not problems, "\n\n".join(problems)


@pytest.mark.parametrize("bad", ["%00", "%FF%FE", "..%2F", "x" * 5_000, "%F0%9F%90%99", "'%20OR%201=1--"])
async def test_nonsense_is_refused_or_not_found(web: Web, bad: str) -> None:
    for path in (
        f"/api/matches/{bad}",
        f"/api/matches/{bad}/events",
        f"/api/matches/{bad}/frames",
        f"/api/matches/{bad}/verify",
        f"/api/games/{bad}",
        f"/api/games/{bad}/seats",
        f"/api/games/tictactoe/form/{bad}",
        f"/api/games/tictactoe/ratings/{bad}",
        f"/api/games/tictactoe/sparklines?agents={bad},x",
        f"/api/agents/{bad}/profile",
        f"/api/agents/x/results?by={bad}",
        f"/api/games/tictactoe/head-to-head?agent={bad}&opponent=x",
        f"/api/games/tictactoe/leaderboard?owner={bad}",
        f"/api/matches?agent={bad}&user={bad}",
        f"/api/matches?cursor={bad}",
        f"/api/matches?since_ms={1 << 60}",
        f"/api/matches/x/events?cursor={1 << 70}",
        f"/api/live?game={bad}&kinds=nothing",
    ):
        answer = await web.client.get(path)
        assert answer.status_code in {200, 400, 404}, (path[:80], answer.status_code, answer.text[:300])
        if answer.status_code >= 400:
            assert answer.headers["content-type"].startswith("application/problem+json"), path[:80]
