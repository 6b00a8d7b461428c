"""/api/announcements: what operators tell everybody."""

from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from arena.api.acceptable import Invalid, Unknown
from arena.api.answers import problems_of
from arena.api.paging import Page, page
from arena.api.stamps import new_id, now_ms
from arena.api.tokens import Grant, Identity, operators_only
from arena.store import announcements
from arena.store.announcements import Announcement, Level
from arena.store.database import Database

PAGE_MAX = 100
IN_FORCE_MAX = 100
TEXT_MAX = 2_000  # characters

Caller = Request[Identity, Grant, Any]


class NewAnnouncement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to say."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_MAX)]
    level: Level = "info"
    until_ms: Annotated[int, msgspec.Meta(ge=0, le=2**53)] | None = None  # null: until it is withdrawn


class AnnouncementsController(Controller):
    """Operators write, everybody reads."""

    path = "/announcements"
    tags = ("operation",)

    @get(exclude_from_auth=True, responses=problems_of(400, 503))
    async def list_announcements(
        self,
        database: NamedDependency[Database],
        cursor: FromQuery[str | None] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = 20,
    ) -> Page[Announcement]:
        """What is announced now, newest first."""
        async with database.begin() as connection:
            return page(await announcements.list_announcements(connection, now_ms(), cursor, limit + 1), limit)

    @post(guards=[operators_only], responses=problems_of(400, 401, 403, 413, 503))
    async def announce(
        self, data: JSONBody[NewAnnouncement], request: Caller, database: NamedDependency[Database]
    ) -> Announcement:
        """Say something to everybody."""
        now = now_ms()
        if data.until_ms is not None and data.until_ms <= now:
            raise Invalid("expected `until_ms` in the future (milliseconds since the epoch)")
        said = Announcement(
            id=new_id(),
            author=request.user.id,
            text=data.text,
            level=data.level,
            created_ms=now,
            until_ms=data.until_ms,
        )
        async with database.begin() as connection:
            if await announcements.count_announcements(connection, now) >= IN_FORCE_MAX:
                raise Invalid(f"{IN_FORCE_MAX} announcements are in force: withdraw some")
            await announcements.add_announcement(connection, said)
        return said

    @delete("/{announcement_id:str}", guards=[operators_only], responses=problems_of(401, 403, 404, 503))
    async def withdraw(self, announcement_id: FromPath[str], database: NamedDependency[Database]) -> None:
        """Take it back."""
        async with database.begin() as connection:
            if not await announcements.withdraw(connection, announcement_id):
                raise Unknown(f"there is no announcement {announcement_id!r}")
