"""The dashboard: one page for all its addresses, and the files that it is built to (web/, `make web`).

The page is a template with one hole, a nonce that is new in each answer; files carry a hash of what is in them in their
names and may be kept for ever, by browsers and by any CDN.
"""

import secrets
from pathlib import Path
from typing import Any

from litestar import Request, Router, get
from litestar.config.compression import CompressionConfig
from litestar.exceptions import NotFoundException
from litestar.middleware import DefineMiddleware
from litestar.middleware.compression import CompressionMiddleware
from litestar.params import FromPath
from litestar.plugins.problem_details import ProblemDetailsException
from litestar.response import Response
from litestar.static_files import create_static_files_router
from litestar.types import ControllerRouterHandler

from arena.api.answers import IMMUTABLE
from arena.api.headers import REVALIDATE, STYLE_NONCE

STATIC = Path(__file__).parent / "static"
HOLE = "__CSP_NONCE__"
NONCE_BYTES = 16


@get("/", exclude_from_auth=True, include_in_schema=False)
async def front(request: Request[Any, Any, Any]) -> Response[str]:
    """The dashboard."""
    return _page(request)


@get("/{place:path}", exclude_from_auth=True, include_in_schema=False)
async def inner(request: Request[Any, Any, Any], place: FromPath[str]) -> Response[str]:
    """The dashboard, which shows by itself what this address means."""
    if place.startswith(("/api/", "/assets/", "/static/")) or "." in place.rpartition("/")[2]:
        raise NotFoundException
    return _page(request)


def page_routes() -> list[ControllerRouterHandler]:
    """The page and its files: those named by what is in them, and the few that are always called the same."""
    return [front, inner, _files("assets", IMMUTABLE), _files("static", REVALIDATE)]


def _files(folder: str, kept: str) -> Router:
    async def told(response: Response[Any]) -> Response[Any]:
        response.headers["Cache-Control"] = kept
        return response

    return create_static_files_router(
        f"/{folder}",
        directories=[STATIC / folder],
        name=folder,
        middleware=[DefineMiddleware(CompressionMiddleware, config=CompressionConfig(backend="gzip"))],
        after_request=told,
    )


def _page(request: Request[Any, Any, Any]) -> Response[str]:
    nonce = secrets.token_urlsafe(NONCE_BYTES)
    request.scope["state"][STYLE_NONCE] = nonce
    return Response(_template().replace(HOLE, nonce), media_type="text/html", headers={"Cache-Control": "no-store"})


def _template() -> str:
    try:
        return (STATIC / "index.html").read_text()
    except FileNotFoundError:
        raise ProblemDetailsException(
            status_code=503, title="no dashboard", detail="this installation has no dashboard yet: `make web` builds it"
        ) from None
