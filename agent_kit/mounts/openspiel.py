"""A bot of OpenSpiel: `run(openspiel.mount("mcts"), games=["hex"])`, or `agent-kit run openspiel:mcts --games hex`.

A bot wants OpenSpiel's state of the match, and a turn says only what its seat sees.  So the positions that fit are
searched for (agent_kit.mounts.positions): exact where a seat sees everything, one of those possible where it does not,
and none where chance has dealt more hands than can be tried, as in bridge: there such a bot cannot be mounted.
"""

import logging
import random
from collections.abc import Callable, Mapping
from typing import Any

from agent_kit.errors import MountFailed
from agent_kit.extras import need
from agent_kit.mounts.engines import chance
from agent_kit.mounts.positions import Positions, TooMany, Unfit
from agent_kit.policy import Agent
from agent_kit.turn import Over, Turn

SIMULATIONS = 200
UCT_C = 2.0
MEMORY_MB = 64
# What games of this platform are called there, where it is not the same.
NAMES = {
    "tictactoe": "tic_tac_toe",
    "bridge": "bridge(use_double_dummy_result=False)",
    "chinese_checkers_3": "chinese_checkers(players=3)",
    "dots_and_boxes": "dots_and_boxes(num_rows=4,num_cols=4)",
    "einstein": "einstein_wurfelt_nicht",
    "havannah": "havannah(board_size=8)",
    "ludo_4": "maedn(players=4)",
    "pig_3": "pig(players=3)",
    "ultimate_tictactoe": "ultimate_tic_tac_toe",
    "y": "y(board_size=11)",
    "yacht_3": "yacht(players=3)",
    "crazy_eights_4": "crazy_eights(players=4)",
    "dark_hex": "dark_hex(num_rows=4,num_cols=4)",
    "go_fish_3": "go_fish(players=3)",
    "hanabi_4": "hanabi(players=4)",
    "kuhn_poker_3": "kuhn_poker(players=3)",
    "leduc_poker_3": "leduc_poker(players=3)",
    "nim_heaps": "nim",
    "oh_hell_3": "oh_hell(players=3)",
    "reconnaissance_chess": "rbc",
    "phantom_tictactoe": "phantom_ttt",
    "tiny_bridge": "tiny_bridge_4p",
    "box_pushing": "coop_box_pushing",
    "capture_the_flag": "capture_the_flag(horizon=200)",
    "goofspiel_3": "goofspiel(players=3)",
    "laser_tag": "laser_tag(horizon=200)",
    "markov_soccer": "markov_soccer(horizon=200)",
    "snake_4": "snake(players=4)",
}

Maker = Callable[[Any, int], Any]  # of a pyspiel.Game and a seat: a pyspiel.Bot

log = logging.getLogger("agent_kit")


def mount(
    bot: str | Maker,
    *,
    game: str = "",
    simulations: int = SIMULATIONS,
    arguments: Mapping[str, Any] | None = None,
    seed: int | None = None,
) -> Agent:
    """An agent that is a bot of OpenSpiel, a new one for each match.

    bot: "mcts", "ismcts" (for games that hide things), a name that `pyspiel.registered_bots()` knows, or a function
    of a pyspiel.Game and a seat that makes one; it is asked by `step(state)`, and told nothing else. game: OpenSpiel's
    name of the game with its parameters, as "kuhn_poker(players=3)", where the platform's name of it does not tell.
    simulations: of the two searches. arguments: of a registered bot. seed: for the same play again.
    Raises MountFailed for an unknown bot or game, or where open-spiel is not installed.
    """
    pyspiel = need("pyspiel", "openspiel")
    dice = random.Random(seed)
    if callable(bot):
        return Spiel(pyspiel, bot, game, dice)
    return Spiel(pyspiel, _maker(pyspiel, bot, simulations, dict(arguments or {}), dice), game, dice)


class Spiel(Agent):
    """Follows each match, and asks its bot about a position that fits."""

    def __init__(self, pyspiel: Any, maker: Maker, game: str, dice: random.Random) -> None:
        self._pyspiel = pyspiel
        self._maker = maker
        self._game = game
        self._dice = dice
        self._matches: dict[str, tuple[Positions, Any]] = {}
        if game:
            self._load(game)

    def turn(self, turn: Turn) -> Any:
        """The bot's action."""
        if turn.match not in self._matches:
            game = self._load(self._game or NAMES.get(turn.game, turn.game))
            self._matches[turn.match] = Positions(game, turn.seat, self._dice), self._maker(game, turn.seat)
        positions, bot = self._matches[turn.match]
        try:
            state = positions.at(turn)
        except TooMany as error:
            raise MountFailed(f"{turn.game} cannot be followed: {error}") from error
        except Unfit as error:
            if not positions.followed:
                raise MountFailed(f"no position of OpenSpiel's {positions.game} fits {turn!r}: {error}") from error
            log.warning("lost track at %r (%s): chance moves instead", turn, error)
            return positions.played(turn, chance(turn))
        return positions.played(turn, int(bot.step(state)))

    def over(self, over: Over) -> None:
        """Forget the match."""
        self._matches.pop(over.match, None)

    def _load(self, name: str) -> Any:
        if name.partition("(")[0] not in self._pyspiel.registered_names():  # else it prints all that it knows
            raise MountFailed(f"OpenSpiel has no game {name!r}: give game=..., its name of it")
        try:
            return self._pyspiel.load_game(name)
        except self._pyspiel.SpielError as error:
            raise MountFailed(f"OpenSpiel refuses {name!r}: {error}") from error


def _maker(pyspiel: Any, bot: str, simulations: int, arguments: dict[str, Any], dice: random.Random) -> Maker:
    """How a bot of this name is made. Raises MountFailed."""

    def mcts(game: Any, _: int) -> Any:
        evaluator = pyspiel.RandomRolloutEvaluator(1, dice.getrandbits(31))
        return pyspiel.MCTSBot(game, evaluator, UCT_C, simulations, MEMORY_MB, True, dice.getrandbits(31), False)

    def ismcts(_game: Any, _seat: int) -> Any:
        evaluator = pyspiel.RandomRolloutEvaluator(1, dice.getrandbits(31))
        return pyspiel.ISMCTSBot(dice.getrandbits(31), evaluator, UCT_C, simulations)

    known = {"mcts": mcts, "ismcts": ismcts}
    if bot in known:
        return known[bot]
    registered = pyspiel.registered_bots()
    if bot not in registered:
        raise MountFailed(f"unknown bot {bot!r}; known: {', '.join([*known, *registered])}, or a function")
    if arguments:
        return lambda game, seat: pyspiel.load_bot(bot, game, seat, arguments)
    return lambda game, seat: pyspiel.load_bot(bot, game, seat)
