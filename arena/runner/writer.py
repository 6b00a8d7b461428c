"""The events of one match on their way into the log: one after the other, each after the acknowledgement before it."""

from collections import deque

from arena.bus.journal import Done, Journal
from arena.wire import codec
from arena.wire.events import MatchEvent, kind


class Writer:
    """What was decided and is not in the log yet. `done` is called for each answer of the log, see Journal.send."""

    def __init__(self, journal: Journal, runner: str, game: str, match: str, seq: int, done: Done) -> None:
        self._journal = journal
        self._runner = runner
        self._game = game
        self._match = match
        self._seq = seq  # of the match's last event in the log
        self._done = done
        self._waiting: deque[MatchEvent] = deque()
        self._busy = False

    def add(self, events: list[MatchEvent]) -> None:
        """Write these as well. Raises TooLarge."""
        self._waiting += events
        if not self._busy:
            self.next()

    def next(self) -> bool:
        """Send the first one that waits; False if there is none. Raises TooLarge, and then none of them is written."""
        self._busy = bool(self._waiting)
        if not self._busy:
            return False
        event = self._waiting[0]
        try:
            self._journal.send(
                self._game,
                self._match,
                kind(event),
                codec.encode_json(event),
                after=self._seq,
                msg_id=f"{self._match}.{self._runner}.{self._seq}",
                done=self._done,
            )
        except Exception:  # what cannot be written has not happened: the match can still be voided
            self._busy = False
            self._waiting.clear()
            raise
        return True

    def acknowledged(self, seq: int) -> MatchEvent:
        """The log has the first one."""
        self._seq = seq
        return self._waiting.popleft()
