"""Errors as problem details (RFC 9457): every answer that is no success has this form."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import structlog
from litestar.exceptions import HTTPException
from litestar.plugins.problem_details import ProblemDetailsConfig, ProblemDetailsException, ProblemDetailsPlugin

from arena.api.acceptable import Invalid, NameTaken, Unknown, Unpushed
from arena.api.deletion import LastAdmin
from arena.api.limits import TooMany
from arena.api.passwords import Busy, PasswordError
from arena.bus import BusError
from arena.store.database import Refused, StoreError

Problem = Callable[[Exception], ProblemDetailsException]


def problems(log: structlog.stdlib.BoundLogger) -> ProblemDetailsPlugin:
    """The plugin that turns our errors into answers."""

    def unexpected(error: Exception) -> ProblemDetailsException:
        log.error("request failed", exc_info=error)
        return ProblemDetailsException(status_code=500, title="internal error", detail="it is in the server's log")

    def unavailable(error: Exception) -> ProblemDetailsException:
        log.warning("request not served", error=str(error))
        return ProblemDetailsException(
            status_code=503,
            title="not available now",
            detail="a part of the platform is down; matches go on meanwhile. Try again in a few seconds.",
            headers={"Retry-After": "5"},
        )

    return ProblemDetailsPlugin(
        ProblemDetailsConfig(
            exception_to_problem_detail_map={
                HTTPException: _told,
                TooMany: _too_many,
                LastAdmin: _status(409, "the last administrator"),
                Unknown: _status(404, "not found"),
                Invalid: _status(400, "not acceptable"),
                PasswordError: _status(400, "not acceptable"),
                Refused: _status(400, "not acceptable"),
                RecursionError: lambda _: ProblemDetailsException(
                    status_code=400, title="not acceptable", detail="expected JSON that is nested less deeply"
                ),
                NameTaken: _status(409, "name taken"),
                Busy: _status(503, "busy"),
                Unpushed: _status(503, "written, but not known to NATS yet"),
                StoreError: unavailable,
                BusError: unavailable,
                Exception: unexpected,
            },
        )
    )


def _status(status: int, title: str) -> Problem:
    headers = {"Retry-After": "5"} if status == 503 else None
    return lambda error: ProblemDetailsException(status_code=status, title=title, detail=str(error), headers=headers)


def _told(error: Exception) -> ProblemDetailsException:
    """Litestar's own exceptions: its plugin would put what was expected into the title."""
    if not isinstance(error, HTTPException):
        raise TypeError(f"expected an HTTPException, got {error!r}")
    phrase = HTTPStatus(error.status_code).phrase
    detail = "; ".join(map(_expected, error.extra)) if isinstance(error.extra, list) else error.detail
    if detail == phrase:  # no route, or not with this method
        detail = f"{phrase.lower()}: GET /api/openapi.json has all paths and methods"
    return ProblemDetailsException(
        status_code=error.status_code,
        title=phrase.lower(),
        detail=detail,
        headers=error.headers,
    )


def _expected(part: Any) -> str:
    """What is wrong with one part of a request, after Litestar's `{"message", "key", "source"}`."""
    if not isinstance(part, dict):
        return str(part)
    key, message = part.get("key"), str(part.get("message"))
    if message.startswith("Invalid enum value"):  # msgspec does not say which would be valid
        message += ": GET /api/openapi.json has those that are expected"
    return message if key in (None, "data") else f"{key}: {message}"


def _too_many(error: Exception) -> ProblemDetailsException:
    after_s = error.after_s if isinstance(error, TooMany) else 1
    return ProblemDetailsException(
        status_code=429, title="too many attempts", detail=str(error), headers={"Retry-After": str(after_s)}
    )
