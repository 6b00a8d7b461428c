"""What the seats of one match were told and did: rewards that are still owed, and the past of stateless seats."""

import copy
from collections.abc import Collection, Mapping, Sequence

from arena.games import View
from arena.wire.events import Faulted, MatchEvent, Move, Moved
from arena.wire.faults import Verdict
from arena.wire.play import Past


class Memory:
    """Kept by the runner that plays a match, and made again from its log by the one that takes over.

    remembers: seats whose moves are kept, because a turn alone does not tell their (stateless) agents enough.
    """

    def __init__(self, seats: int, remembers: Collection[int]) -> None:
        self.owed = [0.0] * seats  # each seat's reward since its last turn
        self._told = [0.0] * seats  # what its last turn said
        self._pasts: dict[int, list[Past]] = {seat: [] for seat in remembers}

    def tell(self, seat: int) -> float:
        """The reward that the seat's next turn reports."""
        self._told[seat], self.owed[seat] = self.owed[seat], 0.0
        return self._told[seat]

    def past(self, seat: int) -> list[Past]:
        """Own earlier moves of this seat, oldest first."""
        return list(self._pasts.get(seat, ()))

    def moved(self, ply: int, moves: Sequence[Move], views: Mapping[int, View], rewards: Sequence[float]) -> None:
        """The environment took a step."""
        for move in moves:
            if move.seat in self._pasts and not move.by_platform:
                seen = copy.deepcopy(views[move.seat].observation)  # some environments write into theirs later
                self._pasts[move.seat].append(
                    Past(ply=ply, observation=seen, action=move.action, reward=self._told[move.seat])
                )
        for seat, reward in enumerate(rewards):
            self.owed[seat] += reward

    def fold(self, event: MatchEvent, views: Mapping[int, View]) -> None:
        """The same, from the log."""
        match event:
            case Moved(ply=ply, moves=moves, rewards=rewards):
                for move in moves:
                    if not move.by_platform:
                        self.tell(move.seat)
                self.moved(ply, moves, views, rewards)
            case Faulted(seat=seat, verdict=Verdict.FORFEITED):
                self.owed[seat] = 0.0  # its last turn had said it; after a warning the same turn is asked again
