"""The faults, a table: what is done, to whom, for how long, and from when to when recovery is measured.

Each act is a context: entering it injects the fault, leaving it heals what does not heal by itself.
"""

import asyncio
import contextlib
import random
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Literal

import msgspec

from arena.bus import BusError, stream
from arena.stack.embedded import EmbeddedNats
from arena.wire import subjects
from chaos.launch import set_offset
from chaos.platform import Party, Platform
from chaos.proxy import Proxy

Recovery = Literal["claimed", "resumed", "created", "moved", "tables", "http"]
Act = Callable[[Platform, str, random.Random], AbstractAsyncContextManager[None]]
HOUR_S = 3600.0
ACTIVE_SHARE = 0.75  # of the faults of matchmaker and recorder meet the active one

MEASURED: dict[Recovery, str] = {
    "claimed": "from its begin to the next `claimed` of each match that the target held",
    "resumed": "from its end to the next event of each match of the target that is played by honest agents only",
    "created": "from its end to the next match made",
    "moved": "from its end to the next move in any match",
    "tables": "from its end until the tables have what the log had then",
    "http": "from its end until the web server is healthy",
}


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the table."""

    name: str
    does: str
    act: Act
    role: str  # of the party it is done to; "nats", "member", "postgres"
    lasts_s: tuple[float, float] = (0.0, 0.0)
    recovery: Recovery
    cluster: bool | None = None  # only with a cluster, or only with one server


@asynccontextmanager
async def killed(platform: Platform, target: str, _: random.Random) -> AsyncIterator[None]:
    """Kill it; its keeper starts it again."""
    platform.parties[target].signal(signal.SIGKILL)
    yield


@asynccontextmanager
async def asked_to_stop(platform: Platform, target: str, _: random.Random) -> AsyncIterator[None]:
    """Let it end in order; its keeper starts it again."""
    platform.parties[target].signal(signal.SIGTERM)
    yield


@asynccontextmanager
async def frozen(platform: Platform, target: str, _: random.Random) -> AsyncIterator[None]:
    """Stop its process, and let a zombie wake that believes no time has passed."""
    party = platform.parties[target]
    process = party.child.process
    party.signal(signal.SIGSTOP)
    yield
    if process and process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGCONT)


def network(change: Callable[[Proxy, random.Random], None]) -> Act:
    """Something done to all connections of a party, until they are healed."""

    @asynccontextmanager
    async def act(platform: Platform, target: str, rng: random.Random) -> AsyncIterator[None]:
        links = platform.parties[target].links
        try:
            for link in links:
                change(link, rng)
            yield
        finally:
            for link in links:
                link.heal()

    return act


def _delay(link: Proxy, rng: random.Random) -> None:
    link.delay_s = rng.uniform(0.05, 0.3)


def _throttle(link: Proxy, _: random.Random) -> None:
    link.bytes_per_s = 32 * 1024


cut_off = network(lambda link, _: link.refuse(True))
black_hole = network(lambda link, _: link.blackhole(True))
delayed = network(_delay)
throttled = network(_throttle)


@asynccontextmanager
async def clock_jumped(platform: Platform, target: str, rng: random.Random) -> AsyncIterator[None]:
    """Its wall clock jumps by an hour, forward or back, and back again."""
    clock = platform.parties[target].clock
    assert clock  # noqa: S101 - every service has one
    set_offset(clock, rng.choice((HOUR_S, -HOUR_S)))
    yield
    set_offset(clock, 0)


@asynccontextmanager
async def server_killed(platform: Platform, target: str, _: random.Random) -> AsyncIterator[None]:
    """Kill a nats-server, and start it again at the same address."""
    server = _server(platform, target)
    await server.kill()
    yield
    await server.start()


@asynccontextmanager
async def database_killed(platform: Platform, _: str, __: random.Random) -> AsyncIterator[None]:
    """Kill PostgreSQL's postmaster, and start it again. Its children see it and end."""
    await platform.postgres.kill()
    yield
    await platform.postgres.start()


@asynccontextmanager
async def disk_full(platform: Platform, target: str, _: random.Random) -> AsyncIterator[None]:
    """Fill the file system of the streams; afterwards do what an operator does: make room, and restart the server."""
    assert platform.store  # noqa: S101 - `targets` offers none without it
    ballast = platform.store / "ballast"
    await asyncio.to_thread(_fill, ballast)
    yield
    ballast.unlink()
    server = _server(platform, target)
    await server.stop()
    await server.start()


def _server(platform: Platform, target: str) -> EmbeddedNats:
    return platform.servers[int(target.rpartition("-")[2])]


def _fill(path: Path) -> None:
    block = bytes(1024 * 1024)
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(block) == len(block):
            pass


def _each(what: str, does: str, act: Act, recoveries: dict[str, Recovery], lasts_s: tuple[float, float]) -> list[Fault]:
    """The same fault done to several roles."""
    return [
        Fault(name=f"{what} {role}", does=does, act=act, role=role, lasts_s=lasts_s, recovery=recovery)
        for role, recovery in recoveries.items()
    ]


