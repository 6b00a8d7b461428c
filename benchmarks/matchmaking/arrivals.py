"""How long agents wait and how good their opponents are, when they come one by one.

Agents come as a Poisson process whose rate rises and falls by DAY around its mean, as by day and by night; time is
compressed, so that one run is one day.  Who comes is drawn by dice from all who are not here.
"""

from collections.abc import Callable
from copy import deepcopy
from functools import cache, partial

import msgspec
import numpy as np

from benchmarks.matchmaking.beliefs import OpenSkill
from benchmarks.matchmaking.ladder import Ladder
from benchmarks.matchmaking.learning import established
from benchmarks.matchmaking.order import Floats, Ints
from benchmarks.matchmaking.population import Habits, Population
from benchmarks.matchmaking.queues import ArenaQueue, FafQueue, LilaQueue, Queue
from benchmarks.matchmaking.tables import Found, Run, Scale, Table, mean

MATCH_S = 90.0, 270.0
QUEUES: dict[str, Callable[[], Queue]] = {
    LilaQueue.name: LilaQueue,
    FafQueue.name: FafQueue,
    "Arena": partial(ArenaQueue, sum(MATCH_S) / 2),
    "Arena, as for matches of 5 s": partial(ArenaQueue, 5.0),
}
MINUTES = {60: 30.0, 600: 10.0, 6_000: 4.0}  # by arrivals a minute: how long a day is
QUICK_MINUTES = {60: 5.0}
DAY = 0.8
MINUTES_AWAY = 20  # the population is who comes in so long
NEW_SHARE = 0.05  # of the population is not known
GIVES_UP_SHARE, GIVES_UP_S = 0.01, 20.0  # so many crash while they wait, if they wait that long
HABITS = Habits(drift=0.02)
ENDS_SHARE = 0.01  # of the population is the strongest, and as much the weakest


class Waits(msgspec.Struct, frozen=True):
    """One run."""

    p50_s: float
    p99_s: float
    gap: float  # mean gap in true skill
    strongest_s: float  # the longest wait among them
    weakest_s: float
    rematches: float  # share of matches
    left: int  # who still waits in the end; it counts with the time until then


@cache
def _known(agents: int, seed: int) -> Ladder:
    """A ladder that has played, and some of whom nothing is known."""
    ladder = established(Population(agents, seed, HABITS), 0, OpenSkill, seed)
    new = np.random.default_rng([seed, 4]).random(agents) < NEW_SHARE
    ladder.belief.forget(np.flatnonzero(new))
    ladder.now_s = float(ladder.running.end_s.max(initial=ladder.now_s))
    ladder.settle()
    return ladder


def times(count: float, span_s: float, rng: np.random.Generator) -> Floats:
    """When they come, about so many: a day of `span_s`, whose first half is the night."""
    found = rng.uniform(0, span_s, rng.poisson(count * (1 + DAY)))
    rate = 1 - DAY * np.sin(2 * np.pi * found / span_s)
    return np.sort(found[rng.uniform(0, 1 + DAY, len(found)) < rate])


