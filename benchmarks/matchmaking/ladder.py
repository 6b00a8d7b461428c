"""A ladder in time: waves, in which a peer decides who of the free agents meets whom, and what their matches bring."""

from typing import Protocol

import numpy as np

from benchmarks.matchmaking.beliefs import Belief
from benchmarks.matchmaking.order import Floats, Ints
from benchmarks.matchmaking.population import Population

WAVE_S = 10.0
MATCH_S = (3.0, 10.0)  # a match of quick agents: all of them are free in the next wave
RECENT = 8  # opponents remembered, as arena.matchmaker.histories does
ALL = 10**9  # matches at once, where the runners have room for everybody


class Peer(Protocol):
    """Who meets whom."""

    name: str

    def pairs(self, ladder: "Ladder", free: Ints, room: int, rng: np.random.Generator) -> Ints:
        """Of the free agents, at most `room` pairs: (pairs, 2), who sits first and who sits second."""


class Matches:
    """Matches that run, as columns."""

    def __init__(self, pairs: Ints, score: Floats, end_s: Floats) -> None:
        self.pairs, self.score, self.end_s = pairs, score, end_s  # a score of nan counts for nobody

    def __len__(self) -> int:
        return len(self.pairs)

    def split(self, now_s: float) -> tuple["Matches", "Matches"]:
        """Those that are over, and the others."""
        over = self.end_s <= now_s
        return self._only(over), self._only(~over)

    def joined(self, more: "Matches") -> "Matches":
        """These and more of them."""
        return Matches(
            np.concatenate([self.pairs, more.pairs]),
            np.concatenate([self.score, more.score]),
            np.concatenate([self.end_s, more.end_s]),
        )

    def _only(self, chosen: np.ndarray) -> "Matches":
        return Matches(self.pairs[chosen], self.score[chosen], self.end_s[chosen])


class Ladder:
    """The state: beliefs, and what each agent did. By agent's number; times in seconds."""

    def __init__(self, population: Population, belief: Belief, capacity: int = ALL) -> None:
        agents = len(population.skill)
        self.population, self.belief, self.capacity = population, belief, capacity
        self.seats = np.zeros((agents, 2), np.int64)  # how often in the first and in the second seat
        self.recent = np.full((agents, RECENT), -1)  # opponents, the latest first
        self.games = np.zeros(agents, np.int64)  # that counted
        self.free_s = np.zeros(agents)  # since when it waits, or until when it plays or is away
        self.longest_wait_s = np.zeros(agents)
        self.match_s = MATCH_S
        self.now_s = 0.0
        self.running = Matches(np.empty((0, 2), np.int64), np.empty(0), np.empty(0))
        self.begun = 0
        self.rematches = 0  # of those begun: either agent's previous opponent
        self.gap = 0.0  # in true skill, summed over those begun

    def wave(self, peer: Peer, rng: np.random.Generator) -> Ints:
        """What is over is rated, the peer pairs who is free, and time goes on. Returns the pairs."""
        self.settle()
        free = np.flatnonzero(self.free_s <= self.now_s)
        room = min(self.capacity - len(self.running), len(free) // 2)
        pairs = peer.pairs(self, free, room, rng) if room > 0 else np.empty((0, 2), np.int64)
        self.begin(pairs, rng)
        self._note_waits()
        self.now_s += WAVE_S
        return pairs

    def settle(self) -> None:
        """What is over by now is rated."""
        over, self.running = self.running.split(self.now_s)
        counted = ~np.isnan(over.score)
        first, second = over.pairs[counted].T
        self.belief.rate(first, second, over.score[counted])
        self.games[first] += 1
        self.games[second] += 1

    def begin(self, pairs: Ints, rng: np.random.Generator) -> None:
        """Matches begin."""
        population, habits = self.population, self.population.habits
        first, second = pairs.T
        self.longest_wait_s[pairs] = np.maximum(self.longest_wait_s[pairs], self.now_s - self.free_s[pairs])
        self.begun += len(pairs)
        self.rematches += int(((self.recent[first, 0] == second) | (self.recent[second, 0] == first)).sum())
        self.gap += float(np.abs(population.skill[first] - population.skill[second]).sum())
        lasts_s = rng.uniform(*self.match_s, len(pairs))
        lasts_s *= np.where(population.slow[pairs].any(axis=1), habits.slow_factor, 1.0)
        crashed = rng.random((len(pairs), 2)) < habits.crash_share
        score = np.where(crashed.any(axis=1), np.nan, population.play(first, second, rng))
        self.running = self.running.joined(Matches(pairs, score, self.now_s + lasts_s))
        self.free_s[pairs] = (self.now_s + lasts_s)[:, None] + crashed * habits.away_s
        for seat, other in ((0, 1), (1, 0)):
            self.seats[pairs[:, seat], seat] += 1
            self.recent[pairs[:, seat], 1:] = self.recent[pairs[:, seat], :-1]
            self.recent[pairs[:, seat], 0] = pairs[:, other]

    def _note_waits(self) -> None:
        """Who still waits has waited, too."""
        self.longest_wait_s = np.maximum(self.longest_wait_s, self.now_s - self.free_s)
