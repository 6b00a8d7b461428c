"""The hash chain of a match: over what every acting seat saw, what was done and what it brought.

BLAKE2b with 16 bytes (RFC 7693).  Each link hashes the one before, the ply, then for every acting seat in seat order
its view's canonical bytes and its action as JSON, then the rewards of all seats as little-endian doubles.  A replay
that reproduces the last link has reproduced the whole match bit for bit.
"""

import hashlib
import struct
from collections.abc import Iterable, Sequence

SIZE_BYTES = 16


def first(game: str, game_version: str, seed: int, seats: int) -> bytes:
    """The link before the first step."""
    text = f"{game}\0{game_version}\0{seed}\0{seats}"
    return hashlib.blake2b(text.encode(), digest_size=SIZE_BYTES).digest()


def link(before: bytes, ply: int, seen_done: Iterable[tuple[int, bytes, bytes]], rewards: Sequence[float]) -> bytes:
    """The link after one step. seen_done: (seat, view's bytes, action's JSON) in seat order."""
    chain = hashlib.blake2b(before, digest_size=SIZE_BYTES)
    chain.update(struct.pack("<q", ply))
    for seat, seen, done in seen_done:
        chain.update(struct.pack("<iii", seat, len(seen), len(done)))
        chain.update(seen)
        chain.update(done)
    chain.update(struct.pack(f"<{len(rewards)}d", *rewards))
    return chain.digest()
