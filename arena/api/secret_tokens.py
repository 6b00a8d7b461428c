"""The form of tokens that are random: refresh tokens, and personal access tokens.

    arena_ + 30 characters of base 62 (178 bits) + 6 of checksum (CRC-32)

The form is GitHub's (https://github.blog/engineering/behind-githubs-new-authentication-token-formats/): scanners find
leaked ones by the prefix, tell them from other text by the checksum, and so do we before we ask the database. Being
random, they are stored as plain SHA-256: a slow hash is for what people can guess.
"""

import hashlib
import hmac
import re
import secrets
import string
import zlib

MARK = "arena_"
RANDOM_CHARACTERS = 30
CHECKSUM_CHARACTERS = 6
PREFIX_CHARACTERS = len(MARK) + 8  # stored in clear: to look it up, and for its owner to recognise it
REFRESH_BYTES = 32
_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_FORM = re.compile(rf"{MARK}[0-9A-Za-z]{{{RANDOM_CHARACTERS + CHECKSUM_CHARACTERS}}}\Z")


def make_access_token() -> str:
    """A personal access token."""
    body = MARK + "".join(secrets.choice(_ALPHABET) for _ in range(RANDOM_CHARACTERS))
    return body + _checksum(body)


def make_refresh_token() -> str:
    """A refresh token: 256 bits."""
    return secrets.token_urlsafe(REFRESH_BYTES)


def well_formed(token: str) -> bool:
    """Whether it has the form of a personal access token, with the right checksum."""
    return _FORM.match(token) is not None and _checksum(token[:-CHECKSUM_CHARACTERS]) == token[-CHECKSUM_CHARACTERS:]


def prefix(token: str) -> str:
    """The part of a personal access token by which it is looked up."""
    return token[:PREFIX_CHARACTERS]


def hashed(token: str) -> bytes:
    """What is stored of it."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def same(one: bytes, other: bytes) -> bool:
    """Compare hashes in constant time."""
    return hmac.compare_digest(one, other)


def _checksum(body: str) -> str:
    number, digits = zlib.crc32(body.encode()), ""
    for _ in range(CHECKSUM_CHARACTERS):
        number, digit = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits
