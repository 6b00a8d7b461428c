"""Commands as a person types them, against real servers."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from arena.bus.provision import provision
from arena.cli.root import cli
from arena.settings import Settings
from arena.store.migrate import migrate
from arena.wire.subjects import REGISTRAR
from tests.conftest import BusFor

Arena = Callable[..., Awaitable[Any]]


class Failed(Exception):
    """A command's exit code was not 0."""


@pytest.fixture
async def arena(settings: Settings, database_url: str, bus_for: BusFor) -> Arena:
    """Run one command; returns its output, read as JSON with --json. Raises Failed."""
    await migrate(database_url)
    await provision(await bus_for(REGISTRAR), ["connect_four"], claim_lease_ms=2000)
    environ = {
        "ARENA_HOME": str(settings.home),
        "ARENA_NATS_URL": settings.nats_url,
        "ARENA_DATABASE_URL": database_url,
    }

    async def run(*arguments: str | Path, stdin: str | None = None) -> Any:
        words = [str(argument) for argument in arguments]
        # In a thread: a command runs an event loop of its own.
        result: Result = await asyncio.to_thread(
            CliRunner().invoke, cli, words, input=stdin, env=environ, standalone_mode=False
        )
        if result.exception is not None:
            raise Failed(f"{type(result.exception).__name__}: {result.exception}") from result.exception
        if result.return_value:
            raise Failed(f"exit code {result.return_value}: {result.output}")
        return json.loads(result.stdout) if "--json" in words else result.stdout

    return run
