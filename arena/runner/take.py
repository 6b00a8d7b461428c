"""From a delivered `created` event to a match being played: new, or rebuilt from its events.

A runner that takes over reads the match's log, sets the environment up with its seed, plays the logged moves again
and checks the digest chain; then it asks only for the pending move.  Nothing of the dead runner is needed.
"""

import asyncio
import time
from collections.abc import Mapping

import msgspec
import structlog

from arena.bus import Unanswered
from arena.bus.journal import StoredEvent, read_match
from arena.bus.pull import Delivery
from arena.core.match import MatchState, Phase, evolve
from arena.games import Environment, Game
from arena.games.replay import Diverged, replay, start
from arena.runner.claims import Claims
from arena.runner.conversation import Conversation
from arena.runner.office import Office
from arena.runner.play import Play, Position
from arena.wire import codec, subjects
from arena.wire.events import Created, MatchEvent
from arena.wire.faults import PlatformFault

YIELD_S = 0.02  # a long replay lets the other matches go on this often

log = structlog.get_logger("runner")


class Taker:
    """Begins the matches that the claims bring."""

    def __init__(self, office: Office, catalogue: Mapping[str, Game]) -> None:
        self._office = office
        self._catalogue = catalogue
        self.claims: Claims | None = None

    async def take(self, game: str, delivery: Delivery) -> None:
        """Play this match, unless it is over, or ours already."""
        assert self.claims is not None  # noqa: S101 - wired before the first delivery
        _, match, _ = subjects.split_event(delivery.subject)
        if not self.claims.renew_at(match, delivery.reply):
            return
        self._office.figures.claimed += 1
        try:
            created = codec.decode_event(delivery.payload)
            if not isinstance(created, Created):
                raise TypeError(f"{delivery.subject} carries {type(created).__name__}")
        except (msgspec.DecodeError, TypeError) as error:
            log.error("a created event cannot be decoded", match=match, game=game, error=str(error))
            await self.claims.settle(match)
            return
        try:
            await self._begin(self._catalogue[game], match, created, delivery)
        except Unanswered as error:
            log.warning("cannot read a match's events now", match=match, game=game, error=str(error))
            await self.claims.hand_back(match)

    async def _begin(self, game: Game, match: str, created: Created, delivery: Delivery) -> None:
        environment: Environment | None = None
        fault: tuple[PlatformFault, str] | None = None
        seq, state = delivery.seq, evolve(None, created)
        stored: list[StoredEvent] = []
        if delivery.attempt > 1:
            stored = await read_match(self._office.bus, game.name, match)
            seq, state = stored[-1].seq, _fold(stored)
            if state.phase in {Phase.ENDED, Phase.VOIDED}:
                await self._settle(match)
                return
            self._office.figures.resumed += 1
        chain = b""
        try:
            environment = game.make()
            chain = start(environment, game.name, created)
            if len(stored) > 1:
                chain = await _catch_up(environment, game.name, stored)
        except Diverged as error:
            fault = (PlatformFault.DIVERGED, str(error))
        except Exception as error:
            log.exception("a game cannot be set up", match=match, game=game.name)
            fault = (PlatformFault.UNPLAYABLE, f"{type(error).__name__}: {error}")
        position = Position(environment, state, chain, seq)
        talk = Conversation(self._office.send, self._office.runner, game.name, match, created)
        play = Play(self._office, talk, game.name, match, position)
        self._office.seat(play, [(seat.agent, seat.instance) for seat in created.seats])
        if fault:
            await play.void(*fault)
        else:
            await play.begin(delivery.attempt)

    async def _settle(self, match: str) -> None:
        if self.claims is not None:
            await self.claims.settle(match)


def _events(stored: list[StoredEvent]) -> list[MatchEvent]:
    return [codec.decode_event(event.payload) for event in stored]


def _fold(stored: list[StoredEvent]) -> MatchState:
    state: MatchState | None = None
    for event in _events(stored):
        state = evolve(state, event)
    assert state is not None  # noqa: S101 - the delivery itself is stored
    return state


async def _catch_up(environment: Environment, game: str, stored: list[StoredEvent]) -> bytes:
    """Play the logged moves again; returns the digest after the last one."""
    chain = b""
    breath_s = time.monotonic()
    for frame in replay(environment, game, _events(stored)):
        chain = frame.chain
        if time.monotonic() - breath_s > YIELD_S:
            await asyncio.sleep(0)
            breath_s = time.monotonic()
    return chain
