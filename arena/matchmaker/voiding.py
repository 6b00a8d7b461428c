"""Voids matches that nobody will ever finish, so that every match ends: three kinds.

1. Created, and no runner claimed it for `unclaimed_ms_max` in which we were connected.
2. Of a game that the catalogue no longer has.
3. A dead letter: its `created` event was delivered as often as it may be, and no runner came to an end with it.

Only the active matchmaker voids, and the log's fence decides: the append names the match's last event as it was read
here, so nothing is voided twice, or after its end, or by an old view of a match that a runner plays after all.
"""

import asyncio
from collections import deque
from collections.abc import Container

import msgspec
import structlog
from prometheus_client import Counter

from arena.bus import Bus, BusError, Fenced
from arena.bus.journal import Journal
from arena.bus.pull import Delivery, Follower
from arena.bus.stream import stored
from arena.matchmaker.lobby import Lobby
from arena.matchmaker.reception import Reception
from arena.matchmaker.vigil import Vigil
from arena.service import steady_ms
from arena.wire import codec, subjects
from arena.wire.events import Voided
from arena.wire.faults import NoticeCode, PlatformFault
from arena.wire.registry import DeadLetter

UNCLAIMED_MS_MAX = 60_000
EVERY_S = 0.25
LETTERS_MAX = 100_000  # as many as stream DEAD keeps
LETTERS_AT_ONCE = 100  # looked at, before unclaimed matches are looked after again

VOIDED = Counter("arena_matchmaker_voided", "Matches voided by the matchmaker", ["why"])

log = structlog.get_logger("matchmaker")


class Voiding:
    """Looks for such matches, one void at a time."""

    def __init__(
        self,
        bus: Bus,
        journal: Journal,
        lobby: Lobby,
        reception: Reception,
        vigil: Vigil,
        games: Container[str],
        *,
        unclaimed_ms_max: int = UNCLAIMED_MS_MAX,
    ) -> None:
        self._bus = bus
        self._journal = journal
        self._lobby = lobby
        self._reception = reception
        self._vigil = vigil
        self._games = games
        self._unclaimed_ms_max = unclaimed_ms_max
        self._unclaimed: dict[str, tuple[str, int, int]] = {}  # match -> game, sequence, awake_ms then; oldest first
        self._gameless: dict[str, str] = {}  # match -> game
        self._letters: deque[int] = deque(maxlen=LETTERS_MAX)  # sequences of created events
        self._decode = msgspec.json.Decoder(DeadLetter).decode
        self._dead = Follower(bus, subjects.DEAD_STREAM, [subjects.DEAD_ALL], self._on_letter)
        self._stopped = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, in a task of its own."""
        self._dead.start()
        self._task = asyncio.create_task(self._run(), name="voiding")

    async def stop(self) -> None:
        """Void nothing any more."""
        self._stopped = True
        await self._dead.stop()
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def on_event(self, game: str, match: str, kind: str, seq: int) -> None:
        """The next event of the log, decodable or not."""
        if kind == "created":
            self._unclaimed[match] = (game, seq, self._vigil.awake_ms)
            if game not in self._games:
                self._gameless[match] = game
            return
        self._unclaimed.pop(match, None)
        if kind in {"ended", "voided"}:
            self._gameless.pop(match, None)

    def _on_letter(self, letter: Delivery) -> None:
        try:
            self._letters.append(self._decode(letter.payload).stream_seq)
        except msgspec.DecodeError:
            log.exception("a dead letter cannot be read", subject=letter.subject, seq=letter.seq)

    async def _run(self) -> None:
        while not self._stopped:
            await asyncio.sleep(EVERY_S)
            if not self._reception.active or not self._vigil.hears(steady_ms()):
                continue
            try:
                await self._void_unclaimed()
                await self._void_gameless()
                await self._void_dead()
            except BusError as error:
                log.warning("cannot look after matches that nobody finishes; trying on", error=str(error))
            except Exception:  # one match must not keep the others from being looked after
                log.exception("cannot look after matches that nobody finishes; trying on")

    async def _void_unclaimed(self) -> None:
        for match, (game, seq, awake_ms) in list(self._unclaimed.items()):
            waited_ms = self._vigil.awake_ms - awake_ms
            if waited_ms < self._unclaimed_ms_max or not self._reception.active:
                return
            detail = f"no runner claimed it within {self._unclaimed_ms_max} ms"
            await self._void(game, match, seq, PlatformFault.ABANDONED, detail, "unclaimed")
            self._unclaimed.pop(match, None)  # voided, or claimed just now

    async def _void_gameless(self) -> None:
        for match, game in list(self._gameless.items()):
            if not self._reception.active:
                return
            detail = f"this platform has no game {game!r} any more"
            if await self._void_now(game, match, PlatformFault.UNPLAYABLE, detail, "no such game"):
                self._gameless.pop(match, None)

    async def _void_dead(self) -> None:
        for _ in range(min(len(self._letters), LETTERS_AT_ONCE)):  # a restart reads all that there ever were
            if not self._reception.active:
                return
            created = await stored(self._bus, subjects.EVENTS_STREAM, seq=self._letters[0])
            if created is not None and created.subject.endswith(".created"):
                game, match, _ = subjects.split_event(created.subject)
                detail = "its created event was delivered as often as it may be, and no runner finished the match"
                if not await self._void_now(game, match, PlatformFault.ABANDONED, detail, "dead letter"):
                    return  # somebody wrote it meanwhile: look again
            self._letters.popleft()

    async def _void_now(self, game: str, match: str, cause: PlatformFault, detail: str, why: str) -> bool:
        """Void it after its last event, whatever that is. False if somebody else wrote meanwhile."""
        last = await stored(self._bus, subjects.EVENTS_STREAM, last_by=subjects.match_events(game, match))
        if last is None or subjects.split_event(last.subject)[2] in {"ended", "voided"}:
            return True
        return await self._void(game, match, last.seq, cause, detail, why)

    async def _void(self, game: str, match: str, after: int, cause: PlatformFault, detail: str, why: str) -> bool:
        running = self._lobby.running.get(match)
        payload = codec.encode_json(Voided(at_ms=steady_ms(), cause=cause, detail=detail))
        try:
            await self._journal.append(game, match, "voided", payload, after=after, msg_id=f"{match}-void-{after}")
        except Fenced:
            return False
        VOIDED.labels(why).inc()
        log.error("match voided", match=match, game=game, cause=cause, detail=detail)
        for seat in running.seats if running else []:
            message = f"a match of {game} is void, and nobody is charged: {detail}"
            await self._reception.notice(seat.agent, seat.instance, NoticeCode.VOIDED, message, match)
        return True
