"""What a runner says to the seats of one match, in each seat's encoding."""

from collections.abc import Callable, Sequence

import msgspec

from arena.core.match import MatchState, charges_of
from arena.wire import codec, subjects
from arena.wire.events import Ended, Faulted, Seat, Voided
from arena.wire.faults import NoticeCode
from arena.wire.lobby import Encoding, Notice
from arena.wire.play import HISTORY_BYTES_MAX, Action, Over, Turn

Send = Callable[[str, bytes, str], None]


class Conversation:
    """Subjects and codecs of a match's seats. `send(subject, payload, reply subject)` does the sending."""

    def __init__(self, send: Send, runner: str, game: str, match: str, seats: Sequence[Seat]) -> None:
        self._send = send
        self.game = game
        self.match = match
        self.seats = list(seats)
        self._codecs = [codec.CODECS[seat.encoding] for seat in seats]
        self._turns = [_turn_subject(seat) for seat in seats]
        self._runner = runner
        self._sendings = [0] * len(seats)
        self._first_sendings = [0] * len(seats)  # of the instance that sits there now
        self._moves = [self._move_subject(seat) for seat in range(len(seats))]

    def encode(self, turn: Turn) -> bytes:
        """A turn in its seat's encoding."""
        return self._codecs[turn.seat].encode(turn)

    def fitted(self, turn: Turn) -> tuple[Turn, bytes]:
        """The turn with as much of its history as fits, the newest; and encoded."""
        payload = self.encode(turn)
        while turn.history and len(payload) > HISTORY_BYTES_MAX:
            turn = msgspec.structs.replace(turn, history=turn.history[(len(turn.history) + 1) // 2 :])
            payload = self.encode(turn)
        return turn, payload

    def decode(self, seat: int, reply: bytes) -> Action:
        """A reply of this seat. Raises msgspec.DecodeError or RecursionError."""
        action: Action = self._codecs[seat].action(reply)
        return action

    def reseat(self, seat: int, instance: str, encoding: Encoding) -> None:
        """Another instance sits there now. The one before may still answer, in another encoding: that is not taken."""
        self.seats[seat] = msgspec.structs.replace(self.seats[seat], instance=instance, encoding=encoding)
        self._codecs[seat] = codec.CODECS[encoding]
        self._turns[seat] = _turn_subject(self.seats[seat])
        self._change_move_subject(seat)
        self._first_sendings[seat] = self._sendings[seat]

    def is_by_sitter(self, seat: int, sending: int) -> bool:
        """Whether the reply to this sending is of the instance that sits there now."""
        return sending >= self._first_sendings[seat]

    def ask(self, seat: int, payload: bytes) -> None:
        """Send an encoded turn; the answer arrives at the seat's reply subject."""
        self._send(self._turns[seat], payload, self._moves[seat])

    def ask_again(self, turn: Turn) -> None:
        """Send a turn once more, with another reply subject.

        The server grants one answer per request and reply subject, and none at all while two requests with the same
        one are open: a subject may be used again only after it was answered.
        """
        self._change_move_subject(turn.seat)
        self.ask(turn.seat, self.encode(turn))

    def answered(self, seat: int, subject: str) -> None:
        """The seat's turn was answered on `subject`: if that is not the newest one, the newest one stays open."""
        if subject != self._moves[seat]:
            self._change_move_subject(seat)

    def _change_move_subject(self, seat: int) -> None:
        self._sendings[seat] += 1
        self._moves[seat] = self._move_subject(seat)

    def _move_subject(self, seat: int) -> str:
        return subjects.MOVE.at(runner=self._runner, match=self.match, seat=seat, sending=self._sendings[seat])

    def tell_fault(self, event: Faulted) -> None:
        """Say to a seat what it did wrong, and what was expected."""
        message = f"ply {event.ply}: {event.cause} ({event.verdict}); expected {event.expected}; got {event.evidence}"
        self._notice(event.seat, NoticeCode.FAULT, message)

    def tell_void(self, event: Voided) -> None:
        """Say to all seats that the match is void."""
        for seat in range(len(self.seats)):
            self._notice(seat, NoticeCode.VOIDED, f"{event.cause}: {event.detail}")

    def tell_over(self, event: Ended, state: MatchState, owed: list[float]) -> None:
        """Say to all seats how the match ended. owed: each seat's reward since its last turn."""
        scores = [result.score for result in event.results]
        placements = [result.placement for result in event.results]
        for seat, to in enumerate(self.seats):
            over = Over(
                match=self.match,
                game=self.game,
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
            self._send(subject, self._codecs[seat].encode(over), "")

    def _notice(self, seat: int, code: NoticeCode, message: str) -> None:
        to = self.seats[seat]
        notice = Notice(code=code, message=message, match=self.match)
        subject = subjects.NOTICE.at(agent=to.agent, instance=to.instance)
        self._send(subject, msgspec.json.encode(notice), "")


def _turn_subject(seat: Seat) -> str:
    return subjects.TURN.at(agent=seat.agent, instance=seat.instance)
