"""Who sends a request: the access token of a session (JWT, HS256), good for 15 minutes.

The key is made once in {home}/keys, so that every API process of a platform accepts the others' tokens. A token names
its session; whether that still stands is asked for at every request (`arena.api.holders`).
"""

import hashlib
import hmac
import os
import secrets
import time
from base64 import urlsafe_b64encode
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import jwt
import msgspec
from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler

from arena.api.scopes import Scope
from arena.credentials import write_secret
from arena.store.accounts import UserRole

LIFETIME = timedelta(minutes=15)
ISSUER = "arena"
KEY_BYTES_MIN = 32
OPERATORS: tuple[UserRole, ...] = ("operator", "admin")


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """The user of a request."""

    id: str
    name: str
    role: UserRole


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """By what a request was let in: `request.auth`."""

    via: Literal["session", "token"]
    id: str  # of the session or the personal access token
    scopes: tuple[Scope, ...] | None = None  # null: everything that its user may do
    cookies: bool = False


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """What an access token says."""

    sub: str
    sid: str
    name: str
    role: UserRole
    iss: str
    iat: int
    exp: int


def ensure_key(home: Path) -> str:
    """The signing key of this platform, made the first time."""
    path = home / "keys" / "jwt.key"
    if not path.exists():
        fresh = path.with_name(f".jwt.key.{os.getpid()}.new")
        write_secret(fresh, secrets.token_urlsafe(48))
        with suppress(FileExistsError):  # two processes may start at once: one of them makes it
            path.hardlink_to(fresh)
        fresh.unlink()
    key = path.read_text().strip()
    if len(key) < KEY_BYTES_MIN:
        raise ValueError(f"{path} is no key: remove it, and everybody has to log in again")
    return key


class Tokens:
    """Makes access tokens and checks them; the same for the tokens against forged requests."""

    def __init__(self, key: str) -> None:
        self._key = key

    def issue(self, user: Identity, session: str) -> str:
        """A token for somebody who proved to be this user."""
        now = int(time.time())
        claims = Claims(
            sub=user.id,
            sid=session,
            name=user.name,
            role=user.role,
            iss=ISSUER,
            iat=now,
            exp=now + int(LIFETIME.total_seconds()),
        )
        return jwt.encode(msgspec.structs.asdict(claims), self._key, algorithm="HS256")

    def read(self, token: str) -> Claims:
        """What a good token says. Raises NotAuthorizedException."""
        try:
            claims = jwt.decode(
                token, self._key, algorithms=["HS256"], issuer=ISSUER, options={"require": ["exp", "iss", "sub"]}
            )
            return msgspec.convert(claims, Claims)
        except (jwt.PyJWTError, msgspec.ValidationError) as error:
            raise unauthorised("this access token is not good (any more): refresh it, or log in again") from error

    def csrf(self, session: str) -> str:
        """What a browser has to send in a header with every changing request of this session.

        A keyed hash over the session (OWASP's signed double submit): whoever can only plant cookies cannot make one.
        """
        return self._sign(f"csrf:{session}")

    def recovery(self, user: str, expires_ms: int, password_hash: str) -> str:
        """What makes a recovery code good (`arena.api.recovery`): as long as the password is the same."""
        return self._sign(f"recovery:{user}:{expires_ms}:{password_hash}")

    def _sign(self, text: str) -> str:
        digest = hmac.new(self._key.encode(), text.encode(), hashlib.sha256).digest()
        return urlsafe_b64encode(digest).decode().rstrip("=")


def unauthorised(detail: str) -> NotAuthorizedException:
    """401, with the way to log in that RFC 9110 asks for."""
    return NotAuthorizedException(detail=detail, headers={"WWW-Authenticate": 'Bearer realm="arena"'})


def operators_only(connection: ASGIConnection[Any, Identity, Grant, Any], _handler: BaseRouteHandler) -> None:
    """A guard of routes: operators and administrators; by a personal access token only with scope `admin`."""
    _only(connection, OPERATORS, "an operator")


def admins_only(connection: ASGIConnection[Any, Identity, Grant, Any], _handler: BaseRouteHandler) -> None:
    """A guard of routes: administrators alone; by a personal access token only with scope `admin`."""
    _only(connection, ("admin",), "an administrator")


def prometheus_only(connection: ASGIConnection[Any, Identity, Grant, Any], _handler: BaseRouteHandler) -> None:
    """A guard of routes: operators and administrators; by a personal access token only with scope `metrics`."""
    _only(connection, OPERATORS, "an operator", "metrics")


def _only(
    connection: ASGIConnection[Any, Identity, Grant, Any], roles: tuple[UserRole, ...], who: str, scope: Scope = "admin"
) -> None:
    if connection.user.role not in roles:
        raise PermissionDeniedException(detail=f"only {who} may do this")
    if connection.auth.scopes is not None and scope not in connection.auth.scopes:
        raise PermissionDeniedException(detail=f"this access token lacks scope {scope!r}")
