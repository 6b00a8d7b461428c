"""Games of three seats and more: neighbours by rating meet, in balanced teams where the game has teams.

Without a gap between them, the best groups of a sequence sorted by rating are windows of it: a dynamic programme over
the sequence finds the windows that leave the fewest alone, at the least cost, in linear time. Who is left (amid slots
that may not meet) is gathered one by one: the one that waits longest, and the nearest that may meet it.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from arena.core.pairs import prices
from arena.core.pool import Bools, Ints, Pool

PASSES = 3
GATHERED_MAX = 1_000  # slots around which a group is looked for, in one wave
LOOKED_AT = 12  # per seat
TRIED_MAX = 1_000  # divisions into two teams that are tried one by one

Group = tuple[int, ...]


def groups(pool: Pool) -> list[Group]:
    """Positions of those who meet."""
    rule = pool.rule
    free = np.ones(len(pool.slots), bool)
    users = ~pool.house
    found: list[Group] = []
    for _ in range(PASSES):
        met = _windows(pool, np.flatnonzero(free & users))
        for group in met:
            free[list(group)] = False
        found += met
        if not met:
            break
    found += _gathered(pool, free, users, np.flatnonzero(free & users))
    waited = pool.wait_s * 1000
    anchors = users | (waited >= rule.anchor_wait_ms)
    found += _gathered(pool, free, anchors, np.flatnonzero(free & users & (waited >= rule.anchor_wait_ms)))
    house = pool.house & (waited >= rule.house_wait_ms)
    found += _gathered(pool, free, house, np.flatnonzero(free & house), rule.house_matches_max)
    return found


def _windows(pool: Pool, at: Ints) -> list[Group]:
    size, count = pool.rule.seats, len(at)
    if count < size:
        return []
    windows = np.lib.stride_tricks.sliding_window_view(at, size)
    cost = pool.gap(windows[:, 0], windows[:, -1])
    longest = windows[np.arange(len(windows)), np.argmax(pool.wait_s[windows], axis=1)]
    allowed = cost <= pool.limit(longest, longest)
    for one, other in combinations(range(size), 2):
        allowed &= pool.may_meet(windows[:, one], windows[:, other])
    costs = np.where(allowed, cost, np.inf).tolist()
    alone = prices(pool)[at].tolist()
    best, taken = [0.0], [False]
    for end in range(1, count + 1):
        without = best[end - 1] + alone[end - 1]
        within = best[end - size] + costs[end - size] if end >= size else np.inf
        best.append(min(without, within))
        taken.append(within < without)
    found: list[Group] = []
    end = count
    while end > 0:
        if taken[end]:
            found.append(tuple(at[end - size : end].tolist()))
        end -= size if taken[end] else 1
    return found


def _gathered(pool: Pool, free: Bools, among: Bools, first: Ints, most: int = GATHERED_MAX) -> list[Group]:
    found: list[Group] = []
    for one in first[np.argsort(-pool.wait_s[first], kind="stable")][:GATHERED_MAX].tolist():
        if len(found) >= most:
            break
        if free[one] and (group := _around(pool, free & among, one)):
            free[list(group)] = False
            found.append(group)
    return found


def _around(pool: Pool, free: Bools, one: int) -> Group | None:
    """A slot and the nearest free ones that may all meet."""
    size, group = pool.rule.seats, [one]
    lowest = highest = one
    for other in _nearest(pool, free, one):
        if all(pool.may_meet(member, other) for member in group):
            low, high = min(lowest, other), max(highest, other)
            if pool.gap(low, high) <= pool.limit(one, other):
                group.append(other)
                lowest, highest = low, high
                if len(group) == size:
                    return tuple(sorted(group))
    return None


def _nearest(pool: Pool, free: Bools, one: int) -> Iterator[int]:
    reach = LOOKED_AT * pool.rule.seats
    below = np.flatnonzero(free[:one])[-reach:][::-1]
    above = np.flatnonzero(free[one + 1 :])[:reach] + one + 1
    around = np.concatenate([below, above])
    distance = np.abs(pool.mu[around] - pool.mu[one]) + np.where(pool.house[around], 1e-6, 0.0)
    yield from around[np.argsort(distance, kind="stable")][:reach].tolist()


def divided(strengths: Sequence[float], sizes: Sequence[int]) -> list[list[int]]:
    """Teams of these sizes with means as even as can be: which of `strengths` each team has.

    Two teams are divided exactly where that is quickly done; else the strongest goes to the weakest team that has
    room, and then members change places as long as that helps.
    """
    everybody = range(len(strengths))
    if len(sizes) == 2 and _count(len(strengths), sizes[0]) <= TRIED_MAX:
        target = sum(strengths) * sizes[0] / len(strengths)
        best = min(
            combinations(everybody, sizes[0]),
            key=lambda team: (abs(sum(strengths[one] for one in team) - target), team),
        )
        return [list(best), [one for one in everybody if one not in best]]
    teams: list[list[int]] = [[] for _ in sizes]
    for one in sorted(everybody, key=lambda one: -strengths[one]):
        room = [number for number, size in enumerate(sizes) if len(teams[number]) < size]
        teams[min(room, key=lambda number: sum(strengths[it] for it in teams[number]) / sizes[number])].append(one)
    while _exchanged(strengths, teams):
        pass
    return [sorted(team) for team in teams]


def _count(of: int, chosen: int) -> int:
    count = 1
    for number in range(chosen):
        count = count * (of - number) // (number + 1)
    return count


def _exchanged(strengths: Sequence[float], teams: list[list[int]]) -> bool:
    """Two members change places if that makes the strongest and the weakest team more even."""
    means = [sum(strengths[one] for one in team) / len(team) for team in teams]
    strong, weak = means.index(max(means)), means.index(min(means))
    a, b = teams[strong], teams[weak]
    apart = means[strong] - means[weak]
    weight = 1 / len(a) + 1 / len(b)
    best = min(
        ((abs(apart - (strengths[x] - strengths[y]) * weight), i, j) for i, x in enumerate(a) for j, y in enumerate(b)),
        default=(apart, 0, 0),
    )
    if best[0] >= apart - 1e-9:
        return False
    _, i, j = best
    a[i], b[j] = b[j], a[i]
    return True
