"""What came of a match that was played here."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from arena.games import Game
from arena.games.replay import Diverged, replay
from arena.wire.events import Ended, MatchEvent, Moved
from arena.wire.faults import EndCause


class Move(NamedTuple):
    """One seat's action. think_ms: what was charged to its clock; by_platform: the seat had forfeited."""

    ply: int
    seat: int
    action: Any
    think_ms: float
    by_platform: bool


class Result(msgspec.Struct, frozen=True):
    """A match from its beginning to its end. By seat: placements (1 is best), scores, and faults in words.

    seed: with it and the same actions the match is the same; events: what the platform's log would hold.
    """

    game: str
    seed: int
    placements: tuple[int, ...]
    scores: tuple[float, ...]
    cause: EndCause
    plies: int
    faults: tuple[tuple[str, ...], ...]
    events: tuple[MatchEvent, ...]
    row: Game

    @property
    def moves(self) -> tuple[Move, ...]:
        """All moves in their order."""
        return tuple(
            Move(event.ply, move.seat, move.action, move.think_ms, move.by_platform)
            for event in self.events
            if isinstance(event, Moved)
            for move in event.moves
        )

    def text(self) -> str:
        """The whole match for people: each position, and what was done there. Made by playing it again."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        environment = self.row.make()
        try:
            for frame in replay(environment, self.game, self.events):
                match frame.event:
                    case Moved(ply=ply, moves=moves):
                        yield f"\nply {ply}: " + ", ".join(f"seat {move.seat} {move.action!r}" for move in moves)
                    case Ended(results=results, cause=cause):
                        yield f"\n{cause}: " + ", ".join(
                            f"seat {one.seat} placed {one.placement} with {one.score:g}" for one in results
                        )
                        continue
                    case event if event is not self.events[0]:
                        continue
                yield environment.render()
        except Diverged as error:  # the game has dice of its own
            yield f"(cannot be shown further: {error})"
        finally:
            environment.close()
