"""The audit log: who changed what, when, from where, by which session or token, and what came of it.

A middleware notes each changing call once it is answered; a task writes the notes to PostgreSQL in batches. No request
waits for that. While PostgreSQL is away notes wait, up to WAITING_MAX; what is beyond goes to the process's own log, so
it is somewhere. Bodies and headers are never looked at, so no secret gets in: of an answer only the `id` of what was
made, and of a request only its route's name and the ids in its path.
"""

import asyncio
import contextlib
from collections import deque
from typing import Annotated, Any

import msgspec
import structlog
from litestar import Controller, get
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency, Provide
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.params import FromQuery, QueryParameter
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import Counter

from arena.api.addresses import client_address
from arena.api.answers import problems_of
from arena.api.paging import Page
from arena.api.scopes import SAFE
from arena.api.stamps import new_id, now_ms
from arena.api.tokens import operators_only
from arena.store import audit
from arena.store.audit import Entry, Filters
from arena.store.database import Database, Refused

WAITING_MAX = 10_000  # notes not written yet
BATCH_MAX = 500
RETRY_S = 1.0
TEXT_MAX = 500  # characters of each text
PEEK_BYTES_MAX = 65_536  # of an answer that says what was made
PAGE_MAX = 100
MS_MAX = 2**53  # what JavaScript counts to
NOTED = "arena.audit"
UNWRITTEN = Counter("arena_api_audit_unwritten", "Entries that went to the process's log instead of the audit log.")


class _Made(msgspec.Struct):
    """Of any answer, only this."""

    id: str | None = None


class Note(msgspec.Struct):
    """What a handler adds to its own entry."""

    user: str | None = None
    object: str = ""
    detail: str = ""


def note(
    connection: ASGIConnection[Any, Any, Any, Any], *, user: str | None = None, object_: str = "", detail: str = ""
) -> None:
    """Add to this call's entry what its route does not say. user: an id, where nobody was logged in before."""
    connection.scope["state"][NOTED] = Note(user=user, object=object_, detail=detail)


class AuditLog:
    """Collects entries and writes them. `start` and `stop` it."""

    def __init__(self, database: Database, log: structlog.stdlib.BoundLogger) -> None:
        self._database = database
        self._log = log
        self._waiting: deque[Entry] = deque()
        self._some = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Write from now on."""
        self._task = asyncio.create_task(self._write(), name="audit")

    async def stop(self) -> None:
        """Write what waits, once, and end."""
        self._stopping = True
        self._some.set()
        if self._task:
            await self._task
        while self._waiting:
            self._instead(self._waiting.popleft())

    def add(self, entry: Entry) -> None:
        """Take an entry; it is written soon."""
        if len(self._waiting) >= WAITING_MAX:
            self._instead(entry)
        else:
            self._waiting.append(entry)
            self._some.set()

    def _instead(self, entry: Entry) -> None:
        UNWRITTEN.inc()
        self._log.warning("audit entry not written", **msgspec.structs.asdict(entry))

    async def _write(self) -> None:
        while not self._stopping or self._waiting:
            await self._some.wait()
            self._some.clear()
            while self._waiting:
                try:
                    await self._write_batch()
                except Exception as error:  # noqa: BLE001 - whatever it is: entries wait, and none is lost in silence
                    reason = str(error) or repr(error)
                    self._log.warning("audit log not written yet", waiting=len(self._waiting), error=reason)
                    if self._stopping:
                        return
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(RETRY_S):
                            while not self._stopping:
                                self._some.clear()
                                await self._some.wait()

    async def _write_batch(self) -> None:
        batch = [self._waiting[i] for i in range(min(BATCH_MAX, len(self._waiting)))]
        try:
            async with self._database.begin() as connection:
                await audit.add_entries(connection, batch)
        except Refused:  # one of them is not acceptable, and must not hold up the others
            batch = batch[:1]
            try:
                async with self._database.begin() as connection:
                    await audit.add_entries(connection, batch)
            except Refused:
                self._instead(batch[0])
        for _ in batch:
            self._waiting.popleft()


class Auditing(ASGIMiddleware):
    """Notes every changing call. It stands outside of authentication: who was refused is noted too."""

    def __init__(self, log: AuditLog) -> None:
        self._log = log

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Let it through, and note what came of it."""
        if scope["type"] != ScopeType.HTTP or scope["method"] in SAFE:
            await next_app(scope, receive, send)
            return
        status, made = 500, b""

        async def watched(message: Message) -> None:
            nonlocal status, made
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body" and status == 201 and len(made) <= PEEK_BYTES_MAX:
                made += message["body"]
            await send(message)

        try:
            await next_app(scope, receive, watched)
        except Exception as error:
            status = getattr(error, "status_code", 500)
            raise
        finally:
            self._log.add(_entry(scope, scope["method"], status, made))


class ShownEntry(Entry, frozen=True, kw_only=True):
    """An entry, and what its user is called now."""

    user_name: str | None


async def provide_filters(
    user: FromQuery[str | None] = None,
    action: FromQuery[str | None] = None,
    object_: Annotated[str | None, QueryParameter(name="object")] = None,
    status: Annotated[int | None, QueryParameter(ge=100, le=599)] = None,
    since_ms: Annotated[int | None, QueryParameter(ge=0, le=MS_MAX)] = None,
    until_ms: Annotated[int | None, QueryParameter(ge=0, le=MS_MAX)] = None,
) -> Filters:
    """Which entries are asked for."""
    return Filters(user=user, action=action, object=object_, status=status, since_ms=since_ms, until_ms=until_ms)


class AuditController(Controller):
    """For operators."""

    path = "/audit"
    tags = ("operation",)
    guards = (operators_only,)
    dependencies = {"filters": Provide(provide_filters)}  # noqa: RUF012 - Litestar's way

    @get(responses=problems_of(400, 401, 403, 503))
    async def list_entries(
        self,
        database: NamedDependency[Database],
        filters: NamedDependency[Filters],
        cursor: FromQuery[str | None] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = 50,
    ) -> Page[ShownEntry]:
        """Changing calls, newest first. user: an id; action: how it begins; object: what it contains."""
        async with database.begin() as connection:
            found = await audit.list_entries(connection, filters, cursor, limit + 1)
        items = [ShownEntry(**msgspec.structs.asdict(entry), user_name=name) for entry, name in found[:limit]]
        return Page(items=items, next=items[-1].id if len(found) > limit else None)


def _entry(scope: Scope, method: str, status: int, made: bytes) -> Entry:
    connection: ASGIConnection[Any, Any, Any, Any] = ASGIConnection(scope)
    added: Note = scope.get("state", {}).get(NOTED) or Note()
    user, grant = scope.get("user"), scope.get("auth")
    objects = [str(value) for value in (scope.get("path_params") or {}).values()]
    objects += [text for text in (added.object, _id_of(made) if status == 201 else "") if text]
    return Entry(
        id=new_id(),
        at_ms=now_ms(),
        user=added.user or (user.id if user else None),
        via=grant.via if grant else "none",
        via_id=grant.id if grant else None,
        address=client_address(connection),
        action=_text(f"{method} {scope.get('path_template', '') or scope['path']}"),
        object=_text(" ".join(objects)),
        status=status,
        detail=_text(added.detail),
    )


def _id_of(body: bytes) -> str:
    try:
        return msgspec.json.decode(body, type=_Made).id or ""
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""


def _text(text: str) -> str:
    """What PostgreSQL stores as text: no NUL, no lone surrogates."""
    return text[:TEXT_MAX].replace("\0", "").encode("utf-8", "replace").decode()
