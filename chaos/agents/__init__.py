"""Agents of every kind, honest and not, that write down what they see.

    python -m chaos.agents --creds FILE --games a,b --slots 4 --behaviour late --records FOLDER --name X

An honest one must never be charged with anything. `honest` are mounted by agent_kit as any author would; `bad` speak
the protocol themselves (`bare`), and break its rules in one way each.
"""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from chaos.agents import bad, honest
from chaos.agents.setting import Setting


class Behaviour(NamedTuple):
    """What an agent does until it is told to stop."""

    what: str
    honest: bool
    play: Callable[[Setting], Awaitable[None]]


BEHAVIOURS: dict[str, Behaviour] = {
    "honest": Behaviour("answers at once", True, honest.fast),
    "slow": Behaviour("thinks for 0.2 to 1.5 s", True, honest.slow),
    "stateless": Behaviour("two instances, one of which is killed now and then", True, honest.stateless),
    "stateless_instance": Behaviour("one of those two", True, honest.stateless_instance),
    "reconnects": Behaviour("loses its connection for about a second, and comes back", True, honest.reconnects),
    "dies": Behaviour("kills its own process in the middle of matches", False, honest.dies),
    "hangs": Behaviour("stays connected, but answers nothing and does not beat for a while", False, bad.hangs),
    "twice": Behaviour("answers twice, with two actions", False, bad.twice),
    "late": Behaviour("answers after its time", False, bad.late),
    "other_match": Behaviour("answers for other matches and plies, and publishes where it must not", False, bad.other),
    "flood": Behaviour("sends thousands of hellos, beats and messages", False, bad.flood),
    "garbage": Behaviour("sends random bytes and wrong types", False, bad.garbage),
    "huge": Behaviour("sends 10 MB, is thrown out by the server, and comes back", False, bad.huge),
}

__all__ = ["BEHAVIOURS", "Behaviour", "Setting"]
