"""Sessions: begun by logging in, kept by refreshing, ended by many things."""

from typing import Any

import msgspec
from litestar import Response
from litestar.connection import ASGIConnection

from arena.api import secret_tokens
from arena.api.acceptable import Unknown
from arena.api.addresses import client_address
from arena.api.cookies import Cookies, check_csrf
from arena.api.holders import IDLE_MS_MAX, Holders
from arena.api.stamps import new_id, now_ms
from arena.api.tokens import LIFETIME, Identity, Tokens, unauthorised
from arena.store import sessions
from arena.store.accounts import User
from arena.store.database import Database
from arena.store.sessions import EndedWhy, Known, Session

SESSION_MS_MAX = 30 * 24 * 3_600_000  # then one has to log in again, refreshed or not
SESSIONS_MAX = 50  # of one user at once; more end the oldest
CLIENT_MAX = 200  # characters kept of User-Agent

# Two tabs (or two jobs with one file) may refresh at the same moment; the second shows a token that has just been
# exchanged. For so long, the same client (address and User-Agent) is told to go on: it gets an access token of the same
# session, but no second refresh token, so the family never branches and every later reuse is still noticed. A thief who
# is as quick, behind the same address and under the same name, wins 15 minutes, and nothing that can be refreshed.
GRACE_MS = 10_000

Connection = ASGIConnection[Any, Any, Any, Any]


class Entered(msgspec.Struct, frozen=True, kw_only=True):
    """A session. A browser's tokens are in its cookies, not here: no script of the page needs to see them."""

    user: Identity
    session: str  # its id
    token_type: str = "Bearer"  # noqa: S105 - its kind
    expires_in: int = int(LIFETIME.total_seconds())  # seconds that the access token is good for
    access_token: str | None = None  # send it as `Authorization: Bearer <access_token>`
    refresh_token: str | None = None  # for one exchange; null: another one is on its way to you, keep that
    session_expires_ms: int
    csrf_token: str | None = None  # for header X-Arena-CSRF, with cookies


class Reused(Exception):
    """A refresh token was used a second time: whoever has the other copy, its family is ended."""

    def __init__(self, session: Session) -> None:
        super().__init__("this refresh token was used before: its session is ended, log in again")
        self.session = session


class Sessions:
    """Begins, keeps and ends them."""

    def __init__(self, database: Database, tokens: Tokens, holders: Holders, cookies: Cookies) -> None:
        self._database = database
        self._tokens = tokens
        self._holders = holders
        self.cookies = cookies

    async def begin(self, user: User, connection: Connection, *, cookies: bool) -> Response[Entered]:
        """Somebody proved to be this user."""
        now, token = now_ms(), secret_tokens.make_refresh_token()
        session = Session(
            id=new_id(),
            user=user.id,
            address=client_address(connection),
            client=_client(connection),
            cookies=cookies,
            created_ms=now,
            used_ms=now,
            expires_ms=now + SESSION_MS_MAX,
        )
        async with self._database.begin() as transaction:
            await sessions.add_session(transaction, session, secret_tokens.hashed(token))
            await sessions.end_sessions(transaction, user.id, "too many", now, keep=SESSIONS_MAX)
        return self._entered(Identity(id=user.id, name=user.name, role=user.role), session, token)

    async def refresh(self, connection: Connection, given: str | None) -> Response[Entered]:
        """The next tokens of a session, for its refresh token (from the body, or a browser's cookie).

        Raises NotAuthorizedException, PermissionDeniedException (a browser's, without its CSRF token) and Reused.
        """
        old = given or connection.cookies.get(self.cookies.refresh)
        if not old:
            raise unauthorised("expected a refresh token, in the body or in a cookie")
        now, new, reused = now_ms(), secret_tokens.make_refresh_token(), False
        async with self._database.begin() as transaction:
            known = await sessions.find_refresh(transaction, secret_tokens.hashed(old))
            if known is None:
                raise unauthorised("this refresh token is not known: log in again")
            session = known.session
            if session.cookies or given is None:
                check_csrf(connection, self._tokens, session.id)
            holder = await sessions.find_holder(transaction, session.id, now, IDLE_MS_MAX)
            if holder is None:
                raise unauthorised("this session is over: log in again")
            if known.used_ms is None:
                session = msgspec.structs.replace(
                    session, used_ms=now, address=client_address(connection), client=_client(connection)
                )
                await sessions.exchange(transaction, session, secret_tokens.hashed(old), secret_tokens.hashed(new))
            elif not _parallel(known, connection, now):
                await sessions.end_sessions(transaction, session.user, "reuse", now, only=session.id)
                reused = True
        if reused:  # behind the transaction: raised within, it would undo what it says
            self._holders.forget(session.user)
            raise Reused(session)
        _session, name, role = holder
        user = msgspec.convert({"id": session.user, "name": name, "role": role}, Identity)
        return self._entered(user, session, new if known.used_ms is None else None)

    async def end(self, user: str, why: EndedWhy, *, only: str | None = None, but: str | None = None) -> None:
        """End a user's sessions: all, `only` one, or all `but` one. Raises Unknown when `only` is none of them."""
        async with self._database.begin() as transaction:
            count = await sessions.end_sessions(transaction, user, why, now_ms(), only=only, but=but)
        self._holders.forget(user)
        if only is not None and not count:
            raise Unknown(f"you have no session {only!r}")

    async def list(self, user: str) -> list[Session]:
        """A user's, newest first."""
        async with self._database.begin() as transaction:
            return await sessions.list_sessions(transaction, user, now_ms(), IDLE_MS_MAX, SESSIONS_MAX)

    def _entered(self, user: Identity, session: Session, refresh: str | None) -> Response[Entered]:
        access = self._tokens.issue(user, session.id)
        said = Entered(user=user, session=session.id, session_expires_ms=session.expires_ms)
        if not session.cookies:
            return Response(msgspec.structs.replace(said, access_token=access, refresh_token=refresh))
        csrf = self._tokens.csrf(session.id)
        made = self.cookies.make(access, refresh, csrf, max(0, session.expires_ms - now_ms()) // 1000)
        return Response(msgspec.structs.replace(said, csrf_token=csrf), cookies=made)


def _parallel(known: Known, connection: Connection, now: int) -> bool:
    """Whether this is the same client refreshing twice at the same moment."""
    return (
        known.used_ms is not None
        and known.newest
        and now - known.used_ms <= GRACE_MS
        and known.session.address == client_address(connection)
        and known.session.client == _client(connection)
    )


def _client(connection: Connection) -> str:
    text = connection.headers.get("user-agent", "")[:CLIENT_MAX]
    return "".join(character for character in text if character.isprintable())
