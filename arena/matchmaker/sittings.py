"""Which matches run, and in which of them each instance of an agent sits. No I/O, no clock."""

from collections import Counter
from collections.abc import Collection

import msgspec

from arena.wire.events import Reseated, Seat


class Running(msgspec.Struct, frozen=True):
    """A match that was created and is not over."""

    game: str
    seq: int  # of its created event; 0 until the log has it
    seats: list[Seat]
    house_only: bool
    requested: bool = False  # somebody asked for it: not one of the ladder's
    begun_ms: int = 0


class Sittings:
    """All matches that run, and all seats in them."""

    def __init__(self) -> None:
        self.matches: dict[str, Running] = {}
        self._sits: dict[str, dict[str, dict[str, None]]] = {}  # agent -> instance -> its matches, in order
        self._house_only: Counter[str] = Counter()  # matches by game, like the next
        self.on_ladder: Counter[str] = Counter()
        self.of_owner: Counter[str] = Counter()  # seats

    def begin(self, match: str, running: Running) -> None:
        """A match was created, and was not here before."""
        self.matches[match] = running
        self._count(running, +1)
        for seat in running.seats:
            self._sit_down(match, seat)

    def number(self, match: str, seq: int) -> None:
        """The log has its created event; 0: it is not known where."""
        running = self.matches[match]
        self.matches[match] = msgspec.structs.replace(running, seq=seq or running.seq)

    def move(self, match: str, event: Reseated) -> tuple[Seat, Seat] | None:
        """Another instance plays a seat on. Returns the seat before and now; None if nobody moved."""
        running = self.matches.get(match)
        if running is None or event.seat >= len(running.seats):
            return None
        old = running.seats[event.seat]
        new = msgspec.structs.replace(old, instance=event.instance, encoding=event.encoding)
        seats = [new if number == event.seat else seat for number, seat in enumerate(running.seats)]
        self.matches[match] = msgspec.structs.replace(running, seats=seats)
        if old.instance == new.instance:
            return None
        self._stand_up(match, old)
        self._sit_down(match, new)
        return old, new

    def end(self, match: str) -> Running | None:
        """A match is over. Returns it as it was; None if it was over before."""
        running = self.matches.pop(match, None)
        if running is not None:
            self._count(running, -1)
            for seat in running.seats:
                self._stand_up(match, seat)
        return running

    def of(self, agent: str, instance: str) -> list[str]:
        """The matches in which an instance sits."""
        return list(self._sits.get(agent, {}).get(instance, ()))

    def count(self, agent: str, instance: str) -> int:
        """In how many matches an instance sits."""
        return len(self._sits.get(agent, {}).get(instance, ()))

    def instances(self, agent: str) -> Collection[str]:
        """Those that sit in matches."""
        return self._sits.get(agent, {}).keys()

    def inheritance(self, agent: str, instance: str) -> set[str]:
        """Games of the matches in which another instance may take this one's seat."""
        return {
            self.matches[match].game
            for match in self._sits.get(agent, {}).get(instance, ())
            if any(
                seat.stateless and (seat.agent, seat.instance) == (agent, instance)
                for seat in self.matches[match].seats
            )
        }

    def first_seq(self, default: int) -> int:
        """The first created event of what runs."""
        return min((match.seq for match in self.matches.values() if match.seq), default=default)

    def house_only(self, game: str) -> int:
        """Matches of a game among the platform's own agents."""
        return self._house_only[game]

    def _count(self, running: Running, by: int) -> None:
        self._house_only[running.game] += by * running.house_only
        self.on_ladder[running.game] += by * (not running.requested)
        for seat in running.seats:
            self.of_owner[seat.owner] += by
            if not self.of_owner[seat.owner]:
                del self.of_owner[seat.owner]

    def _sit_down(self, match: str, seat: Seat) -> None:
        self._sits.setdefault(seat.agent, {}).setdefault(seat.instance, {})[match] = None

    def _stand_up(self, match: str, seat: Seat) -> None:
        of_agent = self._sits.get(seat.agent, {})
        matches = of_agent.get(seat.instance, {})
        matches.pop(match, None)
        if not matches:
            of_agent.pop(seat.instance, None)
        if not of_agent:
            self._sits.pop(seat.agent, None)
