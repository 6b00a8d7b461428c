"""Which seats of which matches each agent's instances play in this process."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from arena.runner.play import Play


class Place(NamedTuple):
    """One seat of one match, and who plays it."""

    play: "Play"
    seat: int
    instance: str


class Seating:
    """All seats, by agent."""

    def __init__(self) -> None:
        self._places: dict[str, dict[tuple[str, int], Place]] = {}

    def __contains__(self, agent: str) -> bool:
        """Whether the agent plays here."""
        return agent in self._places

    def take(self, play: "Play", seat: int, agent: str, instance: str) -> None:
        """From now on this instance plays the seat."""
        self._places.setdefault(agent, {})[play.match, seat] = Place(play, seat, instance)

    def leave(self, match: str, seat: int, agent: str) -> None:
        """The match is over, or another runner's."""
        places = self._places.get(agent, {})
        places.pop((match, seat), None)
        if not places:
            self._places.pop(agent, None)

    def of(self, agent: str, instance: str | None = None) -> Iterator[Place]:
        """Seats of an agent, or of one of its instances, as they are now."""
        for place in list(self._places.get(agent, {}).values()):
            if instance is None or place.instance == instance:
                yield place
