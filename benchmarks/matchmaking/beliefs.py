"""What is believed of skills, for many matches of two at once: as the platform rates, and as CGOS and Halite do.

A match is a row of `first` and `second` (agents' numbers, each in one match at most) and of `score`: what the first
got, 1, 0.5 or 0.
"""

import math
from typing import Protocol

import numpy as np

from arena.core.rating import BETA, MU, SIGMA, TAU
from benchmarks.matchmaking.order import Floats, Ints

KAPPA = 1e-4  # OpenSkill's
ELO_PER_MU = 400 / math.log(10) / (math.sqrt(2) * BETA)  # between two that are known: the same odds
ELO = 1500.0


class Belief(Protocol):
    """Mean and uncertainty of each agent's skill."""

    @property
    def mu(self) -> Floats:
        """Means."""

    @property
    def sigma(self) -> Floats:
        """Spreads."""

    def rate(self, first: Ints, second: Ints, score: Floats) -> None:
        """Learn the results of matches."""

    def forget(self, agents: Ints) -> None:
        """These are new."""


class OpenSkill:
    """Plackett-Luce of two (Weng and Lin, JMLR 12, 2011), in closed form.

    The same floats as `arena.core.rating.rate` to 1e-9 (tests/benchmarks/test_beliefs.py), a thousand times as fast.
    """

    def __init__(self, agents: int) -> None:
        self.mu = np.full(agents, MU)
        self.sigma = np.full(agents, SIGMA)

    def rate(self, first: Ints, second: Ints, score: Floats) -> None:
        """Both means move by what was not expected; both become surer by how open the match was."""
        variances = [self.sigma[seat] ** 2 + TAU**2 for seat in (first, second)]
        c = np.sqrt(2 * BETA**2 + variances[0] + variances[1])
        expected = 1 / (1 + np.exp((self.mu[second] - self.mu[first]) / c))
        for seat, variance, sign in zip((first, second), variances, (1, -1), strict=True):
            self.mu[seat] += sign * variance / c * (score - expected)
            sure = variance / c**2 * expected * (1 - expected)
            self.sigma[seat] = np.sqrt(variance * np.maximum(1 - sure, KAPPA))

    def forget(self, agents: Ints) -> None:
        """As of a stranger."""
        self.mu[agents], self.sigma[agents] = MU, SIGMA


class TrueSkill:
    """Two of TrueSkill (Herbrich et al., 2006), with its defaults: what Halite rates by.

    It believes that performances are normal, with this very spread, and that one match of ten between equals is drawn:
    just as they are in the simulation.
    """

    TAU = MU / 300
    DRAW_MARGIN = 0.74

    def __init__(self, agents: int) -> None:
        self.mu = np.full(agents, MU)
        self.sigma = np.full(agents, SIGMA)

    def rate(self, first: Ints, second: Ints, score: Floats) -> None:
        """The moments of a normal distribution that is cut where the result says."""
        variances = [self.sigma[seat] ** 2 + self.TAU**2 for seat in (first, second)]
        c = np.sqrt(2 * BETA**2 + variances[0] + variances[1])
        side, drawn = np.where(score < 0.5, -1.0, 1.0), score == 0.5
        lead, margin = side * (self.mu[first] - self.mu[second]) / c, self.DRAW_MARGIN / c
        low, high = np.where(drawn, -margin, margin) - lead, np.where(drawn, margin - lead, np.inf)
        mass = np.maximum(_below(high) - _below(low), 1e-12)
        shift = (_density(low) - _density(high)) / mass
        sure = shift**2 - (_moment(low) - _moment(high)) / mass
        for seat, variance, sign in zip((first, second), variances, (1, -1), strict=True):
            self.mu[seat] += sign * side * variance / c * shift
            self.sigma[seat] = np.sqrt(variance * np.maximum(1 - variance / c**2 * sure, KAPPA))

    def forget(self, agents: Ints) -> None:
        """As of a stranger."""
        self.mu[agents], self.sigma[agents] = MU, SIGMA


def _density(x: Floats) -> Floats:
    density: Floats = np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
    return density


def _moment(x: Floats) -> Floats:
    return np.where(np.isinf(x), 0.0, x) * _density(x)


def _below(x: Floats) -> Floats:
    return np.array([math.erf(one / math.sqrt(2)) / 2 + 0.5 for one in x.tolist()])


class CgosElo:
    """CGOS's Elo: a step of K, which shrinks from 200 to 3 with the games, and counts as the opponent's is small.

    Between two whose K is largest CGOS moves nobody: it has anchors. Here nobody is one, so a tenth is the least.
    mu is in OpenSkill's units; sigma stands for K.
    """

    K_MAX, K_MIN, K_SLOW = 200.0, 3.0, 32.0
    WEIGHT_MIN = 0.1

    def __init__(self, agents: int) -> None:
        self.elo = np.full(agents, ELO)
        self.k = np.full(agents, self.K_MAX)

    @property
    def mu(self) -> Floats:
        """Elo in OpenSkill's units."""
        return MU + (self.elo - ELO) / ELO_PER_MU

    @property
    def sigma(self) -> Floats:
        """K in OpenSkill's units."""
        return self.k / ELO_PER_MU

    def rate(self, first: Ints, second: Ints, score: Floats) -> None:
        """Both move by K times what was not expected."""
        expected = 1 / (1 + 10 ** ((self.elo[second] - self.elo[first]) / 400))
        steps = {0: score - expected, 1: expected - score}
        k = [self.k[first], self.k[second]]
        for seat, agents in enumerate((first, second)):
            settled = 1 - (k[1 - seat] - self.K_MIN) / (self.K_MAX - self.K_MIN)
            weight = np.maximum(settled, self.WEIGHT_MIN)
            self.elo[agents] += k[seat] * weight * steps[seat]
            shrink = np.where(k[seat] <= self.K_SLOW, 0.02, 0.04)
            self.k[agents] = np.maximum(k[seat] * (1 - shrink * weight), self.K_MIN)

    def forget(self, agents: Ints) -> None:
        """As of a stranger."""
        self.elo[agents], self.k[agents] = ELO, self.K_MAX
