"""The configuration of nats-server, embedded or in production: `deploy/nats.conf` is made from here (a test compares).

Who is who stands in a file of its own, which `arena init` makes (arena.credentials.account) and this one includes.
"""

from ipaddress import ip_address
from pathlib import Path

import msgspec

from arena.credentials.account import IDENTITY


class Cluster(msgspec.Struct, frozen=True, kw_only=True):
    """One server's place among several that keep one log together. Three is the least that survives losing one.

    Routes carry everything and are not authenticated here: between machines, put them on a network of their own or add
    `tls` and `authorization` (docs/operations.md).
    """

    port: int  # where the other servers connect to
    routes: tuple[str, ...]  # nats://host:port of every member; its own may be among them
    name: str = "arena"  # of the cluster


class Tls(msgspec.Struct, frozen=True, kw_only=True):
    """The server's certificate. Clients are not asked for one: they prove who they are by their credentials."""

    cert: str  # PEM, with its chain
    key: str


class Websocket(msgspec.Struct, frozen=True, kw_only=True):
    """Where agents in browsers connect.

    Whoever comes without an `Origin` is no browser and may connect: credentials decide who somebody is, pages never do.
    """

    port: int  # -1: any free one
    origins: tuple[str, ...] = ()  # whose pages may use it, as browsers name them; none: everybody's


class Listen(msgspec.Struct, frozen=True, kw_only=True):
    """Where the server listens and keeps its data. Beyond this machine only with TLS."""

    host: str
    port: int  # -1: any free one
    data: str  # folder of the streams and of pushed accounts
    identity: str = IDENTITY  # relative to the configuration file, as `include` wants it
    websocket: Websocket | None = None
    monitor_port: int = 0  # 0: none
    sync_interval: str = "1s"
    name: str = "arena"  # of this server, different for every member of a cluster
    cluster: Cluster | None = None
    tls: Tls | None = None


PRODUCTION = Listen(
    host="0.0.0.0",  # noqa: S104 - agents come from everywhere
    port=4222,
    data="/data",
    identity="identity/identity.conf",
    websocket=Websocket(port=8080),
    monitor_port=8222,
    tls=Tls(cert="/etc/nats/tls/server.pem", key="/etc/nats/tls/server.key"),
)
DEPLOY = Path("deploy") / "nats.conf"


def render(listen: Listen) -> str:
    """The configuration file's text. Raises ValueError for a server that others could reach in the clear."""
    if listen.tls is None and not ip_address(listen.host).is_loopback:
        raise ValueError(f"a server on {listen.host} is reached from elsewhere: expected a certificate (tls)")
    websocket = monitor = cluster = tls = ""
    secured = "no_tls: true"  # on this machine alone
    if listen.tls:
        files = f'cert_file: "{listen.tls.cert}", key_file: "{listen.tls.key}", min_version: "1.2"'
        secured = f"tls {{ {files} }}"
        tls = (
            "\n# Nobody gets in without TLS. Ours begin with it, so that nobody between can talk them out of it.\n"
            "# Who said nothing for 500 ms gets INFO first, as others expect; sooner, a busy one of ours would too.\n"
            "# The certificate: `arena init --tls` makes one, or your own under these names.\n"
            f'tls {{ {files}, handshake_first: "500ms" }}\n'
        )
    if listen.websocket:
        place = f'host: "{listen.host}", port: {listen.websocket.port}'
        allowed = ", ".join(f'"{origin}"' for origin in listen.websocket.origins)
        pages = f", allowed_origins: [{allowed}]" if allowed else ""
        websocket = f"\n# Agents in browsers.\nwebsocket {{ {place}, {secured}{pages} }}\n"
    if listen.monitor_port:
        monitor = f'http: "127.0.0.1:{listen.monitor_port}"  # /healthz, /varz, /jsz: not for the public\n'
    if listen.cluster:
        routes = ", ".join(f'"{route}"' for route in listen.cluster.routes)
        cluster = (
            "\n# Clients are given all members' addresses in their URL; they are told of no others.\n"
            f'cluster {{ name: {listen.cluster.name}, host: "{listen.host}", port: {listen.cluster.port}, '
            f"no_advertise: true, routes: [{routes}] }}\n"
        )
    return f"""\
# Configuration of nats-server (2.15 or newer), made by arena.stack.nats_config.

server_name: {listen.name}
host: "{listen.host}"
port: {listen.port}
{monitor}
# Operator, system account and ARENA account: {{home}}/nats, made by `arena init`. The path is relative to this file.
include "{listen.identity}"

# Accounts pushed to the running server (revocations) are kept here and win over older ones in the include.
resolver: {{ type: full, dir: "{listen.data}/accounts", allow_delete: false, interval: "2m" }}

jetstream {{
  store_dir: "{listen.data}"
  sync_interval: {listen.sync_interval}  # how much a power loss may cost; "always" for none, at a fifth of the speed
}}

no_fast_producer_stall: true  # else one slow agent holds up a runner, and with it all its matches
write_deadline: "2s"  # a client that takes nothing for this long is dropped; it reconnects
max_pending: 8MB
max_payload: 1MB
ping_interval: "20s"  # clients ping more often, so the server's is the second line
feature_flags {{ js_ack_fc_v2: false }}  # nats-py reads the first form of acknowledgement subjects
{tls}{websocket}{cluster}"""
