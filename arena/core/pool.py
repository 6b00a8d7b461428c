"""Waiting slots as columns, in the order of their ratings, and what it costs two of them to meet.

The cost of a meeting of two, in units of the rating gap (c is the spread of a result between them: Herbrich et al.,
TrueSkill, 2006: c^2 = 2 beta^2 + sigma1^2 + sigma2^2):

      |mu1 - mu2| / c                                    the gap
    - information  (sigma1^2 + sigma2^2) / c^2, close   what the result would teach: most, of those least known
    + rematch      1 / (how many matches ago + 1)        they have just met
    + seat         how far both have sat too often in the same seat
    + lag          classes of latency between them
    + same_owner   if one person owns both

Nobody meets oneself, nor an agent of the same owner unless both allow it, nor somebody outside the ratings that
either declares; and the gap must be below a limit that widens with the longer wait of the two.
"""

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from arena.core.waiting import BETA, Rule, Waiting

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

RECENT = 4  # opponents that count as met lately
SEAT_EXCESS_MAX = 3.0
LAG_CLASS_MS = 25.0  # the classes: up to 25 ms, 75, 175, 375, ...


class Pool:
    """The columns. Positions are those of `slots`, which is sorted by rating, with a little noise; ties by the seed."""

    def __init__(self, waiting: Sequence[Waiting], rule: Rule, now_ms: int, seed: int) -> None:
        self.rule = rule
        self._given = waiting
        mu, sigma = self._column("mu"), self._column("sigma")
        dice = _dice([slot.slot for slot in waiting], seed)
        spread = np.sqrt(2 * BETA**2 + 2 * sigma**2)
        order = np.lexsort((dice, mu + rule.noise * spread * (2 * dice - 1)))
        self.slots = [waiting[at] for at in order.tolist()]
        self.seed = seed
        self.dice: Floats = dice[order]
        self.mu: Floats = mu[order]
        self.sigma2: Floats = sigma[order] ** 2
        self.wait_s: Floats = np.maximum(now_ms - self._column("since_ms"), 0)[order] / 1000
        self.house: Bools = self._column("house", bool)[order]
        self.same_owner: Bools = self._column("same_owner", bool)[order]
        self.mu_min: Floats = self._column("mu_min")[order]
        self.mu_max: Floats = self._column("mu_max")[order]
        self.lag: Floats = np.log2(1 + self._column("lag_ms")[order] / LAG_CLASS_MS)
        agents: dict[str, int] = {}
        self.agent: Ints = _numbers(self._words("agent"), agents)[order]
        self.owner: Ints = _numbers(self._words("owner"), {})[order]
        self.side: Ints = _numbers(self._words("side"), {})[order]
        recent = np.full((len(waiting), RECENT), -1, np.int64)
        excess = np.zeros(len(waiting))
        for at, slot in enumerate(waiting):
            if slot.recent:
                met = [agents.get(name, -1) for name in slot.recent[:RECENT]]
                recent[at, : len(met)] = met
            if counts := slot.seat_counts:
                excess[at] = counts[0] - sum(counts) / len(counts)
        self.recent: Ints = recent[order]
        self.excess: Floats = np.clip(excess, -SEAT_EXCESS_MAX, SEAT_EXCESS_MAX)[order]

    def _words(self, name: str) -> Iterable[str]:
        return map(attrgetter(name), self._given)

    def _column(self, name: str, dtype: Any = float) -> Any:
        return np.array(list(map(attrgetter(name), self._given)), dtype)

    def gap(self, one: Any, other: Any) -> Any:
        """The rating gap of two, in units of c."""
        return np.abs(self.mu[one] - self.mu[other]) / np.sqrt(2 * BETA**2 + self.sigma2[one] + self.sigma2[other])

    def limit(self, one: Any, other: Any) -> Any:
        """The largest gap at which two may meet now."""
        return self.rule.gap_limit + self.rule.widen_per_s * np.maximum(self.wait_s[one], self.wait_s[other])

    def may_meet(self, one: Any, other: Any) -> Any:
        """Whether two may meet at all, however long they wait."""
        allowed = self.agent[one] != self.agent[other]
        allowed &= (self.owner[one] != self.owner[other]) | (self.same_owner[one] & self.same_owner[other])
        allowed &= (self.mu[other] >= self.mu_min[one]) & (self.mu[other] <= self.mu_max[one])
        allowed &= (self.mu[one] >= self.mu_min[other]) & (self.mu[one] <= self.mu_max[other])
        if self.rule.sides == "own":
            allowed &= self.side[one] != self.side[other]
        return allowed

    def cost(self, one: Ints, other: Ints) -> Floats:
        """What it costs these to meet those, pair by pair; inf: they may not."""
        rule = self.rule
        spread2 = 2 * BETA**2 + self.sigma2[one] + self.sigma2[other]
        gap = np.abs(self.mu[one] - self.mu[other]) / np.sqrt(spread2)
        cost = gap - rule.information * (1 - 2 * BETA**2 / spread2) * np.exp(-gap * gap)
        agent = self.agent
        for ago in range(RECENT):
            met = (self.recent[one, ago] == agent[other]) | (self.recent[other, ago] == agent[one])
            cost += met * (rule.rematch_cost / (ago + 1))
        mine, theirs = self.excess[one], self.excess[other]
        cost += rule.seat_cost * np.where(mine * theirs > 0, np.minimum(np.abs(mine), np.abs(theirs)), 0.0)
        cost += rule.lag_cost * np.abs(self.lag[one] - self.lag[other])
        cost += rule.owner_cost * (self.owner[one] == self.owner[other])
        allowed = self.may_meet(one, other) & (gap <= self.limit(one, other))
        result: Floats = np.where(allowed, cost, np.inf)
        return result


def seat_excess(slot: Waiting, seat: int) -> float:
    """How much more often than its share a slot sat in this seat."""
    counts = slot.seat_counts
    return counts[seat] - sum(counts) / len(counts) if seat < len(counts) else 0.0


def _numbers(names: Iterable[str], known: dict[str, int]) -> Ints:
    return np.array([known.setdefault(name, len(known)) for name in names], np.int64)


def _dice(names: Iterable[str], seed: int) -> Floats:
    """A number from 0 to 1 for each name, which only the name and the seed decide (the finalizer of splitmix64)."""
    mixed = np.array([crc32(name.encode()) for name in names], np.uint64) << np.uint64(20)
    mixed ^= np.uint64(seed & (2**64 - 1))
    mixed ^= mixed >> np.uint64(30)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    result: Floats = (mixed >> np.uint64(11)) / 2.0**53
    return result
