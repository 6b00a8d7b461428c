"""The middleware that lets requests in: by a session's access token, a browser's cookies, or a personal token."""

from typing import Any

from litestar.config.app import AppConfig
from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.middleware import DefineMiddleware
from litestar.middleware.authentication import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.openapi.spec import Components, SecurityScheme
from litestar.types import ASGIApp, Receive, Scope, Send

from arena.api import scopes, secret_tokens
from arena.api.cookies import CSRF_HEADER, Cookies, check_csrf, check_origin
from arena.api.holders import Holder, Holders
from arena.api.tokens import Tokens, unauthorised
from arena.store.database import StoreError

NEEDS_NOBODY = ["^/assets/", "^/static/", "^/api/openapi.json"]


class Authentication:
    """What the middleware needs. Routes marked `exclude_from_auth` let everybody in."""

    def __init__(self, tokens: Tokens, holders: Holders, cookies: Cookies) -> None:
        self.tokens = tokens
        self.holders = holders
        self.cookies = cookies

    def on_app_init(self, config: AppConfig) -> AppConfig:
        """Add the middleware, and say in the OpenAPI document how to get in."""
        config.middleware.insert(0, DefineMiddleware(_Middleware, doors=self))
        if config.openapi_config:
            config.openapi_config.components = Components(
                security_schemes={
                    "BearerToken": SecurityScheme(
                        type="http",
                        scheme="Bearer",
                        description="A session's access token, or a personal access token (`arena_...`).",
                    ),
                    "Cookies": SecurityScheme(
                        type="apiKey",
                        name=self.cookies.access,
                        security_scheme_in="cookie",
                        description=f"A browser's session; changing requests need header {CSRF_HEADER} as well.",
                    ),
                }
            )
            config.openapi_config.security = [{"BearerToken": []}, {"Cookies": []}]
        return config

    async def admit(self, connection: ASGIConnection[Any, Any, Any, Any]) -> Holder:
        """Who it is. Raises NotAuthorizedException, PermissionDeniedException, StoreError."""
        safe = _method(connection) in scopes.SAFE
        header = connection.headers.get("authorization")
        if header is not None:
            scheme, _, credential = header.partition(" ")
            if scheme.lower() != "bearer":
                raise unauthorised("expected header `Authorization: Bearer <token>`")
            if credential.startswith(secret_tokens.MARK):
                return await self._personal(connection, credential)
            return await self._session(credential, safe=safe)
        if (cookie := connection.cookies.get(self.cookies.access)) is None:
            raise unauthorised("log in first: POST /api/auth/login, or send a personal access token")
        holder = await self._session(cookie, safe=safe)
        if not safe:
            check_csrf(connection, self.tokens, holder.grant.id)
        elif connection.scope["type"] == ScopeType.WEBSOCKET:  # other origins' pages may open one with our cookies
            check_origin(connection)
        return holder

    async def visitor(self, connection: ASGIConnection[Any, Any, Any, Any]) -> "Visitor":
        """Who opens a connection that lasts, and need not say who it is."""
        try:
            return Visitor(self, connection, await self.admit(connection))
        except (NotAuthorizedException, PermissionDeniedException, StoreError):
            return Visitor(self, connection, None)

    async def stands(self, connection: ASGIConnection[Any, Any, Any, Any], holder: Holder) -> bool:
        """Whether who was admitted with this connection would be now. A session's may be older than its tokens live."""
        if holder.grant.via == "session":
            return await self.holders.session_of(holder.user.id, holder.grant.id) is not None
        try:
            await self.admit(connection)
        except (NotAuthorizedException, PermissionDeniedException):
            return False
        return True

    async def _session(self, credential: str, *, safe: bool) -> Holder:
        holder = await self.holders.session(self.tokens.read(credential), safe=safe)
        if holder is None:
            raise unauthorised("this session is over: log in again")
        return holder

    async def _personal(self, connection: ASGIConnection[Any, Any, Any, Any], credential: str) -> Holder:
        holder = await self.holders.token(credential)
        if holder is None:
            raise unauthorised("this access token is not known, revoked or expired")
        path = connection.scope.get("path_template", "")
        scope = scopes.needed(_method(connection), path)
        if scope is None:
            raise PermissionDeniedException(detail="this is for people who logged in, not for access tokens")
        if scope not in (holder.grant.scopes or ()):
            raise PermissionDeniedException(detail=f"this access token lacks scope {scope!r}")
        return holder


class Visitor:
    """Who opened a connection that lasts, or nobody."""

    def __init__(
        self, doors: Authentication, connection: ASGIConnection[Any, Any, Any, Any], holder: Holder | None
    ) -> None:
        self._doors = doors
        self._connection = connection
        self._holder = holder

    async def user(self) -> str | None:
        """The user's id, if what the connection was opened with still stands. Raises StoreError."""
        if self._holder is None or not await self._doors.stands(self._connection, self._holder):
            return None
        return self._holder.user.id


def _method(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """A WebSocket is opened by a GET."""
    return str(connection.scope.get("method", "GET"))


class _Middleware(AbstractAuthenticationMiddleware):
    def __init__(self, app: ASGIApp, doors: Authentication) -> None:
        super().__init__(app, exclude=NEEDS_NOBODY, exclude_http_methods=["OPTIONS"])
        self._doors = doors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and scope["method"] not in scopes.SAFE:
            connection: ASGIConnection[Any, Any, Any, Any] = ASGIConnection(scope)
            if "authorization" not in connection.headers:
                check_origin(connection)
        await super().__call__(scope, receive, send)

    async def authenticate_request(self, connection: ASGIConnection[Any, Any, Any, Any]) -> AuthenticationResult:
        holder = await self._doors.admit(connection)
        return AuthenticationResult(user=holder.user, auth=holder.grant)
