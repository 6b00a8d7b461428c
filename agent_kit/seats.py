"""Where the user's loop sits: what each seat sees, got and may do, of one match after the other."""

import copy
import time
from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
from gymnasium.error import InvalidAction, ResetNeeded

from agent_kit import client
from agent_kit.bridge import Asked, Bridge, Creds, Ended, Event, Mounting, Noticed
from agent_kit.spaces import GameSpaces, Space, blank, element
from agent_kit.turn import Over, Turn
from arena.wire.faults import EndCause, NoticeCode, Verdict


class Seat:
    """One match after the other of one player; `match` is None between them."""

    def __init__(self, player: int, spaces: GameSpaces) -> None:
        self.player = player
        self.match: str | None = None
        self.asked: Asked | None = None  # a turn that waits for its action
        self.over: Over | None = None
        self.cut: tuple[str, str] | None = None  # how the match ended without a result: in a word, and in words
        self.moved = False
        self.came_s = 0.0  # when the turn came
        self._spaces = spaces
        self._turn: Turn | None = None  # the last one
        self._reward = 0.0
        self._fault = ""

    @property
    def ended(self) -> bool:
        """Whether its match is over."""
        return self.over is not None or self.cut is not None

    @property
    def ready(self) -> bool:
        """Whether there is something to see: a turn, or the end."""
        return self.asked is not None or self.ended

    @property
    def number(self) -> int:
        """Which of the match's seats it is; 0 as long as it is not known."""
        return self._turn.seat if self._turn else self.over.seat if self.over else 0

    @property
    def observation_space(self) -> Space:
        """What it sees, without the action mask."""
        return self._spaces.observation(self.number)

    @property
    def action_space(self) -> Space:
        """What it does."""
        return self._spaces.action(self.number)

    @property
    def observation(self) -> Any:
        """What it sees now, or saw last: nobody is shown the final position of a game."""
        if self._turn is None:
            return blank(self.observation_space)
        return element(self.observation_space, copy.deepcopy(self._turn.observation))

    @property
    def mask(self) -> Any:
        """0/1 for each action of a game with a mask; all 0 when it is not this seat's turn."""
        if self.asked is not None and self.asked.turn.mask is not None:
            return copy.copy(self.asked.turn.mask)
        return np.zeros(int(self.action_space.n), np.int8)  # type: ignore[attr-defined]

    @property
    def finished(self) -> bool:
        """Whether its match came to its own end, and this seat was in it to that end."""
        return (
            self.over is not None
            and self.over.cause == EndCause.FINISHED
            and not any(f"({Verdict.FORFEITED})" in fault for fault in self.over.faults)
        )

    @property
    def reward(self) -> float:
        """What it got since its last turn."""
        return self._reward

    def info(self) -> dict[str, Any]:
        """Everything else: docs/mounting.md lists it."""
        info: dict[str, Any] = {"match": self.match, "seat": self.number}
        if self.asked is not None:
            turn = self.asked.turn
            info |= {"ply": turn.ply, "left_ms": turn.left_ms, "strikes": turn.strikes}
            if turn.legal is not None:
                info["action_mask"] = copy.copy(turn.mask)
        if self.over is not None:
            names = ("placement", "placements", "scores", "plies", "faults")
            info |= {"cause": str(self.over.cause)} | {name: copy.copy(getattr(self.over, name)) for name in names}
        if self.cut is not None:
            info |= {"cause": self.cut[0], "message": self.cut[1], "faults": []}
        if self._fault:
            info["fault"] = self._fault
        return info

    def free(self) -> None:
        """Be ready for another match."""
        self.match = self.asked = self.over = self.cut = self._turn = None
        self._fault = ""
        self.moved = False
        self._reward = 0.0

    def on_turn(self, asked: Asked) -> None:
        """It is this seat's turn: of a new match, or of its own."""
        turn, before = asked.turn, self._turn
        asked_again = before is not None and before.ply == turn.ply  # its reward was told before
        self.match, self.asked, self._turn, self.came_s = turn.match, asked, turn, time.monotonic()
        self._reward = 0.0 if asked_again else turn.reward

    def on_fault(self, message: str) -> None:
        """The last action was not accepted: the same turn comes again, or the end."""
        self._fault = message

    def on_over(self, over: Over) -> None:
        """The match has ended."""
        self.match, self.asked, self.over, self._reward = over.match, None, over, over.reward

    def on_cut(self, cause: str, message: str) -> None:
        """The match is void, or its end was missed."""
        self.asked, self.cut, self._reward = None, (cause, message), 0.0

    def played(self) -> None:
        """Its action is on its way."""
        self.asked, self.moved, self._fault = None, True, ""


