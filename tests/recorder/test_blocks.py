"""Blocks in real tables: one result, whatever happens to the recorder meanwhile."""

from arena.recorder.rebuild import rebuild
from arena.store.database import Database
from tests.core import matchlog
from tests.core.matchlog import Line
from tests.recorder.conftest import MODELS, Log, Recorders, projections


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
