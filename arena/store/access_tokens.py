"""Personal access tokens. Each function works inside the caller's transaction."""

import msgspec
from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from arena.store.schema import access_tokens, users
from arena.store.sessions import tell

LAST_USE_MS = 60_000  # the last use is written at most this often


class PersonalToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token that was issued. What it is itself was shown once and is not stored."""

    id: str
    user: str
    name: str
    prefix: str  # the first characters, to recognise it
    scopes: list[str]
    created_ms: int
    expires_ms: int
    used_ms: int | None = None  # to the minute
    revoked_ms: int | None = None


_TOKEN = tuple(access_tokens.c[name] for name in PersonalToken.__struct_fields__)


async def add_token(connection: AsyncConnection, token: PersonalToken, hash_: bytes) -> None:
    """A new one."""
    await connection.execute(insert(access_tokens).values(**msgspec.structs.asdict(token), hash=hash_))


async def count_tokens(connection: AsyncConnection, user: str, now_ms: int) -> int:
    """How many good ones a user has. The user's row is locked: two at once cannot both be the last one allowed."""
    await connection.execute(select(users.c.id).where(users.c.id == user).with_for_update())
    query = select(func.count()).where(
        access_tokens.c.user == user, access_tokens.c.revoked_ms.is_(None), access_tokens.c.expires_ms > now_ms
    )
    return int((await connection.execute(query)).scalar_one())


async def find_tokens(
    connection: AsyncConnection, prefix: str, now_ms: int
) -> list[tuple[PersonalToken, bytes, str, str]]:
    """Good ones with this prefix: each with its hash, and its user's name and role."""
    query = (
        select(*_TOKEN, access_tokens.c.hash, users.c.name.label("user_name"), users.c.role.label("user_role"))
        .join(users, users.c.id == access_tokens.c.user)
        .where(
            access_tokens.c.prefix == prefix,
            access_tokens.c.revoked_ms.is_(None),
            access_tokens.c.expires_ms > now_ms,
            users.c.locked_ms.is_(None),
            users.c.deleted_ms.is_(None),
        )
    )
    return [
        (
            PersonalToken(**{name: row[name] for name in PersonalToken.__struct_fields__}),
            row["hash"],
            row["user_name"],
            row["user_role"],
        )
        for row in (await connection.execute(query)).mappings()
    ]


async def note_use(connection: AsyncConnection, id_: str, now_ms: int) -> None:
    """It is used now."""
    column = access_tokens.c.used_ms
    stale = or_(column.is_(None), column < now_ms - LAST_USE_MS)
    await connection.execute(update(access_tokens).where(access_tokens.c.id == id_, stale).values(used_ms=now_ms))


async def list_tokens(connection: AsyncConnection, user: str, before: str | None, limit: int) -> list[PersonalToken]:
    """A user's, newest first; before: a token's id, to page from."""
    query = select(*_TOKEN).where(access_tokens.c.user == user).order_by(access_tokens.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(access_tokens.c.id < before)
    return [PersonalToken(**row) for row in (await connection.execute(query)).mappings()]


async def revoke_tokens(connection: AsyncConnection, user: str, now_ms: int, only: str | None = None) -> int:
    """Revoke one of a user's, or all. Returns how many were not revoked before."""
    query = update(access_tokens).where(access_tokens.c.user == user, access_tokens.c.revoked_ms.is_(None))
    if only is not None:
        query = query.where(access_tokens.c.id == only)
    count = (await connection.execute(query.values(revoked_ms=now_ms))).rowcount
    if count:
        await tell(connection, user)
    return count
