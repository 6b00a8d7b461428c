"""The game of one match as its runner plays it: what the seats see and do, and the digest chain over both. No I/O."""

from collections.abc import Sequence
from typing import Any

from arena.core import clock
from arena.core.match import MatchState, Stepped
from arena.games import Environment, View
from arena.games.replay import link
from arena.runner.memory import Memory
from arena.wire import codec
from arena.wire.events import Move
from arena.wire.play import Turn


class Board:
    """An environment that was set up, or replayed from the log.

    chain: the digest after its last step; ranges: by seat, the first action and how many there are, where the seat's
    action space is discrete.
    """

    def __init__(
        self,
        game: str,
        match: str,
        environment: Environment,
        chain: bytes,
        memory: Memory,
        ranges: Sequence[tuple[int, int] | None],
    ) -> None:
        self.memory = memory
        self._game = game
        self._match = match
        self._environment = environment
        self._chain = chain
        self._ranges = ranges
        self._views: dict[int, View] = {}  # of the seats whose moves the next step takes
        self._actions: dict[int, Any] = {}
        self._moves: dict[int, Move] = {}

    @property
    def over(self) -> bool:
        """Whether no seat will act again."""
        return self._environment.over

    def turns(self, state: MatchState, lags_ms: Sequence[float]) -> list[tuple[Turn, float]]:
        """What is to be asked for the next step, with each seat's time in ms. For seats that are out we move."""
        self._views.clear()
        self._actions.clear()
        self._moves.clear()
        found = []
        for seat in self._environment.to_act:
            view = self._views[seat] = self._environment.view(seat)
            if seat in state.out:
                self.substitute(seat)
                continue
            allowance_ms = clock.allowance_ms(state.clock, state.banks_ms[seat])
            turn = Turn(
                match=self._match,
                game=self._game,
                seat=seat,
                ply=state.ply,
                observation=view.observation,
                legal=view.legal,
                reward=self.memory.tell(seat),
                left_ms=int(allowance_ms),
                lag_ms=lags_ms[seat],
                strikes=state.strikes[seat],
                actions=self._ranges[seat],
                history=self.memory.past(seat),
            )
            found.append((turn, allowance_ms))
        return found

    def check(self, seat: int, action: Any) -> Any:
        """What a seat wants to do as an action of this game. Raises Malformed or Illegal."""
        return self._environment.check(seat, action)

    def move(self, action: Any, move: Move) -> None:
        """A seat has moved. `move` is what the log will say of it."""
        self._actions[move.seat] = action
        self._moves[move.seat] = move

    def substitute(self, seat: int) -> None:
        """The platform moves for a seat that is out; the digest chain is the dice, so a replay throws the same."""
        action = self._environment.substitute(seat, self._chain + seat.to_bytes(2))
        self.move(action, Move(seat=seat, action=action, by_platform=True))

    def step(self, ply: int) -> Stepped:
        """All seats have moved."""
        moves = [self._moves[seat] for seat in sorted(self._moves)]
        written = {move.seat: codec.encode_json(move.action) for move in moves}
        rewards = self._environment.step(self._actions)
        self._chain = link(self._chain, ply, self._views, written, rewards)
        self.memory.moved(ply, moves, self._views, rewards)
        return Stepped(moves, rewards, self._chain.hex(), self.over)

    def close(self) -> None:
        """Free what the environment holds."""
        self._environment.close()
