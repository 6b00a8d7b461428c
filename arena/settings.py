"""Settings: from the environment (`ARENA_*`) over one optional file (`arena.toml` in the home folder), validated.

Every setting is one field of `Settings`; its environment variable is `ARENA_` and the field's name in capitals.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec

Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]
EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104 - compared, not listened on
_HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9a-fA-F:.]+\])(:[0-9]+)?(/|$)")  # and what a URL may have behind it
FILE = "arena.toml"
RUNNING = Path("run") / "servers.toml"  # where the servers are that a running `arena up` started in this home


class SettingsError(Exception):
    """A setting is unknown or has a wrong value. The message names it, where it stands, and what was expected."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings of all services."""

    home: Path = Path(".arena")  # state folder: keys, credentials, embedded servers' data
    nats_url: str = ""  # an existing server; empty: `arena up` runs an embedded one
    agents_url: str = ""  # where agents reach the server, written into their credentials; empty: the same as nats_url
    nats_port: Port = 4222  # of the embedded server
    nats_websocket_url: str = ""  # where browsers reach the server; empty: the embedded one's, on this machine alone
    nats_websocket_port: Port = 0  # of the embedded server, for browsers; 0: any free port
    nats_creds: Path | None = None  # of this process; default: {home}/creds/{role}.creds
    nats_sync_interval: str = "1s"  # how often the log is fsynced ("always": before every acknowledgement)
    nats_replicas: Annotated[int, msgspec.Meta(ge=1, le=5)] = 1  # of streams, in a cluster
    database_url: str = ""  # an existing PostgreSQL; empty: `arena up` runs an embedded one
    api_host: str = "127.0.0.1"  # where the web server listens
    api_port: Port = 8000  # of the web server; 0: any free port
    web_url: str = ""  # where people reach the web (https://...); decides about secure cookies. Empty: see docs/api.md
    trusted_proxies: str = ""  # networks, with commas, whose X-Forwarded-For is believed ("10.0.0.0/8, ::1")
    register_open: bool = True  # whether anybody may register; else operators make users (`arena user create`)
    login_name_hourly_max: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 60  # attempts as one user
    login_address_hourly_max: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 300  # attempts from one address
    register_address_hourly_max: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 30  # new users from one address
    refresh_address_hourly_max: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 3_600  # renewals from one address
    audit_days: Annotated[int, msgspec.Meta(ge=1, le=3_650)] = 365  # how long the audit log is kept
    metrics_host: str = "127.0.0.1"  # where every service serves its Prometheus metrics
    metrics_port: Port = 0  # 0: any free port, announced by `$SRV.INFO` and /api/metrics/targets
    tls: bool = False  # agents' and browsers' connections: with a private CA of {home}/tls, unless the next two are set
    tls_cert: Path | None = None  # the servers' certificate, with its chain (PEM)
    tls_key: Path | None = None  # its private key (PEM)
    games_file: Path | None = None  # more catalogue rows (TOML)
    runner_slots: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 512  # matches one runner plays at once
    claim_lease_ms: Annotated[int, msgspec.Meta(ge=200, le=600_000)] = 2_000  # a silent runner's matches move on
    beat_ms: Annotated[int, msgspec.Meta(ge=100, le=600_000)] = 5_000  # how often agents' instances must be heard
    wave_ms: Annotated[int, msgspec.Meta(ge=10, le=60_000)] = 100  # between two rounds of pairing
    house_matches: Annotated[int, msgspec.Meta(ge=0, le=1_000)] = 1  # of each game at once, among house bots only
    house_interval_ms: Annotated[int, msgspec.Meta(ge=0, le=86_400_000)] = 20_000  # between two such matches of a game
    agent_hourly_max: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 0  # matches of one agent of a user; 0: any
    flood_messages_s_max: Annotated[int, msgspec.Meta(ge=1, le=100_000_000)] = 20_000  # of one agent; more is a flood
    flood_bytes_s_max: Annotated[int, msgspec.Meta(ge=1_024, le=1_000_000_000_000)] = 64_000_000  # of one agent
    lease_ms: Annotated[int, msgspec.Meta(ge=1_000, le=600_000)] = 3_000  # the active matchmaker's
    log_level: Literal["debug", "info", "warning", "error"] = "info"  # least level that is logged
    log_format: Literal["json", "console"] = "json"  # a line of JSON, or colours for people

    @property
    def nats(self) -> str:
        """URL of the NATS server in use."""
        return self.nats_url or f"{'tls' if self.tls else 'nats'}://127.0.0.1:{self.nats_port}"

    @property
    def web_origins(self) -> tuple[str, ...]:
        """Whose pages are the platform's own, as browsers name them (RFC 6454). Empty: nobody told us."""
        if self.web_url:
            return (origin_of(self.web_url),)
        if self.api_host in EVERYWHERE:
            return ()
        own = f"[{self.api_host}]" if ":" in self.api_host else self.api_host
        hosts = dict.fromkeys(("127.0.0.1", "localhost", own))
        return tuple(f"{'https' if self.tls else 'http'}://{host}:{self.api_port}" for host in hosts)

    @property
    def websocket_origins(self) -> tuple[str, ...]:
        """Where our pages connect to NATS, as browsers name it."""
        return tuple(origin_of(url) for url in self.nats_websocket_url.split(",") if url)

    @property
    def tls_files(self) -> tuple[Path, Path] | None:
        """Certificate and key of our servers, if they are to speak TLS."""
        if not self.tls:
            return None
        folder = self.home / "tls"
        return self.tls_cert or folder / "server.pem", self.tls_key or folder / "server.key"

    @property
    def public_nats(self) -> str:
        """URL of the NATS server as agents see it."""
        return self.agents_url or self.nats

    def creds(self, role: str) -> Path:
        """The credentials file with which a process of this role connects."""
        return self.nats_creds or self.home / "creds" / f"{role}.creds"


