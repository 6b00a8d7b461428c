"""Matches without a server: the platform's own games, turns and rules, in this process.

from agent_kit import testing

result = testing.play("connect_four", policy, seed=7)
assert not result.faults[0]
print(result.placements, result.text())

What drives a match here is what drives one online: the same environments, the same decisions (arena.core.match), the
same encoded turns. What is not here: other agents, ratings, connections. It needs the extra `games`.
"""

from agent_kit.testing.match import play, play_async, turns
from agent_kit.testing.result import Move, Result

__all__ = ["Move", "Result", "play", "play_async", "turns"]
