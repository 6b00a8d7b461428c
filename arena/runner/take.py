"""From a delivered `created` event to a match being played: new, or rebuilt from its events.

A runner claims first, in the log: from then on no other one can write, a sleeping one that wakes included.  If the
match had begun, it then sets the environment up with its seed, plays the logged moves again and checks the digest
chain; and asks only for the pending move.  Nothing of the dead runner is needed.
"""

import asyncio
import contextlib
import random
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec
import structlog

from arena.bus import Bus, Fenced, Unanswered
from arena.bus.pull import Delivery
from arena.bus.rewind import StoredEvent, read_match
from arena.bus.stream import Stored, stored
from arena.core import clock, digest
from arena.core.match import Contradiction, MatchState, Phase, evolve
from arena.games import Environment, Game
from arena.games.info import action_ranges
from arena.games.replay import Diverged, replay
from arena.runner.board import Board
from arena.runner.claims import Claims
from arena.runner.conversation import Conversation
from arena.runner.memory import Memory
from arena.runner.office import Office
from arena.runner.play import Play
from arena.service import steady_ms
from arena.wire import codec, subjects
from arena.wire.events import Claimed, Created, Ended, Faulted, MatchEvent, Moved, Reseated, Seat, Voided
from arena.wire.faults import PlatformFault

YIELD_S = 0.02  # a long replay lets the other matches go on this often
STALLED_MAX = 10  # claims in a row without a move: then the match is void
STALLED_DELAY = 3  # from so many on it waits at random, so that matches beside one that kills runners get on
ABANDONED_MS = 10 * 60_000  # longer than this without a runner: its agents need not be there any more

log = structlog.get_logger("runner")


class Unreadable(Exception):
    """The match's events cannot be decoded, or contradict each other. The message says which, and why."""


class Begun(msgspec.Struct, frozen=True):
    """A match as its log has it."""

    created: Created
    events: list[MatchEvent]
    state: MatchState
    seq: int  # of its last event
    at_ms: int  # when the log stored that, by the server's clock

    @property
    def stalled(self) -> int:
        """How many claims there were since the last move."""
        count = 0
        for event in self.events:
            count = count + 1 if isinstance(event, Claimed) else 0 if isinstance(event, Moved | Faulted) else count
        return count

    @property
    def seats(self) -> list[Seat]:
        """Who sits where now."""
        seats = list(self.created.seats)
        for event in self.events:
            if isinstance(event, Reseated):
                seats[event.seat] = msgspec.structs.replace(
                    seats[event.seat], instance=event.instance, encoding=event.encoding
                )
        return seats

    def idle_ms(self, now_ms: int) -> float:
        """How long it has waited for a runner at least: what its agents may have thought is not counted."""
        thinking = max(clock.deadline_ms(self.state.clock, bank_ms) for bank_ms in self.state.banks_ms)
        return now_ms - self.at_ms - thinking - self.state.faults.gone_grace_ms


