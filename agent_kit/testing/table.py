"""One match as a runner plays it (arena.runner.play), but for the log, the network and its outages."""

import asyncio
import itertools
import time

import msgspec

from agent_kit.policy import Agent, Policy
from agent_kit.testing.result import Result
from agent_kit.testing.sitter import Sitter
from arena.core import clock
from arena.core.match import Charge, Input, Lapsed, MatchState, Phase, Rejected, Resumed, charges_of, decide, evolve
from arena.games import Game, Illegal, Malformed
from arena.games.info import action_ranges
from arena.games.replay import start
from arena.runner.asked import Asked, Reply
from arena.runner.board import Board
from arena.runner.conversation import Conversation
from arena.runner.memory import Memory
from arena.wire import codec
from arena.wire.events import Claimed, Created, Ended, Faulted, MatchEvent, Move, Seat
from arena.wire.faults import AgentFault, Verdict
from arena.wire.lobby import Encoding

HERE = "offline"  # owner, instance and runner of what is played here

_numbers = itertools.count(1)


class Table:
    """A game that is set up; players sit down, and it is played once."""

    def __init__(self, game: Game, seed: int, encoding: Encoding, *, stateless: bool) -> None:
        self.environment = game.make()
        self._game = game
        self._encoding = encoding
        self._replies: asyncio.Queue[tuple[int, bytes, float] | Exception] = asyncio.Queue()
        self._sitters: dict[int, Sitter] = {}
        self._asked: dict[int, Asked] = {}
        self._lags_ms = [0.0] * game.seats
        common = Seat(agent="", owner=HERE, version=1, instance=HERE, encoding=encoding, stateless=stateless)
        seats = [
            msgspec.structs.replace(common, agent=f"seat{seat}", team=team)
            for seat, team in enumerate(game.team_of_seat)
        ]
        created = Created(
            at_ms=_now_ms(), seed=seed, seats=seats, clock=game.clock, faults=game.faults, rated=False,
            game_version=game.version, reason="played offline",
        )  # fmt: skip
        match = f"{HERE}{next(_numbers)}"
        chain = start(self.environment, game.name, created)
        claimed = Claimed(at_ms=_now_ms(), runner=HERE, epoch=1, digest=chain.hex())
        self._events: list[MatchEvent] = [created, claimed]
        self._state: MatchState = evolve(evolve(None, created), claimed)
        remembers = range(game.seats) if stateless and not game.full_observation else ()
        memory = Memory(game.seats, remembers)
        self._board = Board(game.name, match, self.environment, chain, memory, action_ranges(game.info()))
        self._talk = Conversation(self._send, HERE, game.name, match, seats)

    def sit(self, seat: int, policy: Policy | Agent, *, owned: bool) -> None:
        """Who plays this seat. owned: it is closed with the table."""

        def replied(payload: bytes) -> None:
            self._replies.put_nowait((seat, payload, time.monotonic()))

        def progressed() -> None:
            if (asked := self._asked.get(seat)) and self._state.clock.progress_ms:
                asked.progressed(time.monotonic(), self._state.clock, self._state.banks_ms[seat])

        self._sitters[seat] = Sitter(policy, self._encoding, replied, progressed, self._replies.put_nowait, owned=owned)

    async def play(self) -> Result:
        """The whole match. Raises PolicyError for what a policy raises, and what the game raises."""
        self._happen(Resumed(self._board.over))
        while self._state.phase is Phase.RUNNING:
            self._ask()
            while self._asked and self._state.phase is Phase.RUNNING:
                await self._hear()
            if self._state.phase is Phase.RUNNING:
                self._happen(self._board.step(self._state.ply))
        ended = self._events[-1]
        assert isinstance(ended, Ended)  # noqa: S101 - nothing here voids a match
        self._talk.tell_over(ended, self._state, self._board.memory.owed)
        for sitter in self._sitters.values():
            await sitter.settle()
        while not self._replies.empty():  # a hook may have raised
            if isinstance(reply := self._replies.get_nowait(), Exception):
                raise reply
        return self._result(ended)

    def close(self) -> None:
        """Free what it holds."""
        for sitter in self._sitters.values():
            sitter.close()
        self._board.close()

    def _result(self, ended: Ended) -> Result:
        return Result(
            game=self._game.name,
            seed=self._events[0].seed,  # type: ignore[union-attr]
            placements=tuple(one.placement for one in ended.results),
            scores=tuple(one.score for one in ended.results),
            cause=ended.cause,
            plies=ended.plies,
            faults=tuple(tuple(charges_of(self._state, seat)) for seat in range(self._game.seats)),
            events=tuple(self._events),
            row=self._game,
        )

    def _send(self, subject: str, payload: bytes, _reply: str) -> None:
        *_, agent, _, kind = subject.split(".")
        self._sitters[int(agent.removeprefix("seat"))].hear(kind, payload)

    def _ask(self) -> None:
        turns = self._board.turns(self._state, self._lags_ms)
        for whole, allowance_ms in turns:
            turn, payload = self._talk.fitted(whole)
            self._asked[turn.seat] = Asked(turn, allowance_ms, payload)
        for asked in self._asked.values():
            asked.begin(time.monotonic(), _now_ms(), self._state.clock, 0.0)
            self._talk.ask(asked.turn.seat, asked.payload)

    async def _hear(self) -> None:
        """One answer, or somebody's clock runs out."""
        wait_s = min(asked.deadline_s for asked in self._asked.values()) - time.monotonic()
        try:
            async with asyncio.timeout(max(wait_s, 0)):
                reply = await self._replies.get()
        except TimeoutError:
            now_s = time.monotonic()
            self._lapse([asked.timeout(now_s) for asked in self._asked.values() if now_s >= asked.deadline_s])
            return
        if isinstance(reply, Exception):
            raise reply
        self._on_reply(*reply)

    def _on_reply(self, seat: int, payload: bytes, now_s: float) -> None:
        asked, evidence = self._asked.get(seat), Reply(_now_ms(), payload)
        if asked is None:
            return
        try:
            answer = self._talk.decode(seat, payload)
            action = self._board.check(seat, answer.action)
        except (*codec.UNDECODABLE, Malformed, Illegal) as error:
            cause = AgentFault.ILLEGAL if isinstance(error, Illegal) else AgentFault.MALFORMED
            self._happen(Rejected(asked.rejected(cause, str(error), evidence, now_s)))
            return
        rule = self._state.clock
        think_ms, lag_ms = clock.split(rule, asked.elapsed_ms(now_s), answer.think_ms, self._lags_ms[seat])
        if think_ms > asked.allowance_ms:
            self._lapse([asked.timeout(now_s, evidence)])
            return
        self._lags_ms[seat] = lag_ms = round(lag_ms, 3)
        del self._asked[seat]
        self._board.move(action, Move(seat=seat, action=action, think_ms=round(think_ms, 3), lag_ms=lag_ms))

    def _lapse(self, charges: list[Charge]) -> None:
        if charges:
            self._happen(Lapsed(tuple(charges)))

    def _happen(self, happened: Input) -> None:
        for event in decide(self._state, happened, _now_ms()):
            self._state = evolve(self._state, event)
            self._events.append(event)
            if isinstance(event, Faulted):
                self._on_fault(event)

    def _on_fault(self, event: Faulted) -> None:
        """The turn is asked again, or the platform moves for the seat from now on."""
        self._talk.tell_fault(event)
        asked = self._asked[event.seat]
        if event.verdict is Verdict.FORFEITED:
            del self._asked[event.seat]
            self._board.substitute(event.seat)
            return
        now_s = time.monotonic()
        asked.again(now_s)
        left_ms = asked.left_ms(now_s, self._state.clock)
        turn = msgspec.structs.replace(asked.turn, left_ms=left_ms, strikes=self._state.strikes[event.seat])
        self._talk.ask_again(turn)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
