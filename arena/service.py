"""What all services share: settings, logs, one connection, metrics, discovery, and an orderly end.

A service is `async def run(service: Service) -> None`. It returns soon after `service.stop` is set; metrics are made
with prometheus_client as usual and appear at /metrics and in `$SRV.STATS`.
"""

import asyncio
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import msgspec
import prometheus_client
import structlog
import uvloop

import arena
from arena.bus import Bus, Unreachable, connect
from arena.bus.micro import Order, announce
from arena.settings import Settings, SettingsError, load
from arena.wire.subjects import Role, inbox

STOP_S = 20.0  # a service that has not returned this long after `stop` is cancelled
TRY_S = 2.0  # one attempt to connect
RETRY_S_MAX = 2.0
PULSE_S = 1.0
STALL_S = 5.0  # an event loop that has not turned for this long is not healthy
OK, FAILED, MISCONFIGURED = 0, 1, 2  # exit codes
RESTART = 75  # one more: start me again (EX_TEMPFAIL of sysexits.h); what ends well may stay down (`on-failure`)
DRAINABLE = (Role.RUNNER,)  # what they do, others of their kind go on with

HEALTHY = prometheus_client.Gauge("arena_service_healthy", "1 while it is connected to NATS and its event loop turns.")
DRAINING = prometheus_client.Gauge("arena_service_draining", "1 as soon as it was told to stop or to drain.")
TASKS = prometheus_client.Gauge("arena_service_tasks", "Tasks of its event loop.")
SUBSCRIPTIONS = prometheus_client.Gauge("arena_service_subscriptions", "Subscriptions of its connection to NATS.")

_STARTED_MS = time.time_ns() // 1_000_000 - time.monotonic_ns() // 1_000_000


@dataclass(frozen=True)
class Service:
    """What a service is given."""

    role: Role
    id: str  # unique, one subject token
    settings: Settings
    bus: Bus
    log: structlog.stdlib.BoundLogger
    stop: asyncio.Event  # set by SIGTERM and SIGINT, and by an operator who drains or restarts it
    metrics_port: int


Main = Callable[[Service], Awaitable[None]]


def steady_ms() -> int:
    """The time, ms since the epoch, that no jump of the wall clock changes: clocks of matches and leases go by it.

    The wall clock was read once, when this process began; since then the monotonic clock counts, which also goes on
    while the process is stopped. So two processes differ by what the wall clock was moved between their starts:
    write it down for people and for reckoning roughly, but take differences within one process only.
    """
    return _STARTED_MS + time.monotonic_ns() // 1_000_000


def run_service(role: Role, main: Main) -> int:
    """Run one service in this process until it is told to stop; returns the process' exit code."""
    try:
        settings = load()
    except SettingsError as error:
        return _misconfigured(role, str(error))
    configure_logging(settings)
    creds = settings.creds(role)
    if not creds.exists():
        return _misconfigured(
            role, f"no credentials at {creds}: run `arena init`, or set ARENA_HOME or ARENA_NATS_CREDS"
        )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_serve(role, settings, main))


def _misconfigured(role: Role, message: str) -> int:
    """Say it to a person, in one line."""
    sys.stderr.write(f"arena {role}: {message}\n")
    return MISCONFIGURED


