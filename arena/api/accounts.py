"""/api/auth: register, log in and out, change the password, delete the account; one's own sessions."""

from typing import Any

import msgspec
from litestar import Controller, Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.params import FromPath, JSONBody

from arena.api.about import About
from arena.api.acceptable import composed
from arena.api.addresses import client_address
from arena.api.answers import problems_of
from arena.api.audit import note
from arena.api.deletion import delete_account
from arena.api.holders import Holders
from arena.api.limits import Limits, What
from arena.api.passwords import Passwords
from arena.api.recovery import recover
from arena.api.registrar import Registrar
from arena.api.sessions import Entered, Reused, Sessions
from arena.api.stamps import now_ms
from arena.api.tokens import Grant, Identity, Tokens, unauthorised
from arena.store import accounts
from arena.store.accounts import User
from arena.store.sessions import Session, end_sessions

Caller = Request[Identity, Grant, Any]
Stranger = Request[Any, Any, Any]


class Login(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A name and a password. cookies: keep the session in a browser's cookies instead of the answer."""

    name: str
    password: str
    cookies: bool = False


class Refresh(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The refresh token; null: it is in a cookie."""

    refresh_token: str | None = None


class PasswordChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The password until now, and from now on."""

    old: str
    new: str


class Recovery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A code that an operator made, and the password from now on."""

    code: str
    password: str


class Confirmation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The password, once more."""

    password: str


class OwnSession(Session, frozen=True, kw_only=True):
    """A session. current: this very one."""

    current: bool


class AuthController(Controller):
    """Who somebody is."""

    path = "/auth"
    tags = ("accounts",)

    @post("/register", exclude_from_auth=True, responses=problems_of(400, 403, 409, 413, 503))
    async def register(
        self,
        data: JSONBody[Login],
        request: Stranger,
        registrar: NamedDependency[Registrar],
        passwords: NamedDependency[Passwords],
        sessions: NamedDependency[Sessions],
        limits: NamedDependency[Limits],
        about: NamedDependency[About],
    ) -> Response[Entered]:
        """Make a user, and log in."""
        if not about.registering:
            raise PermissionDeniedException("nobody registers here: an operator makes users (`arena user create`)")
        await limits.take(What.REGISTER_ADDRESS, client_address(request))
        user = await registrar.create_user(data.name, await passwords.hash(data.password, data.name))
        note(request, user=user.id, object_=user.id)
        return await sessions.begin(user, request, cookies=data.cookies)

    @post("/login", exclude_from_auth=True, status_code=200, responses=problems_of(400, 401, 403, 413, 503))
    async def login(
        self,
        data: JSONBody[Login],
        request: Stranger,
        registrar: NamedDependency[Registrar],
        passwords: NamedDependency[Passwords],
        sessions: NamedDependency[Sessions],
        limits: NamedDependency[Limits],
    ) -> Response[Entered]:
        """Begin a session: an access token for 15 minutes, and a refresh token for the next one."""
        await limits.take(What.LOGIN_ADDRESS, client_address(request))
        user = await _proven(data.name, data.password, request, registrar, passwords, limits)
        return await sessions.begin(user, request, cookies=data.cookies)

    @post("/refresh", exclude_from_auth=True, status_code=200, responses=problems_of(400, 401, 403, 413, 503))
    async def refresh(
        self,
        data: JSONBody[Refresh],
        request: Stranger,
        sessions: NamedDependency[Sessions],
        limits: NamedDependency[Limits],
    ) -> Response[Entered]:
        """Exchange the refresh token for a new access token and a new refresh token; each is good once."""
        await limits.take(What.REFRESH_ADDRESS, client_address(request))
        try:
            answer = await sessions.refresh(request, data.refresh_token)
        except Reused as error:
            note(
                request,
                user=error.session.user,
                object_=error.session.id,
                detail="a refresh token was used twice: its session is ended",
            )
            raise unauthorised(str(error)) from error
        note(request, user=answer.content.user.id, object_=answer.content.session)
        return answer

    @post("/logout", status_code=204, responses=problems_of(401, 403, 503))
    async def logout(self, request: Caller, sessions: NamedDependency[Sessions]) -> Response[None]:
        """End this session. Its access token is good for nothing any more, at once."""
        await sessions.end(request.user.id, "logout", only=request.auth.id)
        return Response(None, cookies=sessions.cookies.clear())

    @post("/logout-everywhere", status_code=204, responses=problems_of(401, 403, 503))
    async def logout_everywhere(self, request: Caller, sessions: NamedDependency[Sessions]) -> Response[None]:
        """End all your sessions, this one too. Personal access tokens go on."""
        await sessions.end(request.user.id, "everywhere")
        return Response(None, cookies=sessions.cookies.clear())

    @post("/password", status_code=204, responses=problems_of(400, 401, 403, 413, 503))
    async def change_password(
        self,
        data: JSONBody[PasswordChange],
        request: Caller,
        registrar: NamedDependency[Registrar],
        passwords: NamedDependency[Passwords],
        holders: NamedDependency[Holders],
        limits: NamedDependency[Limits],
    ) -> None:
        """Change the password. Your other sessions end; personal access tokens go on."""
        user = await _confirmed(data.old, request, registrar, passwords, limits)
        fresh = await passwords.hash(data.new, user.name)
        async with registrar.database.begin() as connection:
            await accounts.set_password(connection, user.id, fresh)
            await end_sessions(connection, user.id, "password", now_ms(), but=request.auth.id)
        holders.forget(user.id)

    @post("/recover", exclude_from_auth=True, status_code=204, responses=problems_of(400, 401, 403, 413, 429, 503))
    async def recover(
        self,
        data: JSONBody[Recovery],
        request: Stranger,
        registrar: NamedDependency[Registrar],
        passwords: NamedDependency[Passwords],
        tokens: NamedDependency[Tokens],
        limits: NamedDependency[Limits],
    ) -> None:
        """Set a new password with a code from an operator, good once. All sessions end."""
        await limits.take(What.LOGIN_ADDRESS, client_address(request))
        user = await recover(registrar.database, passwords, tokens, data.code, data.password)
        note(request, user=user.id, object_=user.id)

    @post("/delete-account", status_code=204, responses=problems_of(400, 401, 403, 409, 413, 503))
    async def delete_account(
        self,
        data: JSONBody[Confirmation],
        request: Caller,
        registrar: NamedDependency[Registrar],
        passwords: NamedDependency[Passwords],
        sessions: NamedDependency[Sessions],
        limits: NamedDependency[Limits],
    ) -> Response[None]:
        """Delete your account and agents, for ever. Matches stay, under names that say nothing."""
        user = await _confirmed(data.password, request, registrar, passwords, limits)
        await delete_account(registrar, user.id)
        return Response(None, cookies=sessions.cookies.clear())

    @get("/me", responses=problems_of(401, 403, 503))
    async def me(self, request: Caller) -> Identity:
        """Who you are."""
        return request.user

    @get("/sessions", responses=problems_of(401, 403, 503))
    async def list_sessions(self, request: Caller, sessions: NamedDependency[Sessions]) -> list[OwnSession]:
        """Your sessions (50 at most), newest first."""
        found = await sessions.list(request.user.id)
        return [OwnSession(**msgspec.structs.asdict(one), current=one.id == request.auth.id) for one in found]

    @delete("/sessions/{session_id:str}", responses=problems_of(401, 403, 404, 503))
    async def end_session(
        self, session_id: FromPath[str], request: Caller, sessions: NamedDependency[Sessions]
    ) -> None:
        """End one of your sessions."""
        await sessions.end(request.user.id, "revoked", only=session_id)


async def _proven(
    name: str, password: str, request: Stranger, registrar: Registrar, passwords: Passwords, limits: Limits
) -> User:
    """The user of this name, whose password this is. Raises NotAuthorizedException, PermissionDeniedException."""
    name = composed(name)
    await limits.take(What.LOGIN_NAME, name)
    async with registrar.database.begin() as connection:
        found = await accounts.find_password(connection, name)
    user, stored = found or (None, None)
    if user is not None:
        note(request, user=user.id, object_=user.id)
    right, stronger = await passwords.check(password, stored)
    if user is None or not right:
        raise NotAuthorizedException(detail="no user of this name has this password")
    if user.locked_ms is not None:  # said only to who knows the password
        raise PermissionDeniedException(detail="an operator has locked this account")
    if stronger:
        async with registrar.database.begin() as connection:
            await accounts.set_password(connection, user.id, stronger)
    return user


async def _confirmed(
    password: str, request: Caller, registrar: Registrar, passwords: Passwords, limits: Limits
) -> User:
    """The caller, who gave the password once more. Raises PermissionDeniedException: the session itself is good."""
    try:
        return await _proven(request.user.name, password, request, registrar, passwords, limits)
    except NotAuthorizedException as error:
        raise PermissionDeniedException(detail="this is not your password") from error
