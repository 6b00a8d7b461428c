"""How well an order agrees with the true one: Kendall's tau (Biometrika 30, 1938)."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def tau(believed: Floats, true: Floats) -> float:
    """Of all pairs, those in the right order less those in the wrong one. A believed tie counts as neither: tau-a.

    true: without ties.
    """
    count = len(true)
    ranked = believed[true.argsort()]
    above = ranked[:, None] < ranked  # of who is truly below (row) and who is truly above (column), in half of it
    right = np.count_nonzero(above & _half(count))
    wrong = np.count_nonzero(above.T & _half(count))
    return 2 * (right - wrong) / (count * (count - 1))


@cache
def _half(count: int) -> Bools:
    return np.triu(np.ones((count, count), bool), 1)


def tau_of(some: Ints, believed: Floats, true: Floats) -> float:
    """The same of the pairs of one of `some` and any other: how right their places are. Of all, it is tau."""
    agree = np.sign(believed[some, None] - believed) * np.sign(true[some, None] - true)
    return float(agree.sum() / (len(some) * (len(true) - 1)))
