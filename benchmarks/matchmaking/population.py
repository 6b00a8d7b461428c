"""Agents as they are: their true skills, who is slow, who crashes, and how a match between two ends."""

import msgspec
import numpy as np

from arena.core.pairing import BETA
from arena.core.rating import MU, SIGMA
from benchmarks.matchmaking.order import Floats, Ints

DRAW_MARGIN = 0.74  # performances nearer than this draw: one match of ten between equals


class Habits(msgspec.Struct, frozen=True, kw_only=True):
    """What agents do besides playing well or badly."""

    slow_share: float = 0.1  # of the agents
    slow_factor: float = 5.0  # how much longer a match with one of them lasts
    crash_share: float = 0.002  # of the matches of an agent: it crashes, and the match counts for nobody
    away_s: float = 300.0  # until who crashed is back
    drift: float = 0.0  # a skill's random walk: its spread after one match


class Population:
    """True skills, by number. The seed decides all of them."""

    def __init__(self, agents: int, seed: int, habits: Habits) -> None:
        rng = np.random.default_rng([seed, agents])
        self.skill = rng.normal(MU, SIGMA, agents)
        self.slow = rng.random(agents) < habits.slow_share
        self.habits = habits

    def play(self, first: Ints, second: Ints, rng: np.random.Generator) -> Floats:
        """What the first of each match gets: each side performs around its skill, normally (Thurstone 1927)."""
        lead = self.skill[first] - self.skill[second] + rng.normal(0, np.sqrt(2) * BETA, len(first))
        drift = self.habits.drift
        for seat in (first, second):
            self.skill[seat] += rng.normal(0, drift, len(seat)) if drift else 0.0
        return np.where(np.abs(lead) < DRAW_MARGIN, 0.5, (lead > 0).astype(float))
