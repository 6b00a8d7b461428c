"""The web server of the API's own tests is attacked here too."""

from tests.api.conftest import migrated, own_web, served, web

__all__ = ["migrated", "own_web", "served", "web"]