def origin_of(url: str) -> str:
    """The origin of what stands at a URL: scheme, host and port."""
    found = urlsplit(url)
    return f"{found.scheme}://{found.netloc}"


def is_here(host: str | None) -> bool:
    """Whether a host is this machine, seen from itself."""
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


def load(environ: Mapping[str, str] = os.environ, *, running: bool = True) -> Settings:
    """Read the settings. Raises SettingsError, naming the setting, where it stands and what was expected.

    running: take the addresses of the servers that `arena up` runs in this home, where nothing else names them.
    """
    home = Path(environ.get("ARENA_HOME") or ".arena").expanduser().absolute()
    values: dict[str, Any] = {}
    origin: dict[str, str] = {}
    for path in (home / RUNNING, home / FILE) if running else (home / FILE,):
        found = _read(path)
        values |= found
        origin |= dict.fromkeys(found, str(path))
    known = {field.name for field in msgspec.structs.fields(Settings)}
    for variable, text in environ.items():
        name = variable.removeprefix("ARENA_").lower()
        if variable.startswith("ARENA_") and text and name in known:
            values[name] = text
            origin[name] = f"environment variable {variable}"
    values["home"] = str(home)
    for name in values:
        if name not in known:
            raise SettingsError(f"{origin[name]}: unknown setting {name!r}; known: {', '.join(sorted(known))}")
    settings = _convert(values, origin)
    if (settings.tls_cert is None) != (settings.tls_key is None) or (settings.tls_cert and not settings.tls):
        raise SettingsError("tls_cert and tls_key: expected both or none, and tls = true with them")
    _check_url("nats_url", settings.nats_url, ("nats", "tls", "ws", "wss"), origin)
    _check_url("agents_url", settings.agents_url, ("nats", "tls", "ws", "wss"), origin)
    for url in settings.nats_websocket_url.split(","):  # a cluster's
        _check_url("nats_websocket_url", url, ("ws", "wss"), origin)
    _check_url("web_url", settings.web_url, ("http", "https"), origin)
    _check_origins(settings, origin)
    _check_networks("trusted_proxies", settings.trusted_proxies, origin)
    _check_url("database_url", settings.database_url, ("postgresql", "postgres"), origin)
    return settings


def _read(path: Path) -> dict[str, Any]:
    """A settings file's values; nothing if there is no file."""
    try:
        return tomllib.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path} cannot be read as TOML: {error}") from error


def _convert(values: dict[str, Any], origin: Mapping[str, str]) -> Settings:
    """Convert each value by itself, so that an error can name its setting."""
    converted: dict[str, Any] = {}
    for field in msgspec.structs.fields(Settings):
        if field.name in values:
            try:
                converted[field.name] = msgspec.convert(values[field.name], field.type, strict=False, dec_hook=_path)
            except msgspec.ValidationError as error:
                where = origin.get(field.name, "default")
                raise SettingsError(f"{field.name} ({where}): {error}, got {values[field.name]!r}") from error
    return Settings(**converted)


def _path(kind: type, value: Any) -> Any:
    """Convert to the one type that msgspec does not know."""
    if kind is Path and isinstance(value, str):
        return Path(value).expanduser()
    raise msgspec.ValidationError(f"expected {kind.__name__}")


def _check_url(name: str, url: str, schemes: tuple[str, ...], origin: Mapping[str, str]) -> None:
    """Refuse a URL with another scheme. The value is not repeated: it may hold a password."""
    if url and url.partition("://")[0] not in schemes:
        expected = " or ".join(f"{scheme}://..." for scheme in schemes)
        raise SettingsError(f"{name} ({origin.get(name, 'default')}): expected {expected}")


def _check_origins(settings: Settings, origin: Mapping[str, str]) -> None:
    """Refuse what would say more than an origin where origins are listed: in a header, and to nats-server."""
    for name, urls in (("web_url", settings.web_url), ("nats_websocket_url", settings.nats_websocket_url)):
        if urls and not all(_HOST.match(url.partition("://")[2]) for url in urls.split(",")):
            raise SettingsError(f"{name} ({origin.get(name, 'default')}): expected a host, and a port if need be")


def _check_networks(name: str, text: str, origin: Mapping[str, str]) -> None:
    for network in filter(None, map(str.strip, text.split(","))):
        try:
            ip_network(network)
        except ValueError as error:
            raise SettingsError(
                f"{name} ({origin.get(name, 'default')}): expected addresses or networks with commas, {error}"
            ) from error
