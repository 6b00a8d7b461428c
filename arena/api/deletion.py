"""What stays of an account that is deleted: the rows its matches point to, with nothing of the person in them."""

from arena.api.acceptable import Invalid, Unknown
from arena.api.registrar import Registrar
from arena.api.stamps import new_id, now_ms
from arena.store import users
from arena.store.accounts import User
from arena.store.database import Connection
from arena.store.sessions import tell


class LastAdmin(Invalid):
    """Nobody would be left to administer the platform."""


async def delete_account(registrar: Registrar, user: str) -> None:
    """Anonymise a user and delete the agents, in one transaction; then NATS is told, which drops their connections.

    Raises Unknown, LastAdmin, and Unpushed: done, but NATS does not know yet (`Propagation.sync` repeats it).
    """
    async with registrar.database.begin() as connection:
        found = await users.lock_row(connection, user)
        if found is None:
            raise Unknown(f"there is no user {user!r}")
        agents = await users.anonymise(connection, user, f"deleted-{new_id()}", now_ms())
        await keep_an_admin(connection, found)
        await tell(connection, user)
    try:
        await registrar.nats.push_revocations()
    finally:
        await registrar.nats.tell_of(agents)


async def keep_an_admin(connection: Connection, before: User) -> None:
    """Refuse to take the last administrator away. before: the user as it was, the row locked. Raises LastAdmin."""
    if before.role == "admin" and not await users.count_admins(connection):
        raise LastAdmin("this is the only administrator: make another one first")
