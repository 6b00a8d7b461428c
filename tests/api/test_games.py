"""Games with their spaces; how agents stand in them, counted by seat, version and opponent."""

import msgspec

from arena.api.stamps import new_id
from arena.store.admissions import Admission, write_admissions
from arena.store.database import Database
from arena.store.ladders import rating_points
from arena.wire import events
from arena.wire.faults import EndCause
from tests.api.conftest import Recorded, Web
from tests.core import matchlog
from tests.core.matchlog import NOW_MS

GAME = "tictactoe"


def match(
    id_: str, agents: list[str], placements: list[int], versions: tuple[int, int] = (1, 1)
) -> list[matchlog.Line]:
    """A whole match of tic-tac-toe between these versions."""
    (subject, payload), *rest = [
        matchlog.created(id_, agents, game=GAME),
        matchlog.claimed(id_, game=GAME),
        matchlog.moved(id_, 0, game=GAME),
        matchlog.ended(id_, placements, game=GAME),
    ]
    created = msgspec.json.decode(payload, type=events.Created)
    seats = [
        msgspec.structs.replace(seat, version=version) for seat, version in zip(created.seats, versions, strict=True)
    ]
    return [(subject, msgspec.json.encode(msgspec.structs.replace(created, seats=seats))), *rest]


async def test_a_game_has_its_spaces_and_an_etag(web: Web, recorded: Recorded) -> None:
    answer = await web.client.get("/api/games/tictactoe")
    game = answer.json()
    assert game["info"]["action_space"] == "Discrete(9)"
    assert game["problem"] is None
    assert game["details"]["clock"]["move_ms"] == 30_000
    for path in ("/api/games/tictactoe", "/api/games"):
        answer = await web.client.get(path)
        again = await web.client.get(path, headers={"If-None-Match": f'"other", {answer.headers["etag"]}'})
        assert (again.status_code, again.content) == (304, b"")
        assert (await web.client.get(path, headers={"If-None-Match": '"other"'})).status_code == 200


async def test_what_admission_found_is_shown(web: Web, recorded: Recorded) -> None:
    (before,) = [game for game in await web.ask("/api/games") if game["name"] == "chess"]
    assert before["admission"] is None
    found = Admission(
        version=before["details"]["version"],
        at_ms=NOW_MS,
        admitted=False,
        deterministic=True,
        problems=["a turn takes 2000000 bytes, NATS carries 1000000"],
        warnings=[],
        plies_mean=334.0,
        step_us=924.0,
        turn_bytes=2_000_000,
    )
    database = Database(web.settings.database_url, pool_size=1)
    for one in (found, msgspec.structs.replace(found, step_us=900.0)):  # the later one counts
        async with database.begin() as connection:
            await write_admissions(connection, [("chess", one)])
    await database.close()
    shown = await web.ask("/api/games/chess")
    assert shown["admission"] == msgspec.to_builtins(found) | {"step_us": 900.0}
    assert shown["info"]
    assert [game["admission"] for game in await web.ask("/api/games") if game["name"] == "chess"] == [
        shown["admission"]
    ]


async def test_what_is_sent_as_an_action_is_told_of_every_game(web: Web, recorded: Recorded) -> None:
    actions = {game["name"]: game["actions"] for game in await web.ask("/api/games")}
    assert actions["tictactoe"] == ["discrete"]
    assert (await web.ask("/api/games/tictactoe"))["actions"] == ["discrete"]
    assert all(actions.values())


async def test_what_happens_in_each_game(web: Web, recorded: Recorded) -> None:
    ends, goes_on = new_id(), new_id()
    for id_ in (ends, goes_on):
        await recorded.write([matchlog.created(id_, ["hal", "ivy"], game="hex"), matchlog.claimed(id_, game="hex")])
    await recorded.write([matchlog.ended(ends, [1, 2], game="hex")])
    found = {one.pop("game"): one for one in await web.ask("/api/activity")}
    assert found["hex"] == {"agents": 2, "running": 1, "latest": ends, "latest_plies": 3}
    assert found["xiangqi"] == {"agents": 0, "running": 0, "latest": None, "latest_plies": None}


async def test_seats_versions_and_opponents(web: Web, recorded: Recorded) -> None:
    await recorded.write(
        [
            *match("c1", ["ann", "bob"], [1, 2]),
            *match("c2", ["bob", "ann"], [1, 2], (1, 2)),
            *match("c3", ["ann", "bob"], [1, 1], (2, 1)),
            *match("c4", ["cid", "ann"], [2, 1], (1, 2)),
            matchlog.created("c5", ["ann", "bob"], game=GAME),
        ]
    )
    path = f"/api/games/{GAME}"
    rates = await web.ask(f"{path}/seats")
    assert [(one["seat"], one["played"], one["won"], one["drawn"], one["lost"]) for one in rates] == [
        (0, 4, 2, 1, 1),
        (1, 4, 1, 1, 2),
    ]
    form = await web.ask(f"{path}/form/ann")
    assert [(one["version"], one["seat"], one["won"], one["drawn"], one["lost"]) for one in form] == [
        (2, 0, 0, 1, 0),
        (2, 1, 1, 0, 1),
        (1, 0, 1, 0, 0),
    ]
    both = await web.ask("/api/matches", agent="ann", opponent="bob")
    assert [one["id"] for one in both["items"]] == ["c5", "c3", "c2", "c1"]
    met = await web.ask(f"{path}/head-to-head", agent="ann", opponent="bob")
    assert [met[name] for name in ("played", "ahead", "level", "behind")] == [3, 1, 1, 1]
    assert [(one["version"], one["seat"], one["opponent_seat"], one["ahead"]) for one in met["duels"]] == [
        (2, 0, 1, 0),
        (2, 1, 0, 0),
        (1, 0, 1, 1),
    ]
    assert (await web.client.get(f"{path}/head-to-head?agent=ann&opponent=ann")).status_code == 400
    assert (await web.client.get("/api/games/none/seats")).status_code == 404


