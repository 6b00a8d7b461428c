"""Whose a session or a personal access token is, and whether it still stands: asked of PostgreSQL, remembered shortly.

An answer is remembered for HELD_S, and only while PostgreSQL's notifications arrive: whoever ends a session, revokes a
token, locks a user or changes a role says so in the same transaction, and every API process forgets that user's answers
within milliseconds of the commit. A process that hears nothing asks at each request (one row by primary key). So a lost
notification or connection costs time, never a revocation; a half-dead connection costs at most HELD_S. (A bucket of
NATS would be a second place for the same truth, with a moment between the two in which they disagree.)
"""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable

import msgspec

from arena.api import secret_tokens
from arena.api.stamps import now_ms
from arena.api.tokens import OPERATORS, Claims, Grant, Identity
from arena.store import access_tokens, sessions
from arena.store.database import Connection, Database, Unavailable
from arena.store.watch import Watch

HELD_S = 10.0
HELD_MAX = 10_000  # answers remembered by one process; the oldest go first
IDLE_MS_MAX = 14 * 24 * 3_600_000  # a session that was not refreshed for so long is over


class Holder(msgspec.Struct, frozen=True):
    """Who it is, and by what."""

    user: Identity
    grant: Grant
    expires_ms: int


class Holders:
    """The look-ups of one process. `start` and `stop` it."""

    def __init__(self, database: Database, database_url: str) -> None:
        self._database = database
        self._held: OrderedDict[str, tuple[float, Holder]] = OrderedDict()
        self._changes = 0
        self._watch = Watch(database_url, sessions.CHANGED, self.forget, self._forget_all)

    def start(self) -> None:
        """Listen for what changes."""
        self._watch.start()

    async def stop(self) -> None:
        """Listen no more."""
        await self._watch.stop()

    @property
    def listening(self) -> bool:
        """Whether answers are remembered now."""
        return self._watch.following

    def forget(self, user: str) -> None:
        """Ask again about everything of this user."""
        self._changes += 1
        for key in [key for key, (_until, holder) in self._held.items() if holder.user.id == user]:
            del self._held[key]

    async def session(self, claims: Claims, *, safe: bool) -> Holder | None:
        """The holder of an access token of a session, if that stands. Raises StoreError.

        safe: nothing is changed. While PostgreSQL is away nobody can end a session either; then users (not operators)
        may still read, as the token itself says, what needs no database. Whatever changes something waits.
        """
        try:
            return await self.session_of(claims.sub, claims.sid)
        except Unavailable:
            if not safe or claims.role in OPERATORS:
                raise
            return Holder(
                Identity(id=claims.sub, name=claims.name, role=claims.role), Grant(via="session", id=claims.sid), 0
            )

    async def session_of(self, user: str, session: str) -> Holder | None:
        """The holder of a session, if that stands and is this user's. Raises StoreError."""

        async def ask(connection: Connection) -> Holder | None:
            found = await sessions.find_holder(connection, session, now_ms(), IDLE_MS_MAX)
            if found is None or found[0].user != user:
                return None
            known, name, role = found
            holder = msgspec.convert({"id": known.user, "name": name, "role": role}, Identity)
            return Holder(holder, Grant(via="session", id=known.id, cookies=known.cookies), known.expires_ms)

        return await self._found(f"session:{session}", ask)

    async def token(self, text: str) -> Holder | None:
        """The holder of a personal access token, if it is good. Raises StoreError."""
        if not secret_tokens.well_formed(text):
            return None  # mistyped or made up: not worth a look-up
        hash_ = secret_tokens.hashed(text)

        async def ask(connection: Connection) -> Holder | None:
            now = now_ms()
            for token, known, name, role in await access_tokens.find_tokens(
                connection, secret_tokens.prefix(text), now
            ):
                if secret_tokens.same(known, hash_):
                    await access_tokens.note_use(connection, token.id, now)
                    user = msgspec.convert({"id": token.user, "name": name, "role": role}, Identity)
                    grant = msgspec.convert({"via": "token", "id": token.id, "scopes": token.scopes}, Grant)
                    return Holder(user, grant, token.expires_ms)
            return None

        return await self._found(f"token:{hash_.hex()}", ask)

    async def _found(self, key: str, ask: Callable[[Connection], Awaitable[Holder | None]]) -> Holder | None:
        held = self._held.get(key)
        if held and held[0] > time.monotonic() and held[1].expires_ms > now_ms() and self.listening:
            return held[1]
        changes = self._changes
        async with self._database.begin() as connection:
            holder = await ask(connection)
        # What changed while we asked may not be in the answer.
        if holder and self.listening and changes == self._changes:
            self._held[key] = (time.monotonic() + HELD_S, holder)
            self._held.move_to_end(key)
            if len(self._held) > HELD_MAX:
                self._held.popitem(last=False)
        return holder

    def _forget_all(self) -> None:
        self._changes += 1
        self._held.clear()
