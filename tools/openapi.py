"""The OpenAPI 3.1 document of the HTTP API, as a running one shows it at /api/openapi.json. It needs no server."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import structlog

from arena.api.access import Access
from arena.api.app import GIVEN, create_app
from arena.settings import Settings
from arena.store.database import Database

NOWHERE = "postgresql://nobody@localhost/nothing"  # nothing connects: only routes and types are read


def document() -> dict[str, Any]:
    """The whole document."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "keys").mkdir()
        log: structlog.stdlib.BoundLogger = structlog.get_logger()
        access = Access(Settings(home=home), Database(NOWHERE), log)
        return create_app(dict.fromkeys(GIVEN), access, log).openapi_schema.to_schema()
