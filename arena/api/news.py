"""/api/news: what happened to one's own agents since last time, for the first page one sees."""

from typing import Annotated, Any, cast

from litestar import Controller, Request, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from arena.api.answers import problems_of
from arena.api.matches import MS_MAX
from arena.api.paging import Page, page_by
from arena.api.stamps import now_ms
from arena.api.tokens import Identity
from arena.store.database import Database
from arena.store.news import Kind, News, Place, read_news

PAGE_MAX = 100
CURSOR = r"^[0-9]{1,15}\.(fault\.[0-9]{1,18}|(announcement|match|quarantine)\.[A-Za-z0-9_.-]{1,200})$"
DEFAULT_MS = 7 * 24 * 3_600_000  # how far back, if nothing is said

Caller = Request[Identity, Any, Any]


class NewsController(Controller):
    """What happened."""

    path = "/news"
    tags = ("news",)

    @get(responses=problems_of(400, 401, 403, 503))
    async def news(
        self,
        request: Caller,
        database: NamedDependency[Database],
        since_ms: Annotated[int | None, QueryParameter(ge=0, le=MS_MAX)] = None,
        cursor: Annotated[str | None, QueryParameter(pattern=CURSOR)] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = 50,
    ) -> Page[News]:
        """List what happened to your agents since then (a week ago, unless said), newest first.

        Matches that ended or were voided, with results and ratings before and after; faults; quarantines; and what
        operators announced. Among your 10,000 newest seats.
        """
        since = now_ms() - DEFAULT_MS if since_ms is None else since_ms
        async with database.begin() as connection:
            found = await read_news(connection, request.user.id, since_ms=since, before=_place(cursor), limit=limit + 1)
        return page_by(found, limit, lambda one: ".".join(map(str, one.place)))


def _place(cursor: str | None) -> Place | None:
    if cursor is None:
        return None
    at_ms, kind, key = cursor.split(".", 2)
    return Place(int(at_ms), cast("Kind", kind), key)
