"""Who won: a seat's outcome from the placements of its match."""

from collections.abc import Sequence
from enum import StrEnum


class Outcome(StrEnum):
    """What a match was for one seat."""

    WON = "won"  # first, alone
    DRAWN = "drawn"  # first, with others
    LOST = "lost"  # not first


def outcomes(placements: Sequence[int]) -> list[Outcome]:
    """The outcome of each seat. placements: by seat, 1 is best, equal placements are ties."""
    best = min(placements)
    first = Outcome.WON if placements.count(best) == 1 else Outcome.DRAWN
    return [first if placement == best else Outcome.LOST for placement in placements]
