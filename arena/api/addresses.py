"""Where a request comes from.

Behind a proxy uvicorn takes the client's address from X-Forwarded-For, if the proxy is trusted (setting
`trusted_proxies`): read from the right, the first address that is no trusted proxy's. What stands left of it the client
may have written itself. Without the setting the header is not looked at.
"""

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from litestar.connection import ASGIConnection

UNKNOWN = "unknown"


def client_address(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The client's address."""
    parsed = _parsed(connection.client.host if connection.client else "")
    return str(parsed) if parsed else UNKNOWN


def site(address: str) -> str:
    """What rate limits count as one client: an IPv4 address, or the /64 that a subscriber with IPv6 has to himself."""
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address):
        return str(IPv6Address(int(parsed) >> 64 << 64)) + "/64"
    return str(parsed or address)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
