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


def mean_interval(mean: float, deviation: float | None, count: int) -> Interval | None:
    """Student's interval of a mean: mean +- t s / sqrt(n); None for less than two values, which say nothing of it.

    deviation: the sample's, s, with n - 1 in the denominator; None where there is none. t is the 97.5 % quantile of
    n - 1 degrees of freedom: tabulated up to 30 (NIST/SEMATECH e-Handbook of Statistical Methods, section 1.3.6.7.2),
    and beyond by the first terms of its expansion about the normal one's (Abramowitz and Stegun, 26.7.5), which there
    is right to four digits.
    """
    if count < 2 or deviation is None:
        return None
    half = _student(count - 1) * deviation / math.sqrt(count)
    return Interval(mean - half, mean + half)


# fmt: off
_T = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
      2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042)
# fmt: on


def _student(freedom: int) -> float:
    if freedom <= len(_T):
        return _T[freedom - 1]
    return Z + (Z**3 + Z) / (4 * freedom) + (5 * Z**5 + 16 * Z**3 + 3 * Z) / (96 * freedom**2)
