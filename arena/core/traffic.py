"""How many matches an hour an agent may begin, evenly spread. No I/O, no clock: times in ms, given by the caller.

A bound of N an hour lets a match begin every hour / N, so that in no hour are there more than N (the generic cell rate
algorithm without burst, ITU-T I.371).  A match that begins earlier than that (one of a block, say) is owed, and those
after it wait the longer.  Of an agent only one time is remembered: a restart forgets one match, not an hour of them.
"""

import msgspec

HOUR_MS = 3_600_000
AGENTS_MAX = 10_000  # so many are remembered; of more, those that may begin a match anyway are forgotten


class _Next(msgspec.Struct):
    at_ms: int
    hourly_max: int


class Traffic:
    """When agents with a bound may begin their next match."""

    def __init__(self) -> None:
        self._next: dict[str, _Next] = {}
        self._most = AGENTS_MAX

    def began(self, agent: str, hourly_max: int, at_ms: int) -> None:
        """A match of an agent with this bound (matches an hour; 0: none) began."""
        if not hourly_max:
            self._next.pop(agent, None)
            return
        if len(self._next) >= self._most:
            self._next = {name: it for name, it in self._next.items() if it.at_ms > at_ms}
            self._most = max(AGENTS_MAX, 2 * len(self._next))
        found = self._of(agent, hourly_max, at_ms) or _Next(at_ms, hourly_max)
        found.at_ms = max(found.at_ms, at_ms) - (-HOUR_MS // hourly_max)  # rounded up
        self._next[agent] = found

    def next_ms(self, agent: str, hourly_max: int, now_ms: int) -> int:
        """From when on its next match may begin; what is past, or 0, is at once."""
        found = self._of(agent, hourly_max, now_ms) if hourly_max else None
        return found.at_ms if found else 0

    def _of(self, agent: str, hourly_max: int, now_ms: int) -> _Next | None:
        """What is known of it. When its bound was changed, what is left of the pause changes with it."""
        found = self._next.get(agent)
        if found and found.hourly_max != hourly_max:
            left_ms = max(found.at_ms - now_ms, 0)
            found.at_ms = now_ms + left_ms * found.hourly_max // hourly_max
            found.hourly_max = hourly_max
        return found
