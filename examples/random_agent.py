"""Plays any legal move, in every game: python examples/random_agent.py my-bot.creds [game ...]."""

import random
import sys

from agent_kit import Turn, run


def policy(turn: Turn) -> int:
    """One of the legal actions; in games without a mask, any action."""
    return random.choice(turn.legal or turn.actions)


if __name__ == "__main__":
    run(policy, creds=sys.argv[1], games=sys.argv[2:] or ["*"], slots=8)