async def test_the_best_against_each_other(web: Web, recorded: Recorded) -> None:
    from tests.api.test_agents import made

    client = await web.register()
    ann, bob, cid = [await made(client, name) for name in ("ann", "bob", "cid")]
    lines = [*match("d1", [ann, bob], [1, 2]), *match("d2", [bob, ann], [2, 1]), *match("d3", [ann, cid], [1, 1])]
    await recorded.write(lines)
    matrix = await web.ask(f"/api/games/{GAME}/pairings", top=30)
    assert {ann, bob, cid} <= {place["agent"] for place in matrix["agents"]}
    found = {(one["agent"], one["opponent"]): one for one in matrix["pairings"]}
    assert [found[ann, bob][name] for name in ("played", "ahead", "level", "behind")] == [2, 2, 0, 0]
    assert [found[bob, ann][name] for name in ("played", "ahead", "level", "behind")] == [2, 0, 0, 2]
    assert found[cid, ann]["level"] == 1
    assert (bob, cid) not in found
    bins = await web.ask(f"/api/games/{GAME}/distribution", bins=4)
    agents = sum(one["agents"] for one in bins)
    assert agents >= 3
    assert all(one["low"] < one["high"] for one in bins)
    assert sum(one["agents"] for one in await web.ask(f"/api/games/{GAME}/distribution", bins=1)) == agents


async def test_one_rating_is_one_bin(web: Web, recorded: Recorded) -> None:
    (subject, payload), claimed = matchlog.created("t1", ["solo"], game="taxi"), matchlog.claimed("t1", game="taxi")
    result = [events.Result(seat=0, placement=1, score=8.0)]
    ended = events.Ended(at_ms=NOW_MS, results=result, cause=EndCause.FINISHED, plies=0, digest="")
    await recorded.write([(subject, payload), claimed, matchlog.line("t1", ended, "taxi")])
    assert await web.ask("/api/games/taxi/distribution") == [{"low": 8.0, "high": 8.0, "agents": 1}]
    assert await web.ask("/api/games/chess/distribution") == []
    (form,) = await web.ask("/api/games/taxi/form/solo")
    assert (form["played"], form["won"], form["drawn"], form["lost"], form["score_mean"]) == (1, 0, 0, 0, 8.0)


async def test_a_team_wins_together_and_meets_the_others(web: Web, recorded: Recorded) -> None:
    game, agents = "hanabi", ["tia", "tom", "tea", "tim"]
    begun = [matchlog.created("p1", agents, game=game, teams=(0, 1, 0, 1)), matchlog.claimed("p1", game=game)]
    await recorded.write([*begun, matchlog.ended("p1", [1, 2, 1, 2], game=game)])
    (form,) = await web.ask(f"/api/games/{game}/form/tea")
    assert (form["won"], form["drawn"], form["lost"]) == (1, 0, 0)
    rates = await web.ask(f"/api/games/{game}/seats")
    assert [(one["won"], one["drawn"], one["lost"]) for one in rates] == [(1, 0, 0), (0, 0, 1)] * 2
    assert (await web.ask(f"/api/games/{game}/head-to-head", agent="tia", opponent="tea"))["played"] == 0
    assert (await web.ask(f"/api/games/{game}/head-to-head", agent="tia", opponent="tom"))["ahead"] == 1
    assert [seat["team"] for seat in (await web.ask("/api/matches/p1"))["seats"]] == [0, 1, 0, 1]


async def test_a_long_rating_history_is_thinned_out_and_keeps_its_end(
    web: Web, recorded: Recorded, migrated: str
) -> None:
    await recorded.write([line for number in range(25) for line in match(f"e{number:02}", ["eve", "fay"], [1, 2])])
    whole = await web.ask(f"/api/games/{GAME}/ratings/eve")
    assert [point["match"] for point in whole] == [f"e{number:02}" for number in range(25)]
    thin = await web.ask(f"/api/games/{GAME}/ratings/eve", points=5)
    assert [point["match"] for point in thin] == ["e04", "e09", "e14", "e19", "e24"]
    assert (await web.client.get(f"/api/games/{GAME}/ratings/eve?points=1001")).status_code == 400
    database = Database(migrated, pool_size=1)
    async with database.begin() as connection:
        assert len(await rating_points(connection, GAME, "eve", points=7)) == 7
        assert await rating_points(connection, GAME, "eve", since_ms=NOW_MS + 3_600_000) == []
    await database.close()
