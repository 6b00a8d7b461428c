"""Which states of an OpenSpiel game fit what a seat has seen: those after its last turn, moved on until this one.

Between two turns of a seat `ply` says how many moves were made.  Every way on from the states that fitted before is
tried, chance included, and those are kept where it is this seat's turn, with these legal actions and this observation.
"""

import itertools
import random
import time
from collections.abc import Iterable, Iterator
from typing import Any

from agent_kit.extras import need
from agent_kit.turn import Turn

TRIED_MAX = 100_000  # states looked at for one turn
SHARE = 0.3  # of the clock, at most, for looking
KEPT_MAX = 1_000  # states that fit; of more, as many are drawn


class Unfit(Exception):
    """No state fits: another game, other parameters, or those that would have fitted were not kept."""


class TooMany(Exception):
    """More states than can be tried."""


class Positions:
    """The states that a match may be in, as one seat knows it. `followed`: some did fit, so it is the right game."""

    def __init__(self, game: Any, seat: int, dice: random.Random) -> None:
        self.game = game
        self.followed = False
        self._numpy = need("numpy", "openspiel")
        kind = game.get_type()
        self._all_is_seen = kind.information == type(kind).Information.PERFECT_INFORMATION
        self._seat = seat
        self._dice = dice
        self._states = [game.new_initial_state()]
        self._ply = 0  # of the states
        self._action: int | None = None  # ours at that ply, once it is chosen

    def at(self, turn: Turn) -> Any:
        """A state that fits the turn, drawn from all that do. Raises Unfit or TooMany."""
        if turn.ply != self._ply or not self.followed:
            self._move_on(turn)
        return self._dice.choice(self._states).clone()

    def played(self, turn: Turn, action: int) -> int:
        """Note the action that this turn is answered with."""
        if turn.ply == self._ply:
            self._action = action
        return action

    def _move_on(self, turn: Turn) -> None:
        count = _Bound(turn)
        states: Iterable[Any] = self._states
        plies = turn.ply - self._ply
        if self._action is not None:
            states = self._distinct(count(self._all_after(states, self._action)))
            plies -= 1
        for _ in range(plies):
            states = self._distinct(count(self._all_after(self._dealt(states))))
        fitting = [state for state in count(self._dealt(states)) if self._fits(state, turn)]
        if not fitting:
            raise Unfit("none of the possible positions looks like it")
        kept = list(self._distinct(fitting))
        if len(kept) > KEPT_MAX:
            kept = self._dice.sample(kept, KEPT_MAX)
        self._states, self._ply, self._action, self.followed = kept, turn.ply, None, True

    def _distinct(self, states: Iterable[Any]) -> Iterator[Any]:
        """Each position once where it does not matter how it came about: where every player sees all of it."""
        if not self._all_is_seen:
            return iter(states)
        # What chance is about to do is not seen yet: there the moves tell states apart.
        different = {state.history_str() if state.is_chance_node() else str(state): state for state in states}
        return iter(different.values())

    def _dealt(self, states: Iterable[Any]) -> Iterator[Any]:
        """The states after everything that chance may do."""
        for state in states:
            if state.is_chance_node():
                yield from self._dealt(state.child(action) for action, _ in state.chance_outcomes())
            else:
                yield state

    def _all_after(self, states: Iterable[Any], own: int | None = None) -> Iterator[Any]:
        """The states after one move: our own, or any of whoever it is, or any of all where they act at once."""
        for state in states:
            if state.is_terminal():
                continue
            if state.is_simultaneous_node():
                yield from self._together(state, own)
            else:
                yield from map(state.child, state.legal_actions() if own is None else [own])

    def _together(self, state: Any, own: int | None) -> Iterator[Any]:
        choices = [state.legal_actions(player) or [0] for player in range(self.game.num_players())]
        if own is not None:
            choices[self._seat] = [own]
        for actions in itertools.product(*choices):
            after = state.clone()
            after.apply_actions(actions)
            yield after

    def _fits(self, state: Any, turn: Turn) -> bool:
        if state.is_terminal() or not (state.is_simultaneous_node() or state.current_player() == self._seat):
            return False
        if turn.legal is not None and state.legal_actions(self._seat) != turn.legal:
            return False
        seen = self._numpy.asarray(turn.observation).ravel()
        return any(self._numpy.array_equal(view, seen) for view in self._views(state, turn.game))

    def _views(self, state: Any, game: str) -> Iterator[Any]:
        """What the seat may be shown of a state: OpenSpiel's two tensors, or PettingZoo's planes of two games."""
        kind = self.game.get_type()
        if game in {"tictactoe", "connect_four"}:
            marks = "xo" if self._seat == 0 else "ox"
            squares = "".join(str(state).split())
            yield self._numpy.asarray([square == mark for square in squares for mark in marks])
            return
        if kind.provides_information_state_tensor:
            yield self._numpy.asarray(state.information_state_tensor(self._seat), "float32")
        if kind.provides_observation_tensor:
            yield self._numpy.asarray(state.observation_tensor(self._seat), "float32")


class _Bound:
    """Lets states pass, and raises TooMany where they are too many for one turn."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._tried = 0
        self._ends = time.monotonic() + turn.left_ms / 1000 * SHARE

    def __call__(self, states: Iterable[Any]) -> Iterator[Any]:
        for state in states:
            self._tried += 1
            if self._tried > TRIED_MAX or time.monotonic() > self._ends:
                raise TooMany(f"more positions are possible at {self._turn!r} than the {self._tried:,} that were tried")
            yield state
