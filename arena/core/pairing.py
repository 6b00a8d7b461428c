"""Who meets whom: `pair(waiting, rule, now_ms, seed) -> meetings`. Pure; the live matchmaker runs this very code.

Hard rules: never one agent against itself; agents of one owner only if both allow it; nobody outside the ratings that
either declares; a slot is used once. Two of the platform's own agents meet only after `house_wait_ms`, and one of
them meets a user's agent only after `anchor_wait_ms`: they are there for when there is nobody better. For the same
reason a slot that plays other games too is given to a game of one seat only after `anchor_wait_ms`: such games are
always free, and would take every slot.

Soft: as many as can be are matched, those that have waited longest first, at the least cost (arena.core.pool). A
meeting is acceptable when its rating gap is below a limit that widens with the longer wait. So the wait is bounded:
the limit of a slot reaches any rating (gap - gap_limit) / widen_per_s seconds after it came, and it goes first from
then on.

One seat: everybody.  Two: arena.core.pairs.  More, and teams: arena.core.groups.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from arena.core.groups import divided, groups
from arena.core.pairs import pairs
from arena.core.pool import Pool, seat_excess
from arena.core.waiting import BETA, Meeting, Rule, Waiting

__all__ = ["BETA", "Meeting", "Rule", "Waiting", "pair"]


def pair(waiting: Sequence[Waiting], rule: Rule, now_ms: int, seed: int) -> list[Meeting]:
    """Meetings among the waiting slots, the most urgent first. The order of `waiting` changes nothing."""
    if rule.house_matches_max <= 0 and all(slot.house for slot in waiting):
        return []
    if rule.sides == "own" and rule.teams and len(rule.teams) > len(set(rule.teams)):
        return _of_units(waiting, rule, now_ms, seed)
    pool = Pool(waiting, rule, now_ms, seed)
    if rule.seats == 1:
        found: Sequence[Sequence[int]] = _alone(pool)
    else:
        found = pairs(pool) if rule.seats == 2 else groups(pool)
    if not found:
        return []
    members = np.array(found, np.int64)
    low, high = members[:, 0], members[:, -1]  # but for the noise
    wait_s = np.max(pool.wait_s[members], axis=1)
    urgent = np.argsort(-wait_s, kind="stable")
    seated = _seated_pairs(pool, members) if rule.seats == 2 else [_seated(pool, group) for group in found]
    apart = zip(wait_s.tolist(), pool.gap(low, high).tolist(), pool.limit(low, high).tolist(), strict=True)
    reasons = [_reason(slots, *how) for slots, how in zip(seated, apart, strict=True)]
    return [Meeting(seated[at], reasons[at]) for at in urgent.tolist()]


def _alone(pool: Pool) -> list[tuple[int]]:
    """Games of one seat, and the platform's own agents as far as they may."""
    rule, waited = pool.rule, pool.wait_s * 1000
    found = []
    house = rule.house_matches_max
    for one in np.argsort(-waited, kind="stable").tolist():
        slot = pool.slots[one]
        needed = rule.anchor_wait_ms if slot.other_games else 0
        if slot.house:
            needed = max(needed, rule.house_wait_ms)
        if waited[one] >= needed and (not slot.house or house > 0):
            house -= slot.house
            found.append((one,))
    return found


# Seats


def _seated_pairs(pool: Pool, members: NDArray[np.int64]) -> list[tuple[Waiting, ...]]:
    """As `_seated`, for many pairs at once."""
    one, other = members[:, 0], members[:, 1]
    first = pool.excess[one] + (pool.dice[one] > pool.dice[other]) * 1e-9
    swapped = first > pool.excess[other]
    slots = pool.slots
    firsts, seconds = np.where(swapped, other, one).tolist(), np.where(swapped, one, other).tolist()
    return [(slots[a], slots[b]) for a, b in zip(firsts, seconds, strict=True)]


