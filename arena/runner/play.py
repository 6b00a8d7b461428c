"""One match being played: the thin shell around `arena.core.match`.

It turns replies and environment steps into inputs, appends the events that follow, and acts only when the log has
them: a move is acknowledged before anyone sees its consequence.  It has no task of its own; callbacks drive it (a
reply, an acknowledgement, the sweep), for at thousands of moves a second tasks would cost more than the moves.
"""

import functools
import time
from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, ParamSpec, cast

import msgspec
import structlog

from arena.bus import Fenced, Msg
from arena.core import clock
from arena.core.match import Broke, Charge, Input, Lapsed, MatchState, Phase, Rejected, Stepped, decide, evolve
from arena.games import Environment, Illegal, Malformed, View
from arena.games.replay import link
from arena.runner.asked import EVIDENCE_CHARS_MAX, Asked
from arena.runner.conversation import Conversation
from arena.runner.office import Office
from arena.wire import codec
from arena.wire.events import Claimed, Ended, Faulted, MatchEvent, Move, Moved, Voided, kind
from arena.wire.faults import AgentFault, PlatformFault, Verdict
from arena.wire.play import Turn

RESEND_S = 0.5  # how often a turn is sent again while nobody is subscribed

log = structlog.get_logger("runner")


P = ParamSpec("P")


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
    """Where a match stands when a runner takes it: new, or replayed from the log."""

    environment: Environment | None  # None: the game could not be set up, and the match will be voided
    state: MatchState
    chain: bytes  # digest after the last step
    seq: int  # log sequence of the match's last event
    owed: list[float]  # each seat's reward since its last turn


