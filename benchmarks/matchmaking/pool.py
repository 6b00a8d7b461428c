"""Arena's own pairing, as the matchmaker calls it: arena.core.pairing.pair of who waits, as far as there is room."""

import numpy as np

from arena.core.pairing import Rule, Waiting, pair
from arena.core.waiting import patience
from benchmarks.matchmaking.ladder import MATCH_S, Ladder
from benchmarks.matchmaking.order import Ints


class Arena:
    """The real pool code."""

    name = "Arena"

    def __init__(self, match_s: float = sum(MATCH_S) / 2) -> None:
        """match_s: how long a match usually lasts."""
        accepted = patience(match_s)
        self.rule = Rule(seats=2, gap_limit=accepted.gap_limit, widen_per_s=accepted.widen_per_s)

    def pairs(self, ladder: Ladder, free: Ints, room: int, rng: np.random.Generator) -> Ints:
        """One wave; the best meetings first, as many as the runners have room for."""
        seed = int(rng.integers(2**63))
        meetings = pair(waiting(ladder, free), self.rule, int(ladder.now_s * 1000), seed)[:room]
        return np.array([[int(slot.slot) for slot in met.slots] for met in meetings], np.int64).reshape(-1, 2)


def waiting(ladder: Ladder, free: Ints) -> list[Waiting]:
    """The free agents' slots: one each, each of an owner of its own."""
    columns = (
        free.tolist(),
        ladder.belief.mu[free].tolist(),
        ladder.belief.sigma[free].tolist(),
        (ladder.free_s[free] * 1000).astype(int).tolist(),
        ladder.seats[free].tolist(),
        ladder.recent[free].tolist(),
    )
    return [
        Waiting(
            slot=str(agent),
            agent=str(agent),
            owner=str(agent),
            mu=mu,
            sigma=sigma,
            since_ms=since_ms,
            seat_counts=tuple(seats),
            recent=tuple(str(other) for other in recent if other >= 0),
        )
        for agent, mu, sigma, since_ms, seats, recent in zip(*columns, strict=True)
    ]
