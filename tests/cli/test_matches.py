import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import structlog

from arena.games import Game, load_catalogue
from arena.games.replay import link, start
from arena.recorder.service import Recorder
from arena.store.admissions import read_admissions
from arena.store.database import Database
from arena.wire import codec, events
from arena.wire.faults import EndCause
from arena.wire.subjects import MATCHMAKER, RECORDER, RUNNER
from tests.cli.conftest import Arena, Failed
from tests.conftest import BusFor
from tests.core import matchlog
from tests.core.matchlog import NOW_MS, Line
from tests.recorder.conftest import DEADLINE_S, Log

GAME = load_catalogue()["tictactoe"]


def played(game: Game, match: str, agents: list[str], seed: int = 5) -> list[Line]:
    """A whole match with a true digest chain: everybody takes the first legal action."""
    seats = [events.Seat(agent=agent, owner="o", version=1, instance="main") for agent in agents]
    created = events.Created(
        at_ms=NOW_MS,
        seed=seed,
        seats=seats,
        clock=events.ClockRule(),
        faults=events.FaultRule(),
        game_version=game.version,
    )
    log: list[events.MatchEvent] = [created]
    environment = game.make()
    chain = start(environment, game.name, created)
    log.append(events.Claimed(at_ms=NOW_MS, runner="r", epoch=1, digest=chain.hex()))
    ply = 0
    while not environment.over:
        views = {seat: environment.view(seat) for seat in environment.to_act}
        actions = {seat: (view.legal or [0])[0] for seat, view in views.items()}
        rewards = environment.step(actions)
        chain = link(chain, ply, views, {seat: codec.encode_json(a) for seat, a in actions.items()}, rewards)
        moves = [events.Move(seat=seat, action=action) for seat, action in actions.items()]
        log.append(events.Moved(at_ms=NOW_MS, ply=ply, moves=moves, rewards=list(rewards), digest=chain.hex()))
        ply += 1
    scores = list(environment.scores)
    results = [
        events.Result(seat=seat, placement=1 + sum(other > score for other in scores), score=score)
        for seat, score in enumerate(scores)
    ]
    environment.close()
    log.append(events.Ended(at_ms=NOW_MS, results=results, cause=EndCause.FINISHED, plies=ply, digest=chain.hex()))
    return [matchlog.line(match, event, game.name) for event in log]


def forged(lines: list[Line]) -> list[Line]:
    """The same match with one action changed."""
    subject, payload = lines[3]
    event = codec.decode_event(payload)
    assert isinstance(event, events.Moved)
    other = msgspec.structs.replace(event.moves[0], action=8)
    changed = msgspec.structs.replace(event, moves=[other])
    return [*lines[:3], (subject, codec.encode_json(changed)), *lines[4:]]


class Season:
    """Writes to the log, and waits until it is in the tables."""

    def __init__(self, log: Log, recorder: Recorder) -> None:
        self._log = log
        self._recorder = recorder

    async def write(self, lines: list[Line]) -> None:
        last = await self._log.write(lines)
        async with asyncio.timeout(DEADLINE_S):
            while self._recorder.last_seq < last:
                self._recorder.advanced.clear()
                await self._recorder.advanced.wait()


@pytest.fixture
async def season(arena: Arena, database_url: str, bus_for: BusFor) -> AsyncIterator[Season]:
    database = Database(database_url, pool_size=2)
    stop = asyncio.Event()
    recorder = Recorder(await bus_for(RECORDER), database, {}, structlog.get_logger())
    task = asyncio.create_task(recorder.run(stop))
    yield Season(Log(await bus_for(MATCHMAKER), await bus_for(RUNNER)), recorder)
    stop.set()
    await task
    await database.close()


async def test_matches_are_listed_shown_and_ranked(arena: Arena, season: Season) -> None:
    await arena("user", "create", "Gus")
    agent = (await arena("agent", "create", "first", "--owner", "Gus", "--json"))["id"]
    await season.write([*played(GAME, "a1", [agent, "other"]), matchlog.created("a2", [agent, "b"], game="tictactoe")])
    listed = await arena("match", "list", "--agent", "Gus/first", "--json")
    assert [(match["id"], match["status"]) for match in listed] == [("a2", "created"), ("a1", "ended")]
    assert "Gus/first (1)" in await arena("match", "list", "--game", "tictactoe", "--status", "ended")
    assert await arena("match", "list", "--game", "chess", "--json") == []
    assert "no matches" in await arena("match", "list", "--game", "chess")
    shown = await arena("match", "show", "a1")
    assert "Gus/first v1  place 1, score 1" in shown
    assert (await arena("match", "show", "a1", "--json"))["cause"] == "finished"
    with pytest.raises(Failed, match="there is no match"):
        await arena("match", "show", "nothing")
    board = await arena("leaderboard", "tictactoe", "--json")
    assert [(row["agent"], row["won"]) for row in board] == [(agent, 1), ("other", 0)]
    assert "Gus/first" in await arena("leaderboard", "tictactoe")
    assert "arena games list" in await arena("leaderboard", "chess")
    assert "tictactoe: rating" in await arena("agent", "show", "Gus/first")


