"""Who gets the runners' room when it is short: `shares(room, demands) -> matches of each game`. Pure.

**Between games** room is shared max-min fairly (progressive filling: Bertsekas and Gallager, Data Networks, 1992, 6.5):
all games are raised to one level of running matches, and who wants less leaves the rest to the others.  A game that
holds more than the level already waits until its own matches end; nothing is taken from it.  What is left below one
match each goes to those that were given none for longest, so a game without a match gets one within
ceil(games / room) waves, however short the matches of the others are.

**Within a game** the meetings of those owners come first who have the fewest seats in matches that run.
"""

import heapq
import math
from collections.abc import Collection, Mapping, Sequence

import msgspec


class Demand(msgspec.Struct, frozen=True):
    """What one game wants of the runners, in matches."""

    wanted: int  # could begin now
    running: int  # run already, and count
    served_ms: int = 0  # when it was last given any; 0: never


def shares(room: int, demands: Mapping[str, Demand]) -> dict[str, int]:
    """How many matches each game may begin: no more than it wants, and than `room` together."""
    if sum(demand.wanted for demand in demands.values()) <= room:
        return {game: demand.wanted for game, demand in demands.items()}
    if room <= 0:
        return dict.fromkeys(demands, 0)
    level = _level(room, demands.values())
    given = {game: _up_to(level, demand) for game, demand in demands.items()}
    first = sorted(
        (demand.served_ms, game)
        for game, demand in demands.items()
        if demand.running <= level and given[game] < demand.wanted
    )
    for _, game in first[: room - sum(given.values())]:
        given[game] += 1
    return given


def in_turn(meetings: Sequence[Collection[str]], running: Mapping[str, int], room: int) -> list[int]:
    """Which meetings come first, as indices: those of the owners with the fewest running seats, at most `room`.

    meetings: the owners of each, the best meeting first; none: nobody's, which comes last.  running: seats by owner.
    """
    seats = {owner: running.get(owner, 0) for owners in meetings for owner in owners}
    queue = [(_held(owners, seats), index) for index, owners in enumerate(meetings)]
    heapq.heapify(queue)
    found: list[int] = []
    while queue and len(found) < room:
        held, index = queue[0]
        now = _held(meetings[index], seats)
        if now != held:  # what was found since counts too; it only ever grows
            heapq.heapreplace(queue, (now, index))
            continue
        heapq.heappop(queue)
        found.append(index)
        for owner in meetings[index]:
            seats[owner] += 1
    return found


def _held(owners: Collection[str], seats: Mapping[str, int]) -> tuple[float, ...]:
    return tuple(sorted(seats[owner] for owner in owners)) or (math.inf,)


def _up_to(level: int, demand: Demand) -> int:
    return min(max(level - demand.running, 0), demand.wanted)


def _level(room: int, demands: Collection[Demand]) -> int:
    """The highest level to which all games can be raised. To be asked only where room is short."""
    starts = [(demand.running, 1) for demand in demands if demand.wanted > 0]
    ends = [(demand.running + demand.wanted, -1) for demand in demands if demand.wanted > 0]
    level, rising, left = 0, 0, room
    for at, change in sorted(starts + ends):
        if rising * (at - level) > left:
            break
        left -= rising * (at - level)
        level, rising = at, rising + change
    return level + left // rising if rising else level