class Taker:
    """Begins the matches that the claims bring."""

    def __init__(self, office: Office, catalogue: Mapping[str, Game]) -> None:
        self._office = office
        self._catalogue = catalogue
        self.claims: Claims | None = None
        self._known: dict[str, asyncio.Future[None]] = {}  # games that were set up here, or are for the first time
        # One after the other: two threads that import packages which import each other end in a deadlock.
        self._importing = ThreadPoolExecutor(1, thread_name_prefix="import")

    async def take(self, game: str, delivery: Delivery) -> None:
        """Claim this match and play it, unless it is over."""
        assert self.claims is not None  # noqa: S101 - wired before the first delivery
        _, match, _ = subjects.split_event(delivery.subject)
        self._office.figures.claimed += 1
        try:
            await self._take(self.claims, self._catalogue[game], match, delivery)
        except Unreadable as error:
            log.error("a match's events cannot be read", match=match, game=game, error=str(error))
            await self._void_unread(self.claims, game, match, str(error))
        except Unanswered as error:
            log.warning("cannot read a match's events now", match=match, game=game, error=str(error))
            self.claims.hand_back(match)
        except Fenced:
            self.claims.drop(match)  # another runner was quicker
        except Exception:
            log.exception("a match cannot be begun", match=match, game=game)
            self.claims.drop(match)  # delivered again when its lease has run out

    async def _take(self, claims: Claims, game: Game, match: str, delivery: Delivery) -> None:
        begun = await _read(self._office.bus, game.name, match, delivery)
        talk = Conversation(self._office.send, self._office.runner, game.name, match, begun.seats)
        if begun.state.phase in {Phase.ENDED, Phase.VOIDED}:
            self._tell_again(talk, begun)
            claims.settle(match)
            return
        if begun.stalled >= STALLED_DELAY and random.random() < 0.5:
            claims.hand_back(match, delay_s=random.uniform(0, begun.stalled))
            return
        if self._office.draining:
            return  # it is handed back with the others
        begun, seq = await self._claim(game.name, match, begun)
        await self._play(game, match, begun, seq, talk, delivery.attempt)

    async def _claim(self, game: str, match: str, begun: Begun) -> tuple[Begun, int]:
        """Write the claim. Returns the match with it, and its sequence. Raises Fenced.

        The log counts the claims, not the consumer: a server that was killed may have forgotten some deliveries.
        """
        created = begun.created
        first = digest.first(game, created.game_version, created.seed, len(created.seats)).hex()
        claimed = Claimed(
            at_ms=steady_ms(),
            runner=self._office.runner,
            epoch=begun.state.epoch + 1,
            digest=begun.state.digest or first,
        )
        msg_id = f"{match}.{self._office.runner}.{begun.seq}"
        payload = codec.encode_json(claimed)
        seq = await self._office.journal.append(game, match, "claimed", payload, after=begun.seq, msg_id=msg_id)
        events = [*begun.events, claimed]
        return msgspec.structs.replace(begun, events=events, state=evolve(begun.state, claimed)), seq

    async def _play(self, game: Game, match: str, begun: Begun, seq: int, talk: Conversation, attempt: int) -> None:
        fault = await self._too_late(game.name, match, begun) if attempt > 1 else None
        board: Board | None = None
        if fault is None:
            try:
                board = await self._set_up(game, match, begun, talk.seats)
            except Diverged as error:
                fault = (PlatformFault.DIVERGED, str(error))
            except Exception as error:
                log.exception("a game cannot be set up", match=match, game=game.name)
                fault = (PlatformFault.UNPLAYABLE, f"{type(error).__name__}: {error}")
        self._office.figures.resumed += attempt > 1
        play = Play(self._office, talk, board, begun.state, seq)
        if self._office.draining:
            play.close()
            return
        self._office.seat(play, talk.seats)
        if fault:
            play.void(*fault)
        else:
            play.begin()

    async def _set_up(self, game: Game, match: str, begun: Begun, seats: Sequence[Seat]) -> Board:
        """The game as its log left it. Raises Diverged, and whatever the game raises."""
        remembers = {seat for seat, who in enumerate(seats) if who.stateless and not game.full_observation}
        memory = Memory(len(seats), remembers)
        if game.name not in self._known:
            self._known[game.name] = asyncio.get_running_loop().run_in_executor(self._importing, _first, game)
        await asyncio.shield(self._known[game.name])
        ranges = action_ranges(game.info())
        environment = game.make()
        chain = await _catch_up(environment, game.name, begun.events, memory)
        return Board(game.name, match, environment, chain, memory, ranges)

    async def _too_late(self, game: str, match: str, begun: Begun) -> tuple[PlatformFault, str] | None:
        """Whether a claimed match should not be played on, and why."""
        if begun.stalled > STALLED_MAX:
            return PlatformFault.UNPLAYABLE, f"{STALLED_MAX} runners in a row could not bring it to its next move"
        claimed = await self._last(game, match)
        if claimed is not None and (idle_ms := begun.idle_ms(claimed.at_ms)) > ABANDONED_MS:
            return PlatformFault.ABANDONED, f"no runner played it for {idle_ms / 60_000:.0f} minutes or more"
        return None

    async def _last(self, game: str, match: str) -> Stored | None:
        fence = subjects.match_events(game, match)
        return await stored(self._office.bus, subjects.EVENTS_STREAM, last_by=fence)

    async def _void_unread(self, claims: Claims, game: str, match: str, why: str) -> None:
        """A match that nobody can read cannot be played. Raises nothing: else it is delivered again."""
        with contextlib.suppress(Fenced, Unanswered):
            last = await self._last(game, match)
            if last is None:
                return
            voided = Voided(
                at_ms=steady_ms(), cause=PlatformFault.UNPLAYABLE, detail=f"its events cannot be read: {why}"[:500]
            )
            msg_id = f"{match}.{self._office.runner}.{last.seq}"
            if subjects.split_event(last.subject)[2] not in {"ended", "voided"}:
                payload = codec.encode_json(voided)
                await self._office.journal.append(game, match, "voided", payload, after=last.seq, msg_id=msg_id)
            claims.settle(match)
            return
        claims.drop(match)

    def _tell_again(self, talk: Conversation, begun: Begun) -> None:
        """It is over. Its runner may have died before it told the seats: they are told again."""
        match begun.events[-1]:
            case Ended() as ended:
                memory = Memory(len(talk.seats), ())
                for event in begun.events:
                    memory.fold(event, {})
                talk.tell_over(ended, begun.state, memory.owed)
            case Voided() as voided:
                talk.tell_void(voided)


def _first(game: Game) -> None:
    """Set a game up for the first time, in a thread: importing all that it needs may take seconds.

    What it raises, it raises again for each match.
    """
    with contextlib.suppress(Exception):
        game.info()
        game.make().close()


async def _read(bus: Bus, game: str, match: str, delivery: Delivery) -> Begun:
    """The match's events until now. Raises Unreadable and Unanswered."""
    log_of = [StoredEvent(delivery.seq, delivery.subject, delivery.payload, delivery.at_ms)]
    if delivery.attempt > 1:
        log_of = await read_match(bus, game, match)
    try:
        events = [codec.decode_event(event.payload) for event in log_of]
        if not isinstance(events[0], Created):
            raise Unreadable(f"{log_of[0].subject} carries {type(events[0]).__name__}; expected created")
        state: MatchState | None = None
        for event in events:
            state = evolve(state, event)
    except (msgspec.DecodeError, Contradiction) as error:
        raise Unreadable(str(error)) from error
    assert state is not None  # noqa: S101 - there is a created event
    return Begun(events[0], events, state, log_of[-1].seq, log_of[-1].at_ms)


async def _catch_up(environment: Environment, game: str, events: list[MatchEvent], memory: Memory) -> bytes:
    """Set the environment up and play the logged moves again; returns the digest after the last one."""
    chain = b""
    breath_s = time.monotonic()
    for frame in replay(environment, game, events):
        chain = frame.chain
        memory.fold(frame.event, frame.views)
        if time.monotonic() - breath_s > YIELD_S:
            await asyncio.sleep(0)
            breath_s = time.monotonic()
    return chain
