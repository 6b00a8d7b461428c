"""/api/users: what operators see of users and do about them."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Controller, Request, get, patch, post
from litestar.di import NamedDependency
from litestar.exceptions import PermissionDeniedException
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from arena.api.acceptable import Unknown
from arena.api.answers import problems_of
from arena.api.audit import note
from arena.api.deletion import keep_an_admin
from arena.api.holders import Holders
from arena.api.paging import Page, page
from arena.api.recovery import RecoveryCode, make_code
from arena.api.registrar import Registrar
from arena.api.stamps import now_ms
from arena.api.tokens import OPERATORS, Grant, Identity, Tokens, operators_only
from arena.store import users
from arena.store.access_tokens import revoke_tokens
from arena.store.accounts import User, UserRole
from arena.store.database import Connection, Database
from arena.store.sessions import end_sessions, tell

PAGE_MAX = 100

Caller = Request[Identity, Grant, Any]


class ListedUser(User, frozen=True, kw_only=True):
    """A user, with how many agents."""

    agents: int


class UserChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be changed; null or left out: as it is."""

    role: Literal["user", "operator", "admin"] | None = None  # by administrators only
    locked: bool | None = None  # true: ends sessions, revokes access tokens and agents' credentials, halts the agents


class UsersController(Controller):
    """For operators."""

    path = "/users"
    tags = ("operation",)
    guards = (operators_only,)

    @get(responses=problems_of(400, 401, 403, 503))
    async def list_users(
        self,
        database: NamedDependency[Database],
        search: FromQuery[str | None] = None,
        role: FromQuery[UserRole | None] = None,
        locked: FromQuery[bool | None] = None,
        cursor: FromQuery[str | None] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = 50,
    ) -> Page[ListedUser]:
        """Users, newest first. search: what the name contains."""
        filters = users.UserFilters(search=search, role=role, locked=locked)
        async with database.begin() as connection:
            found = await users.search_users(connection, filters, cursor, limit + 1)
        return page([ListedUser(**msgspec.structs.asdict(user), agents=count) for user, count in found], limit)

    @patch("/{user_id:str}", responses=problems_of(400, 401, 403, 404, 409, 413, 503))
    async def change(
        self,
        user_id: FromPath[str],
        data: JSONBody[UserChange],
        request: Caller,
        registrar: NamedDependency[Registrar],
        holders: NamedDependency[Holders],
    ) -> User:
        """Change a user's role (administrators), lock or unlock one. It holds at once, for what is connected too.

        A lock ends sessions and revokes for good what else lets somebody in. Unlocking lets the user log in, and
        agents play as far as they are not paused, with new credentials.
        """
        async with registrar.database.begin() as connection:
            user = await users.lock_row(connection, user_id)
            if user is None:
                raise Unknown(f"there is no user {user_id!r}")
            _check_rights(request.user, user, data)
            changed = await change_user(connection, user, data)
        holders.forget(user_id)
        note(request, detail=msgspec.json.encode(data).decode())
        if data.locked is not None:  # also when it was locked already: NATS may not know yet
            await registrar.nats.follow(user_id)
        return changed

    @post("/{user_id:str}/recovery", responses=problems_of(400, 401, 403, 404, 503))
    async def make_recovery(
        self,
        user_id: FromPath[str],
        request: Caller,
        database: NamedDependency[Database],
        tokens: NamedDependency[Tokens],
    ) -> RecoveryCode:
        """Make a code with which the user sets a new password (`POST /api/auth/recover`), once, within a day."""
        async with database.begin() as connection:
            user = await users.lock_row(connection, user_id)
            if user is None:
                raise Unknown(f"there is no user {user_id!r}")
            _check_rights(request.user, user, UserChange())
            return await make_code(connection, tokens, user)


def _check_rights(caller: Identity, user: User, change: UserChange) -> None:
    """Operators deal with users; only administrators with operators, administrators and roles."""
    if user.role == "house":
        raise PermissionDeniedException(detail="this user is the house's: nobody logs in as it")
    if caller.role != "admin" and (change.role is not None or user.role in OPERATORS):
        raise PermissionDeniedException(detail="only an administrator may change roles, operators and administrators")
    if caller.id == user.id and change.locked:
        raise PermissionDeniedException(detail="you would lock yourself out")


async def change_user(connection: Connection, user: User, change: UserChange) -> User:
    """Change a user whose row is locked; API processes hear of it. Raises LastAdmin.

    NATS hears of a lock by `Propagation.follow`, after the transaction.
    """
    now = now_ms()
    changed = user
    if change.role is not None:
        changed = msgspec.structs.replace(changed, role=change.role)
    if change.locked is not None and change.locked != (user.locked_ms is not None):
        changed = msgspec.structs.replace(changed, locked_ms=now if change.locked else None)
    await users.change_user(connection, user.id, {"role": changed.role, "locked_ms": changed.locked_ms})
    await keep_an_admin(connection, user)
    if change.locked:
        await end_sessions(connection, user.id, "locked", now)
        await revoke_tokens(connection, user.id, now)
        await users.revoke_all_credentials(connection, user.id, now)
    await tell(connection, user.id)
    return changed
