"""Observations as canonical bytes, for the digest chain: the same value gives the same bytes in every process.

Each value is a type letter, then its size or shape, then its content; dicts are in the order of their keys. Arrays are
their dtype, shape and data, little-endian in C order.
"""

import struct
from functools import lru_cache, singledispatch
from typing import Any

import numpy as np


def canonical(value: Any) -> bytes:
    """The bytes of an array, number, text, None, or dict, list or tuple of them. TypeError for anything else."""
    if type(value) is np.ndarray and value.dtype.kind in "biuf" and value.dtype.isnative:
        return _header(value.dtype, value.shape) + value.tobytes()
    return _write(value)


@singledispatch
def _write(value: object) -> bytes:
    raise TypeError(f"an observation may hold arrays, numbers, text, dicts, lists and tuples, not {type(value)!r}")


@_write.register
def _(value: None) -> bytes:
    return b"n"


@_write.register
def _(value: bool) -> bytes:
    return b"b1" if value else b"b0"


@_write.register
def _(value: int) -> bytes:
    return b"i%d;" % value


@_write.register
def _(value: float) -> bytes:
    return b"f" + struct.pack("<d", value)


@_write.register
def _(value: str) -> bytes:
    return _write(value.encode()).replace(b"y", b"s", 1)


@_write.register
def _(value: bytes) -> bytes:
    return b"y%d;" % len(value) + value


@_write.register
def _(value: dict) -> bytes:  # type: ignore[type-arg]
    items = sorted((canonical(key), canonical(item)) for key, item in value.items())
    return b"d%d;" % len(items) + b"".join(key + item for key, item in items)


@_write.register(list)
@_write.register(tuple)
def _(value: list[Any] | tuple[Any, ...]) -> bytes:
    return b"t%d;" % len(value) + b"".join(map(canonical, value))


@_write.register(np.ndarray)
@_write.register(np.generic)
def _(value: Any) -> bytes:
    array = np.asarray(value)
    if array.dtype.hasobject:
        return b"o" + canonical(array.tolist())
    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    return _header(little.dtype, little.shape) + little.tobytes()


@lru_cache(maxsize=1024)
def _header(dtype: np.dtype[Any], shape: tuple[int, ...]) -> bytes:
    return f"a{dtype.str}{shape};".encode()
