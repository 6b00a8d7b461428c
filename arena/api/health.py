"""/api/health, /api/ready and /api/metrics/targets: what machines ask."""

from typing import Literal
from urllib.parse import urlsplit

import msgspec
import structlog
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.response import Response

from arena.api.answers import problems_of
from arena.api.tokens import prometheus_only
from arena.bus import Bus, BusError, Unanswered, stream
from arena.bus.micro import services
from arena.store import reading
from arena.store.database import Database, StoreError
from arena.wire import subjects

log = structlog.get_logger("api")


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """What the API needs, and how far PostgreSQL is behind the log."""

    ready: bool
    nats: Literal["up", "no connection", "no log"]
    database: Literal["up", "down"]
    lag_events: int | None  # stored in the log, not yet in PostgreSQL


class Targets(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of Prometheus' HTTP service discovery."""

    targets: list[str]
    labels: dict[str, str]


class HealthController(Controller):
    """How it is."""

    tags = ("health",)

    @get("/health", exclude_from_auth=True, responses=problems_of())
    async def health(self) -> dict[str, str]:
        """This process answers."""
        return {"status": "ok"}

    @get(
        "/ready",
        exclude_from_auth=True,
        responses={
            503: ResponseSpec(Readiness, generate_examples=False, description="Something is missing: it says what."),
            **problems_of(),
        },
    )
    async def ready(self, bus: NamedDependency[Bus], database: NamedDependency[Database]) -> Response[Readiness]:
        """Whether requests can be served: 200 or 503."""
        nats, last = await _nats(bus)
        state, recorded = await _database(database)
        ready = nats == state == "up"
        lag = max(0, last - recorded) if ready else None
        found = Readiness(ready=ready, nats=nats, database=state, lag_events=lag)
        return Response(found, status_code=200 if ready else 503)

    @get("/metrics/targets", guards=[prometheus_only], responses=problems_of(401, 403, 503))
    async def targets(self, bus: NamedDependency[Bus]) -> list[Targets]:
        """List every service's metrics, for `http_sd_configs` of Prometheus with an operator's access token.

        The token needs scope `metrics`, and no other.
        """
        if not bus.connected:
            raise Unanswered("no connection to NATS")
        found = []
        for answer in await services(bus):
            url = urlsplit(answer.metadata.get("metrics", ""))
            if url.netloc:
                labels = {"job": answer.name, "instance": answer.id, "__metrics_path__": url.path}
                found.append(Targets(targets=[url.netloc], labels=labels))
        return sorted(found, key=lambda entry: (entry.labels["job"], entry.labels["instance"]))


async def _nats(bus: Bus) -> tuple[Literal["up", "no connection", "no log"], int]:
    if not bus.connected:
        return "no connection", 0
    try:
        return "up", (await stream.state(bus, subjects.EVENTS_STREAM)).last_seq
    except BusError as error:
        log.warning("not ready: the log does not answer", error=str(error))
        return "no log", 0


async def _database(database: Database) -> tuple[Literal["up", "down"], int]:
    try:
        async with database.begin() as connection:
            return "up", await reading.last_seq(connection)
    except StoreError as error:  # it names hosts and users: not for everybody
        log.warning("not ready: PostgreSQL does not answer", error=str(error))
        return "down", 0
