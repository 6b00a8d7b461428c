"""Errors as problem details (RFC 9457): every answer that is no success has this form."""

from collections.abc import Callable

import structlog
from litestar.plugins.problem_details import ProblemDetailsConfig, ProblemDetailsException, ProblemDetailsPlugin

from arena.api.passwords import Busy, PasswordError
from arena.api.registrar import Invalid, NameTaken, Unknown, Unpushed
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
            enable_for_all_http_exceptions=True,
            exception_to_problem_detail_map={
                Unknown: _status(404, "not found"),
                Invalid: _status(400, "not acceptable"),
                PasswordError: _status(400, "not acceptable"),
                Refused: _status(400, "not acceptable"),
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
