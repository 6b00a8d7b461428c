"""The time, and ids that sort by it."""

import secrets
import time

from arena.wire import ids


def now_ms() -> int:
    """Milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def new_id() -> str:
    """An id for whatever is made now."""
    return ids.make(now_ms(), secrets.token_bytes(ids.ENTROPY_BYTES))
