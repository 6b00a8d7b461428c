"""The API's process: uvicorn inside ours, so that it shares connection, logs, metrics and an orderly end."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from litestar import Litestar

from arena.api.about import about_of
from arena.api.access import Access
from arena.api.app import GIVEN, create_app
from arena.api.boards import Boards
from arena.api.fleet import Fleet
from arena.api.last_use import LastUse
from arena.api.live import Streams
from arena.api.overview import overview_lately
from arena.api.passwords import Passwords
from arena.api.patience import CONNECTIONS_MAX, HEAD_BYTES_MAX, PatientProtocol
from arena.api.presence import queue_lately
from arena.api.propagation import system_connection
from arena.api.quarantine import Quarantines
from arena.api.quarantine_log import QuarantineLog
from arena.api.registrar import Registrar
from arena.api.replays import Replays
from arena.api.requests import Requests
from arena.api.sockets import REQUEST_BYTES_MAX
from arena.api.warden import LEASE, Warden, Watch
from arena.api.watching import Watching
from arena.bus.lease import Leadership
from arena.credentials import Keyring
from arena.service import Service
from arena.settings import Settings
from arena.store.database import Database

STOP_S = 5  # how long open requests may take at the end
SYNC_EVERY_S, SYNC_RETRY_S = 600.0, 5.0  # between two looks whether NATS knows all that it should
SYNC_END_S = 1.0  # how long bringing records into step may go on at the end
UNREAD_MS_MAX = 30_000  # a client that takes nothing of what was sent for so long is dropped, by the kernel


class PortError(Exception):
    """The API's address is taken or not ours. The message names the settings."""


class _Server(uvicorn.Server):
    """Signals are the service's: uvicorn's own handlers would take them away."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def run(service: Service) -> None:
    """Serve until told to stop."""
    settings = service.settings
    database = Database(settings.database_url)
    keyring = Keyring.load(settings.home)
    registrar = Registrar(database, service.bus, keyring, settings.public_nats, system_connection(settings))
    passwords, streams, quarantines = Passwords(), Streams(service.bus), Quarantines(service.bus)
    replays, requests, fleet = Replays(settings.games_file), Requests(service.bus), Fleet(service.bus, settings.home)
    about, access = about_of(settings), Access(settings, database, service.log)
    boards = Boards(service.bus, settings.games_file)
    queue = queue_lately(service.bus)
    given = (
        *(about, registrar, database, service.bus, passwords, streams, quarantines, replays, requests, fleet),
        *(boards, queue, Watching(database), overview_lately(database, queue)),
    )
    app = create_app(dict(zip(GIVEN, given, strict=True)), access, service.log)
    quarantine_log = QuarantineLog(quarantines, database, service.log)
    warden = Warden(
        registrar,
        system_connection(settings),
        Watch(settings.flood_messages_s_max, settings.flood_bytes_s_max),
        Leadership(service.bus, LEASE, service.id, settings.lease_ms),
        service.log,
    )
    server = _server(app, settings)
    listener = _listen(settings)
    service.log.info("listening", host=settings.api_host, port=listener.getsockname()[1])
    quarantine_log.start()
    quarantines.start()
    requests.start()
    await fleet.start()
    warden.start()
    last_use = LastUse(service.bus, database)
    await last_use.open()
    access.start()
    syncing = asyncio.create_task(_keep_in_step(registrar, requests, service), name="sync")
    stopping = asyncio.create_task(_stop(service, server, streams), name="stop")
    try:
        await server.serve(sockets=[listener])
    finally:
        await asyncio.wait([syncing], timeout=SYNC_END_S)  # cancelled while it connects, it would leave a socket open
        for task in (syncing, stopping):
            task.cancel()
        await asyncio.gather(syncing, stopping, return_exceptions=True)
        listener.close()
        await warden.stop()
        await quarantines.stop()
        await quarantine_log.stop()
        await requests.stop()
        await replays.stop()
        await boards.stop()
        await fleet.stop()
        await last_use.close()
        passwords.close()
        await access.stop()
        await database.close()


def _server(app: Litestar, settings: Settings) -> _Server:
    tls = settings.tls_files
    return _Server(
        uvicorn.Config(
            app,
            host=settings.api_host,
            port=settings.api_port,
            log_config=None,
            access_log=False,
            lifespan="on",
            timeout_graceful_shutdown=STOP_S,
            server_header=False,
            ws="websockets-sansio",
            ws_max_size=REQUEST_BYTES_MAX,
            proxy_headers=bool(settings.trusted_proxies),  # uvicorn would believe whoever is on loopback
            forwarded_allow_ips=settings.trusted_proxies,
            http=PatientProtocol,
            h11_max_incomplete_event_size=HEAD_BYTES_MAX,
            limit_concurrency=CONNECTIONS_MAX,
            ssl_certfile=tls[0] if tls else None,
            ssl_keyfile=tls[1] if tls else None,
        )
    )


def _listen(settings: Settings) -> socket.socket:
    try:
        listener = socket.create_server(
            (settings.api_host, settings.api_port), family=_family(settings.api_host), backlog=2048
        )
    except OSError as error:
        raise PortError(
            f"cannot listen on {settings.api_host}:{settings.api_port} ({error.strerror}): set ARENA_API_PORT"
        ) from error
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux; connections inherit it
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_MS_MAX)
    return listener


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


async def _keep_in_step(registrar: Registrar, requests: Requests, service: Service) -> None:
    """What NATS should know and may not, after a crash or a failure between PostgreSQL and NATS."""
    while not service.stop.is_set():
        pause_s = SYNC_EVERY_S
        try:
            changed = await registrar.nats.sync()
            await registrar.nats.push_revocations()
            await requests.cancel_orphans(registrar.database)
            if changed:
                service.log.info("agents' records brought into step", changed=changed)
        except Exception as error:  # noqa: BLE001 - whatever it is: who is revoked must be known some time
            service.log.warning("NATS is not in step with the tables yet", error=str(error) or repr(error))
            pause_s = SYNC_RETRY_S
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause_s):
                await service.stop.wait()


async def _stop(service: Service, server: uvicorn.Server, streams: Streams) -> None:
    await service.stop.wait()
    streams.close()
    server.should_exit = True
