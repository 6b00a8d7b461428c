"""From a delivered `created` event to a match being played: new, or rebuilt from its events.

A runner that takes over reads the match's log, sets the environment up with its seed, plays the logged moves again
and checks the digest chain; then it asks only for the pending move.  Nothing of the dead runner is needed.
"""

import asyncio
import contextlib
import time
from collections.abc import Mapping

import msgspec
import structlog

from arena.bus import Unanswered
from arena.bus.pull import Delivery
from arena.bus.rewind import StoredEvent, read_match
from arena.core.match import Contradiction, MatchState, evolve
from arena.games import Environment, Game
from arena.games.replay import Diverged, replay, start
from arena.runner.claims import Claims
from arena.runner.conversation import Conversation
from arena.runner.office import Office
from arena.runner.play import Play, Position
from arena.wire import codec, subjects
from arena.wire.events import Created, Ended, Faulted, MatchEvent, Moved, Voided
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
        except Exception:
            log.exception("a match cannot be begun", match=match, game=game)
            self.claims.drop(match)  # delivered again when its lease has run out

    async def _begin(self, game: Game, match: str, created: Created, delivery: Delivery) -> None:
        talk = Conversation(self._office.send, self._office.runner, game.name, match, created)
        fault: tuple[PlatformFault, str] | None = None
        seq = delivery.seq
        events: list[MatchEvent] = [created]
        if delivery.attempt > 1:
            stored = await read_match(self._office.bus, game.name, match)
            seq = stored[-1].seq
            if await self._is_over(match, stored, talk):
                return
            try:
                events = [codec.decode_event(event.payload) for event in stored]
                _fold(events)
            except (msgspec.DecodeError, Contradiction) as error:
                events = [created]
                fault = (PlatformFault.UNPLAYABLE, f"its events cannot be read: {error}")
            self._office.figures.resumed += 1
        environment: Environment | None = None
        chain = b""
        try:
            environment = game.make()
            chain = start(environment, game.name, created)
            if len(events) > 1:
                chain = await _catch_up(environment, game.name, events)
        except Diverged as error:
            fault = (PlatformFault.DIVERGED, str(error))
        except Exception as error:
            log.exception("a game cannot be set up", match=match, game=game.name)
            fault = (PlatformFault.UNPLAYABLE, f"{type(error).__name__}: {error}")
        if self._office.draining:
            return  # it is handed back with the others
        play = Play(
            self._office, talk, game.name, match, Position(environment, _fold(events), chain, seq, _owed(events))
        )
        self._office.seat(play, [(seat.agent, seat.instance) for seat in created.seats])
        if fault:
            await play.void(*fault)
        else:
            await play.begin(delivery.attempt)

    async def _is_over(self, match: str, stored: list[StoredEvent], talk: Conversation) -> bool:
        """Whether it ended or was voided. Its runner may have died before it told the seats: they are told again."""
        _, _, last = subjects.split_event(stored[-1].subject)
        if last not in {"ended", "voided"}:
            return False
        with contextlib.suppress(msgspec.DecodeError, Contradiction):
            events = [codec.decode_event(event.payload) for event in stored]
            match events[-1]:
                case Ended() as ended:
                    await talk.tell_over(ended, _fold(events), _owed(events))
                case Voided() as voided:
                    await talk.tell_void(voided)
        if self.claims is not None:
            await self.claims.settle(match)
        return True


def _fold(events: list[MatchEvent]) -> MatchState:
    state: MatchState | None = None
    for event in events:
        state = evolve(state, event)
    assert state is not None  # noqa: S101 - there is a created event
    return state


def _owed(events: list[MatchEvent]) -> list[float]:
    """Each seat's reward since it was last asked."""
    owed: list[float] = []
    for event in events:
        match event:
            case Created(seats=seats):
                owed = [0.0] * len(seats)
            case Faulted(seat=seat):
                owed[seat] = 0.0
            case Moved(moves=moves, rewards=rewards):
                for move in moves:
                    if not move.by_platform:
                        owed[move.seat] = 0.0
                owed = [before + reward for before, reward in zip(owed, rewards, strict=True)]
    return owed


async def _catch_up(environment: Environment, game: str, events: list[MatchEvent]) -> bytes:
    """Play the logged moves again; returns the digest after the last one."""
    chain = b""
    breath_s = time.monotonic()
    for frame in replay(environment, game, events):
        chain = frame.chain
        if time.monotonic() - breath_s > YIELD_S:
            await asyncio.sleep(0)
            breath_s = time.monotonic()
    return chain
