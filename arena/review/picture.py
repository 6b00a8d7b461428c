"""Pictures without a graphics library: pixels as PNG, text as SVG."""

import struct
import zlib
from html import escape
from typing import Any

import numpy as np

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHARACTER_PX = 9.6  # width of one in a monospaced font of 16 px
_LINE_PX = 20
_MARGIN_PX = 12


def png(pixels: Any) -> bytes:
    """Height x width x 3 numbers from 0 to 255 as a PNG file (ISO/IEC 15948: true colour, eight bits, no filter)."""
    rows = np.ascontiguousarray(pixels, np.uint8)
    height, width, _ = rows.shape
    lines = np.concatenate([np.zeros((height, 1), np.uint8), rows.reshape(height, width * 3)], axis=1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), 6)), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(kind, content) for kind, content in parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def svg(text: str) -> bytes:
    """Lines of text black on white, in a monospaced font."""
    lines = text.split("\n")
    width = 2 * _MARGIN_PX + _CHARACTER_PX * max(map(len, lines))
    height = 2 * _MARGIN_PX + _LINE_PX * len(lines)
    spans = "".join(
        f'<tspan x="{_MARGIN_PX}" dy="{_LINE_PX if number else 0}">{escape(_printable(line)) or " "}</tspan>'
        for number, line in enumerate(lines)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height}">'
        f'<rect width="100%" height="100%" fill="white"/>'
        f'<text y="{_MARGIN_PX + 14}" font-family="monospace" font-size="16" fill="black" xml:space="preserve">'
        f"{spans}</text></svg>"
    ).encode()


def _printable(line: str) -> str:
    return "".join(character if character.isprintable() else " " for character in line)
