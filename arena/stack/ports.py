"""Ports: whether they are free, and if not, whose they are."""

import socket

import psutil


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
    """Find a port that is free now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


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
