"""Who sends a request: access tokens (JWT, HS256), good for 15 minutes.

The key is made once in {home}/keys, so that every API process of a platform accepts the others' tokens. What is in a
token is all a request needs: no look-up per request. (Refresh tokens and cookies will stand beside this, not in it.)
"""

import os
import secrets
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler
from litestar.security.jwt import JWTAuth, Token

from arena.credentials import write_secret
from arena.store.accounts import User, UserRole

LIFETIME = timedelta(minutes=15)
ISSUER = "arena"
KEY_BYTES_MIN = 32


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """The user of a request, as the token says."""

    id: str
    name: str
    role: UserRole


class AccessToken(msgspec.Struct, frozen=True, kw_only=True):
    """What logging in gives. Send it as `Authorization: Bearer <access_token>`."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - its kind
    expires_in: int = int(LIFETIME.total_seconds())  # seconds
    user: Identity


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
    """Makes access tokens, and checks them (as Litestar's middleware).

    Routes marked `exclude_from_auth` need none.
    """

    def __init__(self, key: str) -> None:
        self.middleware = JWTAuth[Identity, Token](
            token_secret=key,
            retrieve_user_handler=_identity,
            default_token_expiration=LIFETIME,
            accepted_issuers=[ISSUER],
            exclude=["^/static/", "^/api/openapi.json"],
            exclude_http_methods=["OPTIONS"],
        )

    def issue(self, user: User) -> AccessToken:
        """A token for somebody who proved to be this user."""
        extras = {"name": user.name, "role": user.role}
        token = self.middleware.create_token(user.id, token_issuer=ISSUER, token_extras=extras)
        return AccessToken(access_token=token, user=Identity(id=user.id, name=user.name, role=user.role))


def operators_only(connection: ASGIConnection[Any, Identity, Any, Any], _handler: BaseRouteHandler) -> None:
    """A guard of routes: administrators alone."""
    if connection.user.role != "admin":
        raise PermissionDeniedException("only an administrator may do this")


async def _identity(token: Token, _connection: ASGIConnection[Any, Any, Any, Any]) -> Identity:
    try:
        return msgspec.convert({"id": token.sub, **token.extras}, Identity)
    except msgspec.ValidationError as error:
        raise NotAuthorizedException("this token is of another version: log in again") from error
