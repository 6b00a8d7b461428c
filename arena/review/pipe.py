"""The conversation of a child process with who started it: requests on standard input, answers on standard output.

    4 bytes of length (big-endian), a request in msgpack  ->  4 bytes of length, its answer in msgpack

The child ends with its standard input. Its one argument is the operator's games file, if there is one.
"""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from arena.games import Game, load_catalogue

Request = TypeVar("Request")


def catalogue() -> Mapping[str, Game]:
    """The games that the child plays."""
    return load_catalogue(Path(sys.argv[1]) if len(sys.argv) > 1 else None)


def serve(kind: type[Request], answer: Callable[[Request], msgspec.Struct]) -> None:
    """Answer until standard input ends."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a game prints must not get among the answers
    decoder = msgspec.msgpack.Decoder(kind)
    read = sys.stdin.buffer.read
    while len(head := read(4)) == 4:
        found = msgspec.msgpack.encode(answer(decoder.decode(read(int.from_bytes(head)))))
        out.write(len(found).to_bytes(4) + found)
        out.flush()