class Seats:
    """All seats of one environment. A seat gets a match by `begin`, and everything comes by `wait`."""

    def __init__(self, game: str, players: Sequence[Creds], options: Mounting, each: int = 1) -> None:
        self.bridge = Bridge(game, players, each, options)
        self.spaces = self.bridge.spaces
        self.all = [Seat(player, self.spaces) for player in range(len(players)) for _ in range(each)]
        self._held: list[Asked] = []  # of matches that nobody has asked for yet
        self._left: set[str] = set()  # abandoned
        self._seeking: set[int] = set()  # players in the lobby
        self._said = ""

    def begin(self, seats: Collection[Seat], timeout_s: float | None, until: Callable[[], bool]) -> None:
        """Wait for new matches. Raises TimeoutError.

        A match in which no seat has moved yet is as good as new, and goes on; any other one is abandoned.
        """
        self._drain()
        self._vacate(seats)
        held, self._held = self._held, []
        for asked in held:
            self._on(asked)
        for player in {seat.player for seat in seats if seat.match is None} - self._seeking:
            self._seeking.add(player)
            self.bridge.seek(player)
        try:
            self.wait(until, timeout_s)
        except TimeoutError:
            said = f"; the platform said: {self._said}" if self._said else ""
            raise TimeoutError(f"no match within {timeout_s:g} s{said}") from None
        finally:
            if not until():  # Ctrl-C, too: nobody would play a match that came now
                for player in {seat.player for seat in seats}:
                    self._rest(player)

    def _vacate(self, seats: Collection[Seat]) -> None:
        """Free these seats, but for those in matches that are as good as new."""
        for seat in seats:
            running = seat.match is not None and not seat.ended
            if running and not any(other.moved for other in self.all if other.match == seat.match):
                continue
            if running and seat.match is not None and seat.match not in self._left:
                self._left.add(seat.match)
                self.bridge.abandon(seat.match)
        for seat in seats:
            if seat.ended or seat.match in self._left:
                seat.free()

    def play(self, seat: Seat, action: Any) -> None:
        """Answer a seat's turn. Raises InvalidAction for what is no action of this game, and ResetNeeded."""
        if seat.asked is None:
            raise ResetNeeded("the match is over, or has not begun: call reset()")
        if not seat.action_space.contains(action):
            raise InvalidAction(f"expected an element of {seat.action_space}, got {action!r}")
        self.bridge.answer(seat.asked, action)
        seat.played()

    def wait(self, until: Callable[[], bool], timeout_s: float | None = None) -> None:
        """Take what comes until this is true. Raises TimeoutError, and what made a connection fail."""
        until_s = None if timeout_s is None else time.monotonic() + timeout_s
        while not until():
            self._on(self.bridge.next(None if until_s is None else max(until_s - time.monotonic(), 0)))

    def _drain(self) -> None:
        try:
            while True:
                self._on(self.bridge.next(0))
        except TimeoutError:
            return

    def _on(self, event: Event) -> None:
        match event:
            case Asked():
                self._on_turn(event)
            case Ended(player, over):
                if seat := self._closing(player, over.match):
                    seat.on_over(over)
            case Noticed(player, NoticeCode.VOIDED | client.MISSED as code, message, str() as match):
                if seat := self._closing(player, match):
                    seat.on_cut(code, message)
            case Noticed(player, NoticeCode.FAULT, message, match):
                if seat := self._of(player, match):
                    seat.on_fault(message)
            case Noticed():
                self._said = event.message

    def _of(self, player: int, match: str | None) -> Seat | None:
        return next((seat for seat in self.all if seat.player == player and seat.match == match), None)

    def _on_turn(self, asked: Asked) -> None:
        match = asked.turn.match
        if match in self._left:
            return
        seat = self._of(asked.player, match) or self._of(asked.player, None)
        if seat is None:
            self._held.append(asked)
            return
        seat.on_turn(asked)
        if self._of(seat.player, None) is None:
            self._rest(seat.player)

    def _closing(self, player: int, match: str) -> Seat | None:
        """The seat whose match is over. One that had no turn in it yet sits there if another seat of ours does."""
        self._held = [asked for asked in self._held if asked.turn.match != match or asked.player != player]
        if match in self._left:
            return None
        if seat := self._of(player, match):
            return seat
        if any(other.match == match for other in self.all) and (seat := self._of(player, None)):
            seat.match = match
            self._rest(player)
            return seat
        return None

    def _rest(self, player: int) -> None:
        if player in self._seeking:
            self._seeking.discard(player)
            self.bridge.rest(player)
