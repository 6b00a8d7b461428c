"""One match being played: the thin shell around `arena.core.match`.

It turns replies and environment steps into inputs, appends the events that follow, and acts only when the log has
them: a move is acknowledged before anyone sees its consequence.  It has no task of its own; callbacks drive it (a
reply, an acknowledgement, the sweep), for at thousands of moves a second tasks would cost more than the moves.
"""

import functools
import time
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar, cast

import msgspec
import structlog

from arena.bus import Fenced, Msg
from arena.core import clock
from arena.core.match import Broke, Charge, Input, Lapsed, MatchState, Phase, Rejected, Resumed, decide, evolve
from arena.games import Illegal, Malformed
from arena.runner.asked import EVIDENCE_CHARS_MAX, Asked, Reply
from arena.runner.board import Board
from arena.runner.conversation import Conversation
from arena.runner.office import Office
from arena.runner.presence import LOST_S_MAX
from arena.runner.writer import Writer
from arena.service import steady_ms
from arena.wire import codec
from arena.wire.events import Ended, Faulted, MatchEvent, Move, Moved, Reseated, Voided
from arena.wire.faults import AgentFault, PlatformFault, Verdict
from arena.wire.lobby import Encoding

RESEND_S = 0.5  # how often a turn is sent again while nobody is subscribed
HELLO_RESEND_S_MIN = 0.05

log = structlog.get_logger("runner")


P = ParamSpec("P")
T = TypeVar("T")


def guarded(method: Callable[Concatenate["Play", P], None]) -> Callable[Concatenate["Play", P], None]:
    """What a game raises (or we do) voids this match, and never the callbacks of the others."""

    @functools.wraps(method)
    def call(play: "Play", /, *args: P.args, **kwargs: P.kwargs) -> None:
        if play.closed:
            return
        try:
            method(play, *args, **kwargs)
        except Exception as error:
            log.exception("a match broke", match=play.match, game=play.game, ply=play.state.ply)
            play.void(PlatformFault.CRASHED, f"{type(error).__name__}: {error}")

    return call


