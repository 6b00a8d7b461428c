"""Which slots a requested match may take: how many of an agent's, before the ladder and behind it, and whose.

The rules stand in arena.matchmaker.requests.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping
from itertools import islice

from arena.core.pairing import Waiting
from arena.matchmaker.lobby import Lobby
from arena.wire.registry import RatingRange, Request

AHEAD_EVERY = 4  # of so many slots of an agent one is for requests first
TURNS_ALONE = 3  # of the ladder's matches, before an agent's only slot is for a request
LEFT_OVER_MS, LEFT_OVER_ALONE_MS = 500, 5_000  # how long a slot waits for the ladder first; an agent's only slot
IN_RANGE_MAX = 200  # agents in a range of ratings that one wave looks at

# An agent, its slots on the ladder -> how many of these may sit in requests, after which wait (ms).
SlotsOf = Callable[[str, int], tuple[int, int]]


def left_over(_agent: str, slots: int) -> tuple[int, int]:
    """Behind the ladder's wave: half of an agent's slots, once they waited."""
    return -(-slots // 2), LEFT_OVER_MS if slots > 1 else LEFT_OVER_ALONE_MS


def ahead_of_the_ladder(turns: Mapping[str, int]) -> SlotsOf:
    """A small part of an agent's slots, or its only one in turn. turns: the ladder's matches since the last request."""

    def slots_of(agent: str, slots: int) -> tuple[int, int]:
        if slots > 1:
            return max(slots // AHEAD_EVERY, 1), 0
        return slots if turns.get(agent, 0) >= TURNS_ALONE else 0, 0

    return slots_of


class Free:
    """Slots that may be taken in one wave, by game and agent. sitting: in requested matches already, by agent."""

    def __init__(
        self, lobby: Lobby, games: Collection[str], sitting: Mapping[str, int], slots_of: SlotsOf, now_ms: int
    ) -> None:
        self._lobby = lobby
        waiting = {game: lobby.askable(game, now_ms) for game in games}
        agents = {slot.agent for slots in waiting.values() for slot in slots}
        here = {agent: [it for it in lobby.of(agent) if it.here] for agent in agents}
        on_ladder = {agent: slots_of(agent, sum(it.slots for it in here[agent] if it.ladder)) for agent in agents}
        self._allowed = {
            agent: on_ladder[agent][0] + sum(it.slots for it in here[agent] if not it.ladder) for agent in agents
        }
        self._sitting = Counter({agent: sitting.get(agent, 0) for agent in agents})
        self._slots: dict[tuple[str, str], list[Waiting]] = defaultdict(list)
        for game, slots in waiting.items():
            for slot in slots:
                if not slot.ladder or now_ms - slot.since_ms >= on_ladder[slot.agent][1]:
                    self._slots[game, slot.agent].append(slot)
        self._used: set[str] = set()
        self._ranges: dict[tuple[str, RatingRange | None, str], list[str]] = {}

    def take(self, request: Request, seats: int, number: int, met: Mapping[str, int]) -> tuple[Waiting, ...] | None:
        """Slots by seat for its match of this number, or None. Seats and named opponents go round with the number.

        met: how often each agent played in it. Of those in a range of ratings, who played least is taken first.
        """
        own = self._first(request, request.agent)
        if own is None:
            return None
        alone = not own.ladder and not self._sitting[own.agent]
        if request.rating:
            others = sorted(self._in_range(request, own), key=lambda agent: met.get(agent, 0))
        else:
            first = number // seats * (seats - 1) % max(len(request.opponents), 1)
            others = request.opponents[first:] + request.opponents[:first]
        found = [own]
        for agent in others:
            slot = self._first(request, agent, any_of_house=alone) if len(found) < seats else None
            if slot and self._agreed(own, slot) and not (request.rated and _unwanted(found, slot)):
                found.append(slot)
        if len(found) < seats:
            return None
        for slot in found:
            self._used.add(slot.slot)
            self._sitting[slot.agent] += 1
        seat = (request.seat + number) % seats
        return (*found[1 : seat + 1], own, *found[seat + 1 :])

    def _in_range(self, request: Request, own: Waiting) -> list[str]:
        """Other agents that agreed and have such a rating: the IN_RANGE_MAX first, the same all through a wave."""
        key = (request.game, request.rating, own.agent)
        if key not in self._ranges:
            found = (
                agent
                for (game, agent), slots in self._slots.items()
                if game == request.game and agent != own.agent and _within(request.rating, slots[0].mu)
                if self._agreed(own, slots[0])
            )
            self._ranges[key] = list(islice(found, IN_RANGE_MAX))
        return self._ranges[key]

    def _agreed(self, own: Waiting, other: Waiting) -> bool:
        """Whether the other's owner lets this agent's owner ask for it."""
        record = self._lobby.agents.get(other.agent)
        return other.house or other.owner == own.owner or (record is not None and record.open_to == "everybody")

    def _takes(self, request: Request, slot: Waiting) -> bool:
        """Whether its process said that it plays such matches."""
        instance = self._lobby.instance(slot)
        return (request.rated or instance.unrated) and (request.clock == "game" or instance.patient)

    def _first(self, request: Request, agent: str, *, any_of_house: bool = False) -> Waiting | None:
        """The agent's longest waiting slot that is not taken yet. Of one instance, games share the slots.

        Slots beside the ladder come first. any_of_house: also those that a house bot keeps, whatever part it plays in.
        """
        full = self._sitting[agent] >= self._allowed.get(agent, 0)
        free = (
            slot
            for slot in self._slots.get((request.game, agent), ())
            if slot.slot not in self._used
            and self._takes(request, slot)
            and ((any_of_house or (slot.ladder and not full)) if slot.house else not full)
        )
        return min(free, key=lambda slot: (slot.ladder, slot.since_ms), default=None)


def _unwanted(found: Collection[Waiting], slot: Waiting) -> bool:
    """Whether a rated match of these is nothing for one of them: of one owner, or outside the ratings it wants."""
    return any(
        slot.owner == other.owner
        or not (slot.mu_min <= other.mu <= slot.mu_max and other.mu_min <= slot.mu <= other.mu_max)
        for other in found
    )


def _within(wanted: RatingRange | None, mu: float) -> bool:
    return wanted is not None and wanted.low <= mu <= wanted.high
