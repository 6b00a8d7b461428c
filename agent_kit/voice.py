"""What a policy says while it thinks: gathered for a moment, sent from the event loop, ended with the answer."""

import asyncio
import logging
import threading
from collections.abc import Callable

import msgspec

from arena.wire.play import Turn
from arena.wire.said import KINDS, TEXT_CHARS_MAX, Kind, Said

GATHER_S = 0.05  # the first words of a moment wait for the others
CHARS_MAX = 64 * 1024  # of one turn; what is said beyond is dropped

log = logging.getLogger("agent_kit")

Say = Callable[[str, Kind, bytes], None]  # match, kind, payload


class Voice:
    """Of one turn. `say` may be called in any thread; `end` and what is sent belong to the event loop."""

    def __init__(self, turn: Turn, send: Say, loop: asyncio.AbstractEventLoop) -> None:
        self._match, self._ply = turn.match, turn.ply
        self._send = send
        self._loop = loop
        self._lock = threading.Lock()
        self._waiting: dict[Kind, tuple[str, float | None]] = {}
        self._said: set[Kind] = set()
        self._chars = 0
        self._due = False
        self._ended = False

    def say(self, kind: Kind, text: str, share: float | None = None) -> None:
        """A little more. Raises ValueError for what is no share."""
        if share is not None and not 0 <= share <= 1:
            raise ValueError(f"expected a share between 0 and 1, got {share!r}")
        with self._lock:
            room = CHARS_MAX - self._chars
            if len(text) > room >= 0:
                log.warning("more than %d characters were said in one turn: the rest is dropped", CHARS_MAX)
                text, self._chars = text[:room], CHARS_MAX + 1  # said once
            elif room < 0:
                text = ""
            self._chars += len(text)
            before, known = self._waiting.get(kind, ("", None))
            self._waiting[kind] = before + text, known if share is None else share
            wake, self._due = not self._due, True
        if wake:
            self._loop.call_soon_threadsafe(self._loop.call_later, GATHER_S, self._flush)

    def end(self, *, done: bool) -> None:
        """Nothing is said any more; `done`: because the turn is answered, and not because it is cancelled."""
        self._flush()
        self._ended = True
        if done:
            for kind in self._said:
                self._send(self._match, kind, msgspec.json.encode(Said(ply=self._ply, done=True)))

    def _flush(self) -> None:
        with self._lock:
            waiting, self._waiting, self._due = self._waiting, {}, False
        if self._ended:
            return
        for kind in KINDS:
            if kind in waiting:
                text, share = waiting[kind]
                self._said.add(kind)
                for at in range(0, max(len(text), 1), TEXT_CHARS_MAX):
                    said = Said(ply=self._ply, text=text[at : at + TEXT_CHARS_MAX], share=share)
                    self._send(self._match, kind, msgspec.json.encode(said))
