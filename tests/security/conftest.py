"""The web server of the API's own tests is attacked here too."""

from tests.api.conftest import migrated, web

__all__ = ["migrated", "web"]
