"""What answers have in common: problems as the OpenAPI document shows them, and tags that save sending twice."""

import hashlib
from typing import Any

import msgspec
from litestar import Request
from litestar.openapi.datastructures import ResponseSpec
from litestar.response import Response

from arena.api.headers import REVALIDATE

IMMUTABLE = "public, max-age=31536000, immutable"  # what can never change
_WORDS = {
    400: "A parameter is not what was expected.",
    401: "Nobody is logged in, or not any more.",
    403: "Not for this user.",
    404: "There is no such thing.",
    409: "Not in this state.",
    413: "The body is too big.",
    422: "It cannot be made of what is stored.",
    429: "Too often: come back after `Retry-After` seconds.",
    503: "A part of the platform is busy or down: try again later.",
}


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """RFC 9457: what went wrong, and what was expected."""

    status: int
    title: str
    detail: str


def problems_of(*statuses: int) -> dict[int, ResponseSpec]:
    """For `responses=` of a route: the problems it can answer with, and 429, which any can (arena.api.gate)."""
    return {
        status: ResponseSpec(
            Problem, generate_examples=False, description=_WORDS[status], media_type="application/problem+json"
        )
        for status in sorted({*statuses, 429})
    }


def tagged_as(type_: Any) -> dict[int, ResponseSpec]:
    """For `responses=` of a route that answers with `tagged`: this as JSON, or nothing new."""
    changed = ResponseSpec(type_, generate_examples=False, description="With an ETag.")
    return {200: changed, **unchanged()}


def unchanged() -> dict[int, ResponseSpec]:
    """For `responses=` of a route with an ETag."""
    return {304: ResponseSpec(None, generate_examples=False, description="You have it already (If-None-Match).")}


def tagged(
    request: Request[Any, Any, Any],
    body: bytes,
    *,
    media_type: str = "application/json",
    cache: str = REVALIDATE,
    tag: str = "",
) -> Response[Any]:
    """The body with an ETag (of its content, unless `tag` stands for it); 304 without it, if the caller has it."""
    etag = f'"{tag or hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": cache}
    given = {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}
    if etag in given:
        return Response(None, status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)
