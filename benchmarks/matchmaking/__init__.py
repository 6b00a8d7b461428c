"""How good matchmaking is: a simulated population, the platform's own pairing and rating, and the ideas of its peers.

    population -> ladder (waves: who is free -> peer: who meets -> result -> belief) -> figures -> page

`python -m benchmarks.matchmaking` measures; docs/matchmaking.md says how, and what came out.
"""
