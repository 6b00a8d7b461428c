from typing import Any

import numpy as np

from arena.games import View
from arena.runner.memory import Memory
from arena.wire import codec
from arena.wire.events import MatchEvent, Move
from arena.wire.faults import Verdict
from arena.wire.play import Past
from tests.core import matchlog

MATCH = "m"


def events(*lines: matchlog.Line) -> list[MatchEvent]:
    return [codec.decode_event(payload) for _, payload in lines]


def folded(happened: list[MatchEvent], seats: int = 3) -> Memory:
    memory = Memory(seats, ())
    for event in happened:
        memory.fold(event, {})
    return memory


def test_what_is_owed_counts_from_a_seats_last_turn() -> None:
    happened = events(
        matchlog.created(MATCH, ["a", "b", "c"]),
        matchlog.claimed(MATCH),
        # ply 4 is of seat 1; each ply rewards by its number
        *(matchlog.moved(MATCH, ply, seats=3) for ply in range(5)),
    )
    assert folded(happened).owed == [3 + 4.0, 4.0, 2 + 3 + 4.0]
    (warned,) = events(matchlog.faulted(MATCH, 2))
    assert warned.verdict is Verdict.WARNED  # type: ignore[union-attr]
    assert folded([*happened, warned]).owed[2] == 9.0  # the same turn is asked again, and reports it again
    (forfeited,) = events(matchlog.faulted(MATCH, 2, verdict=Verdict.FORFEITED))
    assert folded([*happened, forfeited]).owed == [7.0, 4.0, 0.0]  # its last turn had reported it


def test_only_stateless_seats_have_a_past_and_it_does_not_change_with_the_environment() -> None:
    memory = Memory(2, {1})
    board: Any = np.zeros(3, np.int8)
    for ply, seat in enumerate((0, 1, 0, 1)):
        memory.tell(seat)
        board[ply % 3] = ply
        memory.moved(ply, [Move(seat=seat, action=ply)], {seat: View(board, None, b"")}, [0.5, 1.0])
    assert memory.past(0) == []
    seen = [(past.ply, past.observation.tolist(), past.action, past.reward) for past in memory.past(1)]
    assert seen == [(1, [0, 1, 0], 1, 1.0), (3, [3, 1, 2], 3, 2.0)]


def test_a_move_of_the_platform_is_nobodys_past() -> None:
    memory = Memory(1, {0})
    memory.moved(0, [Move(seat=0, action=1, by_platform=True)], {0: View(1, None, b"")}, [0.0])
    memory.moved(1, [Move(seat=0, action=2)], {0: View(2, None, b"")}, [0.0])
    assert memory.past(0) == [Past(ply=1, observation=2, action=2)]
