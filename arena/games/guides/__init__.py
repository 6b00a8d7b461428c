"""What people are told who play a seat themselves: its actions by name and place, and what it sees, in words.

    guide(unwrapped environment, seat, legal actions) -> Guide

A row names its own (`guide`). Cells are those of the first grid of the guide's board, or else of the position's.
"""

from collections.abc import Callable, Sequence
from typing import Any

from arena.wire.board import Choice, Guide

Guiding = Callable[[Any, int, Sequence[int]], Guide]


def named(*names: str) -> Guiding:
    """The actions from 0 on have these names."""

    def guide(env: Any, seat: int, legal: Sequence[int]) -> Guide:
        return Guide(choices=[Choice(action=action, name=names[action]) for action in legal if action < len(names)])

    return guide


_MOVES = ("stay", "left", "right", "down", "up")  # of MPE's agents

cartpole = named("push left", "push right")
acrobot = named("turn left", "do nothing", "turn right")
mountain_car = named("accelerate left", "do nothing", "accelerate right")
taxi = named("south", "north", "east", "west", "pick up", "drop off")
blackjack = named("stand", "hit")
frozen_lake = named("left", "down", "right", "up")
cliff_walking = named("up", "right", "down", "left")
pursuit = named("left", "right", "up", "down", "stay")
knights_archers = named("forward", "backward", "turn left", "turn right", "attack", "do nothing")


def particles(env: Any, seat: int, legal: Sequence[int]) -> Guide:
    """Those that only move; what others say has no names."""
    return named(*_MOVES)(env, seat, legal) if len(legal) == len(_MOVES) else Guide()