class Play:
    """One match in this process. `state` is what has been decided; `_writer` has what the log does not have yet."""

    def __init__(self, office: Office, talk: Conversation, board: Board | None, state: MatchState, seq: int) -> None:
        self.office = office
        self.game = talk.game
        self.match = talk.match
        self.state = state
        self.asked: dict[int, Asked] = {}
        self.closed = False
        self._talk = talk
        self._board = cast("Board", board)  # None only where the game could not be set up: it is voided at once
        self._writer = Writer(office.journal, office.runner, self.game, self.match, seq, self._on_written)
        self._due = False  # the next turns are to be computed
        self._next: list[Asked] = []  # computed while the log still stores the move before them
        self._lags_ms = [0.0] * len(talk.seats)
        self._heirs: dict[int, str] = {}
        self._lost_s = [LOST_S_MAX] * len(talk.seats)  # what may still be forgiven for servers that died

    @guarded
    def begin(self) -> None:
        """Ask for the first move, or the one that is pending; or end what its last runner died too soon to end."""
        if events := decide(self.state, Resumed(self._board.over), steady_ms()):
            self._append(events)
            return
        self._prepare()
        self._go_on()

    def void(self, cause: PlatformFault, detail: str) -> None:
        """The platform failed this match. Nothing follows where it is over already."""
        if self.closed or self.state.phase not in {Phase.CREATED, Phase.RUNNING}:
            return
        self.asked.clear()
        self._due = False
        detail = detail[:EVIDENCE_CHARS_MAX].encode(errors="replace").decode()
        self._decide(Broke(cause, detail))

    def close(self) -> None:
        """Free what the match holds; nothing is done for it any more."""
        self.closed = True
        try:
            if self._board is not None:
                self._board.close()
        except Exception:
            log.exception("a game cannot be closed", match=self.match, game=self.game)

    # Asking

    def _prepare(self) -> None:
        """Compute the turns that come next."""
        self._due = False
        for whole, allowance_ms in self._board.turns(self.state, self._lags_ms):
            turn, payload = self._talk.fitted(whole)
            self._next.append(Asked(turn, allowance_ms, payload))

    def _ask(self) -> None:
        now_s, now_ms = self.office.awake(), steady_ms()
        round_trip_s = self.office.pulse.round_trip_s(now_s)
        turns, self._next = self._next, []
        for asked in turns:
            asked.begin(now_s, now_ms, self.state.clock, round_trip_s)
            self.asked[asked.turn.seat] = asked
        for asked in turns:
            self._talk.ask(asked.turn.seat, asked.payload)

    def said_hello(self, seat: int) -> None:
        """The seat's instance is (again) here: it is sent what waits for it. A flood of hellos is no flood of turns."""
        if asked := self.asked.get(seat):
            now_s = time.monotonic()
            asked.found(now_s)
            if asked.sent == 1 or now_s - asked.resent_s >= HELLO_RESEND_S_MIN:
                self.resend(seat)
            else:
                asked.doubt()  # the sweep sends it again

    def resend(self, seat: int) -> None:
        """Send a waiting turn again, with the clock that is left: its agent reconnected, or we did."""
        asked = self.asked.get(seat)
        if asked is None or self.closed or self.state.phase is not Phase.RUNNING:
            return
        now_s = time.monotonic()
        asked.again(now_s)
        left_ms = asked.left_ms(now_s, self.state.clock)
        turn = msgspec.structs.replace(asked.turn, left_ms=left_ms, strikes=self.state.strikes[seat])
        self._talk.ask_again(turn)

    def doubt(self, seat: int) -> None:
        """A connection of this seat's agent ended: is anybody still there?"""
        if asked := self.asked.get(seat):
            asked.doubt()
            self.resend(seat)

    def progressed(self, seat: int) -> None:
        """The seat's agent says how far it is."""
        if (asked := self.asked.get(seat)) and self.state.clock.progress_ms:
            asked.progressed(self.office.awake(), self.state.clock, self.state.banks_ms[seat])

    def forgive_lost(self, seat: int, disconnected_s: float, connected_s: float, now_s: float) -> None:
        """The seat's agent came back after a server died under it: our fault, unless it had left by itself."""
        asked = self.asked.get(seat)
        if asked is None or disconnected_s >= asked.sent_s or connected_s < asked.sent_s:
            return
        before_s = asked.forgiven_s
        asked.forgive(now_s - self._lost_s[seat], now_s)
        self._lost_s[seat] -= asked.forgiven_s - before_s

    @guarded
    def reseat(self, seat: int, instance: str, encoding: Encoding) -> None:
        """Another instance of a stateless agent takes the seat over, as soon as the log has it."""
        running = self.state.phase is Phase.RUNNING and seat not in self.state.out
        if running and self._talk.seats[seat].stateless and self._heirs.get(seat) != instance:
            self._heirs[seat] = instance  # the matchmaker names it until the log has it
            self._append([Reseated(at_ms=steady_ms(), seat=seat, instance=instance, encoding=encoding)])

    def _reseated(self, event: Reseated) -> None:
        self.office.figures.reseated += 1
        self._heirs.pop(event.seat, None)
        self._talk.reseat(event.seat, event.instance, event.encoding)
        self.office.seating.take(self, event.seat, self._talk.seats[event.seat].agent, event.instance)
        for prepared in self._next:
            if prepared.turn.seat == event.seat:
                prepared.payload = self._talk.encode(prepared.turn)
        if asked := self.asked.get(event.seat):
            asked.absent_s = None
            self.resend(event.seat)

    @guarded
    def tick(self, now_s: float) -> None:
        """The sweep passes: who ran out of time, who is gone, whom to ask again?"""
        if self.state.phase is not Phase.RUNNING:
            return
        alive_s = self.office.pulse.alive_s
        charges = []
        for seat, asked in self.asked.items():
            to = self._talk.seats[seat]
            silent_s = self.office.presence.silent_s(to.agent, to.instance)
            if charge := asked.lapsed(now_s, self.state.faults, alive_s, silent_s):
                charges.append(charge)
            elif now_s >= asked.deadline_s > alive_s:
                self.office.pulse.poke()
        if charges:
            self._lapse(charges)
            return
        for seat, asked in list(self.asked.items()):
            if asked.resend_due(now_s, RESEND_S):
                self.resend(seat)

    # Replies

    @guarded
    def on_reply(self, seat: int, sending: int, message: Msg, now_s: float) -> None:
        """An answer of this seat, or the server's word that nobody was there to ask."""
        asked = self.asked.get(seat)
        if asked is None or self.state.phase is not Phase.RUNNING or not self._talk.is_by_sitter(seat, sending):
            self.office.figures.late += 1  # after the deadline, or a second time: the first answer stands
            return
        if message.headers and message.headers.get("Status") == "503":
            asked.missed(now_s)
            return
        asked.found(asked.resent_s)
        self.office.presence.heard(self._talk.seats[seat].agent, self._talk.seats[seat].instance)
        try:
            answer = self._talk.decode(seat, message.data)
            if answer.ply != asked.turn.ply:
                self.office.figures.late += 1  # answers an earlier turn
                return
            action = self._board.check(seat, answer.action)
        except codec.UNDECODABLE as error:
            expected = f'{{"ply": {asked.turn.ply}, "action": ...}} ({error})'
            self._reject(asked.rejected(AgentFault.MALFORMED, expected, _evidence(message), now_s))
            return
        except (Malformed, Illegal) as error:
            cause = AgentFault.ILLEGAL if isinstance(error, Illegal) else AgentFault.MALFORMED
            self._reject(asked.rejected(cause, str(error), _evidence(message), now_s))
            return
        elapsed_ms = max(asked.elapsed_ms(now_s) - self.office.pulse.round_trip_s(now_s) * 1000, 0.0)
        think_ms, lag_ms = clock.split(self.state.clock, elapsed_ms, answer.think_ms, self._lags_ms[seat])
        if think_ms > asked.allowance_ms:
            self._lapse([asked.timeout(now_s, _evidence(message))])
            return
        self._lags_ms[seat] = lag_ms = round(lag_ms, 3)
        think_ms = round(think_ms, 3)
        move = Move(seat=seat, action=action, think_ms=think_ms, lag_ms=lag_ms, forgiven_ms=asked.forgiven_ms)
        self._board.move(action, move)
        del self.asked[seat]
        self._talk.answered(seat, message.subject)
        if not self.asked:
            self._step()

    def _reject(self, charge: Charge) -> None:
        """The turn stands, or the seat is out and the platform moves for it."""
        events = decide(self.state, Rejected(charge), steady_ms())
        if any(isinstance(event, Faulted) and event.verdict is Verdict.FORFEITED for event in events):
            self._forfeit(charge.seat)
        self._append(events)

    def _lapse(self, charges: list[Charge]) -> None:
        for charge in charges:
            self._forfeit(charge.seat)
        self._decide(Lapsed(tuple(charges)))

    def _forfeit(self, seat: int) -> None:
        del self.asked[seat]
        self._board.substitute(seat)

    def _step(self) -> None:
        """All seats have moved."""
        stepped = self._board.step(self.state.ply)
        self.office.figures.moves += len(stepped.moves)
        self._decide(stepped)

    # The log

    def _decide(self, happened: Input) -> None:
        self._append(decide(self.state, happened, steady_ms()))

    def _append(self, events: list[MatchEvent]) -> None:
        for event in events:
            self.state = evolve(self.state, event)
        if isinstance(events[-1], Ended):
            events = [*events[:-1], msgspec.structs.replace(events[-1], lags_ms=[*self._lags_ms])]
        if isinstance(events[-1], Moved):
            self._due = True
        elif isinstance(events[-1], Ended | Voided):
            self._due = False
        self._written(self._writer.add, events)
        if self._due:  # while the log stores them
            self._prepare()

    def _written(self, write: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return write(*args, **kwargs)
        except Exception:  # what cannot be written has not happened: the match can still be voided
            self.state = msgspec.structs.replace(self.state, phase=Phase.RUNNING)
            raise

    @guarded
    def _on_written(self, outcome: int | Fenced) -> None:
        if isinstance(outcome, Fenced):
            log.warning("fenced: another runner plays this match", match=self.match, game=self.game)
            self.office.release(self, settled=False)
            return
        event = self._writer.acknowledged(outcome)
        match event:
            case Faulted(seat=seat):
                self.office.figures.faults += 1
                self._talk.tell_fault(event)
                if self.state.phase is Phase.RUNNING:
                    self.resend(seat)
            case Reseated():
                self._reseated(event)
            case Ended():
                self._talk.tell_over(event, self.state, self._board.memory.owed)
            case Voided():
                self._talk.tell_void(event)
        if self._written(self._writer.next):
            return
        if self.state.phase is not Phase.RUNNING:
            log.info("match over", match=self.match, game=self.game, how=self.state.phase, plies=self.state.ply)
            self.office.release(self, settled=True)
        elif not self.office.draining:
            self._go_on()

    def _go_on(self) -> None:
        """The log has all that was decided: ask, or step if nobody is left to be asked."""
        if self._due:
            self._prepare()
        if self._next:
            self._ask()
        elif not self.asked:
            self._step()


def _evidence(message: Msg) -> Reply:
    return Reply(steady_ms(), message.data)
