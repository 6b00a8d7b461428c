"""What every answer tells the browser to forbid (OWASP Secure Headers; W3C CSP 3), errors and files included."""

from collections.abc import Collection

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

# Nothing inline and nothing from elsewhere: a name or a description that smuggles a script into a page runs nowhere.
# A page connects to nobody but us; `{websocket}` is NATS, where a person in a browser plays.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'{websocket}",
        "manifest-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
ALWAYS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
HSTS = "max-age=31536000"  # seconds: a year; subdomains may be somebody else's
PRIVATE = "no-store"
REVALIDATE = "private, no-cache"  # of a private answer with an ETag: kept by its browser, asked about each time
STYLE_NONCE = "style_nonce"  # in a request's state: this answer is a page that may make style elements marked with it
_SECRETS = {b"authorization", b"cookie"}


class Headers:
    """websockets: origins besides our own to which our pages connect."""

    def __init__(self, websockets: Collection[str] = ()) -> None:
        policy = _POLICY.format(websocket="".join(f" {origin}" for origin in websockets))
        self.always = {"Content-Security-Policy": policy, **ALWAYS}

    async def secure(self, message: Message, scope: Scope) -> None:
        """Add them to the beginning of an answer (a Litestar `before_send` hook). What a route set itself stays."""
        if message["type"] != "http.response.start":
            return
        headers = MutableScopeHeaders.from_message(message)
        if nonce := scope.get("state", {}).get(STYLE_NONCE):
            policy = self.always["Content-Security-Policy"]
            headers["Content-Security-Policy"] = policy.replace("style-src 'self'", f"style-src 'self' 'nonce-{nonce}'")
        for name, value in self.always.items():
            headers.setdefault(name, value)
        if scope["scheme"] in {"https", "wss"}:
            headers.setdefault("Strict-Transport-Security", HSTS)
        if _private(scope):
            headers.setdefault("Cache-Control", REVALIDATE if "etag" in headers else PRIVATE)


def _private(scope: Scope) -> bool:
    """Whether the answer may be for the one alone who asked: who showed a secret, or is about to get one."""
    return scope.get("path", "").startswith("/api/auth/") or any(name in _SECRETS for name, _ in scope["headers"])
