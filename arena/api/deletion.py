"""What stays of an account that is deleted: the rows its matches point to, with nothing of the person in them."""

from arena.api.registrar import Invalid, Registrar, Unknown, Unpushed, new_id, now_ms
from arena.bus import BusError, kv
from arena.store import users
from arena.store.access_tokens import revoke_tokens
from arena.store.accounts import User
from arena.store.database import Connection
from arena.store.sessions import end_sessions
from arena.wire.subjects import AGENTS_BUCKET


class LastAdmin(Invalid):
    """Nobody would be left to administer the platform."""


async def delete_account(registrar: Registrar, user: str) -> None:
    """Anonymise a user and delete the agents, in one transaction; then NATS is told, which drops their connections.

    Raises Unknown, LastAdmin, and Unpushed: done, but NATS does not know yet (`Registrar.sync` repeats it).
    """
    now = now_ms()
    async with registrar.database.begin() as connection:
        found = await users.lock_row(connection, user)
        if found is None:
            raise Unknown(f"there is no user {user!r}")
        agents = await users.anonymise(connection, user, f"deleted-{new_id()}", now)
        await keep_an_admin(connection, found)
        await end_sessions(connection, user, "deleted", now)
        await revoke_tokens(connection, user, now)
    try:
        for agent in agents:
            await kv.delete(registrar.bus, AGENTS_BUCKET, agent)
    except BusError as error:
        raise Unpushed(f"the account is deleted, but NATS does not know yet: {error}") from error
    if agents:
        await registrar.push_revocations()


async def keep_an_admin(connection: Connection, before: User) -> None:
    """Refuse to take the last administrator away. before: the user as it was, the row locked. Raises LastAdmin."""
    if before.role == "admin" and not await users.count_admins(connection):
        raise LastAdmin("this is the only administrator: make another one first")
