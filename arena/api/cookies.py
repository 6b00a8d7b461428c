"""A browser's session: its cookies, and what keeps other sites from using them.

    __Host-arena-access    the access token             HttpOnly, Secure, SameSite=Lax, Path=/
    __Host-arena-refresh   the refresh token            the same
    __Host-arena-csrf      for the page's own script    the same, but readable

`__Host-` (RFC 6265bis) lets neither a subdomain nor plain http plant one. Over plain http no browser keeps such
cookies: only a platform on loopback (or with `web_url` of http://) names them without it, and without Secure.

Against forged requests (OWASP CSRF cheat sheet), because Lax alone does not stop other origins of the same site:
- every changing request that a browser says came from another origin is refused, whatever it carries (Fetch Metadata;
  where that is missing, Origin): logging in too, which has no session yet to bind a token to;
- a changing request by cookies needs header X-Arena-CSRF as well, a keyed hash over the session (signed double submit).
  Another origin can neither read it nor send the header, and a planted cookie does not help: it is not compared with a
  cookie but made again from the session. This holds for old browsers without Fetch Metadata, too.
Requests with an Authorization header need none of it: no browser adds one by itself.
"""

import hmac
from typing import Any, Literal
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.exceptions import PermissionDeniedException

from arena.api.tokens import LIFETIME, Tokens
from arena.settings import Settings, is_here

CSRF_HEADER = "X-Arena-CSRF"
Connection = ASGIConnection[Any, Any, Any, Any]


class Cookies:
    """Names and attributes of this platform's cookies."""

    def __init__(self, settings: Settings) -> None:
        self.secure = is_secure(settings)
        start = "__Host-arena-" if self.secure else "arena-"
        self.access, self.refresh, self.csrf = start + "access", start + "refresh", start + "csrf"

    def make(self, access: str, refresh: str | None, csrf: str, rest_s: int) -> list[Cookie]:
        """Those of a session that lasts `rest_s` more. refresh: None leaves the browser the one it has."""
        made = [
            self._cookie(self.access, access, int(LIFETIME.total_seconds())),
            self._cookie(self.csrf, csrf, rest_s, httponly=False),
        ]
        if refresh is not None:
            made.append(self._cookie(self.refresh, refresh, rest_s))
        return made

    def clear(self) -> list[Cookie]:
        """Take them away."""
        return [self._cookie(name, "", 0) for name in (self.access, self.refresh, self.csrf)]

    def _cookie(self, name: str, value: str, max_age: int, *, httponly: bool = True) -> Cookie:
        samesite: Literal["lax"] = "lax"
        return Cookie(
            key=name,
            value=value,
            max_age=max_age,
            path="/",
            secure=self.secure,
            httponly=httponly,
            samesite=samesite,
        )


def is_secure(settings: Settings) -> bool:
    """Whether people come by https: `web_url` says, else only a server on loopback is taken to have plain http."""
    if settings.web_url:
        return settings.web_url.startswith("https:")
    return not is_here(settings.api_host)


def check_origin(connection: Connection) -> None:
    """Refuse what another origin's page makes a browser send. Raises PermissionDeniedException."""
    site = connection.headers.get("sec-fetch-site")
    origin = connection.headers.get("origin")
    if site is not None:
        own = site in {"same-origin", "none"}
    else:
        own = origin is None or urlsplit(origin).netloc == connection.headers.get("host")
    if not own:
        raise PermissionDeniedException(detail="this request comes from a page of another origin")


def check_csrf(connection: Connection, tokens: Tokens, session: str) -> None:
    """Refuse a changing request by cookies without the session's token. Raises PermissionDeniedException."""
    given = connection.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(given.encode("utf-8", "surrogatepass"), tokens.csrf(session).encode()):
        raise PermissionDeniedException(
            detail=f"expected header {CSRF_HEADER} with the `csrf_token` of your session (it is in its cookie, too)"
        )
