"""How sure a mean of few matches is: intervals that hold the true value with 95 %."""

import math

import msgspec

Z = 1.959963984540054  # of 95 %: standard deviations on either side of a normal distribution's mean


class Interval(msgspec.Struct, frozen=True):
    """From `low` to `high`."""

    low: float
    high: float


def wilson(points: float, played: int, z: float = Z) -> Interval:
    """Wilson's score interval of a win rate; of nothing played it is 0 to 1.

    points: a win is 1, a draw 1/2. With p = points / n the ends are

        (p + z^2 / 2n  +-  z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n)

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the
    American Statistical Association 22 (1927), 209-212, https://doi.org/10.1080/01621459.1927.10502953.
    It is made for wins and losses alone. Draws vary less about the mean than p (1 - p) says, so with them the interval
    is wider than it had to be, never too narrow.
    """
    if not 0 <= points <= played:
        raise ValueError(f"expected 0 to {played} points of {played} matches, got {points}")
    if played == 0:
        return Interval(0.0, 1.0)
    rate, spread = points / played, z * z / played
    centre = (rate + spread / 2) / (1 + spread)
    half = z * math.sqrt(rate * (1 - rate) / played + spread / (4 * played)) / (1 + spread)
    return Interval(max(min(centre - half, rate), 0.0), min(max(centre + half, rate), 1.0))