class Play:
    """One match in this process. `state` is what has been decided; `_unwritten` what the log does not have yet."""

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
        self._seq = position.seq
        self._unwritten: list[MatchEvent] = []
        self._writing = False  # the first of them is on its way
        self._due = False  # the next turns are to be computed
        self._next: list[Asked] = []  # computed while the log still stores the move before them
        self._views: dict[int, View] = {}
        self._actions: dict[int, Any] = {}
        self._moves: dict[int, Move] = {}
        self._owed = position.owed
        self._lags_ms = [0.0] * len(position.owed)

    @guarded
    async def begin(self, epoch: int) -> None:
        """Write the claim; the turns follow when the log has it."""
        await self._append([Claimed(at_ms=_now_ms(), runner=self.office.runner, epoch=epoch)])

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
                reward=self._owed[seat],
                left_ms=int(allowance_ms),
                lag_ms=self._lags_ms[seat],
                strikes=state.strikes[seat],
            )
            self._owed[seat] = 0.0
            self._next.append(Asked(turn, allowance_ms, self._talk.encode(turn)))

    def _move_for(self, seat: int) -> None:
        """The platform moves for a seat that is out; the digest chain is the dice, so a replay throws the same."""
        action = self._environment.substitute(seat, self._chain + seat.to_bytes(2))
        self._actions[seat] = action
        self._moves[seat] = Move(seat=seat, action=action, by_platform=True)

    async def _ask(self) -> None:
        now_s, now_ms = time.monotonic(), _now_ms()
        turns, self._next = self._next, []
        for asked in turns:
            asked.sent(now_s, now_ms, self.state.clock)
            self.asked[asked.turn.seat] = asked
        for asked in turns:
            await self._talk.ask(asked.turn.seat, asked.payload)

    async def resend(self, seat: int) -> None:
        """Send a waiting turn again, with the clock that is left: its agent reconnected, or we did."""
        asked = self.asked.get(seat)
        if asked is not None and not self.closed and self.state.phase is Phase.RUNNING:
            asked.resent_s = time.monotonic()
            left_ms = asked.left_ms(asked.resent_s, self.state.clock)
            turn = msgspec.structs.replace(asked.turn, left_ms=left_ms, strikes=self.state.strikes[seat])
            await self._talk.ask_again(turn)

    @guarded
    async def tick(self, now_s: float) -> None:
        """The sweep passes: who ran out of time, who is gone, whom to ask again?"""
        if self.state.phase is not Phase.RUNNING:
            return
        charges = [charge for asked in self.asked.values() if (charge := asked.lapsed(now_s, self.state.faults))]
        if charges:
            await self._lapse(charges)
            return
        for seat, asked in list(self.asked.items()):
            if asked.resend_due(now_s, RESEND_S):
                await self.resend(seat)

    # Replies

    @guarded
    async def on_reply(self, seat: int, message: Msg) -> None:
        """An answer of this seat, or the server's word that nobody was there to ask."""
        asked = self.asked.get(seat)
        if asked is None or self.state.phase is not Phase.RUNNING:
            self.office.figures.late += 1  # after the deadline, or a second time: the first answer stands
            return
        now_s = time.monotonic()
        if message.headers and message.headers.get("Status") == "503":
            asked.missed(now_s)
            return
        try:
            answer = self._talk.decode(seat, message.data)
            if answer.ply != asked.turn.ply:
                self.office.figures.late += 1  # answers an earlier turn
                return
            action = self._environment.check(seat, answer.action)
        except codec.UNDECODABLE as error:
            expected = f'{{"ply": {asked.turn.ply}, "action": ...}} ({error})'
            await self._reject(asked.rejected(AgentFault.MALFORMED, expected, message.data, now_s))
            return
        except Malformed as error:
            await self._reject(asked.rejected(AgentFault.MALFORMED, str(error), message.data, now_s))
            return
        except Illegal as error:
            await self._reject(asked.rejected(AgentFault.ILLEGAL, str(error), message.data, now_s))
            return
        elapsed_ms = (now_s - asked.at_s) * 1000
        think_ms, lag_ms = clock.split(self.state.clock, elapsed_ms, answer.think_ms, self._lags_ms[seat])
        if think_ms > asked.allowance_ms:
            await self._lapse([asked.timeout(now_s)])
            return
        self._lags_ms[seat] = lag_ms = round(lag_ms, 3)
        self._actions[seat] = action
        self._moves[seat] = Move(seat=seat, action=action, think_ms=round(think_ms, 3), lag_ms=lag_ms)
        del self.asked[seat]
        self._talk.answered(seat, message.subject)
        if not self.asked:
            await self._step()

    async def _reject(self, charge: Charge) -> None:
        """The turn stands, or the seat is out and the platform moves for it."""
        events = decide(self.state, Rejected(charge), _now_ms())
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
        for seat, reward in enumerate(rewards):
            self._owed[seat] += reward
        self.office.figures.moves += len(moves)
        await self._decide(Stepped(moves, rewards, self._chain.hex(), self._environment.over))

    # The log

    async def _decide(self, happened: Input) -> None:
        await self._append(decide(self.state, happened, _now_ms()))

    async def _append(self, events: list[MatchEvent]) -> None:
        for event in events:
            self.state = evolve(self.state, event)
        self._unwritten += events
        self._due = isinstance(events[-1], Moved | Claimed)
        if not self._writing:
            await self._write()
        if self._due:  # while the log stores them
            self._prepare()

    async def _write(self) -> None:
        event = self._unwritten[0]
        self._writing = True
        try:
            await self.office.journal.send(
                self.game,
                self.match,
                kind(event),
                codec.encode_json(event),
                after=self._seq,
                msg_id=f"{self.match}.{self.office.runner}.{self._seq}",
                done=self._on_written,
            )
        except Exception:  # what cannot be written has not happened: the match can still be voided
            self._writing = False
            self._unwritten.clear()
            self.state = msgspec.structs.replace(self.state, phase=Phase.RUNNING)
            raise

    @guarded
    async def _on_written(self, outcome: int | Fenced) -> None:
        if isinstance(outcome, Fenced):
            log.warning("fenced: another runner plays this match", match=self.match, game=self.game)
            await self.office.release(self, settled=False)
            return
        self._seq = outcome
        event = self._unwritten.pop(0)
        match event:
            case Faulted(seat=seat):
                self.office.figures.faults += 1
                await self._talk.tell_fault(event)
                if self.state.phase is Phase.RUNNING:
                    await self.resend(seat)
            case Ended():
                await self._talk.tell_over(event, self.state, self._owed)
            case Voided():
                await self._talk.tell_void(event)
        if self._unwritten:
            await self._write()
            return
        self._writing = False
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


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
