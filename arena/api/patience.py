"""HTTP/1.1 for clients that may be slow on purpose (slow-loris, R-U-Dead-Yet).

uvicorn ends a connection that is idle between two requests, but waits for ever for the rest of a request that began.
Here its head and its body each have a deadline, from the first byte to the last; a new connection that says nothing
has that of a head. Who reads slowly is the kernel's affair (`arena.api.service.UNREAD_MS_MAX`).
"""

import asyncio
from typing import Any

import h11
from prometheus_client import Counter
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_S = 10.0  # for the request line and all headers
BODY_S = 30.0  # for a body, of arena.api.app.BODY_BYTES_MAX at most
HEAD_BYTES_MAX = 32 * 1024
CONNECTIONS_MAX = 2_000  # of one API process; who comes then is told 503
TOO_SLOW = Counter("arena_api_too_slow", "Connections ended because a request did not arrive in time.", ["part"])


class PatientProtocol(H11Protocol):
    """uvicorn's protocol with an end to its patience."""

    head_s = HEAD_S
    body_s = BODY_S
    _timer: asyncio.TimerHandle | None = None
    _waiting = ""

    def connection_made(self, transport: Any) -> None:
        """Somebody connected: the head is due."""
        super().connection_made(transport)
        self._expect("head", self.head_s)

    def data_received(self, data: bytes) -> None:
        """A part of a request: what is due next?"""
        super().data_received(data)
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is due any more."""
        self._expect("", 0)
        super().connection_lost(exc)

    def _look(self) -> None:
        state = self.conn.their_state
        if state is h11.SEND_BODY:
            self._expect("body", self.body_s)
        elif state is h11.IDLE and self.conn.trailing_data[0]:
            self._expect("head", self.head_s)
        else:
            self._expect("", 0)

    def _expect(self, part: str, within_s: float) -> None:
        """Wait for this part, from when it was first waited for."""
        if part == self._waiting:
            return
        if self._timer:
            self._timer.cancel()
        self._waiting = part
        self._timer = self.loop.call_later(within_s, self._end, part) if part else None

    def _end(self, part: str) -> None:
        TOO_SLOW.labels(part).inc()
        self.transport.abort()
