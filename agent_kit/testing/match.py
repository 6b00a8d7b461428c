"""`play`: one match with the platform's rules, in this process."""

import asyncio
import itertools
import random
from collections.abc import Sequence
from typing import Any

from agent_kit.errors import MountFailed
from agent_kit.mount import new_loop
from agent_kit.policy import Agent, Policy
from agent_kit.specs import load
from agent_kit.testing.result import Result
from agent_kit.testing.rows import row
from agent_kit.testing.sitter import Chance, Player
from agent_kit.testing.table import Table
from agent_kit.turn import Turn
from arena.games import Game
from arena.wire.lobby import Encoding

SEED_BITS = 31  # what every environment takes


def play(
    game: str | Game,
    *players: Player,
    seed: int | None = None,
    stateless: bool = False,
    encoding: Encoding = "msgpack",
) -> Result:
    """One match, to its end; blocks. `play_async` is the same in a running event loop.

    game: a name of the catalogue, or a row of it. players: by seat, a policy of any kind (function, plain or async,
    `Agent`, `Batch`, `Processes`, a mount), a class of agents, or a text as `agent-kit run` takes it; where there is
    none, or None, actions are drawn at random. One object at two seats plays both: online an agent never meets itself.
    seed: of the game and of who moves at random (default: drawn). stateless: turns have their history, as for agents
    that say so.
    Policies that were given as objects are not closed. Raises PolicyError when a policy raises, MountFailed where the
    game is not there or has fewer seats.
    """
    with asyncio.Runner(loop_factory=new_loop) as runner:
        return runner.run(play_async(game, *players, seed=seed, stateless=stateless, encoding=encoding))


async def play_async(
    game: str | Game,
    *players: Player,
    seed: int | None = None,
    stateless: bool = False,
    encoding: Encoding = "msgpack",
) -> Result:
    """As `play`, in a running event loop."""
    chosen, seed = row(game), random.getrandbits(SEED_BITS) if seed is None else seed
    if len(players) > chosen.seats:
        raise MountFailed(f"{chosen.name} has {chosen.seats} seats, and {len(players)} policies were given")
    table = Table(chosen, seed, encoding, stateless=stateless)
    try:
        for seat, player in itertools.zip_longest(range(chosen.seats), players):
            policy = _made(player, Chance(table.environment, seed))
            table.sit(seat, policy, owned=policy is not player)
        return await table.play()
    finally:
        table.close()


def turns(game: str | Game, seed: int | None = None, *, stateless: bool = False) -> Sequence[Turn]:
    """Every turn of a match in which all seats move at random, in their order: to try a policy on, one by one."""
    met: list[Turn] = []

    class Meets(Chance):
        async def __call__(self, turn: Turn) -> Any:
            met.append(turn)
            return await super().__call__(turn)

    async def meet(chosen: Game, drawn: int) -> None:
        table = Table(chosen, drawn, "msgpack", stateless=stateless)
        try:
            for seat in range(chosen.seats):
                table.sit(seat, Meets(table.environment, drawn), owned=True)
            await table.play()
        finally:
            table.close()

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(meet(row(game), random.getrandbits(SEED_BITS) if seed is None else seed))
    return met


def _made(player: Player, chance: Policy) -> Policy | Agent:
    """The policy of a seat. Raises ValueError, ImportError or MountFailed for a text that names none."""
    if player is None:
        return chance
    if isinstance(player, str):
        policy: Policy | Agent = load(player)
        return policy
    return player() if isinstance(player, type) else player
