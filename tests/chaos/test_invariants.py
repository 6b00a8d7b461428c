"""The checker: what was really played is clean, and any other telling of it is noticed."""

from collections.abc import AsyncIterator

import pytest

from arena.stack.embedded import EmbeddedPostgres
from arena.wire.events import Ended
from tests.chaos.evidence import Cast, Evidence, collect, database, serve
from tests.stage import open_stage

GAMES = ["tictactoe", "leduc_holdem", "rock_paper_scissors"]


@pytest.fixture(scope="module")
async def evidence(postgres: EmbeddedPostgres) -> AsyncIterator[Evidence]:
    """A dozen matches of honest agents, in the log, the tables and the agents' own words."""
    async with open_stage() as stage, database(stage, postgres, "chaos_evidence"):
        await serve(stage)
        cast = Cast(stage, GAMES)
        for number in range(4):
            await cast.add("honest", seed=number)
        await stage.log.until(lambda log: len(log.of(Ended)) >= 12)
        await cast.leave()
        found = await collect(stage, cast.honest)
        await stage.close()
        yield found


async def test_what_was_really_played_is_clean(evidence: Evidence) -> None:
    assert len({record.match for record in evidence.records if record.over}) >= 12
    assert await evidence.check() == []
