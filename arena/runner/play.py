"""One match being played: the thin shell around `arena.core.match`.

It turns replies and environment steps into inputs, appends the events that follow, and acts only when the log has
them: a move is acknowledged before anyone sees its consequence.  It has no task of its own; callbacks drive it (a
reply, an acknowledgement, the sweep), for at thousands of moves a second tasks would cost more than the moves.
"""

import functools
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import msgspec
import structlog

from arena.bus import Fenced, Msg
from arena.core import clock
from arena.core.match import Broke, Charge, Input, Lapsed, MatchState, Phase, Rejected, Resumed, Stepped, decide, evolve
from arena.games import Environment, Illegal, Malformed, View
from arena.games.replay import link
from arena.runner.asked import EVIDENCE_CHARS_MAX, Asked, Reply
from arena.runner.conversation import Conversation
from arena.runner.memory import Memory
from arena.runner.office import Office
from arena.runner.presence import LOST_S_MAX
from arena.runner.writer import Writer
from arena.service import steady_ms
from arena.wire import codec
from arena.wire.events import Ended, Faulted, MatchEvent, Move, Moved, Reseated, Voided
from arena.wire.faults import AgentFault, PlatformFault, Verdict
from arena.wire.lobby import Encoding
from arena.wire.play import HISTORY_BYTES_MAX, Turn

RESEND_S = 0.5  # how often a turn is sent again while nobody is subscribed
HELLO_RESEND_S_MIN = 0.05

log = structlog.get_logger("runner")


P = ParamSpec("P")
T = TypeVar("T")


def guarded(
    method: Callable[Concatenate["Play", P], Coroutine[Any, Any, None]],
) -> Callable[Concatenate["Play", P], Coroutine[Any, Any, None]]:
    """What a game raises (or we do) voids this match, and never the callbacks of the others."""

    @functools.wraps(method)
    async def call(play: "Play", /, *args: P.args, **kwargs: P.kwargs) -> None:
        if play.closed:
            return
        try:
            await method(play, *args, **kwargs)
        except Exception as error:
            log.exception("a match broke", match=play.match, game=play.game, ply=play.state.ply)
            await play.void(PlatformFault.CRASHED, f"{type(error).__name__}: {error}")

    return call


class Position(msgspec.Struct):
    """Where a match stands when a runner has claimed it: new, or replayed from the log."""

    environment: Environment | None  # None: the game could not be set up, and the match will be voided
    state: MatchState
    chain: bytes  # digest after the last step
    seq: int  # log sequence of the match's last event
    memory: Memory
    actions: Sequence[tuple[int, int] | None] = ()  # by seat: first and number, where its action space is discrete


