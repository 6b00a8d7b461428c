"""Queues that agents come to one by one, each with waves in its own time: Arena's, lila's pool, FAF's."""

import math
from collections import deque
from typing import Protocol

import numpy as np

from arena.settings import Settings
from benchmarks.matchmaking.ladder import ALL, Ladder
from benchmarks.matchmaking.order import Ints
from benchmarks.matchmaking.peers import Lila, mutual_best, quality_of
from benchmarks.matchmaking.pool import Arena


class Queue(Protocol):
    """Who waits, and when the next wave is."""

    name: str
    next_s: float

    def came(self, agent: int) -> bool:
        """Somebody begins to wait. Returns whether there is a wave at once."""

    def left(self, agent: int) -> None:
        """Somebody waits no longer, and was not matched."""

    def wave(self, ladder: Ladder, waiting: Ints, rng: np.random.Generator) -> Ints:
        """The pairs of this wave, which is now: (pairs, 2). Sets the time of the next one."""


class ArenaQueue(Arena):
    """The platform: a wave every `wave_ms` of its settings."""

    def __init__(self, match_s: float) -> None:
        """match_s: how long a match usually lasts, which decides how patient it is."""
        super().__init__(match_s)
        self.next_s = 0.0

    def came(self, agent: int) -> bool:
        """Never at once: the next wave is soon."""
        return False

    def left(self, agent: int) -> None:
        """The pool is who waits."""

    def wave(self, ladder: Ladder, waiting: Ints, rng: np.random.Generator) -> Ints:
        """As in a ladder."""
        self.next_s = ladder.now_s + Settings().wave_ms / 1000
        return self.pairs(ladder, waiting, ALL, rng) if len(waiting) > 1 else np.empty((0, 2), np.int64)


class LilaQueue:
    """lila's pool of a quick game: a wave every 12 s and up to a second, or at once with 30 members."""

    name = Lila.name
    EVERY_S, JITTER_S = 12.0, 1.0

    def __init__(self) -> None:
        self.pool = Lila()
        self.next_s = 0.0

    def came(self, agent: int) -> bool:
        """A member more."""
        self.pool.misses[agent] = 0
        return len(self.pool.misses) >= self.pool.FULL

    def left(self, agent: int) -> None:
        """A member less."""
        del self.pool.misses[agent]

    def wave(self, ladder: Ladder, waiting: Ints, rng: np.random.Generator) -> Ints:
        """Of all members."""
        self.next_s = ladder.now_s + self.EVERY_S + rng.random() * self.JITTER_S
        return np.array(self.pool.wave(ladder, ALL), np.int64).reshape(-1, 2)


class FafQueue:
    """FAF's queue: pops when about 2.5 matches are expected; stable matching by quality above both sides' thresholds.

    Both see the same quality, so the stable matching is the greedy one.
    """

    name = "FAF queue"
    MATCHES, LAST = 2.5, 5  # expected matches at a pop, by the arrivals of the last few
    POP_S = 15.0, 90.0  # at least and at most
    FULL_GRAPH = 30  # searches; with more, each looks at a few neighbours
    SHARE, STEP, STEPS_MAX = 0.8, 0.05, 0.25

    def __init__(self) -> None:
        self.missed: dict[int, int] = {}
        self.next_s = self.POP_S[1] / 2
        self._popped_s = 0.0
        self._lately: deque[tuple[int, float]] = deque(maxlen=self.LAST)  # who waited, and how long the queue was open

    def came(self, agent: int) -> bool:
        """Never at once."""
        self.missed[agent] = 0
        return False

    def left(self, agent: int) -> None:
        """A search less."""
        del self.missed[agent]

    def wave(self, ladder: Ladder, waiting: Ints, rng: np.random.Generator) -> Ints:
        """A pop."""
        self._lately.append((len(self.missed), ladder.now_s - self._popped_s))
        self._popped_s = ladder.now_s
        players, seconds = (sum(column) for column in zip(*self._lately, strict=True))
        expected_s = 2 * self.MATCHES * seconds / players if players else math.inf
        self.next_s = ladder.now_s + min(max(expected_s, self.POP_S[0]), self.POP_S[1])
        if len(waiting) < 2:
            return np.empty((0, 2), np.int64)
        agents = waiting[ladder.belief.mu[waiting].argsort()]
        pairs = agents[mutual_best(self._acceptable(ladder, agents))]
        met = set(pairs.ravel().tolist())
        self.missed = {agent: missed + 1 for agent, missed in self.missed.items() if agent not in met}
        return rng.permuted(pairs, axis=1)

    def _acceptable(self, ladder: Ladder, agents: Ints) -> np.ndarray:
        """Qualities of all pairs, -inf for those that are not accepted. agents: by rating."""
        mu, sigma = ladder.belief.mu[agents], ladder.belief.sigma[agents]
        quality = quality_of(mu[:, None], sigma[:, None], mu, sigma)
        missed = np.array([self.missed[agent] for agent in agents.tolist()])
        threshold = self.SHARE * quality.diagonal() - np.minimum(missed * self.STEP, self.STEPS_MAX)
        refused = quality < np.maximum(threshold[:, None], threshold)
        place = np.arange(len(agents))
        apart = np.abs(place[:, None] - place)
        if len(agents) >= self.FULL_GRAPH:
            refused |= apart > int(math.log2(max(16, len(agents)))) // 2
        return np.where(refused | (apart == 0), -np.inf, quality)
