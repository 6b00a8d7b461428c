"""A match seen again: replayed frame by frame, and verified bit for bit, from nothing but its events."""

from collections.abc import Iterable, Iterator

import msgspec

from arena.core.match import Contradiction, Phase, results
from arena.games import Game
from arena.games.replay import Diverged, Frame, Rebuilt
from arena.wire import codec
from arena.wire.events import Created, Ended, Moved, Result
from arena.wire.faults import EndCause

StoredEvent = tuple[int, str, bytes]  # log sequence, subject, payload


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What verifying a match found."""

    ok: bool
    plies: int  # steps reproduced
    digest: str  # last link of the chain, as reproduced
    problem: str = ""  # why it is not ok


class Replayed:
    """A match that is seen again as its events come. `close` it."""

    def __init__(self, game: Game) -> None:
        self._game = game
        self._environment = game.make()
        self._rebuilt = Rebuilt(self._environment, game.name)
        self._last = 0

    def take(self, stored: StoredEvent) -> Frame:
        """The next event, and the position after it. Raises Diverged, Contradiction or msgspec.DecodeError."""
        seq, subject, payload = stored
        if seq <= self._last:
            raise Contradiction(f"event {seq} after {self._last}")
        self._last = seq
        event = codec.decode_event(payload)
        if isinstance(event, Created) and event.game_version != self._game.version:
            raise Diverged(f"{subject}: played with {event.game_version}, installed is {self._game.version}")
        return self._rebuilt.take(event)

    def close(self) -> None:
        """Free what the environment holds."""
        self._environment.close()


def replay(game: Game, events: Iterable[StoredEvent]) -> Iterator[Frame]:
    """The match again, one frame for each event. Raises Diverged, Contradiction or msgspec.DecodeError."""
    match = Replayed(game)
    try:
        yield from map(match.take, events)
    finally:
        match.close()


def verify(game: Game, events: Iterable[StoredEvent]) -> Verdict:
    """Play the match again from its events and compare every link of the digest chain, and the result."""
    plies, digest, phase = 0, "", None
    try:
        for frame in replay(game, events):
            plies += isinstance(frame.event, Moved)
            digest, phase = frame.chain.hex(), frame.state.phase
            _check_result(frame)
    except (Diverged, Contradiction, msgspec.DecodeError) as error:
        return Verdict(ok=False, plies=plies, digest=digest, problem=str(error))
    if phase not in {Phase.ENDED, Phase.VOIDED}:
        return Verdict(ok=False, plies=plies, digest=digest, problem=f"the match is not over: {phase or 'no events'}")
    return Verdict(ok=True, plies=plies, digest=digest)


def _check_result(frame: Frame) -> None:
    """The result must be what the rules make of the replayed rewards and the recorded faults."""
    match frame.event:
        case Ended(results=said, cause=cause, plies=plies, digest=digest):
            found = results(frame.state)
            if said != found or plies != frame.state.ply:
                raise Diverged(f"the result says {_brief(said)} after {plies} plies, the replay {_brief(found)}")
            if digest != frame.chain.hex():
                raise Diverged(f"the result has digest {digest}, the replay {frame.chain.hex()}")
            if cause is EndCause.FINISHED and not frame.environment.over:
                raise Diverged(f"the result says {cause}, but the game is not over after {plies} plies")


def _brief(found: list[Result]) -> str:
    return ", ".join(f"place {result.placement} with {result.score:g}" for result in found)
