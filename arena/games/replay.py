"""A match rebuilt from its events: by a runner that takes it over, by `verify`, and by whoever wants to see it."""

from collections.abc import Iterable, Iterator

import msgspec

from arena.core import digest
from arena.core.match import MatchState, evolve
from arena.games.environment import Environment, Illegal, Malformed, View
from arena.wire import codec
from arena.wire.events import Created, MatchEvent, Moved


class Diverged(Exception):
    """The environment did not do again what the log says it did: it is not deterministic, or not the same version."""


class Frame(msgspec.Struct, frozen=True):
    """One event, and the position after it."""

    event: MatchEvent
    state: MatchState
    chain: bytes  # digest after it
    environment: Environment
    views: dict[int, View] = {}  # what the seats that moved had seen


def start(environment: Environment, game: str, created: Created) -> bytes:
    """Set the environment up as the event says; returns the digest before the first step."""
    environment.reset(created.seed)
    return digest.first(game, created.game_version, created.seed, len(created.seats))


def link(before: bytes, ply: int, views: dict[int, View], actions: dict[int, bytes], rewards: list[float]) -> bytes:
    """The digest after a step. actions: JSON of each acting seat's action, as it stands in the log."""
    seen_done = [(seat, view.raw, actions[seat]) for seat, view in sorted(views.items())]
    return digest.link(before, ply, seen_done, rewards)


def replay(environment: Environment, game: str, events: Iterable[MatchEvent]) -> Iterator[Frame]:
    """Play the events again, one frame each. Raises Diverged at the first step that differs from the log."""
    rebuilt = Rebuilt(environment, game)
    return map(rebuilt.take, events)


class Rebuilt:
    """A match that is played again as its events come."""

    def __init__(self, environment: Environment, game: str) -> None:
        self._environment = environment
        self._game = game
        self._state: MatchState | None = None
        self._chain = b""

    def take(self, event: MatchEvent) -> Frame:
        """The next event. Raises Diverged: the step differs from the log; and Contradiction."""
        views: dict[int, View] = {}
        if isinstance(event, Created):
            self._chain = start(self._environment, self._game, event)
        elif isinstance(event, Moved):
            self._chain, views = _step(self._environment, self._chain, event)
        self._state = evolve(self._state, event)
        return Frame(event, self._state, self._chain, self._environment, views)


def _step(environment: Environment, chain: bytes, event: Moved) -> tuple[bytes, dict[int, View]]:
    acting = tuple(move.seat for move in event.moves)
    if sorted(acting) != sorted(environment.to_act):
        raise Diverged(f"ply {event.ply}: the log has moves of seats {acting}, the game waits for {environment.to_act}")
    views = {seat: environment.view(seat) for seat in acting}
    try:
        actions = {move.seat: environment.check(move.seat, move.action) for move in event.moves}
    except (Illegal, Malformed) as error:
        raise Diverged(f"ply {event.ply}: a move of the log is refused now: {error}") from error
    rewards = environment.step(actions)
    written = {move.seat: codec.encode_json(move.action) for move in event.moves}
    chain = link(chain, event.ply, views, written, rewards)
    if chain.hex() != event.digest:
        raise Diverged(f"ply {event.ply}: digest {chain.hex()} instead of {event.digest}")
    return chain, views
