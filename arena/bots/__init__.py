"""House bots: for every shipped game a random one and a stronger one, so that a newcomer always finds an opponent.

No agent meets itself, so a game of four seats has four.

    POLICIES[game][bot](seed) -> policy;  policy(turn) -> action

A factory is called once per process; what a policy remembers, it remembers per match. The seed is for tests: without
one a bot cannot be predicted.
"""

from arena.bots import (
    cartpole,
    chess,
    connect_four,
    go,
    hanabi,
    holdem,
    leduc,
    lowest_unique,
    rock_paper_scissors,
    taxi,
    tictactoe,
)
from arena.bots.policy import Factory, Policy, Turn, uniform

POLICIES: dict[str, dict[str, Factory]] = {
    "tictactoe": {"random": uniform(), "perfect": tictactoe.perfect},
    "connect_four": {"random": uniform(), "minimax": connect_four.minimax},
    "rock_paper_scissors": {
        "random": uniform(0, 2),
        "cycle": rock_paper_scissors.cycle,
        "predictor": rock_paper_scissors.predictor,
    },
    "leduc_holdem": {"random": uniform(), "table": leduc.table},
    "texas_holdem": {"random": uniform(), "odds": holdem.limit(1)},
    "texas_holdem_4": {
        "random": uniform(),
        "odds": holdem.limit(2),
        "bold": holdem.limit(2, raise_from=1.0, call_from=0.5),
        "careful": holdem.limit(2, raise_from=1.6, call_from=1.0),
    },
    "texas_holdem_no_limit": {"random": uniform(), "odds": holdem.no_limit},
    "hanabi": {"random": uniform(), "prover": hanabi.prover},
    "go_9x9": {"random": uniform(), "shape": go.shape},
    "chess": {"random": uniform(), "searcher": chess.searcher},
    "lowest_unique": {
        "random": uniform(1, 6),
        "responder": lowest_unique.responder,
        "low": uniform(1, 3),
        "high": uniform(4, 6),
    },
    "cartpole": {"random": uniform(0, 1), "linear": cartpole.linear},
    "taxi": {"random": uniform(0, 5), "shortest": taxi.shortest},
}

__all__ = ["POLICIES", "Factory", "Policy", "Turn", "uniform"]
