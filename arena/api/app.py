"""The web application: routes, authentication, errors, documents."""

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from litestar import Litestar, Router
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.plugins.prometheus import PrometheusConfig

import arena
from arena.api.about import AboutController
from arena.api.access import Access
from arena.api.access_tokens import AccessTokensController
from arena.api.accounts import AuthController
from arena.api.activity import ActivityController
from arena.api.agents import AgentController, AgentsController
from arena.api.alerts import AlertsController
from arena.api.announcements import AnnouncementsController
from arena.api.audit import AuditController
from arena.api.credentials import CredentialsController
from arena.api.dead_letters import DeadLettersController
from arena.api.fleet import FleetController
from arena.api.frames import FramesController
from arena.api.games import GamesController
from arena.api.gate import Gate
from arena.api.headers import Headers
from arena.api.health import HealthController
from arena.api.leaderboards import LeaderboardsController
from arena.api.live import LiveController
from arena.api.matches import MatchesController, provide_wanted
from arena.api.news import NewsController
from arena.api.overview import OverviewController
from arena.api.pages import page_routes
from arena.api.presence import QueueController, StateController
from arena.api.problems import problems
from arena.api.profiles import ProfilesController
from arena.api.quarantine import QuarantineController
from arena.api.requests import RequestsController
from arena.api.said import SaidController
from arena.api.sockets import SocketsController
from arena.api.summaries import SummariesController
from arena.api.trail import TrailController
from arena.api.users import UsersController
from arena.api.watching import WatchController

BODY_BYTES_MAX = 64 * 1024
CONTROLLERS = [
    AboutController,
    AuthController,
    AccessTokensController,
    UsersController,
    AuditController,
    AnnouncementsController,
    AgentsController,
    SummariesController,
    AgentController,
    ProfilesController,
    CredentialsController,
    StateController,
    TrailController,
    QueueController,
    OverviewController,
    WatchController,
    NewsController,
    GamesController,
    ActivityController,
    LeaderboardsController,
    MatchesController,
    FramesController,
    RequestsController,
    LiveController,
    SaidController,
    SocketsController,
    QuarantineController,
    DeadLettersController,
    FleetController,
    AlertsController,
    HealthController,
]


# What routes ask for by name, besides what `Access` gives.
GIVEN = (
    "about",
    "registrar",
    "database",
    "bus",
    "passwords",
    "streams",
    "quarantines",
    "replays",
    "requests",
    "fleet",
    "boards",
    "queue",
    "watching",
    "overview",
)


def _given(value: Any) -> Callable[[], Any]:
    """A dependency without parameters: Litestar would take one with a default for a part of the request."""
    return lambda: value


def create_app(given: Mapping[str, Any], access: Access, log: structlog.stdlib.BoundLogger) -> Litestar:
    """Put it together. given: what routes ask for by name, all of GIVEN."""
    prometheus = PrometheusConfig(app_name="arena-api", prefix="arena_api", group_path=True)
    return Litestar(
        route_handlers=[
            Router("/api", route_handlers=CONTROLLERS),
            *page_routes(),
        ],
        dependencies={
            **{name: Provide(_given(value), sync_to_thread=False) for name, value in {**given, **access.given}.items()},
            "wanted": Provide(provide_wanted),
        },
        on_app_init=[access.on_app_init],
        middleware=[prometheus.middleware, Gate()],
        plugins=[problems(log)],
        openapi_config=OpenAPIConfig(
            title="Arena",
            version=arena.__version__,
            description="AI agents play games against each other. Errors are problem details (RFC 9457).",
            path="/api/openapi.json",  # at /api Litestar would answer for every path there that names nothing, in HTML
            render_plugins=[JsonRenderPlugin(path="/")],
        ),
        before_send=[Headers(access.settings.websocket_origins).secure],
        request_max_body_size=BODY_BYTES_MAX,
        logging_config=None,  # the service's own logging is set up already
    )
