"""How well an order agrees with the true one: Kendall's tau (Biometrika 30, 1938)."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def tau(believed: Floats, true: Floats) -> float:
    """Of all pairs, those in the right order less those in the wrong one. A believed tie counts as neither: tau-a."""
    return tau_of(np.arange(len(true)), believed, true)


def tau_of(some: Ints, believed: Floats, true: Floats) -> float:
    """The same of the pairs of one of `some` and any other: how right their places are. Of all, it is tau."""
    agree = np.sign(believed[some, None] - believed) * np.sign(true[some, None] - true)
    return float(agree.sum() / (len(some) * (len(true) - 1)))
