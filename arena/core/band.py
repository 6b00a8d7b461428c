"""Minimum-cost matching of a sequence in which each element may only meet one of its next few: exact, in linear time.

`match(costs, prices)` is a dynamic programme over the sequence. Its state is which of the last `width` elements are
still open, a number of `width` bits; an element that leaves the window unmatched costs its price. So the optimum over
all matchings inside the band takes O(n width 2^width) steps. Many sequences are matched at once, as rows of arrays.

With prices above any cost the matching is of maximum cardinality, and with a band as wide as the sequence it is the
optimum of the whole graph: NetworkX's blossom algorithm finds none cheaper (tests/core/test_band.py).
"""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
WIDTH_MAX = 12  # 4,096 states


def match(costs: Floats, prices: Floats) -> Ints:
    """Partners, by position; -1: stays alone.

    costs: (rows, length, width), of element i with element i - 1 - k of its row; inf: they may not meet. prices: (rows,
    length), of staying alone. Returns (rows, length). Ties are decided by position alone. Raises ValueError for a width
    that is not from 1 to WIDTH_MAX.
    """
    rows, length, width = costs.shape
    if not 1 <= width <= WIDTH_MAX:
        raise ValueError(f"expected a width from 1 to {WIDTH_MAX}, got {width}")
    chosen = _forward(costs, prices)
    return _back(chosen, prices, width) if length else np.empty((rows, 0), np.int64)


class _Forward:
    """Which states lead where, for one width."""

    def __init__(self, width: int) -> None:
        states = np.arange(2**width)
        self.without = [states[states >> k & 1 == 0] for k in range(width)]  # in which the k-th last is not open
        self.half = 2 ** (width - 1)


@cache
def _steps(width: int) -> _Forward:
    return _Forward(width)


def _forward(costs: Floats, prices: Floats) -> tuple[NDArray[np.uint8], Floats]:
    """For each element and state after it, how that state is reached best; and the costs of the last states."""
    rows, length, width = costs.shape
    steps, states = _steps(width), 2**width
    half = steps.half
    best = np.full((states, rows), np.inf)
    best[0] = 0.0
    chosen = np.empty((length, states, rows), np.uint8)
    price_of_leaving = np.zeros((length, rows))
    price_of_leaving[width:] = prices.T[: max(length - width, 0)]
    for i in range(length):
        met = np.full((states, rows), np.inf)
        by = np.zeros((states, rows), np.uint8)
        for k, without in enumerate(steps.without[: min(width, i)]):
            cost = best[without | 1 << k] + costs[:, i, k]
            now = met[without]
            better = cost < now
            met[without] = np.where(better, cost, now)
            by[without] = np.where(better, np.uint8(k), by[without])
        price = price_of_leaving[i]
        after = np.empty((states, rows))
        for parity, (value, code) in enumerate(((met, by), (best, None))):  # even: it has met; odd: it is open
            stays, leaves = value[:half], value[half:] + price
            dropped = leaves < stays
            after[parity::2] = np.where(dropped, leaves, stays)
            if code is None:
                chosen[i, parity::2] = dropped
            else:
                chosen[i, parity::2] = np.where(dropped, code[half:] * 2 + 1, code[:half] * 2)
        best = after
    return chosen, best


def _back(found: tuple[NDArray[np.uint8], Floats], prices: Floats, width: int) -> Ints:
    """Follow the best path back to its beginning."""
    chosen, best = found
    length, states, rows = chosen.shape
    last = np.zeros((states, rows))
    for k in range(min(width, length)):
        is_open = np.arange(states) >> k & 1
        last += is_open[:, None] * prices[:, length - 1 - k]
    state = np.argmin(best + last, axis=0)
    partners = np.full((rows, length), -1, np.int64)
    every: Any = np.arange(rows)
    for i in range(length - 1, -1, -1):
        code = chosen[i, state, every].astype(np.int64)
        left, has_met = state >> 1, state & 1 == 0
        k = code >> 1
        before = left | (code & 1) << (width - 1)
        met = every[has_met]
        other = i - 1 - k[has_met]
        partners[met, i] = other
        partners[met, other] = i
        state = np.where(has_met, before | 1 << k, before)
    return partners
