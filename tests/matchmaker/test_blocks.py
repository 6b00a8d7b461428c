"""Seat-fair blocks in real waves: one seed, the seats swapped, and nobody waits."""

import pytest

from arena.wire.events import Created
from tests.matchmaker.company import RunnersVoice, Visitor, matchmaker
from tests.matchmaker.test_requests import offered
from tests.stage import Stage

LONG_BEAT_MS = 60_000


def agents(created: Created) -> list[str]:
    return [seat.agent for seat in created.seats]


async def waves(stage: Stage, *slots: int, game: str = "tictactoe", room: int = 9, matches: int) -> list[Created]:
    """What is made when agents with so many slots are all here before a runner is, which has room for `room`."""
    await matchmaker(stage, beat_ms=LONG_BEAT_MS)
    for number in slots:
        await Visitor.arrive(stage, slots=number, games=[game])
    voice = await RunnersVoice.open(stage)
    await offered(stage, voice, lambda log: len(log.of(Created)) >= matches, capacity=room)
    made: list[Created] = stage.log.of(Created)
    return made


async def test_two_with_two_slots_each_play_one_seed_from_both_seats(stage: Stage) -> None:
    first, second = await waves(stage, 2, 2, matches=2)
    assert first.block == second.block != ""
    assert first.seed == second.seed
    assert agents(first) == agents(second)[::-1]
    assert (first.reason[-6:], second.reason[-6:]) == ("1 of 2", "2 of 2")
    assert first.rated
    assert second.rated


@pytest.mark.parametrize(
    ("slots", "game", "room", "matches"),
    [
        ((2, 1), "tictactoe", 9, 1),  # one of them has nothing free for a second match
        ((2, 2), "tictactoe", 1, 1),  # no runner has room for it
        ((2, 2), "leduc_holdem", 9, 2),  # the same cards at two tables would be known
    ],
)
async def test_else_it_is_a_match_by_itself(
    stage: Stage, slots: tuple[int, int], game: str, room: int, matches: int
) -> None:
    made = await waves(stage, *slots, game=game, room=room, matches=matches)
    assert [created.block for created in made] == [""] * matches
    assert len({created.seed for created in made}) == matches
