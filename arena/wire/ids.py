"""Opaque identifiers. Made by the platform, never taken from text a user chose.

An id is `time (48 bit) + entropy (80 bit)` in Crockford's base 32, lower case (a ULID, https://github.com/ulid/spec):
26 characters of `[0-9a-z]`, unique without coordination, and in the order of creation.  Being one subject token of
`[a-z0-9]+` is a security property: permission templates expand an agent's id into a subject, so an id such as `*`
would open every agent's observations (docs/decisions/0002-ids.md).
"""

import re
from typing import NewType

AgentId = NewType("AgentId", str)
UserId = NewType("UserId", str)
MatchId = NewType("MatchId", str)
GameName = NewType("GameName", str)
InstanceName = NewType("InstanceName", str)
RunnerId = NewType("RunnerId", str)

ENTROPY_BYTES = 10
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_ID = re.compile(r"[0-9a-z]{26}\Z")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")


def make(now_ms: int, entropy: bytes) -> str:
    """An id from milliseconds since the epoch and 10 random bytes. Raises ValueError for any other length."""
    if len(entropy) != ENTROPY_BYTES:
        raise ValueError(f"an id takes {ENTROPY_BYTES} bytes of entropy, got {len(entropy)}")
    number = now_ms << 80 | int.from_bytes(entropy)
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


def is_id(text: str) -> bool:
    """Whether `text` has the form of an id made here."""
    return _ID.match(text) is not None


def is_token(text: str) -> bool:
    """Whether `text` may stand as one token of a subject (NATS ADR-6, no wildcard, no dot, at most 64 characters)."""
    return _TOKEN.match(text) is not None
