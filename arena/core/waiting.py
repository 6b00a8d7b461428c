"""Who waits, and the rules by which one game is matched."""

import math
from typing import Literal, NamedTuple

import msgspec

from arena.core.rating import BETA

__all__ = ["BETA", "Meeting", "Patience", "Rule", "Waiting", "patience"]


class Waiting(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A slot that waits: agent x instance x game, one of possibly several."""

    slot: str  # unique, and stable while it waits
    agent: str
    owner: str
    mu: float
    sigma: float
    since_ms: int
    house: bool = False
    same_owner: bool = False  # may meet agents of its owner
    other_games: bool = False  # plays other games too
    ladder: bool = True  # false: kept for matches that are asked for, and so never among those that are paired
    seat_counts: tuple[int, ...] = ()  # how often it sat in each seat of this game
    recent: tuple[str, ...] = ()  # agents it met last in this game, the latest first
    lag_ms: float = 0.0  # how long a message usually takes to it and back, beyond the platform's own
    mu_min: float = -math.inf  # declared: the ratings that it wants to meet
    mu_max: float = math.inf
    side: str = ""  # what it plays for, where sides are given: its owner, or a group


class Patience(NamedTuple):
    """Which rating gaps are accepted, in units of c: of a slot that just came, and so much more each second."""

    gap_limit: float
    widen_per_s: float


def patience(match_s: float) -> Patience:
    """What suits a game whose matches usually last so long: a slot waits for a small part of the time it then plays.

    Who is to play for minutes waits some seconds for a good opponent, who is to play for seconds does not.
    """
    return Patience(min(max(2 / math.sqrt(match_s), 0.25), 1.0), min(max(2 / match_s, 0.01), 0.5))


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """How one game is matched. Costs are in units of the rating gap (arena.core.pool)."""

    seats: int
    teams: tuple[int, ...] = ()  # by seat, the number of its team; none: each seat plays for itself
    # mixed: whoever is near, in balanced teams; own: the seats of a team are of one side, those of two teams are not
    sides: Literal["mixed", "own"] = "mixed"
    gap_limit: float = 1.0  # see `patience`
    widen_per_s: float = 0.5
    house_wait_ms: int = 4_000
    house_matches_max: int = 1  # meetings of nobody but the platform's agents, in this wave
    anchor_wait_ms: int = 1_000
    noise: float = 0.1  # of the order by rating, in units of c: neighbours are not always the same
    information: float = 0.5
    rematch_cost: float = 0.5
    seat_cost: float = 0.1
    lag_cost: float = 0.05
    owner_cost: float = 0.25
    house_cost: float = 1.0


class Meeting(msgspec.Struct, frozen=True, gc=False):
    """Slots that meet, by seat, and why."""

    slots: tuple[Waiting, ...]
    reason: str
