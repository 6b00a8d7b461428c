"""A process that keeps running matches open for somebody else, and draws them: a move costs one step and one drawing.

    a Fed  ->  a Drawn                                                            (in messages of `arena.review.pipe`)

Environments are other people's code: one that hangs or crashes costs this process, and all that it keeps.
"""

import contextlib

import msgspec

from arena.core.match import Contradiction
from arena.games import Game, Unplayable
from arena.games.replay import Diverged, Frame
from arena.review import Replayed, StoredEvent, pipe
from arena.review.position import position
from arena.wire import codec
from arena.wire.events import Created, Moved

VIEWS_BYTES_MAX = 8 * 1024  # of one frame: it is sent many times a second


class Fed(msgspec.Struct, frozen=True, kw_only=True):
    """What has come of a match since the last time."""

    match: str
    game: str
    events: list[StoredEvent]
    first: bool = False  # they begin with its `created`
    draw: bool = True  # the position after the last of them is wanted
    close: bool = False  # nobody wants any more of it


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """The answer. `frame` is empty if the position is the one before, or not wanted."""

    frame: bytes = b""  # JSON
    problem: str = ""  # why there are no more
    forgotten: bool = False  # it is not kept here: begin again with its first event


class _Match:
    """A match that is kept open."""

    def __init__(self, game: Game) -> None:
        self._replayed = Replayed(game)
        self._undrawn: Frame | None = None  # the newest step

    def take(self, fed: Fed) -> bytes:
        """Play on; returns what is to be shown, if there is something new."""
        for event in fed.events:
            frame = self._replayed.take(event)
            if isinstance(frame.event, Created | Moved):
                self._undrawn = frame
        if not fed.draw or self._undrawn is None:
            return b""
        drawn = codec.encode_json(position(self._undrawn, VIEWS_BYTES_MAX))
        self._undrawn = None
        return drawn

    def close(self) -> None:
        """Free what the environment holds, as far as it lets us."""
        with contextlib.suppress(Exception):  # a game is somebody else's code
            self._replayed.close()


def main() -> None:
    """Answer until standard input ends. Argument: the operator's games file, if there is one."""
    catalogue = pipe.catalogue()
    kept: dict[str, _Match] = {}
    pipe.serve(Fed, lambda fed: answer(kept, catalogue.get(fed.game), fed))


def answer(kept: dict[str, _Match], game: Game | None, fed: Fed) -> Drawn:
    """One answer. Never raises for what is wrong with a match or an environment; such a match is kept no longer."""
    if fed.first or fed.close:
        _close(kept, fed.match)
    if fed.close:
        return Drawn()
    if game is None:
        return Drawn(problem=f"game {fed.game} is not in this platform's catalogue (any more)")
    try:
        if fed.first:
            kept[fed.match] = _Match(game)
        if fed.match not in kept:
            return Drawn(forgotten=True)
        return Drawn(frame=kept[fed.match].take(fed))
    except (Diverged, Contradiction, Unplayable, msgspec.DecodeError) as error:
        problem = str(error)
    except Exception as error:  # noqa: BLE001 - a game is somebody else's code
        problem = f"the environment failed: {type(error).__name__}: {error}"
    _close(kept, fed.match)
    return Drawn(problem=problem)


def _close(kept: dict[str, _Match], match: str) -> None:
    if found := kept.pop(match, None):
        found.close()


if __name__ == "__main__":
    main()
