"""/api/auth/tokens: personal access tokens, for scripts and CI."""

from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, delete, get, post
from litestar.di import NamedDependency
from litestar.exceptions import PermissionDeniedException
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from arena.api import secret_tokens
from arena.api.acceptable import Invalid, Unknown, check_name
from arena.api.answers import problems_of
from arena.api.holders import Holders
from arena.api.paging import Page, page
from arena.api.scopes import Scope
from arena.api.stamps import new_id, now_ms
from arena.api.tokens import OPERATORS, Grant, Identity
from arena.store import access_tokens
from arena.store.access_tokens import PersonalToken
from arena.store.database import Database

DAY_MS = 24 * 3_600_000
DAYS_DEFAULT, DAYS_MAX = 90, 365
TOKENS_MAX = 50  # good ones of one user
PAGE_MAX = 100

Caller = Request[Identity, Grant, Any]


class NewToken(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What it is for, and what it may do."""

    name: str
    scopes: Annotated[list[Scope], msgspec.Meta(min_length=1, max_length=8)]
    days: Annotated[int, msgspec.Meta(ge=1, le=DAYS_MAX)] = DAYS_DEFAULT  # until it expires


class IssuedToken(PersonalToken, frozen=True, kw_only=True):
    """A new token. `token` is shown this once and not stored."""

    token: str


class AccessTokensController(Controller):
    """Only for people who logged in: no token makes another."""

    path = "/auth/tokens"
    tags = ("accounts",)

    @get(responses=problems_of(400, 401, 403, 503))
    async def list_tokens(
        self,
        request: Caller,
        database: NamedDependency[Database],
        cursor: FromQuery[str | None] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = 50,
    ) -> Page[PersonalToken]:
        """Your tokens, newest first; revoked and expired ones too."""
        async with database.begin() as connection:
            return page(await access_tokens.list_tokens(connection, request.user.id, cursor, limit + 1), limit)

    @post(responses=problems_of(400, 401, 403, 413, 503))
    async def create(
        self, data: JSONBody[NewToken], request: Caller, database: NamedDependency[Database]
    ) -> IssuedToken:
        """Make a token. Send it as `Authorization: Bearer arena_...`."""
        if {"admin", "metrics"} & set(data.scopes) and request.user.role not in OPERATORS:
            raise PermissionDeniedException(detail="scopes 'admin' and 'metrics' are for operators")
        now, secret = now_ms(), secret_tokens.make_access_token()
        token = PersonalToken(
            id=new_id(),
            user=request.user.id,
            name=check_name(data.name, "token"),
            prefix=secret_tokens.prefix(secret),
            scopes=sorted(set(data.scopes)),
            created_ms=now,
            expires_ms=now + data.days * DAY_MS,
        )
        async with database.begin() as connection:
            if await access_tokens.count_tokens(connection, request.user.id, now) >= TOKENS_MAX:
                raise Invalid(f"a user may have {TOKENS_MAX} valid access tokens at most: revoke some")
            await access_tokens.add_token(connection, token, secret_tokens.hashed(secret))
        return IssuedToken(**msgspec.structs.asdict(token), token=secret)

    @delete("/{token_id:str}", responses=problems_of(401, 403, 404, 503))
    async def revoke(
        self,
        token_id: FromPath[str],
        request: Caller,
        database: NamedDependency[Database],
        holders: NamedDependency[Holders],
    ) -> None:
        """Revoke a token. It is good for nothing any more, at once."""
        async with database.begin() as connection:
            count = await access_tokens.revoke_tokens(connection, request.user.id, now_ms(), token_id)
        holders.forget(request.user.id)
        if not count:
            raise Unknown(f"you have no access token {token_id!r} that is not revoked yet")
