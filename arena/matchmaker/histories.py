"""What pairing remembers of agents that played: how often in which seat, and against whom lately. Bounded."""

from collections import OrderedDict
from collections.abc import Sequence

import msgspec

from arena.wire.events import Seat

HISTORIES_MAX = 50_000  # agent x game; whoever did not play for longest starts anew: seats even, nobody met
RECENT_MAX = 8


class History(msgspec.Struct):
    """Of one agent in one game."""

    seat_counts: list[int] = []
    recent: list[str] = []  # agents it met last, the latest first


NOTHING = History()


class Histories:
    """By game and agent; the one that played longest ago is forgotten first."""

    def __init__(self) -> None:
        self._found: OrderedDict[tuple[str, str], History] = OrderedDict()

    def of(self, game: str, agent: str) -> History:
        """What is known, not to be changed."""
        return self._found.get((game, agent), NOTHING)

    def note(self, game: str, seats: Sequence[Seat]) -> None:
        """A match began."""
        for number, seat in enumerate(seats):
            history = self._found.setdefault((game, seat.agent), History([0] * len(seats)))
            self._found.move_to_end((game, seat.agent))
            if len(history.seat_counts) == len(seats):
                history.seat_counts[number] += 1
            met = [other.agent for other in seats if other.agent != seat.agent]
            history.recent = [*met, *history.recent][:RECENT_MAX]
        while len(self._found) > HISTORIES_MAX:
            self._found.popitem(last=False)