async def test_an_owner_learns_why_it_lost(arena: Arena, season: Season) -> None:
    await arena("user", "create", "Hal")
    agent = (await arena("agent", "create", "late", "--owner", "Hal", "--json"))["id"]
    assert "never charged" in await arena("agent", "faults", "Hal/late")
    lines = [matchlog.created("e1", ["x", agent]), matchlog.claimed("e1"), matchlog.reseated("e1", 1, "second")]
    await season.write([*lines, matchlog.late("e1", 1), matchlog.created("e2", ["x", agent]), matchlog.voided("e2")])
    shown = await arena("match", "show", "e1")
    assert "taken over 1 times, by second" in shown
    assert "expected a reply within 3,000 ms" in shown
    assert "sent 2 times" in shown
    assert "a reply of 12 bytes came 4,300 ms later" in shown
    assert "3,004 ms charged, and 1,200 ms more that count for nobody" in shown
    assert "came back" in shown
    assert "match e1 seat 1 at ply 1: timeout" in await arena("agent", "faults", "Hal/late")
    assert [fault["match"] for fault in await arena("agent", "faults", "Hal/late", "--json")] == ["e1"]
    assert "nobody is charged for it: it broke" in await arena("match", "show", "e2")


async def test_a_match_is_seen_again(arena: Arena, season: Season) -> None:
    lines = played(GAME, "b1", ["x", "y"])
    await season.write(lines)
    shown = await arena("match", "replay", "b1", "--delay", "0")
    assert f"{len(lines) - 3}. " in shown
    assert "x plays 0" in shown
    assert "x: place 1, score 1" in shown


async def test_matches_are_verified_bit_for_bit(arena: Arena, season: Season) -> None:
    await season.write([*played(GAME, "c1", ["x", "y"]), *played(GAME, "c2", ["y", "x"], seed=9)])
    verdicts = await arena("match", "verify", "c1", "c2", "--json")
    assert [verdict["ok"] for verdict in verdicts] == [True, True]
    assert "bit for bit" in await arena("match", "verify", "--all")
    await season.write(forged(played(GAME, "c3", ["x", "y"])))
    with pytest.raises(Failed, match="exit code 1"):
        await arena("match", "verify", "--all")
    with pytest.raises(Failed, match="ply 1"):
        await arena("match", "verify", "c3")
    with pytest.raises(Failed, match="either matches or --all"):
        await arena("match", "verify")


async def test_rebuild_gives_the_same_tables(arena: Arena, season: Season, tmp_path: Path) -> None:
    await season.write(played(GAME, "d1", ["x", "y"]))
    before = await arena("leaderboard", "tictactoe", "--json"), await arena("match", "list", "--json")
    assert "events folded" in await arena("rebuild")
    assert "events folded" in await arena("rebuild", "--from-log")
    assert before == (await arena("leaderboard", "tictactoe", "--json"), await arena("match", "list", "--json"))
    lost = tmp_path / "lost.ndjson"
    assert "0 events that the stream has not" in await arena("rebuild", "--from-log", "--replace", lost)
    assert lost.read_bytes() == b""
    assert before == (await arena("leaderboard", "tictactoe", "--json"), await arena("match", "list", "--json"))
    with pytest.raises(Failed, match="--replace goes with --from-log"):
        await arena("rebuild", "--replace", lost)


async def test_games_are_listed_and_admitted(arena: Arena, database_url: str) -> None:
    listed = await arena("games", "list", "--json")
    assert "tictactoe" in {game["name"] for game in listed}
    assert "tictactoe" in await arena("games", "list")
    (report,) = await arena("games", "admit", "tictactoe", "--keep", "--json")
    assert report["admitted"]
    database = Database(database_url, pool_size=1)
    async with database.begin() as connection:
        kept = (await read_admissions(connection))["tictactoe"]
    await database.close()
    assert (kept.version, kept.admitted, kept.step_us) == (report["version"], True, report["step_us"])
    assert report["deterministic"]
    with pytest.raises(Failed, match="there is no game 'nothing'"):
        await arena("games", "admit", "nothing")


async def test_without_a_platform_the_error_says_how_to_start_one(
    arena: Arena, monkeypatch: pytest.MonkeyPatch
) -> None:
    from click.testing import CliRunner

    from arena.cli.root import cli

    environ = {"ARENA_HOME": "/nonexistent", "ARENA_DATABASE_URL": "", "ARENA_NATS_URL": ""}
    result = await asyncio.to_thread(CliRunner().invoke, cli, ["match", "list"], env=environ, standalone_mode=False)
    assert "arena up" in str(result.exception)
