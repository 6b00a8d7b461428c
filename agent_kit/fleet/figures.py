"""What is counted of one instance."""

from collections import deque
from typing import Any

import msgspec

from agent_kit.observed import Observer
from agent_kit.turn import Over, Turn
from arena.wire.faults import NoticeCode

THINKS_KEPT = 1_000  # of which the quantiles are


class Figures(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Since the fleet began. games: those it has played."""

    played: int = 0
    won: int = 0
    drawn: int = 0
    lost: int = 0
    voided: int = 0
    faults: int = 0
    running: int = 0
    lag_ms: float = 0.0  # of the last turn
    p50_ms: float = 0.0  # of thinking, over the newest turns
    p99_ms: float = 0.0
    games: list[str] = []

    def after(self, before: "Figures") -> "Figures":
        """These, of a process that began anew, and those of the ones before it."""
        return msgspec.structs.replace(
            self,
            played=self.played + before.played,
            won=self.won + before.won,
            drawn=self.drawn + before.drawn,
            lost=self.lost + before.lost,
            voided=self.voided + before.voided,
            faults=self.faults + before.faults,
            lag_ms=self.lag_ms or before.lag_ms,
            p50_ms=self.p50_ms or before.p50_ms,
            p99_ms=self.p99_ms or before.p99_ms,
            games=sorted({*self.games, *before.games}),
        )


class Tally(Observer):
    """Counts what an instance does."""

    def __init__(self) -> None:
        self._counted = {"played": 0, "won": 0, "drawn": 0, "lost": 0, "voided": 0, "faults": 0}
        self._running: set[str] = set()
        self._thinks_ms: deque[float] = deque(maxlen=THINKS_KEPT)
        self._lag_ms = 0.0
        self._games: set[str] = set()

    def figures(self) -> Figures:
        """As of now."""
        thinks = sorted(self._thinks_ms)
        return Figures(
            **self._counted,
            running=len(self._running),
            lag_ms=self._lag_ms,
            p50_ms=thinks[len(thinks) // 2] if thinks else 0.0,
            p99_ms=thinks[len(thinks) * 99 // 100] if thinks else 0.0,
            games=sorted(self._games),
        )

    def began(self, turn: Turn) -> None:
        """A match more."""
        self._running.add(turn.match)
        self._games.add(turn.game)

    def answered(self, turn: Turn, action: Any, took_s: float, held_s: float) -> None:
        """How long it thought, and how far it is."""
        self._thinks_ms.append(took_s * 1000)
        self._lag_ms = turn.lag_ms

    def ended(self, over: Over) -> None:
        """Won: first, and not everybody is; drawn: everybody is first; else lost. A game of one seat is played only."""
        self._running.discard(over.match)
        self._counted["played"] += 1
        self._counted["faults"] += len(over.faults)
        if len(over.placements) > 1:
            behind = max(over.placements) > 1
            self._counted["lost" if over.placement > 1 else "won" if behind else "drawn"] += 1

    def noticed(self, code: str, message: str, match: str | None) -> None:
        """A match may be void."""
        if code == NoticeCode.VOIDED and match:
            self._running.discard(match)
            self._counted["voided"] += 1
