"""The peers, as ideas: who of the free agents meets whom. Their sentences and code are their own; docs/matchmaking.md.

Where runners have no room for all and a peer has no idea of its own about that, who waits longest plays first.
"""

import networkx
import numpy as np

from arena.core.pairing import BETA
from arena.core.rating import MU
from benchmarks.matchmaking.beliefs import ELO, ELO_PER_MU
from benchmarks.matchmaking.ladder import Ladder
from benchmarks.matchmaking.order import Floats, Ints


def longest_waiting(ladder: Ladder, free: Ints, rng: np.random.Generator) -> Ints:
    """The free agents, who waits longest first."""
    return free[np.lexsort((rng.random(len(free)), ladder.free_s[free]))]


def adjacent(agents: Ints, key: Floats, rng: np.random.Generator) -> Ints:
    """Neighbours by a key, in random seats; an odd agent is left out."""
    order = agents[np.lexsort((rng.random(len(agents)), key))]
    odd = len(order) % 2 and rng.integers(2)
    return rng.permuted(order[odd : odd + len(order) // 2 * 2].reshape(-1, 2), axis=1)


class Random:
    """Anybody against anybody."""

    name = "random"

    def pairs(self, ladder: Ladder, free: Ints, room: int, rng: np.random.Generator) -> Ints:
        """Shuffled."""
        return rng.permutation(free)[: 2 * room].reshape(-1, 2)


class Nearest:
    """Neighbours by rating."""

    name = "nearest rating"

    def pairs(self, ladder: Ladder, free: Ints, room: int, rng: np.random.Generator) -> Ints:
        """Sorted by rating, adjacent ones."""
        chosen = longest_waiting(ladder, free, rng)[: 2 * room]
        return adjacent(chosen, ladder.belief.mu[chosen], rng)


class Lila:
    """lila's pool: waves of 30 at once, minimum-cost matching by blossom, a limit that missed waves widen.

    Who is free joins one after the other. Ratings are in points of Elo.
    """

    name = "lila pool"
    FULL = 30  # members: a wave at once
    MISS, MISS_MAX = 12, 460
    BOTH_NEW = 30  # provisional: lila's deviation above 110 of the 500 that one begins with
    NEW_SIGMA = 25 / 3 * 110 / 500

    def __init__(self) -> None:
        self.misses: dict[int, int] = {}  # by member, who came first first: the waves it missed

    def pairs(self, ladder: Ladder, free: Ints, room: int, rng: np.random.Generator) -> Ints:
        """One wave for every 30 that have come, and one for the rest."""
        found: list[tuple[int, int]] = []
        for agent in longest_waiting(ladder, free, rng).tolist():
            if agent not in self.misses and len(found) < room:
                self.misses[agent] = 0
                found += self.wave(ladder, room - len(found)) if len(self.misses) >= self.FULL else []
        found += self.wave(ladder, room - len(found)) if len(found) < room else []
        return np.array(found, np.int64).reshape(-1, 2)

    def wave(self, ladder: Ladder, room: int) -> list[tuple[int, int]]:
        """Of the members, by agent; who is left has missed one more."""
        members = list(self.misses)
        elo = (ELO + (ladder.belief.mu[members] - MU) * ELO_PER_MU).astype(int).tolist()
        new = (ladder.belief.sigma[members] > self.NEW_SIGMA).tolist()
        matched = self.matched(elo, new, list(self.misses.values()))[:room]
        pairs = [self._seated(ladder, members[one], members[other]) for one, other in matched]
        met = {agent for pair in pairs for agent in pair}
        self.misses = {agent: misses + 1 for agent, misses in self.misses.items() if agent not in met}
        return pairs

    def matched(self, elo: list[int], new: list[bool], misses: list[int]) -> list[tuple[int, int]]:
        """The members' positions that meet: as many as may, then at the least cost. Apart, parts take less time."""
        graph = networkx.Graph()
        for one in range(len(elo)):
            for other in range(one):
                bonus = min(self.MISS * min(misses[one], misses[other]), self.MISS_MAX)
                cost = abs(elo[one] - elo[other]) - bonus - self.BOTH_NEW * (new[one] and new[other])
                lower = min(elo[one], elo[other])
                limit = 130 if lower < 1000 else 100 if lower < 1500 else lower // 15
                if cost <= limit:
                    graph.add_edge(one, other, weight=-cost)
        parts = [graph.subgraph(part).copy() for part in networkx.connected_components(graph)]
        return sorted(pair for part in parts for pair in networkx.max_weight_matching(part, maxcardinality=True))

    def _seated(self, ladder: Ladder, one: int, other: int) -> tuple[int, int]:
        """First sits who sat there less often, compared with second."""
        balance = ladder.seats[[one, other], 0] - ladder.seats[[one, other], 1]
        return (one, other) if balance[0] < balance[1] else (other, one)


class Cgos:
    """CGOS: rounds. Ratings with up to 500 points of Elo added by dice, adjacent ones; all wait for the last game."""

    name = "CGOS rounds"
    NOISE = 500 / ELO_PER_MU

    def __init__(self) -> None:
        self.left = np.empty((0, 2), np.int64)  # of this round, for which there was no room yet
        self.met: dict[tuple[int, int], int] = {}  # games by first and second seat

    def pairs(self, ladder: Ladder, free: Ints, room: int, rng: np.random.Generator) -> Ints:
        """A new round when none runs."""
        if not len(self.left) and not len(ladder.running):
            noisy = ladder.belief.mu[free] + rng.random(len(free)) * self.NOISE
            self.left = np.array([self._seated(*pair) for pair in adjacent(free, noisy, rng).tolist()])
        here, self.left = self.left[:room], self.left[room:]
        return here

    def _seated(self, one: int, other: int) -> tuple[int, int]:
        """Each in turn, between the two."""
        pair = (one, other) if self.met.get((one, other), 0) <= self.met.get((other, one), 0) else (other, one)
        self.met[pair] = self.met.get(pair, 0) + 1
        return pair


class Halite:
    """Halite III: a seed (idle with few games, the fewest games, or the longest idle), and one of its neighbours by mu.

    Halite's bots play several games at once; here who plays is not free.
    """

    name = "Halite"
    FEW = 400  # games
    IDLE, FEWEST = 15, 20  # the seed is one of so many

    def pairs(self, ladder: Ladder, free: Ints, room: int, rng: np.random.Generator) -> Ints:
        """One seed after the other, while there is room."""
        left = longest_waiting(ladder, free, rng)
        found: list[list[int]] = []
        while len(found) < room:
            seed = self._seed(ladder.games[left], rng)
            agent = left[seed]
            left = np.delete(left, seed)
            near = int(5.0 / (0.01 + rng.random()) ** 0.65)
            gaps = np.abs(ladder.belief.mu[left] - ladder.belief.mu[agent])
            if near < len(left):
                other = int(rng.choice(np.argpartition(gaps, near)[:near]))
            else:
                other = int(rng.integers(len(left)))
            found.append(rng.permutation([agent, left[other]]).tolist())
            left = np.delete(left, other)
        return np.array(found, np.int64).reshape(-1, 2)

    def _seed(self, games: Ints, rng: np.random.Generator) -> int:
        """games: of the free agents, who waits longest first. Returns a position."""
        dice = rng.random()
        if dice > 0.75 and len(few := np.flatnonzero(games < self.FEW)[: self.IDLE]):
            return int(rng.choice(few))
        if dice > 0.1:
            weights = (0.5 + 0.5 * rng.random(len(games))) / (games + 1)
            return int(rng.choice(np.argsort(-weights)[: self.FEWEST]))
        return 0


class TrueSkill:
    """The best quality of a match first: TrueSkill's chance of a draw (Herbrich et al., 2006)."""

    name = "TrueSkill quality"

    def pairs(self, ladder: Ladder, free: Ints, room: int, rng: np.random.Generator) -> Ints:
        """Greedily: the same pairs as from a list of all, sorted by quality, ties by dice."""
        chosen = longest_waiting(ladder, free, rng)[: 2 * room]
        mu, sigma = ladder.belief.mu[chosen], ladder.belief.sigma[chosen]
        quality = quality_of(mu[:, None], sigma[:, None], mu, sigma)
        dice = rng.random(quality.shape) * 1e-9
        quality += dice + dice.T
        np.fill_diagonal(quality, -np.inf)
        return rng.permuted(chosen[mutual_best(quality)], axis=1)


def quality_of(mu: Floats, sigma: Floats, other_mu: Floats, other_sigma: Floats) -> Floats:
    """TrueSkill's quality of matches between two, from 0 to 1; it falls with what is not known of them."""
    c2 = 2 * BETA**2 + sigma**2 + other_sigma**2
    quality: Floats = np.sqrt(2 * BETA**2 / c2) * np.exp(-((mu - other_mu) ** 2) / (2 * c2))
    return quality


def mutual_best(quality: Floats) -> Ints:
    """Pairs that are each other's best of those left, again and again: the greedy matching. -inf: they do not meet."""
    left = np.arange(len(quality))
    pairs = [np.empty((0, 2), np.int64)]
    while len(left) > 1:
        best = quality.argmax(axis=1)
        one = np.flatnonzero(best[best] == np.arange(len(left)))
        one = one[one < best[one]]
        if not len(one):
            break
        pairs.append(np.stack([left[one], left[best[one]]], axis=1))
        rest = np.setdiff1d(np.arange(len(left)), np.concatenate([one, best[one]]))
        left, quality = left[rest], quality[np.ix_(rest, rest)]
    return np.concatenate(pairs)