class Hall:
    """Who is here and waits, and what became of those who did."""

    def __init__(self, ladder: Ladder, queue: Queue, rng: np.random.Generator) -> None:
        self.ladder, self.queue, self.rng = ladder, queue, rng
        self.here: dict[int, float] = {}  # by agent, when it gives up
        self.waits_s: list[Floats] = []
        self.matched: list[Ints] = []

    def come(self) -> bool:
        """Somebody comes, whoever is not here and does not play. Returns whether there is a wave at once."""
        ladder = self.ladder
        while True:
            agent = int(self.rng.integers(len(ladder.free_s)))
            if agent not in self.here and ladder.free_s[agent] <= ladder.now_s:
                break
        ladder.free_s[agent] = ladder.now_s
        gives_up = self.rng.random() < GIVES_UP_SHARE
        self.here[agent] = ladder.now_s + self.rng.uniform(0, GIVES_UP_S) if gives_up else np.inf
        return self.queue.came(agent)

    def wave(self) -> None:
        """The queue's, now."""
        ladder = self.ladder
        ladder.settle()
        for agent in [agent for agent, until_s in self.here.items() if until_s <= ladder.now_s]:
            del self.here[agent]
            self.queue.left(agent)
        pairs = self.queue.wave(ladder, np.fromiter(self.here, np.int64), self.rng)
        self.waits_s.append(ladder.now_s - ladder.free_s[pairs].ravel())
        self.matched.append(pairs.ravel())
        for agent in pairs.ravel().tolist():
            del self.here[agent]
        ladder.begin(pairs, self.rng)

    def close(self) -> Waits:
        """What came out."""
        left = np.fromiter(self.here, np.int64)
        waits_s = np.concatenate([*self.waits_s, self.ladder.now_s - self.ladder.free_s[left]])
        agents = np.concatenate([*self.matched, left])
        place = self.ladder.population.skill.argsort().argsort()[agents] / len(self.ladder.population.skill)
        ends = [waits_s[place >= 1 - ENDS_SHARE], waits_s[place < ENDS_SHARE]]
        longest = [float(end.max(initial=0.0)) for end in ends]
        ladder = self.ladder
        p50_s, p99_s = np.percentile(waits_s, [50, 99]).tolist()
        begun = max(ladder.begun, 1)
        return Waits(p50_s, p99_s, ladder.gap / begun, longest[0], longest[1], ladder.rematches / begun, len(left))


def simulate(queue: Queue, rate: int, minutes: float, seed: int) -> Waits:
    """A day of arrivals. rate: a minute, on average."""
    rng = np.random.default_rng([seed, 5])
    ladder = deepcopy(_known(rate * MINUTES_AWAY, seed))
    ladder.begun = ladder.rematches = 0
    ladder.gap = 0.0
    ladder.match_s = MATCH_S
    began_s, span_s = ladder.now_s, minutes * 60
    hall = Hall(ladder, queue, rng)
    queue.next_s += began_s
    for at_s in [*(began_s + times(rate * minutes, span_s, rng)).tolist(), None]:
        while queue.next_s <= (began_s + span_s if at_s is None else at_s):
            ladder.now_s = queue.next_s
            hall.wave()
        ladder.now_s = began_s + span_s if at_s is None else at_s
        if at_s is not None and hall.come():
            hall.wave()
    return hall.close()


def runs(scale: Scale) -> list[Run]:
    """Every queue at every rate."""
    days = (QUICK_MINUTES if scale.quick else MINUTES).items()
    return [
        Run(f"{rate:,} a minute, {name}, seed {seed}", (rate, name), partial(_run, name, rate, minutes, seed))
        for rate, minutes in days
        for name in QUEUES
        for seed in scale.seeds(2)
    ]


def _run(name: str, rate: int, minutes: float, seed: int) -> Waits:
    return simulate(QUEUES[name](), rate, minutes, seed)


def tables(found: Found) -> list[Table]:
    """Waits and quality, by rate."""
    heads = [
        *("arrivals a minute", "queue", "median wait s", "p99 s", "mean skill gap", "rematches"),
        *("longest, strongest 1 % s", "longest, weakest 1 % s", "left waiting"),
    ]
    rows = []
    for (rate, name), results in found.items():
        columns = {field: [getattr(result, field) for result in results] for field in Waits.__struct_fields__}
        waits = [mean(columns["p50_s"], 2), mean(columns["p99_s"])]
        quality = [mean(columns["gap"], 2), f"{np.mean(columns['rematches']):.1%}"]
        ends = [f"{max(columns[field]):,.0f}" for field in ("strongest_s", "weakest_s")]
        rows.append([f"{rate:,}", name, *waits, *quality, *ends, f"{np.mean(columns['left']):,.0f}"])
    return [Table("Waits and opponents' gap, of agents that come one by one", heads, rows)]