def configure_logging(settings: Settings) -> None:
    """One line per event on standard output, as JSON or for people; other libraries' logging joins in."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # No local variables in tracebacks: a request's body with its password may be one of them.
    plain = structlog.dev.plain_traceback
    render: list[Any] = [structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty(), exception_formatter=plain)]
    if settings.log_format == "json":
        render = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=_json)]
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    structlog.configure(
        processors=[*shared, *render],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    strip = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[strip, *render]))
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING), force=True)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(line_buffering=True)


def _json(event: Any, **_: Any) -> str:
    return msgspec.json.encode(event, enc_hook=repr).decode()


def figures() -> dict[str, float]:
    """Metrics of this process as one flat table, for `$SRV.STATS`: `name{label="value"}` -> number."""
    found: dict[str, float] = {}
    for family in prometheus_client.REGISTRY.collect():
        for sample in family.samples:
            if sample.name.startswith(("arena_", "process_")) and not sample.name.endswith(("_bucket", "_created")):
                labels = ",".join(f'{name}="{value}"' for name, value in sample.labels.items())
                found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


async def _serve(role: Role, settings: Settings, main: Main) -> int:
    log = structlog.get_logger().bind(service=str(role))
    stop, ended, restarted = asyncio.Event(), asyncio.Event(), asyncio.Event()

    def end() -> None:
        stop.set()
        ended.set()

    def restart() -> None:
        restarted.set()
        end()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, end)
    bus = await _connect(role, settings, log, stop)
    if bus is None:
        return OK
    try:
        server, _ = prometheus_client.start_http_server(settings.metrics_port, addr=settings.metrics_host)
    except OSError as error:
        log.error("metrics port not free", setting="ARENA_METRICS_PORT", port=settings.metrics_port, error=str(error))
        await bus.close()
        return MISCONFIGURED
    port = server.server_port
    host = socket.gethostname() if settings.metrics_host == "0.0.0.0" else settings.metrics_host  # noqa: S104
    metadata = {
        "metrics": f"http://{host}:{port}/metrics",
        "pid": str(os.getpid()),
        "host": socket.gethostname(),
    }
    orders: dict[Order, Callable[[], None]] = {"restart": restart}
    if role in DRAINABLE:
        orders["drain"] = stop.set
    DRAINING.set_function(lambda: float(stop.is_set()))
    micro = await announce(bus, f"arena-{role}", arena.__version__, metadata, figures, orders)
    log = log.bind(id=micro.id)
    pulse = asyncio.create_task(_pulse(bus))
    service = Service(role, micro.id, settings, bus, log, stop, port)
    log.info("started", pid=os.getpid(), nats=settings.nats, metrics_port=port)
    try:
        code = await _watch(service, main)
        if code == OK and stop.is_set() and not (ended.is_set() or bus.closed.is_set()):
            # Ending would only make its supervisor start it again.
            log.info("drained: does nothing more until it is stopped or restarted")
            await _either(ended, bus.closed)
        return RESTART if code == OK and restarted.is_set() else code
    finally:
        pulse.cancel()
        await bus.close()  # the metrics' thread ends with the process
        log.info("stopped")


async def _pulse(bus: Bus) -> None:
    """Keep `arena_service_healthy` true. The metrics' thread answers for a loop that hangs, and then says 0.

    What a service might leak is counted beside it: tasks, subscriptions, and (by prometheus_client) memory and files.
    """
    seen_s = time.monotonic()
    loop = asyncio.get_running_loop()
    HEALTHY.set_function(lambda: float(bus.connected and time.monotonic() - seen_s < STALL_S))
    TASKS.set_function(lambda: len(asyncio.all_tasks(loop)))
    SUBSCRIPTIONS.set_function(lambda: bus.subscriptions)
    while True:
        seen_s = time.monotonic()
        await asyncio.sleep(PULSE_S)


async def _connect(
    role: Role, settings: Settings, log: structlog.stdlib.BoundLogger, stop: asyncio.Event
) -> Bus | None:
    """Connect, waiting for the server as long as it takes. None: told to stop meanwhile."""
    pause_s = 0.1
    while not stop.is_set():
        try:
            creds = settings.creds(role)
            return await connect(settings.nats, creds, name=f"arena-{role}", inbox=inbox(role), timeout_s=TRY_S)
        except Unreachable as error:
            log.warning("waiting for NATS", error=str(error))
        try:
            async with asyncio.timeout(pause_s):
                await stop.wait()
        except TimeoutError:
            pause_s = min(pause_s * 2, RETRY_S_MAX)
    return None


async def _either(*happened: asyncio.Event) -> None:
    waiting = [asyncio.create_task(event.wait()) for event in happened]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()


async def _watch(service: Service, main: Main) -> int:
    """Run it until it returns, fails, loses its connection for good, or is too slow to stop."""
    running = asyncio.ensure_future(main(service))
    stopping = asyncio.create_task(service.stop.wait())
    closed = asyncio.create_task(service.bus.closed.wait())
    try:
        await asyncio.wait((running, stopping, closed), return_when=asyncio.FIRST_COMPLETED)
        if closed.done() and not running.done():
            service.log.error("the connection is closed for good", error=str(service.bus.last_error))
        elif not running.done():
            await asyncio.wait((running, closed), timeout=STOP_S, return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            running.cancel()
            await asyncio.wait((running,), timeout=1)
            service.log.error("cancelled")
            return FAILED
        if error := running.exception():
            service.log.error("failed", exc_info=error)
            return FAILED
        return OK
    finally:
        stopping.cancel()
        closed.cancel()
