"""Waiting until services are healthy: each answers `$SRV.PING`, and the web server /api/health."""

import asyncio
import ssl
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from arena.bus import Bus
from arena.bus.micro import services
from arena.stack.processes import tail
from arena.stack.supervisor import Child, Supervisor

START_S = 60.0
ROUND_S = 0.1
RESTARTS_MAX = 3  # during the start


class Unhealthy(Exception):
    """A service did not come up in time. The message says which, and where its log is."""


async def wait_healthy(bus: Bus, supervisor: Supervisor, wanted: Mapping[str, int], timeout_s: float = START_S) -> None:
    """Wait until that many of each service answer. Raises Unhealthy."""
    deadline = time.monotonic() + timeout_s
    while True:
        found = Counter(answer.name for answer in await services(bus, timeout_s=ROUND_S))
        missing = [name for name, count in wanted.items() if found[f"arena-{name}"] < count]
        if not missing:
            return
        for child in supervisor.children.values():
            refuse_hopeless(child)
        if time.monotonic() > deadline:
            raise Unhealthy(f"not healthy after {timeout_s:g} s: {', '.join(missing)}; see the logs of the same names")


def refuse_hopeless(child: Child) -> None:
    """Raise Unhealthy for a child that will not come up by waiting."""
    if child.failed:
        raise Unhealthy(child.failed)
    if child.restarts >= RESTARTS_MAX:
        raise Unhealthy(f"{child.name} keeps ending; its log {child.log} ends:\n{tail(child.log)}")


async def wait_http(
    url: str, supervisor: Supervisor, child: str, timeout_s: float = START_S, ca: Path | None = None
) -> None:
    """Wait until this URL answers 200. ca: who vouches for it, if not the system's CAs. Raises Unhealthy."""
    context = ssl.create_default_context(cafile=ca) if ca else None
    deadline = time.monotonic() + timeout_s
    reason = ""
    while time.monotonic() < deadline:
        refuse_hopeless(supervisor.children[child])
        reason = await asyncio.to_thread(_ask, url, context)
        if not reason:
            return
        await asyncio.sleep(ROUND_S)
    raise Unhealthy(f"{url} did not answer 200 within {timeout_s:g} s ({reason}); see {supervisor.children[child].log}")


def _ask(url: str, context: ssl.SSLContext | None) -> str:
    """Why it is not healthy, or nothing."""
    try:
        with urllib.request.urlopen(url, timeout=2, context=context) as answer:  # noqa: S310 - http, our own address
            return "" if answer.status == 200 else f"status {answer.status}"
    except (urllib.error.URLError, OSError) as error:
        return str(error)
