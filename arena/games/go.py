"""PettingZoo's Go, made fit to be played in many matches at once.

`pettingzoo.classic.go_v5` keeps its board size in module globals, so that a 13x13 match breaks a 9x9 match in the same
process; here they are put right before use.  It also ends only by two passes in a row, and has no superko rule, so two
agents could play for ever; here a match of 3 moves for every point ends and is scored as it stands.
"""

from typing import Any

from pettingzoo.classic.go import go as original
from pettingzoo.classic.go import go_base
from pettingzoo.utils import wrappers

MOVES_PER_POINT = 3
_GLOBALS = ("N", "ALL_COORDS", "EMPTY_BOARD", "NEIGHBORS", "DIAGONALS")


def env(**arguments: Any) -> Any:
    """The environment with PettingZoo's usual wrappers. Arguments: board_size, komi, as in `go_v5`."""
    made: Any = wrappers.TerminateIllegalWrapper(raw_env(**arguments), illegal_reward=-1)
    return wrappers.OrderEnforcingWrapper(wrappers.AssertOutOfBoundsWrapper(made))


class raw_env(original.raw_env):  # type: ignore[misc]  # noqa: N801 - PettingZoo's name for it
    """`go_v5` with its globals in place and an end."""

    terminations: dict[str, bool]
    rewards: dict[str, float]

    def __init__(self, board_size: int = 9, komi: float = 7.5, **arguments: Any) -> None:
        super().__init__(board_size=board_size, komi=komi, **arguments)
        self._globals = {name: getattr(go_base, name) for name in _GLOBALS}

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> None:
        """Begin with an empty board."""
        self._claim()
        super().reset(seed=seed, options=options)

    def step(self, action: Any) -> None:
        """Play a stone, or pass."""
        self._claim()
        was_over = any(self.terminations.values())  # then this step only takes a dead agent away
        super().step(action)
        if self._go.n >= MOVES_PER_POINT * self._N**2 and not was_over and not any(self.terminations.values()):
            self.terminations = self._convert_to_dict([True, True])
            self.rewards = self._convert_to_dict(self._encode_rewards(self._go.result()))
            self._accumulate_rewards()

    def _claim(self) -> None:
        if go_base.N != self._N:
            for name, value in self._globals.items():
                setattr(go_base, name, value)