class Play:
    """One match in this process. `state` is what has been decided; `_writer` has what the log does not have yet."""

    def __init__(self, office: Office, talk: Conversation, game: str, match: str, position: Position) -> None:
        self.office = office
        self.game = game
        self.match = match
        self.state = position.state
        self.asked: dict[int, Asked] = {}
        self.closed = False
        self._talk = talk
        self._environment = cast("Environment", position.environment)  # None only where it is voided at once
        self._chain = position.chain
        self._writer = Writer(office.journal, office.runner, game, match, position.seq, self._on_written)
        self._due = False  # the next turns are to be computed
        self._next: list[Asked] = []  # computed while the log still stores the move before them
        self._views: dict[int, View] = {}
        self._actions: dict[int, Any] = {}
        self._moves: dict[int, Move] = {}
        self._memory = position.memory
        self._action_ranges = position.actions or (None,) * len(talk.seats)
        self._lags_ms = [0.0] * len(talk.seats)
        self._heirs: dict[int, str] = {}
        self._lost_s = [LOST_S_MAX] * len(talk.seats)  # what may still be forgiven for servers that died

    @guarded
    async def begin(self) -> None:
        """Ask for the first move, or the one that is pending; or end what its last runner died too soon to end."""
        if events := decide(self.state, Resumed(self._environment.over), steady_ms()):
            await self._append(events)
            return
        self._prepare()
        await self._go_on()

    async def void(self, cause: PlatformFault, detail: str) -> None:
        """The platform failed this match. Nothing follows where it is over already."""
        if self.closed or self.state.phase not in {Phase.CREATED, Phase.RUNNING}:
            return
        self.asked.clear()
        self._due = False
        detail = detail[:EVIDENCE_CHARS_MAX].encode(errors="replace").decode()
        await self._decide(Broke(cause, detail))

    def close(self) -> None:
        """Free what the match holds; nothing is done for it any more."""
        self.closed = True
        try:
            if self._environment is not None:
                self._environment.close()
        except Exception:
            log.exception("a game cannot be closed", match=self.match, game=self.game)

    # Asking

    def _prepare(self) -> None:
        """Compute the turns that come next."""
        self._due = False
        self._views.clear()
        self._actions.clear()
        self._moves.clear()
        state = self.state
        for seat in self._environment.to_act:
            view = self._views[seat] = self._environment.view(seat)
            if seat in state.out:
                self._move_for(seat)
                continue
            allowance_ms = clock.allowance_ms(state.clock, state.banks_ms[seat])
            turn = Turn(
                match=self.match,
                game=self.game,
                seat=seat,
                ply=state.ply,
                observation=view.observation,
                legal=view.legal,
                reward=self._memory.tell(seat),
                left_ms=int(allowance_ms),
                lag_ms=self._lags_ms[seat],
                strikes=state.strikes[seat],
                actions=self._action_ranges[seat],
                history=self._memory.past(seat),
            )
            self._next.append(self._encoded(turn, allowance_ms))

    def _encoded(self, turn: Turn, allowance_ms: float) -> Asked:
        """The turn with as much of its history as fits, the newest."""
        payload = self._talk.encode(turn)
        while turn.history and len(payload) > HISTORY_BYTES_MAX:
            turn = msgspec.structs.replace(turn, history=turn.history[(len(turn.history) + 1) // 2 :])
            payload = self._talk.encode(turn)
        return Asked(turn, allowance_ms, payload)

    def _move_for(self, seat: int) -> None:
        """The platform moves for a seat that is out; the digest chain is the dice, so a replay throws the same."""
        action = self._environment.substitute(seat, self._chain + seat.to_bytes(2))
        self._actions[seat] = action
        self._moves[seat] = Move(seat=seat, action=action, by_platform=True)

    async def _ask(self) -> None:
        now_s, now_ms = self.office.awake(), steady_ms()
        turns, self._next = self._next, []
        for asked in turns:
            asked.begin(now_s, now_ms, self.state.clock, self.office.pulse.round_trip_s)
            self.asked[asked.turn.seat] = asked
        for asked in turns:
            await self._talk.ask(asked.turn.seat, asked.payload)

    async def said_hello(self, seat: int) -> None:
        """The seat's instance is (again) here: it is sent what waits for it. A flood of hellos is no flood of turns."""
        if asked := self.asked.get(seat):
            now_s = time.monotonic()
            asked.found(now_s)
            if asked.sent == 1 or now_s - asked.resent_s >= HELLO_RESEND_S_MIN:
                await self.resend(seat)
            else:
                asked.doubt()  # the sweep sends it again

    async def resend(self, seat: int) -> None:
        """Send a waiting turn again, with the clock that is left: its agent reconnected, or we did."""
        asked = self.asked.get(seat)
        if asked is None or self.closed or self.state.phase is not Phase.RUNNING:
            return
        now_s = time.monotonic()
        asked.again(now_s)
        left_ms = asked.left_ms(now_s, self.state.clock)
        turn = msgspec.structs.replace(asked.turn, left_ms=left_ms, strikes=self.state.strikes[seat])
        await self._talk.ask_again(turn)

    async def doubt(self, seat: int) -> None:
        """A connection of this seat's agent ended: is anybody still there?"""
        if asked := self.asked.get(seat):
            asked.doubt()
            await self.resend(seat)

    def forgive_lost(self, seat: int, disconnected_s: float, connected_s: float, now_s: float) -> None:
        """The seat's agent came back after a server died under it: our fault, unless it had left by itself."""
        asked = self.asked.get(seat)
        if asked is None or disconnected_s >= asked.sent_s or connected_s < asked.sent_s:
            return
        before_s = asked.forgiven_s
        asked.forgive(now_s - self._lost_s[seat], now_s)
        self._lost_s[seat] -= asked.forgiven_s - before_s

    @guarded
    async def reseat(self, seat: int, instance: str, encoding: Encoding) -> None:
        """Another instance of a stateless agent takes the seat over, as soon as the log has it."""
        running = self.state.phase is Phase.RUNNING and seat not in self.state.out
        if running and self._talk.seats[seat].stateless and self._heirs.get(seat) != instance:
            self._heirs[seat] = instance  # the matchmaker names it until the log has it
            await self._append([Reseated(at_ms=steady_ms(), seat=seat, instance=instance, encoding=encoding)])

    async def _reseated(self, event: Reseated) -> None:
        self.office.figures.reseated += 1
        self._heirs.pop(event.seat, None)
        self._talk.reseat(event.seat, event.instance, event.encoding)
        self.office.seating.take(self, event.seat, self._talk.seats[event.seat].agent, event.instance)
        for prepared in self._next:
            if prepared.turn.seat == event.seat:
                prepared.payload = self._talk.encode(prepared.turn)
        if asked := self.asked.get(event.seat):
            asked.absent_s = None
            await self.resend(event.seat)

    @guarded
    async def tick(self, now_s: float) -> None:
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
            await self._lapse(charges)
            return
        for seat, asked in list(self.asked.items()):
            if asked.resend_due(now_s, RESEND_S):
                await self.resend(seat)

    # Replies

    @guarded
    async def on_reply(self, seat: int, sending: int, message: Msg, now_s: float) -> None:
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
        reply = Reply(steady_ms(), message.data)
        try:
            answer = self._talk.decode(seat, message.data)
            if answer.ply != asked.turn.ply:
                self.office.figures.late += 1  # answers an earlier turn
                return
            action = self._environment.check(seat, answer.action)
        except codec.UNDECODABLE as error:
            expected = f'{{"ply": {asked.turn.ply}, "action": ...}} ({error})'
            await self._reject(asked.rejected(AgentFault.MALFORMED, expected, reply, now_s))
            return
        except Malformed as error:
            await self._reject(asked.rejected(AgentFault.MALFORMED, str(error), reply, now_s))
            return
        except Illegal as error:
            await self._reject(asked.rejected(AgentFault.ILLEGAL, str(error), reply, now_s))
            return
        elapsed_ms = max(asked.elapsed_ms(now_s) - self.office.pulse.round_trip_s * 1000, 0.0)
        think_ms, lag_ms = clock.split(self.state.clock, elapsed_ms, answer.think_ms, self._lags_ms[seat])
        if think_ms > asked.allowance_ms:
            await self._lapse([asked.timeout(now_s, reply)])
            return
        self._lags_ms[seat] = lag_ms = round(lag_ms, 3)
        self._actions[seat] = action
        self._moves[seat] = Move(
            seat=seat, action=action, think_ms=round(think_ms, 3), lag_ms=lag_ms, forgiven_ms=asked.forgiven_ms
        )
        del self.asked[seat]
        self._talk.answered(seat, message.subject)
        if not self.asked:
            await self._step()

    async def _reject(self, charge: Charge) -> None:
        """The turn stands, or the seat is out and the platform moves for it."""
        events = decide(self.state, Rejected(charge), steady_ms())
        if any(isinstance(event, Faulted) and event.verdict is Verdict.FORFEITED for event in events):
            self._forfeit(charge.seat)
        await self._append(events)

    async def _lapse(self, charges: list[Charge]) -> None:
        for charge in charges:
            self._forfeit(charge.seat)
        await self._decide(Lapsed(tuple(charges)))

    def _forfeit(self, seat: int) -> None:
        del self.asked[seat]
        self._move_for(seat)

    async def _step(self) -> None:
        """All seats have moved."""
        moves = [self._moves[seat] for seat in sorted(self._moves)]
        written = {move.seat: codec.encode_json(move.action) for move in moves}
        rewards = self._environment.step(self._actions)
        self._chain = link(self._chain, self.state.ply, self._views, written, rewards)
        self._memory.moved(self.state.ply, moves, self._views, rewards)
        self.office.figures.moves += len(moves)
        await self._decide(Stepped(moves, rewards, self._chain.hex(), self._environment.over))

    # The log

    async def _decide(self, happened: Input) -> None:
        await self._append(decide(self.state, happened, steady_ms()))

    async def _append(self, events: list[MatchEvent]) -> None:
        for event in events:
            self.state = evolve(self.state, event)
        if isinstance(events[-1], Moved):
            self._due = True
        elif isinstance(events[-1], Ended | Voided):
            self._due = False
        await self._written(self._writer.add(events))
        if self._due:  # while the log stores them
            self._prepare()

    async def _written(self, writing: Awaitable[T]) -> T:
        try:
            return await writing
        except Exception:  # what cannot be written has not happened: the match can still be voided
            self.state = msgspec.structs.replace(self.state, phase=Phase.RUNNING)
            raise

    @guarded
    async def _on_written(self, outcome: int | Fenced) -> None:
        if isinstance(outcome, Fenced):
            log.warning("fenced: another runner plays this match", match=self.match, game=self.game)
            await self.office.release(self, settled=False)
            return
        event = self._writer.acknowledged(outcome)
        match event:
            case Faulted(seat=seat):
                self.office.figures.faults += 1
                await self._talk.tell_fault(event)
                if self.state.phase is Phase.RUNNING:
                    await self.resend(seat)
            case Reseated():
                await self._reseated(event)
            case Ended():
                await self._talk.tell_over(event, self.state, self._memory.owed)
            case Voided():
                await self._talk.tell_void(event)
        if await self._written(self._writer.next()):
            return
        if self.state.phase is not Phase.RUNNING:
            log.info("match over", match=self.match, game=self.game, how=self.state.phase, plies=self.state.ply)
            await self.office.release(self, settled=True)
        elif not self.office.draining:
            await self._go_on()

    async def _go_on(self) -> None:
        """The log has all that was decided: ask, or step if nobody is left to be asked."""
        if self._due:
            self._prepare()
        if self._next:
            await self._ask()
        elif not self.asked:
            await self._step()
