"""Games of few cards, and rock, paper, scissors: what PettingZoo's vectors say, in words."""

from collections.abc import Sequence
from typing import Any

from agent_kit.readings.reading import Reading, named
from agent_kit.turn import Turn

_RANKS = ("A", *(str(number) for number in range(2, 11)), "J", "Q", "K")
_CARDS = [rank + suit for suit in "♠♥♦♣" for rank in _RANKS]
_BETS = ("call", "raise", "fold", "check")
_THROWS = ("rock", "paper", "scissors", "nothing yet")


def leduc(turn: Turn) -> Reading:
    """Own card, the public card, and what each has put in."""
    seen = turn.observation
    public = _one(seen[3:6])
    rows = [
        f"your card: {'JQK'[_one(seen[:3]) or 0]}",
        f"public card: {'-' if public is None else 'JQK'[public]}",
        f"chips in the pot: you {_one(seen[6:21]) or 0}, the other {_one(seen[21:36]) or 0}",
    ]
    return Reading("\n".join(rows), named(turn, _BETS))


def limit(turn: Turn) -> Reading:
    """The cards in sight (own hand and board together), and the raises of each round."""
    seen = turn.observation
    raises = [str(_one(seen[start : start + 5]) or 0) for start in (52, 57, 62, 67)]
    rows = [f"cards you see (your two and the board): {_held(seen)}", f"raises by round: {', '.join(raises)}"]
    return Reading("\n".join(rows), named(turn, _BETS))


def no_limit(turn: Turn) -> Reading:
    """The cards in sight (own hand and board together), and what is in the pot."""
    seen = turn.observation
    rows = [
        f"cards you see (your two and the board): {_held(seen)}",
        f"chips in the pot: you {int(seen[52])}, the most of anybody {int(seen[53])}",
    ]
    return Reading(
        "\n".join(rows), named(turn, ("fold", "check or call", "raise half the pot", "raise the pot", "all in"))
    )


def rock_paper_scissors(turn: Turn) -> Reading:
    """What the other side showed in the last round."""
    return Reading(f"the other's last throw: {_THROWS[int(turn.observation)]}", named(turn, _THROWS))


def _held(seen: Sequence[Any]) -> str:
    return " ".join(card for card, there in zip(_CARDS, seen, strict=False) if there)


def _one(part: Sequence[Any]) -> int | None:
    """The place of the one in a one-hot part."""
    return next((place for place, there in enumerate(part) if there), None)
