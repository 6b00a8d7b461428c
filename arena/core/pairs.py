"""Games of two seats: a minimum-cost maximum matching of those who wait, near-linear in their number.

The slots stand in the order of their ratings, and the best partner of one is a near neighbour: the matching is exact
among the next few (arena.core.band), all pairs where no more than EXACT wait. The long sequence is cut into rows,
elsewhere in each pass; who is left goes on to the next pass, where the neighbours are others. Who still is left
stands amid slots it may not meet (its own, or its owner's): those look across, and in the end part a pair.

Then the platform's own agents: each user who waited long enough and found nobody meets one of them, and a few of them
meet each other. So they play when there is nobody better.
"""

from collections.abc import Iterator

import numpy as np

from arena.core import band
from arena.core.pool import Bools, Floats, Ints, Pool

EXACT = band.WIDTH_MAX  # so many and one more are matched exactly, all with all
SIZES = ((256, 7, 256), (8_192, 6, 128), (1_000_000_000, 5, 256))  # up to so many: width of the band, length of a row
PASSES = 4
ACROSS = 8  # slots that one looks at, on the other side of a run of its own
ACROSS_ROUNDS = 16
PARTED_MAX = 8  # pairs that are parted, in one wave
ALONE = 1_000.0  # the price of staying alone, above all costs; a second of waiting adds one
WAIT_S_MAX = 100_000.0


def pairs(pool: Pool) -> list[tuple[int, int]]:
    """Positions of those who meet."""
    rule = pool.rule
    free = np.ones(len(pool.slots), bool)
    users = ~pool.house
    found = _parted(pool, free, users, _rounds(pool, free, users) + _across(pool, free, users))
    waited = pool.wait_s * 1000 >= rule.anchor_wait_ms
    found += _take(free, _band(pool, np.flatnonzero(free & waited), anchors=True))
    if rule.house_matches_max:
        found += _house(pool, free)
    return found


def _rounds(pool: Pool, free: Bools, among: Bools) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for number in range(PASSES):
        at = np.flatnonzero(free & among)
        met = _take(free, _band(pool, at, turn=number)) if len(at) > 1 else []
        found += met
        if not met or len(at) <= EXACT + 1:
            break
    return found


def _take(free: Bools, met: Ints) -> list[tuple[int, int]]:
    free[met.reshape(-1)] = False
    return [(one, other) for one, other in met.tolist()]


def prices(pool: Pool) -> Floats:
    """What it costs to leave a slot alone: more than any meeting, and more for who has waited longer."""
    return ALONE + np.minimum(pool.wait_s, WAIT_S_MAX)


