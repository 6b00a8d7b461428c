"""Who won: sides, placements by side, and a seat's outcome.

A side is what wins and loses together: the seats of a team, or a single seat where there are no teams.
"""

from collections.abc import Sequence
from enum import StrEnum

Sides = tuple[tuple[int, ...], ...]  # the seats of each side


class Outcome(StrEnum):
    """What a match was for one seat."""

    WON = "won"  # its side was first, alone
    DRAWN = "drawn"  # first, with another side
    LOST = "lost"  # not first


def sides(teams: Sequence[int | None]) -> Sides:
    """The sides of a match. teams: by seat; a seat without a team is a side of its own."""
    names = [("seat", seat) if team is None else ("team", team) for seat, team in enumerate(teams)]
    return tuple(tuple(seat for seat, name in enumerate(names) if name == side) for side in dict.fromkeys(names))


def placements(of: Sides, scores: Sequence[float], last: Sequence[bool]) -> list[int]:
    """By seat, 1 is best. A side's score is the mean of its seats' scores; equal sides share the better place.

    scores: by seat. last: by side, whether it comes behind all others, whatever its score.
    """
    ranked = [
        (-1.0, 0.0) if behind else (0.0, sum(scores[seat] for seat in seats) / len(seats))
        for seats, behind in zip(of, last, strict=True)
    ]
    placed = [0] * len(scores)
    for seats, own in zip(of, ranked, strict=True):
        for seat in seats:
            placed[seat] = 1 + sum(other > own for other in ranked)
    return placed


def outcomes(placed: Sequence[int], of: Sides) -> list[Outcome]:
    """The outcome of each seat. placed: by seat, 1 is best, equal ones are ties."""
    best = min(placed)
    first = Outcome.WON if sum(placed[seats[0]] == best for seats in of) == 1 else Outcome.DRAWN
    return [first if placement == best else Outcome.LOST for placement in placed]


def together(of: Sides, matches: Sequence[Sequence[int]]) -> list[int]:
    """One placement for each place at the table, of those in each match; 1 is best, equal ones are ties.

    matches: each has one placement for each of the same agents, in one order for all.  In a match a side gets a point
    for each side that it came before, and half a point for each that it shares a place with; the sums are compared.
    """
    points = [0.0] * sum(len(seats) for seats in of)
    for placed in matches:
        for seats in of:
            own = placed[seats[0]]
            others = [placed[other[0]] for other in of if other is not seats]
            gained = sum((own < other) + 0.5 * (own == other) for other in others)
            for seat in seats:
                points[seat] += gained
    return placements(of, points, [False] * len(of))
