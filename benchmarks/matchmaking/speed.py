"""Tickets matched in a second on one core: one wave of so many that wait, and how the time grows with their number."""

import gc
import math
import time
from collections.abc import Callable, Sequence
from functools import partial

import msgspec
import networkx
import numpy as np

from arena.core.pairing import Rule, Waiting, pair
from benchmarks.matchmaking.order import Floats, Ints
from benchmarks.matchmaking.tables import Found, Run, Scale, Table

NEIGHBOURS = 6  # of a ticket on either side, for the blossom and for the greedy matching
MEASURED_S = 0.02  # again and again for so long: a wave may be shorter than what the clock can tell
RULE = Rule(seats=2)
NOW_MS = 60_000
SECONDS_MAX = 60.0  # what is expected to take longer is not measured
EXPONENT = {"blossom (NetworkX)": 2.0, "greedy": 1.1, "Arena": 1.1}  # what is expected


class Speed(msgspec.Struct, frozen=True):
    """One matcher with so many waiting."""

    matcher: str
    waiting: int
    seconds: float
    matched: int  # tickets
    gap: float  # mean gap in rating of those who met

    @property
    def per_s(self) -> float:
        """Tickets matched a second."""
        return self.matched / self.seconds


def tickets(count: int, seed: int) -> list[Waiting]:
    """Slots that wait for up to ten seconds; each agent knows some of the others."""
    rng = np.random.default_rng([seed, count])
    mu, sigma = rng.normal(25, 25 / 3, count).tolist(), rng.uniform(1, 8, count).tolist()
    since = (NOW_MS - rng.integers(0, 10_000, count)).tolist()
    seats, recent = rng.integers(0, 20, (count, 2)).tolist(), rng.integers(0, count, (count, 4)).tolist()
    names = [f"agent-{number}" for number in range(count)]
    return [
        Waiting(
            slot=f"{names[at]}/main/0",
            agent=names[at],
            owner=f"owner-{at}",
            mu=mu[at],
            sigma=sigma[at],
            since_ms=since[at],
            seat_counts=tuple(seats[at]),
            recent=tuple(names[other] for other in recent[at]),
        )
        for at in range(count)
    ]


def arena(waiting: Sequence[Waiting]) -> list[tuple[Waiting, ...]]:
    """The platform's own."""
    return [meeting.slots for meeting in pair(waiting, RULE, NOW_MS, 1)]


def _neighbours(waiting: Sequence[Waiting]) -> tuple[list[Waiting], Ints, Floats]:
    """By rating; whom each may meet, as positions; and the gaps."""
    ready = sorted(waiting, key=lambda slot: slot.mu)
    mu, here = np.array([slot.mu for slot in ready]), np.arange(len(ready))
    both = [np.stack([here[:-step], here[step:]], axis=1) for step in range(1, min(NEIGHBOURS + 1, len(ready)))]
    edges = np.concatenate(both)
    return ready, edges, mu[edges[:, 1]] - mu[edges[:, 0]]


def greedy(waiting: Sequence[Waiting]) -> list[tuple[Waiting, ...]]:
    """The smallest rating gap of the neighbours first."""
    ready, edges, gaps = _neighbours(waiting)
    free = [True] * len(ready)
    found: list[tuple[Waiting, ...]] = []
    for one, other in edges[np.argsort(gaps)].tolist():
        if free[one] and free[other]:
            free[one] = free[other] = False
            found.append((ready[one], ready[other]))
    return found


def blossom(waiting: Sequence[Waiting]) -> list[tuple[Waiting, ...]]:
    """Edmonds' maximum matching at the least sum of gaps, as NetworkX has it."""
    ready, edges, gaps = _neighbours(waiting)
    graph = networkx.Graph()
    graph.add_weighted_edges_from(
        (one, other, -round(gap * 1e6)) for (one, other), gap in zip(edges.tolist(), gaps.tolist(), strict=True)
    )
    pairs = networkx.max_weight_matching(graph, maxcardinality=True)
    return [(ready[one], ready[other]) for one, other in pairs]


MATCHERS: dict[str, Callable[[Sequence[Waiting]], list[tuple[Waiting, ...]]]] = {
    "blossom (NetworkX)": blossom,
    "greedy": greedy,
    "Arena": arena,
}


def measure(matcher: str, waiting: Sequence[Waiting], times: int = 3) -> Speed:
    """The shortest of some runs: whatever else the machine does only makes them longer."""
    shortest = np.inf
    gc.collect()
    for _ in range(times):
        began, rounds, took_s = time.process_time(), 0, 0.0
        while took_s < MEASURED_S:
            met = MATCHERS[matcher](waiting)
            rounds, took_s = rounds + 1, time.process_time() - began
        shortest = min(shortest, took_s / rounds)
    gap = float(np.mean([abs(one.mu - other.mu) for one, other in met])) if met else 0.0
    return Speed(matcher, len(waiting), shortest, 2 * len(met), gap)


def growth(before: Speed, after: Speed) -> float:
    """The exponent of the time's growth with the number that waits; n log n has 1.1 between thousands and a million."""
    return math.log(after.seconds / before.seconds) / math.log(after.waiting / before.waiting)


def runs(scale: Scale) -> list[Run]:
    """Every matcher with every number, but not what would take too long."""
    before: dict[str, Speed] = {}

    def one(matcher: str, count: int) -> Speed | None:
        last = before.get(matcher)
        if last and last.seconds * (count / last.waiting) ** EXPONENT[matcher] > SECONDS_MAX:
            return None
        before[matcher] = measure(matcher, tickets(count, scale.seed), 1 if count > 10_000 else 3)
        return before[matcher]

    sizes = (100, *scale.waiting)
    return [
        Run(f"{matcher}, {count:,} waiting", matcher, partial(one, matcher, count))
        for matcher in MATCHERS
        for count in sizes
    ]


def tables(found: Found) -> list[Table]:
    """Tickets a second, and the growth."""
    rows = []
    for matcher in MATCHERS:
        measured = [speed for speed in found[matcher] if speed]
        for before, speed in zip([None, *measured], measured, strict=False):
            figures = [f"{speed.seconds * 1000:,.1f}", f"{speed.per_s:,.0f}", f"{speed.matched / speed.waiting:.1%}"]
            exponent = f"{growth(before, speed):.2f}" if before else ""
            rows.append([matcher, f"{speed.waiting:,}", *figures, f"{speed.gap:.3f}", exponent])
    heads = ["matcher", "waiting", "CPU ms", "tickets/s", "matched", "mean rating gap", "growth from the row before"]
    return [Table("One wave on one core", heads, rows)]
