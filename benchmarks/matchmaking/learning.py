"""How many games until the order is right: of a thousand agents that nobody knows, and of twenty that come later."""

from collections.abc import Callable
from copy import deepcopy
from functools import cache, partial

import msgspec
import numpy as np

from benchmarks.matchmaking import beliefs
from benchmarks.matchmaking.beliefs import Belief, CgosElo, OpenSkill
from benchmarks.matchmaking.ladder import ALL, Ladder, Peer
from benchmarks.matchmaking.order import Ints, tau, tau_of
from benchmarks.matchmaking.peers import Cgos, Halite, Lila, Nearest, Random, TrueSkill
from benchmarks.matchmaking.pool import Arena
from benchmarks.matchmaking.population import Habits, Population
from benchmarks.matchmaking.tables import Found, Run, Scale, Table, mean

RIGHT = 0.9  # Kendall's tau
NEWCOMERS = 20
WAVES_MAX = 1_500  # then it is given up
GAMES_MAX = 150  # per agent, too
WARM_UP_WAVES = 150
WARM_UP_NEAR = 40  # places: opponents in the warm-up are so near
ROOMS = {"all": 1, "a quarter": 4}  # the runners' room at once, and which part of the agents that is
FORMATS = {"gap": ".2f", "others": "+.3f"}


class Entry(msgspec.Struct, frozen=True):
    """A row of the tables: who pairs, and what rates."""

    name: str
    peer: Callable[[], Peer]
    belief: Callable[[int], Belief] = OpenSkill


ENTRIES = (
    *(Entry(peer.name, peer) for peer in (Random, Nearest, Lila, Cgos)),
    Entry("CGOS rounds, its own Elo", Cgos, CgosElo),
    Entry(Halite.name, Halite),
    Entry("Halite, its own TrueSkill", Halite, beliefs.TrueSkill),
    *(Entry(peer.name, peer) for peer in (TrueSkill, Arena)),
)


class Learned(msgspec.Struct, frozen=True):
    """One run."""

    games: float  # per agent (of the new: per new agent) until the order was right, or it was given up
    minutes: float
    tau: float  # at the end
    gap: float  # mean gap in true skill of the matches (of the new: of theirs)
    others: float = 0.0  # what tau of the others gained or lost meanwhile

    @property
    def right(self) -> bool:
        """Whether the order was right in the end."""
        return self.tau >= RIGHT


def learn(entry: Entry, seed: int, agents: int, capacity: int = ALL) -> Learned:
    """Nobody is known. seed: of the population, the same for all entries, and of the matches."""
    rng = np.random.default_rng([seed, 1])
    ladder = Ladder(Population(agents, seed, Habits()), entry.belief(agents), capacity)
    peer, now = entry.peer(), 0.0
    for _ in range(WAVES_MAX):
        ladder.wave(peer, rng)
        now = tau(ladder.belief.mu, ladder.population.skill)
        if now >= RIGHT or ladder.games.mean() > GAMES_MAX:
            break
    return Learned(float(ladder.games.mean()), ladder.now_s / 60, now, ladder.gap / max(ladder.begun, 1))


class Near:
    """The warm-up's opponents: some way up or down the ladder, by dice."""

    name = "warm-up"

    def pairs(self, ladder: Ladder, free: Ints, room: int, rng: np.random.Generator) -> Ints:
        """Sorted by a rating's place with noise, adjacent ones."""
        place = ladder.belief.mu[free].argsort().argsort()
        order = free[(place + rng.uniform(0, WARM_UP_NEAR, len(free))).argsort()]
        return rng.permuted(order[: 2 * room].reshape(-1, 2), axis=1)


def established(population: Population, newcomers: int, belief: Callable[[int], Belief], seed: int) -> Ladder:
    """A ladder of agents that are known, and of newcomers (the last numbers) that have not come yet."""
    rng = np.random.default_rng([seed, 2])
    agents = len(population.skill)
    ladder = Ladder(population, belief(agents))
    ladder.free_s[agents - newcomers :] = np.inf
    for _ in range(WARM_UP_WAVES):
        ladder.wave(Near(), rng)
    return ladder