def _server_dies(what: str, which: str, role: str, lasts_s: tuple[float, float], *, cluster: bool) -> Fault:
    """One nats-server is killed: which one that is."""
    does = f"{which} is killed; started again"
    return Fault(
        name=f"SIGKILL {what}",
        does=does,
        act=server_killed,
        role=role,
        lasts_s=lasts_s,
        recovery="moved",
        cluster=cluster,
    )


_PARTIES: dict[str, Recovery] = {"runner": "resumed", "matchmaker": "created", "recorder": "tables", "agent": "resumed"}
_SERVICES: dict[str, Recovery] = {"runner": "claimed", "matchmaker": "created", "recorder": "tables", "api": "http"}

FAULTS: tuple[Fault, ...] = (
    *_each("SIGKILL", "killed; started again", killed, _SERVICES, (0.0, 0.0)),
    *_each("SIGTERM", "ends in order and hands over; started again", asked_to_stop, {"runner": "claimed"}, (0.0, 0.0)),
    *_each("SIGSTOP", "stopped for longer than its lease; wakes as a zombie", frozen, _SERVICES, (4.0, 8.0)),
    _server_dies("nats-server", "the only server", "nats", (0.2, 4.0), cluster=False),
    _server_dies("cluster member", "one of three servers", "member", (0.5, 8.0), cluster=True),
    _server_dies("stream leader", "the server that leads the log", "leader", (0.5, 8.0), cluster=True),
    Fault(
        name="SIGKILL PostgreSQL",
        does="the postmaster is killed; started again",
        act=database_killed,
        role="postgres",
        lasts_s=(0.2, 5.0),
        recovery="tables",
    ),
    *_each("cut", "connections to NATS are reset, new ones refused", cut_off, _PARTIES, (0.0, 4.0)),
    *_each("black hole", "connections stay open, nothing arrives", black_hole, _PARTIES, (3.0, 10.0)),
    *_each("delay", "50 to 300 ms more in each direction", delayed, _PARTIES, (3.0, 8.0)),
    *_each("throttle", "32 KiB a second in each direction", throttled, {"runner": "resumed"}, (3.0, 8.0)),
    *_each(
        "clock jump",
        "the wall clock jumps by an hour, forward or back, and back again",
        clock_jumped,
        _SERVICES | {"runner": "resumed"},
        (2.0, 8.0),
    ),
    Fault(
        name="full disk",
        does="the file system of the streams is filled; emptied, and the server restarted",
        act=disk_full,
        role="store",
        lasts_s=(1.0, 4.0),
        recovery="moved",
        cluster=False,
    ),
)


def wanted(only: str, servers: int) -> list[Fault]:
    """Faults of this run: all that this number of servers allows, or those named. Raises ValueError."""
    names = [name.strip() for name in only.split(",") if name.strip()]
    known = {fault.name: fault for fault in FAULTS}
    for name in names:
        if name not in known:
            raise ValueError(f"no fault {name!r}; there are: {', '.join(known)}")
    rows = [known[name] for name in names] if names else list(FAULTS)
    return [fault for fault in rows if fault.cluster in {None, servers > 1}]


async def targets(fault: Fault, platform: Platform, rng: random.Random) -> list[str]:
    """Whom it can be done to, the preferred first; empty where it cannot be injected here."""
    match fault.role:
        case "postgres":
            return ["postgres"]
        case "store":
            return ["server-0"] if platform.store else []
        case "nats" | "member":
            numbers = list(range(len(platform.servers)))
            rng.shuffle(numbers)
            return [f"server-{number}" for number in numbers]
        case "leader":
            return await _leader(platform)
        case "agent":
            names = [party.name for party in platform.agents if party.links]
        case role:
            names = [party.name for party in platform.services if party.role == role]
    rng.shuffle(names)
    if fault.role in {"matchmaker", "recorder"} and rng.random() < ACTIVE_SHARE:
        active = await _active(platform, fault.role)
        names.sort(key=lambda name: name != active)
    return names


async def _leader(platform: Platform) -> list[str]:
    """The server that leads the log."""
    try:
        leader = (await stream.replication(platform.bus, subjects.EVENTS_STREAM)).leader
    except BusError:
        return []
    names = [server.name for server in platform.servers]
    return [f"server-{names.index(leader)}"] if leader in names else []


async def _active(platform: Platform, role: str) -> str:
    """Which of the two works now; empty where nobody can say."""
    holder = b""
    if role == "matchmaker":
        with contextlib.suppress(BusError):
            bucket = subjects.LEASES_BUCKET
            found = await stream.stored(platform.bus, f"KV_{bucket}", last_by=f"$KV.{bucket}.matchmaker")
            holder = found.data if found else b""
    for party in platform.services:
        if party.role != role:
            continue
        if role == "matchmaker" and (own := party.service_id()) and own.encode() in holder:
            return party.name
        if role == "recorder" and _last_state(party) == "active":
            return party.name
    return ""


def _last_state(party: Party) -> str:
    """What a recorder last said of itself."""
    for line in reversed(party.child.log.read_text(errors="replace").splitlines()):
        for state in ("active", "standby", "started"):
            if f'"event":"{state}"' in line.replace('": "', '":"'):
                return state
    return ""
