"""What is refused before any route sees it: paths that name nothing anywhere, and one address's hundredth open request.

Without a limit one browser (or one enemy) could hold every place of `arena.api.live.STREAMS_MAX`. Behind a proxy the
address is the one that a trusted proxy names (ARENA_TRUSTED_PROXIES). An IPv6 /64 counts as one (`addresses.site`).
"""

from collections import Counter

from litestar.exceptions import ClientException, TooManyRequestsException
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send
from prometheus_client import Counter as Count

from arena.api.addresses import site

OPEN_MAX = 100  # requests of one address at once, event streams and WebSockets among them, in one API process
REFUSED = Count("arena_api_crowd_refused", "Requests refused because their address had too many open.")


class Gate(ASGIMiddleware):
    """Counts open requests by address; refuses more with 429, and a path with NUL (no file, no text) with 400."""

    def __init__(self, open_max: int = OPEN_MAX) -> None:
        self._open_max = open_max
        self._open: Counter[str] = Counter()

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Let it in. Raises ClientException or TooManyRequestsException."""
        if "\0" in scope["path"]:
            raise ClientException(detail="expected a path without NUL")
        address = site((scope.get("client") or ("", 0))[0])
        if self._open[address] >= self._open_max:
            REFUSED.inc()
            raise TooManyRequestsException(
                detail=f"{self._open_max} requests of your address are open: end some first",
                headers={"Retry-After": "5"},
            )
        self._open[address] += 1
        try:
            await next_app(scope, receive, send)
        finally:
            self._open[address] -= 1
            if not self._open[address]:
                del self._open[address]