@cache
def _before(belief: Callable[[int], Belief], seed: int, agents: int) -> Ladder:
    return established(Population(agents + NEWCOMERS, seed, Habits()), NEWCOMERS, belief, seed)


def arrive(entry: Entry, seed: int, agents: int, capacity: int = ALL) -> Learned:
    """Twenty come into a ladder of agents that are known; all go on playing."""
    rng = np.random.default_rng([seed, 3])
    ladder = deepcopy(_before(entry.belief, seed, agents))
    ladder.capacity = capacity
    others, new = np.arange(agents), np.arange(agents, agents + NEWCOMERS)
    ladder.free_s[new] = came_s = ladder.now_s
    skill, peer, now = ladder.population.skill, entry.peer(), 0.0
    before, gaps = tau(ladder.belief.mu[others], skill[others]), [np.empty(0)]
    for _ in range(WAVES_MAX):
        pairs = ladder.wave(peer, rng)
        theirs = pairs[(pairs >= agents).any(axis=1)]
        gaps.append(np.abs(skill[theirs[:, 0]] - skill[theirs[:, 1]]))
        now = tau_of(new, ladder.belief.mu, skill)
        if now >= RIGHT or ladder.games[new].mean() > GAMES_MAX:
            break
    games = float(ladder.games[new].mean())
    gained = tau(ladder.belief.mu[others], skill[others]) - before
    return Learned(games, (ladder.now_s - came_s) / 60, now, float(np.concatenate(gaps).mean()), gained)


def runs(scale: Scale) -> list[Run]:
    """All entries, with room for all and for a quarter at once, for each seed."""
    return [
        Run(
            f"{what}, {entry.name}, {room}, seed {seed}",
            (what, entry.name, room),
            partial(measure, entry, seed, scale.agents, scale.agents // 2 // parts if parts > 1 else ALL),
        )
        for what, measure, repeats in (("unknown", learn, 3), ("newcomers", arrive, 10))
        for entry in ENTRIES
        for room, parts in ROOMS.items()
        for seed in scale.seeds(repeats)
    ]


def tables(found: Found) -> list[Table]:
    """Of agents that nobody knows, and of newcomers."""
    heads = ["peer", *(f"{head}, room for {room}" for room in ROOMS for head in ("games", "to Arena", "minutes"))]
    unknown = [
        [entry.name, *_cells(found, "unknown", entry), *_means(found, "unknown", entry, "gap")] for entry in ENTRIES
    ]
    newcomers = [
        [entry.name, *_cells(found, "newcomers", entry), *_means(found, "newcomers", entry, "gap", "others")]
        for entry in ENTRIES
    ]
    return [
        Table("Games per agent until tau is 0.9, of agents that nobody knows", [*heads, "mean skill gap"], unknown),
        Table(
            "Games per newcomer until tau is 0.9",
            [*heads, "mean skill gap of theirs", "tau of the others"],
            newcomers,
        ),
    ]


def _cells(found: Found, what: str, entry: Entry) -> list[str]:
    cells = []
    for room in ROOMS:
        results, best = found[what, entry.name, room], found[what, Arena.name, room]
        games = [result.games for result in results]
        ratio = np.mean(games) / np.mean([result.games for result in best])
        never = sum(not result.right for result in results)
        cells += [mean(games) + (f", {never} of {len(results)} never" if never else "")]
        cells += [f"{ratio:.2f}", mean([result.minutes for result in results])]
    return cells


def _means(found: Found, what: str, entry: Entry, *fields: str) -> list[str]:
    """With room for all."""
    results = found[what, entry.name, "all"]
    return [f"{np.mean([getattr(result, field) for result in results]):{FORMATS[field]}}" for field in fields]
