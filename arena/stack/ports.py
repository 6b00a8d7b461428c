"""Ports: whether they are free, and if not, whose they are."""

import random
import socket
from pathlib import Path

import psutil

_GIVEN = Path("/proc/sys/net/ipv4/ip_local_port_range")  # what the kernel chooses from, where it chooses (Linux)
_FIRST, _GIVEN_FIRST = 10_000, 32_768
_TRIES = 50


class PortTaken(Exception):
    """A port that a setting asks for is not free. The message names the setting, and the process if it can be seen."""


def check(setting: str, host: str, port: int) -> None:
    """Raise PortTaken unless this address can be listened on. Port 0 is always free."""
    if not port:
        return
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError as error:
            raise PortTaken(f"port {port} needs more rights than we have: set {setting} to one above 1023") from error
        except OSError as error:
            raise PortTaken(
                f"port {port} is taken{_by(port)}: end that, or set {setting} to another port (now {port})"
            ) from error


def free(host: str = "127.0.0.1") -> int:
    """Find a port that is free now, for somebody who will listen on it later, or again.

    The kernel may give a port of its own range to anybody's connection meanwhile: it is one below that, if possible.
    """
    given_first = int(_GIVEN.read_text().split()[0]) if _GIVEN.exists() else _GIVEN_FIRST
    candidates = [random.randrange(_FIRST, given_first) for _ in range(_TRIES)] if given_first > _FIRST else []
    for port in (*candidates, 0):
        with socket.socket() as probe:
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise PortTaken(f"no port of {host} is free")


def _by(port: int) -> str:
    """Who listens there, as far as we may know."""
    try:
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
            if listens and connection.pid:
                return f" by process {connection.pid} ({psutil.Process(connection.pid).name()})"
    except (psutil.Error, OSError):
        pass  # not ours to see
    return ""
