"""Lowest unique number: answers how often the others have picked each number, with some mixing."""

import itertools
import math
import random

import numpy as np

from arena.bots.policy import Policy, Turn

PRIOR = 3.0  # rounds' worth of belief that others prefer low numbers
TEMPERATURE = 0.03  # of the choice among numbers that win almost equally often


def responder(seed: int | None = None) -> Policy:
    """Picks numbers by their chance to win against what the others did so far."""
    rng = random.Random(seed)

    def act(turn: Turn) -> int:
        counts = np.asarray(turn.observation["counts"], float)[1:]
        prior = 0.6 ** np.arange(counts.shape[1])
        habits = counts + PRIOR * prior / prior.sum()
        chances = winning(habits / habits.sum(axis=1, keepdims=True))
        best = max(chances)
        weights = [math.exp((chance - best) / TEMPERATURE) for chance in chances]
        return rng.choices(range(1, len(weights) + 1), weights)[0]

    return act


def winning(habits: np.ndarray) -> list[float]:
    """The chance that each number wins. habits: (others, numbers), each row the chances of that agent's picks."""
    numbers = habits.shape[1]
    rows = habits.tolist()
    chances = [0.0] * numbers
    for picks in itertools.product(range(numbers), repeat=len(rows)):
        chance = math.prod(row[pick] for row, pick in zip(rows, picks, strict=True))
        lowest = min((pick for pick in picks if picks.count(pick) == 1), default=numbers)
        for number in range(numbers):
            # A number wins if nobody else picks it, and nothing below it is unique.
            if number not in picks and number < lowest:
                chances[number] += chance
    return chances
