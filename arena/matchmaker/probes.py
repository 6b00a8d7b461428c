"""Is anybody subscribed? A message with a reply subject: if nobody is, the server says so at once (503)."""

from collections.abc import Callable

from arena.bus import Bus, Msg
from arena.service import steady_ms

ANSWER_MS_MAX = 5_000  # whoever is subscribed answers nothing: after this long the question is forgotten
WAITING_MAX = 100_000
NOBODY = "503"


class Probes:
    """Questions to subjects, over one inbox of our own."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._prefix = f"{bus.new_inbox()}."
        self._asked = 0
        self._waiting: dict[str, tuple[int, Callable[[], None]]] = {}  # by token, the oldest first

    async def open(self) -> None:
        """Begin to listen."""
        await self._bus.subscribe(self._prefix + "*", self._on_reply)

    async def ask(self, subject: str, payload: bytes, on_nobody: Callable[[], None]) -> None:
        """Send this; `on_nobody` is called if nobody is subscribed. Raises Unreachable."""
        now_ms = steady_ms()
        while self._waiting:
            token, (asked_ms, _) = next(iter(self._waiting.items()))
            if now_ms - asked_ms < ANSWER_MS_MAX and len(self._waiting) < WAITING_MAX:
                break
            del self._waiting[token]
        self._asked += 1
        token = str(self._asked)
        self._waiting[token] = (now_ms, on_nobody)
        await self._bus.publish(subject, payload, reply=self._prefix + token)

    def _on_reply(self, message: Msg) -> None:
        found = self._waiting.pop(message.subject[len(self._prefix) :], None)
        if found and not message.data and (message.headers or {}).get("Status") == NOBODY:
            found[1]()
