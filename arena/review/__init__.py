"""A match seen again: replayed frame by frame, and verified bit for bit, from nothing but its events."""

from collections.abc import Iterable, Iterator

import msgspec

from arena.core.match import Contradiction, Phase, results
from arena.games import Game
from arena.games.replay import Diverged, Frame
from arena.games.replay import replay as replay_events
from arena.wire import codec
from arena.wire.events import Created, Ended, MatchEvent, Moved, Result
from arena.wire.faults import EndCause

StoredEvent = tuple[int, str, bytes]  # log sequence, subject, payload


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What verifying a match found."""

    ok: bool
    plies: int  # steps reproduced
    digest: str  # last link of the chain, as reproduced
    problem: str = ""  # why it is not ok


def replay(game: Game, events: Iterable[StoredEvent]) -> Iterator[Frame]:
    """The match again, one frame for each event. Raises Diverged, Contradiction or msgspec.DecodeError."""
    environment = game.make()
    try:
        yield from replay_events(environment, game.name, _decoded(game, events))
    finally:
        environment.close()


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


def _decoded(game: Game, events: Iterable[StoredEvent]) -> Iterator[MatchEvent]:
    last = 0
    for seq, subject, payload in events:
        if seq <= last:
            raise Contradiction(f"event {seq} after {last}")
        last = seq
        event = codec.decode_event(payload)
        if isinstance(event, Created) and event.game_version != game.version:
            raise Diverged(f"{subject}: played with {event.game_version}, installed is {game.version}")
        yield event


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
