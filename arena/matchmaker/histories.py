"""What pairing remembers of agents that played: in which seats, against whom lately, and with which lag. Bounded."""

from collections import OrderedDict
from collections.abc import Sequence

import msgspec

from arena.wire.events import Seat

LAG_WEIGHT = 0.25  # of the newest match in an agent's usual lag
LENGTH_WEIGHT = 0.05  # of the newest match in a game's usual length
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
        self._lengths_ms: dict[str, float] = {}  # by game
        self._lags_ms: OrderedDict[str, float] = OrderedDict()  # by agent, whatever it plays

    def of(self, game: str, agent: str) -> History:
        """What is known, not to be changed."""
        return self._found.get((game, agent), NOTHING)

    def lag_ms(self, agent: str) -> float:
        """How long a message usually takes to it and back, as runners measured it; 0 if none did."""
        return self._lags_ms.get(agent, 0.0)

    def note_lags(self, seats: Sequence[Seat], lags_ms: Sequence[float]) -> None:
        """A match ended, in which runners measured these."""
        for seat, lag_ms in zip(seats, lags_ms, strict=False):
            usual_ms = self._lags_ms.get(seat.agent, lag_ms)
            self._lags_ms[seat.agent] = usual_ms + LAG_WEIGHT * (lag_ms - usual_ms)
            self._lags_ms.move_to_end(seat.agent)
        while len(self._lags_ms) > HISTORIES_MAX:
            self._lags_ms.popitem(last=False)

    def length_ms(self, game: str) -> float | None:
        """How long a match of a game usually lasts; None if that is not known."""
        return self._lengths_ms.get(game)

    def note_length(self, game: str, length_ms: int) -> None:
        """A match ended that lasted so long."""
        usual_ms = self._lengths_ms.get(game, length_ms)
        self._lengths_ms[game] = usual_ms + LENGTH_WEIGHT * (length_ms - usual_ms)

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
