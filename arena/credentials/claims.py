"""NATS JWTs: claims -> signed text, and back.

They are ordinary JWTs (RFC 7519) with the algorithm `ed25519-nkey`, which PyJWT learns here; keys are nkeys.  Claims
are version 2 as in github.com/nats-io/jwt; `jti` is the base32 SHA-512/256 of the claims without it.
"""

import base64
import hashlib
import secrets
from typing import Any

import jwt
import msgspec
import nkeys
from jwt.algorithms import Algorithm

OPERATOR = nkeys.PREFIX_BYTE_OPERATOR
ACCOUNT = nkeys.PREFIX_BYTE_ACCOUNT
USER = nkeys.PREFIX_BYTE_USER
ALGORITHM = "ed25519-nkey"


class ClaimsError(Exception):
    """A JWT that cannot be read, or a signature that does not fit. The message says which, and what was expected."""


class _Nkey(Algorithm):
    """Ed25519 with the key and signature encoding of nkeys."""

    def prepare_key(self, key: Any) -> nkeys.KeyPair:
        if not isinstance(key, nkeys.KeyPair):
            raise TypeError(f"expected an nkeys.KeyPair, got {type(key).__name__}")
        return key

    def sign(self, msg: bytes, key: Any) -> bytes:
        return bytes(key.sign(msg))

    def verify(self, msg: bytes, key: Any, sig: bytes) -> bool:
        try:
            return bool(key.verify(msg, sig))
        except nkeys.ErrInvalidSignature:
            return False

    @staticmethod
    def to_jwk(key_obj: Any, as_dict: bool = False) -> Any:
        raise TypeError("nkeys have no JWK form")

    @staticmethod
    def from_jwk(jwk: Any) -> Any:
        raise TypeError("nkeys have no JWK form")


_jws = jwt.PyJWS()  # one of our own: registering with PyJWT's global one would offer nkeys to every user of PyJWT
_jws.register_algorithm(ALGORITHM, _Nkey())


def new_key(prefix: int) -> nkeys.KeyPair:
    """A new key pair; prefix: OPERATOR, ACCOUNT or USER."""
    return nkeys.from_seed(nkeys.encode_seed(secrets.token_bytes(32), prefix))


def public(key: nkeys.KeyPair) -> str:
    """The public key in text form: O..., A... or U..."""
    return bytes(key.public_key).decode()


def seed(key: nkeys.KeyPair) -> str:
    """The seed in text form: SO..., SA... or SU... A secret."""
    return bytes(key.seed).decode()


def is_public(text: str, prefix: int) -> bool:
    """Whether `text` is a public key of this kind: right length, prefix and checksum."""
    try:
        raw = base64.b32decode(text + "=" * (-len(text) % 8))
    except ValueError:
        return False
    return len(raw) == 35 and raw[0] == prefix and nkeys.crc16(raw[:-2]).to_bytes(2, "little") == raw[-2:]


def sign(claims: dict[str, Any], key: nkeys.KeyPair) -> str:
    """The JWT of these claims, issued by `key`. `iss` and `jti` are filled in."""
    claims = claims | {"iss": public(key), "jti": ""}
    digest = hashlib.new("sha512_256", msgspec.json.encode(claims)).digest()
    claims["jti"] = base64.b32encode(digest).decode().rstrip("=")
    return _jws.encode(msgspec.json.encode(claims), key, algorithm=ALGORITHM)


def read(token: str, issuer: nkeys.KeyPair | None = None) -> dict[str, Any]:
    """The claims of a JWT, with its signature checked if `issuer` is given. Raises ClaimsError."""
    try:
        if issuer is None:
            body: bytes = _jws.decode(token, options={"verify_signature": False})
        else:
            body = _jws.decode(token, issuer, algorithms=[ALGORITHM])
        return msgspec.json.decode(body, type=dict[str, Any])
    except (jwt.InvalidTokenError, msgspec.DecodeError) as error:
        raise ClaimsError(f"not a JWT of NATS: {error}") from error
