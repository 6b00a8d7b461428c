"""What a personal access token may do: which endpoint needs which scope.

A row holds for its path and everything below it, and the longest one counts. None: no access token gets in, only
somebody who logged in. What no row names may be read with `read`, and changed with no token: a new endpoint is closed
until somebody has thought about it (tests/api/test_access_tokens.py asks for that thought).
"""

from typing import Literal, get_args

Scope = Literal["read", "agents", "matches", "metrics", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})  # methods that change nothing (RFC 9110, section 9.2.1)

# path: (to read, to change)
TABLE: dict[str, tuple[Scope | None, Scope | None]] = {
    "/api": ("read", None),
    "/api/auth": (None, None),  # a stolen token must not make others, or end the owner's sessions
    "/api/auth/me": ("read", None),
    "/api/agents": ("read", "agents"),
    "/api/matches": ("read", "matches"),
    "/api/requests": ("read", "matches"),
    "/api/users": ("admin", "admin"),
    "/api/users/{user_id:str}/recovery": (None, None),  # a stolen token must not open other people's accounts
    "/api/audit": ("admin", None),
    "/api/announcements": ("read", "admin"),
    "/api/quarantine": ("admin", "admin"),
    "/api/dead-letters": ("admin", "admin"),
    "/api/metrics": ("metrics", None),  # a token in a configuration file of Prometheus' should open nothing else
    "/api/fleet": ("admin", "admin"),
}


def needed(method: str, path: str) -> Scope | None:
    """The scope for a method on a path (a route's template or a real one); None: no token will do."""
    while path and path not in TABLE:
        path = path.rpartition("/")[0]
    read, change = TABLE.get(path, (None, None))
    return read if method in SAFE else change