def _seated(pool: Pool, group: Sequence[int]) -> tuple[Waiting, ...]:
    """By seat: in turn to the slot that has sat there least, ties by dice; in teams, where there are teams."""
    slots, dice = [pool.slots[one] for one in group], [float(pool.dice[one]) for one in group]
    teams = pool.rule.teams
    if not teams:
        return tuple(slots[one] for one in _in_turn(slots, dice, range(len(slots))))
    numbers = sorted(set(teams))
    seats_of = [[seat for seat, number in enumerate(teams) if number == team] for team in numbers]
    members = divided([slot.mu for slot in slots], [len(seats) for seats in seats_of])
    if len({len(team) for team in members}) == 1:  # whose turn is it to begin?
        members.sort(key=lambda team: (sum(seat_excess(slots[one], seats_of[0][0]) for one in team), dice[team[0]]))
    seated: list[Waiting | None] = [None] * len(slots)
    for seats, team in zip(seats_of, members, strict=True):
        order = _in_turn([slots[one] for one in team], [dice[one] for one in team], seats)
        for seat, one in zip(seats, order, strict=True):
            seated[seat] = slots[team[one]]
    return tuple(slot for slot in seated if slot is not None)


def _in_turn(slots: Sequence[Waiting], dice: Sequence[float], seats: Sequence[int]) -> list[int]:
    left = list(range(len(slots)))
    order = []
    for seat in seats:
        chosen = min(left, key=lambda one: (seat_excess(slots[one], seat), dice[one]))
        left.remove(chosen)
        order.append(chosen)
    return order


# Teams that stay together


def _of_units(waiting: Sequence[Waiting], rule: Rule, now_ms: int, seed: int) -> list[Meeting]:
    """Each team is of one side: neighbours by rating of each side make units, and units meet as slots do."""
    numbers = sorted(set(rule.teams))
    size = len(rule.teams) // len(numbers)
    units = {unit.slot: members for unit, members in _units(waiting, size)}
    meetings = pair(
        [unit for unit, _ in _units(waiting, size)],
        msgspec.structs.replace(rule, seats=len(numbers), teams=()),
        now_ms,
        seed,
    )
    found = []
    for meeting in meetings:
        teams = {number: iter(units[unit.slot]) for number, unit in zip(numbers, meeting.slots, strict=True)}
        found.append(Meeting(tuple(next(teams[number]) for number in rule.teams), meeting.reason))
    return found


def _units(waiting: Sequence[Waiting], size: int) -> Iterator[tuple[Waiting, tuple[Waiting, ...]]]:
    """Teams of `size` agents of one side, as slots with the mean of their ratings."""
    sides: defaultdict[str, list[Waiting]] = defaultdict(list)
    for slot in sorted(waiting, key=lambda slot: (slot.mu, slot.slot)):
        sides[slot.side].append(slot)
    for side, slots in sorted(sides.items()):
        begun: list[list[Waiting]] = []
        for slot in slots:
            unit = next((it for it in begun if all(slot.agent != member.agent for member in it)), None)
            if unit is None:
                begun.append(unit := [])
            unit.append(slot)
            if len(unit) == size:
                begun.remove(unit)
                yield _unit(side, unit), tuple(unit)


def _unit(side: str, members: Sequence[Waiting]) -> Waiting:
    return Waiting(
        slot="+".join(slot.slot for slot in members),
        agent="+".join(sorted(slot.agent for slot in members)),
        owner=f"side {side}",
        side=side,
        mu=sum(slot.mu for slot in members) / len(members),
        sigma=math.sqrt(sum(slot.sigma**2 for slot in members)) / len(members),
        since_ms=min(slot.since_ms for slot in members),
        house=all(slot.house for slot in members),
        mu_min=max(slot.mu_min for slot in members),
        mu_max=min(slot.mu_max for slot in members),
        lag_ms=max(slot.lag_ms for slot in members),
    )


# Why


def _reason(slots: Sequence[Waiting], wait_s: float, gap: float, limit: float) -> str:
    """Why these met, in words."""
    if len(slots) == 1:
        return f"one seat, waited {wait_s:.1f} s"
    mus = [slot.mu for slot in slots]
    why = f"ratings {min(mus):.1f} to {max(mus):.1f}, {gap:.2f} apart of {limit:.2f}, longest wait {wait_s:.1f} s"
    houses = [slot.house for slot in slots]
    if any(houses) and not all(houses):
        why += ", nobody better than a house bot waited"
    if len(slots) == 2 and slots[0].agent in slots[1].recent[:1] and slots[1].agent in slots[0].recent[:1]:
        why += ", they met last time, too"
    return why
