"""The state folder's lock, and ports that are not free."""

import os
import socket

import pytest

from arena.stack import home, ports


def test_one_up_in_a_home(tmp_path):
    folder = tmp_path / "new" / "home"
    with home.locked(folder), pytest.raises(home.HomeTaken, match=rf"process {os.getpid()} runs .*ARENA_HOME"):
        home.locked(folder).__enter__()
    with home.locked(folder):
        pass


def test_a_taken_port_names_its_setting_and_process():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ports.PortTaken, match=rf"port {port} is taken by process {os.getpid()} .*ARENA_API_PORT"):
            ports.check("ARENA_API_PORT", "127.0.0.1", port)
    ports.check("ARENA_API_PORT", "127.0.0.1", port)
    ports.check("ARENA_API_PORT", "127.0.0.1", 0)
    assert ports.free() > 0