def _band(pool: Pool, at: Ints, turn: int = 0, *, anchors: bool = False) -> Ints:
    """Pairs among these positions: (pairs, 2). anchors: users meet the platform's agents, and no others."""
    count = len(at)
    if count < 2:
        return np.empty((0, 2), np.int64)
    width, length = next((width, length) for most, width, length in SIZES if count <= most)
    width, length = (count - 1, count) if count <= EXACT + 1 else (width, min(length, count))
    front = (pool.seed + turn * length // 2) % length if count > length else 0
    rows = -(-(front + count) // length)
    padded: Ints = np.full((rows, length), -1, np.int64)
    padded.reshape(-1)[front : front + count] = at
    costs = np.full((rows, length, width), np.inf)
    for k in range(width):
        one, other = padded[:, k + 1 :], padded[:, : length - k - 1]
        real = (one >= 0) & (other >= 0)
        cost = pool.cost(one[real], other[real])
        if anchors:
            cost = np.where(pool.house[one[real]] != pool.house[other[real]], cost, np.inf)
        costs[:, k + 1 :, k][real] = cost
    alone = np.where(pool.house & anchors, 0.0, prices(pool))
    partners = band.match(costs, np.where(padded >= 0, alone[padded], 0.0))
    row, column = np.nonzero(partners > np.arange(length))
    return np.stack([padded[row, column], padded[row, partners[row, column]]], axis=1)


def _across(pool: Pool, free: Bools, among: Bools) -> list[tuple[int, int]]:
    """Who stands in a run of slots that may not meet each other looks beyond its ends. The cheapest meet first."""
    found: list[tuple[int, int]] = []
    for _ in range(ACROSS_ROUNDS):
        at = np.flatnonzero(free & among)
        if len(at) < 2:
            break
        edges = np.concatenate([np.stack([one, other], axis=1) for one, other in _beyond(pool, at)])
        edges = np.unique(np.sort(edges, axis=1), axis=0)
        cost = pool.cost(edges[:, 0], edges[:, 1]) - np.max(np.minimum(pool.wait_s, WAIT_S_MAX)[edges], axis=1)
        edges = edges[np.isfinite(cost)][np.argsort(cost[np.isfinite(cost)], kind="stable")]
        met = [(one, other) for one, other in edges.tolist() if _both(free, one, other)]
        if not met:
            break
        found += met
    return found


def _parted(pool: Pool, free: Bools, among: Bools, met: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Two that are left, and may not meet each other, part a pair and meet its two: the pair where that costs least."""
    left = np.flatnonzero(free & among)
    left = left[np.argsort(-pool.wait_s[left], kind="stable")][: 2 * PARTED_MAX].tolist()
    pairs = np.array(met, np.int64).reshape(-1, 2)
    for one, other in zip(left[::2], left[1::2], strict=False):
        if not len(pairs):
            break
        before = pool.cost(pairs[:, 0], pairs[:, 1])
        ours, theirs = np.full(len(pairs), one), np.full(len(pairs), other)
        ways = [pool.cost(ours, pairs[:, at]) + pool.cost(theirs, pairs[:, 1 - at]) for at in (0, 1)]
        cost = np.min(ways, axis=0) - before
        best = int(np.argmin(cost))
        if np.isfinite(cost[best]):
            at = int(ways[1][best] < ways[0][best])
            pairs = np.concatenate([pairs, [[other, pairs[best, 1 - at]]]])
            pairs[best] = one, pairs[best, at]
            free[[one, other]] = False
    return [(one, other) for one, other in pairs.tolist()]


def _both(free: Bools, one: int, other: int) -> bool:
    """Take two if both are free."""
    if not (free[one] and free[other]):
        return False
    free[one] = free[other] = False
    return True


def _beyond(pool: Pool, at: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Pairs to look at: each slot with the first few behind the run of its owner and of its agent, on either side."""
    count, here = len(at), np.arange(len(at))
    for kind in (pool.owner[at], pool.agent[at]):
        new = np.flatnonzero(np.diff(kind)) + 1
        starts, ends = np.concatenate([[0], new]), np.concatenate([new, [count]])
        run = np.searchsorted(starts, here, side="right") - 1
        before, after = starts[run] - 1, ends[run]
        steps = np.arange(ACROSS)
        looks = [after[:, None] + steps, before[:, None] - steps]
        # Two long runs side by side: the last of one with the first of the other, and so on, all at once.
        looks += [(after + (after - 1 - here))[:, None], (before - (here - before - 1))[:, None]]
        for look in looks:
            one = np.broadcast_to(here[:, None], look.shape)
            real = (look >= 0) & (look < count)
            yield at[one[real]], at[look[real]]


def _house(pool: Pool, free: Bools) -> list[tuple[int, int]]:
    """A few meetings of nobody but the platform's agents, of those who have waited longest."""
    rule = pool.rule
    waited = pool.wait_s * 1000 >= rule.house_wait_ms
    met = _band(pool, np.flatnonzero(free & pool.house & waited))
    longest = np.argsort(-np.max(pool.wait_s[met], axis=1, initial=0.0), kind="stable")
    return _take(free, met[longest[: rule.house_matches_max]])
