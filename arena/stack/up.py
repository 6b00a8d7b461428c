"""`arena up`: servers, schema, streams, services, in this order; and down again in the other."""

import asyncio
import os
import shutil
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec
from rich.console import Console

from arena.api.bootstrap import ADMIN
from arena.credentials import Keyring, ensure_tls, write_identity, write_secret
from arena.settings import EVERYWHERE, RUNNING, Settings, is_here
from arena.stack import home, ports
from arena.stack.embedded import EmbeddedNats, EmbeddedPostgres
from arena.stack.health import wait_healthy, wait_http
from arena.stack.nats_config import Websocket
from arena.stack.processes import together
from arena.stack.provision import Provisioned, connected, provision
from arena.stack.supervisor import Supervisor, child_environ, end_leftovers, keep_server
from arena.wire.subjects import REGISTRAR

FIRST_AGENT = (
    "{bin}arena agent create first --owner admin --creds first.creds && "
    "{bin}agent-kit run examples/random_agent.py:policy --creds first.creds"
)
FOUND = ("nats_url", "nats_websocket_url", "database_url", "api_port")  # settings that stand once the servers run
STOP_ORDER = ("bots", "matchmaker", "runner", "recorder", "api")
Result = TypeVar("Result")


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line says."""

    runners: int = 1
    bots: bool = True


class Interrupted(Exception):
    """Ctrl-C or SIGTERM during the start."""


class Platform:
    """One run of the platform in one home folder."""

    def __init__(self, settings: Settings, options: Options, console: Console) -> None:
        self.settings = settings
        self.options = options
        self.console = console
        self.stop = asyncio.Event()
        self._began = time.monotonic()

    async def run(self) -> None:
        """Start everything, wait for Ctrl-C or SIGTERM, and stop everything in order."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.stop.set)
        try:
            with home.locked(self.settings.home):
                async with AsyncExitStack() as stack:
                    await self._or_stop(self._start(stack))
                    await self.stop.wait()
                    self.console.print("stopping; matches that are being played go on at the next start")
        except Interrupted:
            self.console.print("interrupted; everything that was started is stopped")
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    async def _or_stop(self, work: Coroutine[Any, Any, Result]) -> Result:
        """`work`, unless we are told to stop first. Raises Interrupted."""
        task = asyncio.ensure_future(work)
        stopping = asyncio.create_task(self.stop.wait())
        await asyncio.wait((task, stopping), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            raise Interrupted
        return task.result()

    async def _start(self, stack: AsyncExitStack) -> None:
        await end_leftovers(self.settings.home, self._note)
        self._check_ports()
        async with self._step("keys and credentials", str(self.settings.home)):
            keyring = Keyring.ensure(self.settings.home)
            write_identity(keyring)
            if self.settings.tls and not self.settings.tls_cert:
                ensure_tls(self.settings.home)
        await self._servers(stack)
        async with self._step("schema, streams, accounts", ""):
            provisioned = await provision(self.settings, keyring)
        url = await self._services(stack)
        self._greet(url, provisioned)

    def _check_ports(self) -> None:
        settings = self.settings
        if not settings.nats_url:
            ports.check("ARENA_NATS_PORT", "127.0.0.1", settings.nats_port)
            ports.check("ARENA_NATS_WEBSOCKET_PORT", "127.0.0.1", settings.nats_websocket_port)
        ports.check("ARENA_API_PORT", settings.api_host, settings.api_port)
        if not settings.api_port:
            self.settings = msgspec.structs.replace(settings, api_port=ports.free(settings.api_host))

    async def _servers(self, stack: AsyncExitStack) -> None:
        """Start the servers that no setting names; `self.settings` says afterwards where both are."""
        starting = []
        settings = self.settings
        nats = EmbeddedNats(
            settings.home,
            port=settings.nats_port,
            websocket=Websocket(port=settings.nats_websocket_port or -1, origins=settings.web_origins),
            sync_interval=settings.nats_sync_interval,
            tls=settings.tls_files,
        )
        postgres = EmbeddedPostgres(settings.home)
        own: dict[str, EmbeddedNats | EmbeddedPostgres] = {}
        if not settings.nats_url:
            own["nats-server"] = nats
            starting.append(self._timed("nats-server", nats.start, lambda: nats.url))
        if not settings.database_url:
            own["PostgreSQL"] = postgres
            starting.append(self._timed("PostgreSQL", postgres.start, lambda: str(postgres.data)))
        for server in own.values():
            stack.push_async_callback(server.stop)
        await together(*starting)
        for name, server in own.items():
            stack.push_async_callback(_cancel, asyncio.create_task(keep_server(name, server, self._note)))
        for folder in postgres.opened:
            self._note(f"made {folder} passable (o+x): PostgreSQL does not run as root, and must reach its data")
        if not settings.database_url:
            await postgres.create("arena")
        self.settings = msgspec.structs.replace(
            settings,
            nats_url=settings.nats_url or nats.url,
            nats_websocket_url=settings.nats_websocket_url or (nats.websocket_url if self._is_local() else ""),
            database_url=settings.database_url or postgres.url(),
        )
        self._announce(stack)

    def _is_local(self) -> bool:
        """Whether people come from this machine: others would look for our server on theirs."""
        return not self.settings.web_url or is_here(urlsplit(self.settings.web_url).hostname)

    def _announce(self, stack: AsyncExitStack) -> None:
        """Let other commands in this home find the servers."""
        path = self.settings.home / RUNNING
        found = {name: getattr(self.settings, name) for name in FOUND}
        lines = [f"{name} = {msgspec.json.encode(value).decode()}\n" for name, value in found.items()]
        write_secret(path, "".join(lines))
        stack.callback(path.unlink, missing_ok=True)

    async def _services(self, stack: AsyncExitStack) -> str:
        """Start them and wait until all are healthy; returns the platform's URL."""
        settings = self.settings
        supervisor = Supervisor(settings.home, self._environ(), self._note)
        stack.push_async_callback(supervisor.stop, STOP_ORDER)
        wanted = {"matchmaker": 1, "recorder": 1, "api": 1, "runner": self.options.runners}
        if self.options.bots:
            wanted["bots"] = 1
        async with self._step("services", ", ".join(f"{name} x {n}" if n > 1 else name for name, n in wanted.items())):
            for name, count in wanted.items():
                for number in range(1, count + 1):
                    await supervisor.start(f"{name}-{number}" if name == "runner" else name, "arena", name)
            url = f"{'https' if settings.tls else 'http'}://{_reachable(settings.api_host)}:{settings.api_port}"
            ca = settings.home / "tls" / "ca.pem" if settings.tls and not settings.tls_cert else None
            async with connected(settings, REGISTRAR) as bus:
                await together(
                    wait_healthy(bus, supervisor, wanted), wait_http(f"{url}/api/health", supervisor, "api", ca=ca)
                )
        return url

    def _greet(self, url: str, provisioned: Provisioned) -> None:
        say = self.console.print
        say(f"\n[bold]Arena is up[/] after {time.monotonic() - self._began:.1f} s: [bold]{url}[/]")
        if provisioned.admin_password:
            say(f"first administrator: [bold]{ADMIN}[/], password [bold]{provisioned.admin_password}[/] (shown once)")
        home = f"ARENA_HOME={self.settings.home} " if "ARENA_HOME" in os.environ else ""
        command = FIRST_AGENT.format(bin="" if shutil.which("arena") else f"{Path(sys.argv[0]).parent}/")
        say(f"mount a first agent, in another shell:\n  {home}{command}", highlight=False, soft_wrap=True)
        say("Ctrl-C stops everything in order.\n")

    def _environ(self) -> dict[str, str]:
        settings = self.settings
        return child_environ(
            {
                "ARENA_HOME": str(settings.home),
                **{f"ARENA_{name.upper()}": str(getattr(settings, name)) for name in FOUND},
            }
        )

    async def _timed(self, what: str, work: Callable[[], Coroutine[Any, Any, None]], detail: Callable[[], str]) -> None:
        began = time.monotonic()
        await work()
        self._done(what, detail(), began)

    @asynccontextmanager
    async def _step(self, what: str, detail: str) -> AsyncIterator[None]:
        began = time.monotonic()
        yield
        self._done(what, detail, began)

    def _done(self, what: str, detail: str, began: float) -> None:
        took = f"{time.monotonic() - began:.1f} s"
        self.console.print(f"[green]ok[/] {what:<30} {took:>6}  [dim]{detail}[/]", highlight=False, soft_wrap=True)

    def _note(self, text: str) -> None:
        self.console.print(f"[yellow]--[/] {text}", highlight=False, soft_wrap=True)


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _reachable(host: str) -> str:
    """An address of ours that a browser here can open."""
    return "127.0.0.1" if host in EVERYWHERE else host
