"""Sessions of people, and their refresh tokens. Each function works inside the caller's transaction.

A session is a family of refresh tokens (RFC 9700, section 4.14.2): each is good for one exchange, and all are kept,
hashed, as long as the session, so that an old one is known for what it is.
"""

from typing import Literal

import msgspec
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from arena.store.schema import refresh_tokens, sessions, users

EndedWhy = Literal["logout", "everywhere", "password", "reuse", "locked", "revoked", "too many"]
CHANGED = "arena_sessions"  # PostgreSQL's channel; the payload is the id of the user whose sessions or tokens changed


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody is logged in."""

    id: str
    user: str
    address: str  # where it was last refreshed
    client: str  # what the client called itself then
    cookies: bool  # a browser's
    created_ms: int
    used_ms: int  # last refreshed
    expires_ms: int
    ended_ms: int | None = None
    ended_why: EndedWhy | None = None


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A refresh token that was issued once, and its session."""

    session: Session
    issued_ms: int
    used_ms: int | None
    newest: bool  # the token it was exchanged for has not been exchanged itself


_SESSION = tuple(sessions.c[name] for name in Session.__struct_fields__)


async def tell(connection: AsyncConnection, user: str) -> None:
    """All API processes forget what they know of this user, once the transaction is committed."""
    await connection.execute(select(func.pg_notify(CHANGED, user)))


async def add_session(connection: AsyncConnection, session: Session, hash_: bytes) -> None:
    """With its first refresh token."""
    await connection.execute(insert(sessions).values(**msgspec.structs.asdict(session)))
    await add_refresh(connection, session.id, hash_, session.created_ms)


async def add_refresh(connection: AsyncConnection, session: str, hash_: bytes, now_ms: int) -> None:
    """One more refresh token of a session."""
    await connection.execute(insert(refresh_tokens).values(hash=hash_, session=session, issued_ms=now_ms))


async def find_refresh(connection: AsyncConnection, hash_: bytes) -> Known | None:
    """A refresh token, whatever became of it. Its session is locked: exchanges happen one after another."""
    owner = select(refresh_tokens.c.session).where(refresh_tokens.c.hash == hash_)
    row = (
        (await connection.execute(select(*_SESSION).where(sessions.c.id == owner.scalar_subquery()).with_for_update()))
        .mappings()
        .one_or_none()
    )
    if row is None:
        return None
    session = Session(**row)
    token = (await connection.execute(select(refresh_tokens).where(refresh_tokens.c.hash == hash_))).mappings().one()
    later = select(func.count()).where(
        refresh_tokens.c.session == session.id, refresh_tokens.c.used_ms > (token["used_ms"] or 0)
    )
    newest = not (await connection.execute(later)).scalar_one()
    return Known(session=session, issued_ms=token["issued_ms"], used_ms=token["used_ms"], newest=newest)


async def exchange(connection: AsyncConnection, session: Session, old: bytes, new: bytes) -> None:
    """The new refresh token instead of the old one. session: as it is now, used at `used_ms`."""
    used_ms = session.used_ms
    await connection.execute(update(refresh_tokens).where(refresh_tokens.c.hash == old).values(used_ms=used_ms))
    await add_refresh(connection, session.id, new, used_ms)
    values = {"used_ms": used_ms, "address": session.address, "client": session.client}
    await connection.execute(update(sessions).where(sessions.c.id == session.id).values(**values))


async def find_holder(
    connection: AsyncConnection, session: str, now_ms: int, idle_ms_max: int
) -> tuple[Session, str, str] | None:
    """A session that is good now, with its user's name and role."""
    query = (
        select(*_SESSION, users.c.name.label("user_name"), users.c.role.label("user_role"))
        .join(users, users.c.id == sessions.c.user)
        .where(
            sessions.c.id == session,
            sessions.c.ended_ms.is_(None),
            sessions.c.expires_ms > now_ms,
            sessions.c.used_ms > now_ms - idle_ms_max,
            users.c.locked_ms.is_(None),
            users.c.deleted_ms.is_(None),
        )
    )
    row = (await connection.execute(query)).mappings().one_or_none()
    if row is None:
        return None
    return Session(**{name: row[name] for name in Session.__struct_fields__}), row["user_name"], row["user_role"]


async def list_sessions(
    connection: AsyncConnection, user: str, now_ms: int, idle_ms_max: int, limit: int
) -> list[Session]:
    """A user's good sessions, newest first."""
    query = (
        select(*_SESSION)
        .where(
            sessions.c.user == user,
            sessions.c.ended_ms.is_(None),
            sessions.c.expires_ms > now_ms,
            sessions.c.used_ms > now_ms - idle_ms_max,
        )
        .order_by(sessions.c.id.desc())
        .limit(limit)
    )
    return [Session(**row) for row in (await connection.execute(query)).mappings()]


async def end_sessions(
    connection: AsyncConnection,
    user: str,
    why: EndedWhy,
    now_ms: int,
    *,
    only: str | None = None,
    but: str | None = None,
    keep: int | None = None,
) -> int:
    """End a user's sessions: all, `only` one, all `but` one, or all but the newest `keep`. Returns how many."""
    query = update(sessions).where(sessions.c.user == user, sessions.c.ended_ms.is_(None))
    if only is not None:
        query = query.where(sessions.c.id == only)
    if but is not None:
        query = query.where(sessions.c.id != but)
    if keep is not None:
        newest = (
            select(sessions.c.id)
            .where(sessions.c.user == user, sessions.c.ended_ms.is_(None))
            .order_by(sessions.c.id.desc())
            .limit(keep)
        )
        query = query.where(sessions.c.id.not_in(newest))
    ended = await connection.execute(query.values(ended_ms=now_ms, ended_why=why).returning(sessions.c.id))
    count = len(list(ended.scalars()))
    if count:
        await tell(connection, user)
    return count


async def prune_sessions(connection: AsyncConnection, before_ms: int, limit: int) -> int:
    """Delete up to `limit` sessions that expired before then. Returns how many."""
    old = select(sessions.c.id).where(sessions.c.expires_ms < before_ms).limit(limit)
    return (await connection.execute(delete(sessions).where(sessions.c.id.in_(old)))).rowcount
