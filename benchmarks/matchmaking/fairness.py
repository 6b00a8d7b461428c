"""Whether all are treated alike: seats, rematches, and how long the strongest and the weakest wait, of all peers.

A ladder that is known, of which two agents stand alone: one far above all others and one far below.
"""

from collections.abc import Sequence
from copy import deepcopy
from functools import cache, partial

import msgspec
import numpy as np

from arena.core.rating import MU, SIGMA
from benchmarks.matchmaking.beliefs import OpenSkill
from benchmarks.matchmaking.ladder import ALL, Ladder
from benchmarks.matchmaking.learning import ENTRIES, ROOMS, Entry, established
from benchmarks.matchmaking.population import Habits, Population
from benchmarks.matchmaking.tables import Found, Run, Scale, Table

WAVES = 100
APART = 5.0  # spreads of the skill, from the mean: the two that stand alone
ENDS = 10  # agents at either end
PEERS = tuple(entry for entry in ENTRIES if entry.belief is OpenSkill)


class Treated(msgspec.Struct, frozen=True):
    """One run."""

    games: float  # per agent
    seats: float  # mean difference of an agent's games in the two seats
    seats_max: int
    rematches: float  # share of matches against the opponent of the match before
    opponents: float  # different ones per agent among its last eight
    strongest_s: float  # the longest wait of one of them
    weakest_s: float
    longest_s: float  # of anybody
    strongest_games: float  # of the strongest, to the mean of all


@cache
def _known(agents: int, seed: int) -> Ladder:
    population = Population(agents, seed, Habits())
    ends = population.skill.argsort()[[0, -1]]
    population.skill[ends] = MU - APART * SIGMA, MU + APART * SIGMA
    return established(population, 0, OpenSkill, seed)


def treat(entry: Entry, seed: int, agents: int, capacity: int) -> Treated:
    """So many waves of a peer on a ladder that is known. What was played before does not count."""
    rng = np.random.default_rng([seed, 6])
    ladder = deepcopy(_known(agents, seed))
    ladder.capacity = capacity
    ladder.free_s = np.maximum(ladder.free_s, ladder.now_s)  # nobody has waited yet
    for counted in (ladder.seats, ladder.games, ladder.longest_wait_s):
        counted[:] = 0
    ladder.recent[:] = -1
    ladder.begun = ladder.rematches = 0
    peer = entry.peer()
    for _ in range(WAVES):
        ladder.wave(peer, rng)
    order = ladder.population.skill.argsort()
    weakest, strongest = order[:ENDS], order[-ENDS:]
    uneven = np.abs(ladder.seats[:, 0] - ladder.seats[:, 1])
    played = ladder.seats.sum(axis=1)
    return Treated(
        games=float(played.mean()),
        seats=float(uneven.mean()),
        seats_max=int(uneven.max()),
        rematches=ladder.rematches / ladder.begun,
        opponents=float(np.mean([len({*row} - {-1}) for row in ladder.recent.tolist()])),
        strongest_s=float(ladder.longest_wait_s[strongest].max()),
        weakest_s=float(ladder.longest_wait_s[weakest].max()),
        longest_s=float(ladder.longest_wait_s.max()),
        strongest_games=float(played[strongest].mean() / played.mean()),
    )


def runs(scale: Scale) -> list[Run]:
    """All entries, with room for all and for a quarter at once."""
    return [
        Run(
            f"fairness, {entry.name}, {room}, seed {seed}",
            (room, entry.name),
            partial(treat, entry, seed, scale.agents, scale.agents // 2 // parts if parts > 1 else ALL),
        )
        for room, parts in ROOMS.items()
        for entry in PEERS
        for seed in scale.seeds(2)
    ]


def tables(found: Found) -> list[Table]:
    """One for each room."""
    heads = [
        *("peer", "games", "seats uneven by", "at most", "rematches", "opponents of the last 8"),
        *("longest wait, strongest s", "weakest s", "anybody s", "games of the strongest"),
    ]
    return [
        Table(
            f"{WAVES} waves with room for {room}",
            heads,
            [[entry.name, *_cells(found[room, entry.name])] for entry in PEERS],
        )
        for room in ROOMS
    ]


def _cells(results: Sequence[Treated]) -> list[str]:
    means = {field: float(np.mean([getattr(it, field) for it in results])) for field in Treated.__struct_fields__}
    most = max(it.seats_max for it in results)
    waits = [f"{max(getattr(it, field) for it in results):,.0f}" for field in ("strongest_s", "weakest_s", "longest_s")]
    return [
        *(f"{means['games']:.1f}", f"{means['seats']:.2f}", str(most), f"{means['rematches']:.1%}"),
        *(f"{means['opponents']:.2f}", *waits, f"{means['strongest_games']:.2f}"),
    ]
