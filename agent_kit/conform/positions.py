"""What the agent on trial is asked: a game as far as it was played, by name."""

import random
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from agent_kit.conform import tictactoe
from agent_kit.errors import MountFailed
from arena.games import Illegal, Malformed, load_catalogue
from arena.games.catalogue import Game
from arena.games.info import action_ranges
from arena.wire.lobby import Encoding, GameInfo
from arena.wire.play import Turn

SEED_BITS = 32


class Position(Protocol):
    """One match, in which others play all seats but the agent's."""

    match: str
    seat: int  # the agent's
    ply: int

    @property
    def scores(self) -> list[float] | None:
        """By seat, once it is over."""
        ...

    def turn(self, encoding: Encoding, strikes: int) -> Turn:
        """The agent's turn."""
        ...

    def play(self, action: Any) -> None:
        """The agent's move, and those of the others until it is its turn again. Raises ValueError for a wrong one."""
        ...


class Asked(NamedTuple):
    """A game, and how a match of it begins: `begin(match, seat)`."""

    info: GameInfo
    begin: Callable[[str, int], Position]


def asked(game: str) -> Asked:
    """The game with this name; tic-tac-toe needs no engine. Raises MountFailed."""
    if game == tictactoe.NAME:
        return Asked(tictactoe.INFO, tictactoe.Board)
    catalogue = load_catalogue()
    if game not in catalogue:
        raise MountFailed(f"there is no game {game!r}; known: {', '.join(sorted(catalogue))}")
    row = catalogue[game]
    return Asked(row.info(), lambda match, seat: Played(row, match, seat))


class Played:
    """A match of the platform's own environment."""

    def __init__(self, game: Game, match: str, seat: int) -> None:
        self.match = match
        self.ply = 0
        self._game = game
        self._environment = game.make()
        self._environment.reset(random.getrandbits(SEED_BITS))
        self.seat = min(seat, game.seats - 1)
        self._others_play()

    @property
    def scores(self) -> list[float] | None:
        """By seat, once it is over."""
        return self._environment.scores if self._environment.over else None

    def turn(self, _: Encoding, strikes: int) -> Turn:
        """The agent's turn; arrays are encoded as the message is."""
        view, info = self._environment.view(self.seat), self._game.info()
        return Turn(
            match=self.match,
            game=info.name,
            seat=self.seat,
            ply=self.ply,
            observation=view.observation,
            legal=view.legal,
            left_ms=info.move_ms or info.bank_ms,
            strikes=strikes,
            actions=action_ranges(info)[self.seat],
        )

    def play(self, action: Any) -> None:
        """The agent's move, and those of the others until it is its turn again. Raises ValueError for a wrong one."""
        try:
            mine = self._environment.check(self.seat, action)
        except (Malformed, Illegal) as error:
            raise ValueError(f"expected {error}") from error
        self._step({self.seat: mine})
        self._others_play()

    def _others_play(self) -> None:
        while not self._environment.over and self.seat not in self._environment.to_act:
            self._step({})

    def _step(self, mine: dict[int, Any]) -> None:
        others = [seat for seat in self._environment.to_act if seat not in mine]
        salt = random.randbytes(8)
        self._environment.step(mine | {seat: self._environment.substitute(seat, salt) for seat in others})
        self.ply += 1
