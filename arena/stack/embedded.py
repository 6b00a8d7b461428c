"""The embedded servers."""

from arena.stack.embedded_cluster import EmbeddedCluster
from arena.stack.embedded_nats import EmbeddedNats
from arena.stack.embedded_postgres import EmbeddedPostgres
from arena.stack.processes import ServerError

__all__ = ["EmbeddedCluster", "EmbeddedNats", "EmbeddedPostgres", "ServerError"]
