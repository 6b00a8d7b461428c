"""Blocks in real tables: one result, whatever happens to the recorder meanwhile."""

import msgspec

from arena.recorder.rebuild import rebuild
from arena.service import steady_ms
from arena.stack.embedded import EmbeddedPostgres
from arena.store.database import Database
from arena.wire.events import Created, Ended, Result
from arena.wire.faults import EndCause
from arena.wire.registry import RatingRecord
from arena.wire.subjects import RATINGS_BUCKET
from tests.core import matchlog
from tests.core.matchlog import Line
from tests.matchmaker.company import RunnersVoice, Visitor, entry, matchmaker
from tests.matchmaker.test_requests import offered
from tests.recorder.conftest import MODELS, Log, Recorders, projections
from tests.recorder.test_faults import assert_fold_of_the_log, reach
from tests.stage import Stage


def begun(block: str) -> list[Line]:
    """Two matches, `{block}a` and `{block}b`, with the seats swapped."""
    first, second = f"{block}a", f"{block}b"
    return [
        matchlog.created(first, ["ann", "bob"], block=block),
        matchlog.created(second, ["bob", "ann"], block=block),
        matchlog.claimed(first),
        matchlog.claimed(second),
    ]


async def test_a_recorder_that_dies_between_the_ends_of_a_block_rates_it_once(
    log: Log, url: str, recorders: Recorders
) -> None:
    first = await recorders.start(url)
    await first.reach(await log.write([*begun("x"), matchlog.ended("xa", [1, 2])]))
    assert (await projections(url))["ratings"] == []
    await first.die()
    last = await log.write([matchlog.ended("xb", [2, 1]), *begun("y"), matchlog.voided("yb")])
    second = await recorders.start(url)
    await second.reach(last)
    tables = await projections(url)
    assert {row["agent"]: (row["played"], row["won"]) for row in tables["ratings"]} == {"ann": (2, 2), "bob": (2, 0)}
    assert len(tables["rating_history"]) == 2
    after = {row["agent"]: row["mu"] for row in tables["ratings"]}
    for row in tables["participations"]:
        assert row["mu_after"] == (after[row["agent"]] if row["match"] in {"xa", "xb"} else None)
    await second.reach(await log.write([matchlog.ended("ya", [1, 2])]))  # the other half was voided in another batch
    await second.end()
    live = await projections(url)
    assert {row["agent"]: row["played"] for row in live["ratings"]} == {"ann": 3, "bob": 3}
    database = Database(url)
    await rebuild(database, MODELS, lambda *_: None)  # in one batch, where there were several
    await database.close()
    assert await projections(url) == live


async def test_a_half_that_is_voided_last_settles_the_other(log: Log, url: str, recorders: Recorders) -> None:
    running = await recorders.start(url)
    await running.reach(await log.write([*begun("x"), matchlog.ended("xa", [2, 1])]))
    last = await log.write([matchlog.voided("xb")])
    await running.reach(last)
    tables = await projections(url)
    assert {row["agent"]: (row["won"], row["lost"]) for row in tables["ratings"]} == {"ann": (0, 1), "bob": (1, 0)}
    assert {(row["match"], row["seq"]) for row in tables["rating_history"]} == {("xa", last)}


def won_by(created: Created, agent: str) -> Ended:
    """The end of this match: the agent was first."""
    results = [
        Result(seat=number, placement=1 if seat.agent == agent else 2, score=1.0 if seat.agent == agent else -1.0)
        for number, seat in enumerate(created.seats)
    ]
    return Ended(at_ms=steady_ms(), results=results, cause=EndCause.FINISHED, plies=5, digest="d" * 32)


async def test_from_the_wave_to_the_rating_with_a_recorder_killed_between_the_ends(
    stage: Stage, url: str, postgres: EmbeddedPostgres
) -> None:
    stage.settings = msgspec.structs.replace(stage.settings, database_url=url)
    recorder = await stage.spawn("recorder")
    await matchmaker(stage, beat_ms=60_000)
    better, other = [await Visitor.arrive(stage, slots=2) for _ in range(2)]
    voice = await RunnersVoice.open(stage)
    await offered(stage, voice, lambda log: len(log.of(Created)) == 2, capacity=2)
    made = [(match, event) for _, _, match, event in stage.log.events if isinstance(event, Created)]
    (first, first_made), (second, second_made) = made
    assert first_made.block == second_made.block != ""
    await voice.claim(first, won_by(first_made, better.agent))
    await reach(url, stage.log.events[-1][0])
    assert (await projections(url))["ratings"] == []
    recorder.kill()
    await recorder.wait()
    await voice.claim(second, won_by(second_made, better.agent))
    await stage.spawn("recorder")
    key = f"tictactoe.{better.agent}"
    await entry(stage, RATINGS_BUCKET, RatingRecord, key, lambda it: it.played == 2 and it.mu > 25.0)
    tables = await projections(url)
    assert len(tables["rating_history"]) == 2
    assert {(row["agent"], row["won"], row["lost"]) for row in tables["ratings"]} == {
        (better.agent, 2, 0),
        (other.agent, 0, 2),
    }
    await assert_fold_of_the_log(stage, url, postgres)
