"""House bots, so that a newcomer always finds an opponent.

Some games have bots of their own, a random one and stronger ones; no agent meets itself, so a game of four seats has
four.  All other games of the catalogue, an operator's and other packages' too, are played by guests: agents that say
anything legal.  They wait for others, and never play among themselves.

    POLICIES[game][bot](seed) -> policy;  policy(turn) -> action
    guest.anything(games)(seed) -> policy

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
from arena.wire.registry import EVERY_GAME

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

GUESTS = tuple(f"guest-{number}" for number in range(1, 6))  # the largest shipped game has six seats
HOUSE: dict[str, tuple[str, ...]] = {**{game: tuple(bots) for game, bots in POLICIES.items()}, EVERY_GAME: GUESTS}

__all__ = ["GUESTS", "HOUSE", "POLICIES", "Factory", "Policy", "Turn", "uniform"]
