"""What a runner says to the seats of one match, in each seat's encoding."""

from collections.abc import Awaitable, Callable

import msgspec

from arena.core.match import MatchState, charges_of
from arena.wire import codec, subjects
from arena.wire.events import Created, Ended, Faulted, Voided
from arena.wire.faults import NoticeCode
from arena.wire.lobby import Notice
from arena.wire.play import Action, Over, Turn

Send = Callable[[str, bytes, str], Awaitable[None]]


class Conversation:
    """Subjects and codecs of a match's seats. `send(subject, payload, reply subject)` does the sending."""

    def __init__(self, send: Send, runner: str, game: str, match: str, created: Created) -> None:
        self._send = send
        self._game = game
        self._match = match
        self._seats = created.seats
        self._codecs = [codec.CODECS[seat.encoding] for seat in created.seats]
        self._turns = [subjects.TURN.at(agent=seat.agent, instance=seat.instance) for seat in created.seats]
        self._runner = runner
        self._sendings = [0] * len(created.seats)
        self._moves = [self._move_subject(seat) for seat in range(len(created.seats))]

    def turn_subject(self, seat: int) -> str:
        """Where this seat's turns go."""
        return self._turns[seat]

    def encode(self, turn: Turn) -> bytes:
        """A turn in its seat's encoding."""
        return self._codecs[turn.seat].encode(turn)

    def decode(self, seat: int, reply: bytes) -> Action:
        """A reply of this seat. Raises msgspec.DecodeError or RecursionError."""
        action: Action = self._codecs[seat].action(reply)
        return action

    async def ask(self, seat: int, payload: bytes) -> None:
        """Send an encoded turn; the answer arrives at the seat's reply subject."""
        await self._send(self._turns[seat], payload, self._moves[seat])

    async def ask_again(self, turn: Turn) -> None:
        """Send a turn once more, with another reply subject.

        The server grants one answer per request and reply subject, and none at all while two requests with the same
        one are open: a subject may be used again only after it was answered.
        """
        self._change_move_subject(turn.seat)
        await self.ask(turn.seat, self.encode(turn))

    def answered(self, seat: int, subject: str) -> None:
        """The seat's turn was answered on `subject`: if that is not the newest one, the newest one stays open."""
        if subject != self._moves[seat]:
            self._change_move_subject(seat)

    def _change_move_subject(self, seat: int) -> None:
        self._sendings[seat] += 1
        self._moves[seat] = self._move_subject(seat)

    def _move_subject(self, seat: int) -> str:
        return subjects.MOVE.at(runner=self._runner, match=self._match, seat=seat, sending=self._sendings[seat])

    async def tell_fault(self, event: Faulted) -> None:
        """Say to a seat what it did wrong, and what was expected."""
        message = f"ply {event.ply}: {event.cause} ({event.verdict}); expected {event.expected}; got {event.evidence}"
        await self._notice(event.seat, NoticeCode.FAULT, message)

    async def tell_void(self, event: Voided) -> None:
        """Say to all seats that the match is void."""
        for seat in range(len(self._seats)):
            await self._notice(seat, NoticeCode.VOIDED, f"{event.cause}: {event.detail}")

    async def tell_over(self, event: Ended, state: MatchState, owed: list[float]) -> None:
        """Say to all seats how the match ended. owed: each seat's reward since its last turn."""
        scores = [result.score for result in event.results]
        placements = [result.placement for result in event.results]
        for seat, to in enumerate(self._seats):
            over = Over(
                match=self._match,
                game=self._game,
                seat=seat,
                placement=placements[seat],
                scores=scores,
                placements=placements,
                cause=event.cause,
                reward=owed[seat],
                plies=event.plies,
                faults=charges_of(state, seat),
            )
            subject = subjects.OVER.at(agent=to.agent, instance=to.instance)
            await self._send(subject, self._codecs[seat].encode(over), "")

    async def _notice(self, seat: int, code: NoticeCode, message: str) -> None:
        to = self._seats[seat]
        notice = Notice(code=code, message=message, match=self._match)
        subject = subjects.NOTICE.at(agent=to.agent, instance=to.instance)
        await self._send(subject, msgspec.json.encode(notice), "")
