"""A forgotten password: an operator makes a code, which its owner exchanges for a new password; once, within a day.

The code is signed, not stored: over the user, the end of its time and the hash of the password until now. Using it
changes that hash, so it is good once, and any other change of the password makes it worthless, too. The operator never
learns a password. Who gets the code is for the operator to be sure of: there is no e-mail (docs/security.md).
"""

import hmac
import re

import msgspec

from arena.api.acceptable import Invalid
from arena.api.passwords import Passwords
from arena.api.stamps import now_ms
from arena.api.tokens import Tokens, unauthorised
from arena.store import accounts
from arena.store.accounts import User
from arena.store.database import Connection, Database
from arena.store.sessions import end_sessions
from arena.store.users import lock_row
from arena.wire import ids

LIFETIME_MS = 24 * 3_600_000
_ENDS = re.compile(r"[0-9a-f]{1,12}\Z")


class RecoveryCode(msgspec.Struct, frozen=True, kw_only=True):
    """What a user who forgot the password needs. Shown this once and not stored."""

    code: str
    expires_ms: int


async def make_code(connection: Connection, tokens: Tokens, user: User) -> RecoveryCode:
    """For somebody who has a password. Raises Invalid."""
    hash_ = await _hash(connection, user)
    if hash_ is None:
        raise Invalid(f"{user.name} has no password: nobody logs in as it")
    expires_ms = now_ms() + LIFETIME_MS
    return RecoveryCode(
        code=f"{user.id}.{expires_ms:x}.{tokens.recovery(user.id, expires_ms, hash_)}", expires_ms=expires_ms
    )


async def recover(database: Database, passwords: Passwords, tokens: Tokens, code: str, password: str) -> User:
    """Give the code's user this password, and end all sessions. Raises NotAuthorizedException, PasswordError, Busy."""
    async with database.begin() as connection:
        user = await _holder(connection, tokens, code)
    fresh = await passwords.hash(password, user.name)
    async with database.begin() as connection:
        user = await _holder(connection, tokens, code)  # of two who use it at once, one comes first
        await accounts.set_password(connection, user.id, fresh)
        await end_sessions(connection, user.id, "password", now_ms())
    return user


async def _holder(connection: Connection, tokens: Tokens, code: str) -> User:
    """Whose code it is; the row is locked."""
    id_, _, rest = code.partition(".")
    ends, _, mac = rest.partition(".")
    expires_ms = int(ends, 16) if _ENDS.match(ends) else 0
    user = await lock_row(connection, id_) if ids.is_id(id_) and expires_ms > now_ms() else None
    hash_ = await _hash(connection, user) if user else None
    if user is None or hash_ is None or not _same(tokens.recovery(id_, expires_ms, hash_), mac):
        raise unauthorised("this code is not good (any more): ask an operator for another one")
    return user


async def _hash(connection: Connection, user: User) -> str | None:
    found = await accounts.find_password(connection, user.name)
    return found[1] if found else None


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode("utf-8", "surrogatepass"))
