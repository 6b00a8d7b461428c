"""Bytes <-> messages. Encoders and decoders are built once; arrays travel as `arena.wire.play` says."""

from typing import Any

import msgspec

from arena.wire import events, lobby, play

Encoding = lobby.Encoding
UNDECODABLE = (msgspec.DecodeError, RecursionError)  # what bytes of strangers can raise (depth, too)


# What travels as raw bytes, by NumPy's name for type and byte order: what every language has. All else travels as
# nested lists.
_DTYPES = {"|b1": "bool", "|i1": "int8", "|u1": "uint8"} | {
    f"{order}{letter}{size}": f"{kind}{size * 8}"
    for order in "<>"
    for letter, kind, sizes in (("i", "int", (2, 4, 8)), ("u", "uint", (2, 4, 8)), ("f", "float", (4, 8)))
    for size in sizes
}


class ArrayData(msgspec.Struct, frozen=True):
    """An array in msgpack: NumPy's dtype name (`int8`, `bool`, ...), shape, raw little-endian bytes in C order."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes


def _plain(value: Any) -> Any:
    """NumPy arrays and scalars as lists and numbers, for JSON."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"cannot encode {type(value).__name__}")


def _packed(value: Any) -> Any:
    """NumPy arrays as ArrayData, scalars as numbers, for msgpack."""
    if getattr(value, "shape", ()) and hasattr(value, "tobytes"):
        code = value.dtype.str
        if name := _DTYPES.get(code):
            little = value.astype(value.dtype.newbyteorder("<")) if code[0] == ">" else value
            return ArrayData(name, value.shape, little.tobytes())
    return _plain(value)


_JSON = msgspec.json.Encoder(enc_hook=_plain)
_MSGPACK = msgspec.msgpack.Encoder(enc_hook=_packed)

encode_json = _JSON.encode
encode_msgpack = _MSGPACK.encode

event_decoder: msgspec.json.Decoder[events.MatchEvent] = msgspec.json.Decoder(events.MatchEvent)
decode_event = event_decoder.decode


def encode(value: Any, encoding: Encoding) -> bytes:
    """`value` (a message, or plain data with NumPy arrays in it) as bytes."""
    return encode_json(value) if encoding == "json" else encode_msgpack(value)


class Codec:
    """Decoders of what agents and services send, for one encoding. All raise msgspec.DecodeError."""

    def __init__(self, encoding: Encoding) -> None:
        format_ = msgspec.json if encoding == "json" else msgspec.msgpack
        self.encode = encode_json if encoding == "json" else encode_msgpack
        self.action = format_.Decoder(play.Action).decode
        self.turn = format_.Decoder(play.Turn).decode
        self.over = format_.Decoder(play.Over).decode
        self.notice = format_.Decoder(lobby.Notice).decode


JSON = Codec("json")
MSGPACK = Codec("msgpack")
CODECS: dict[Encoding, Codec] = {"json": JSON, "msgpack": MSGPACK}
