"""The configuration of nats-server, embedded or in production: `deploy/nats.conf` is made from here (a test compares).

Who is who stands in a file of its own, which `arena init` makes (arena.credentials.account) and this one includes.
"""

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


class Listen(msgspec.Struct, frozen=True, kw_only=True):
    """Where the server listens and keeps its data."""

    host: str
    port: int  # -1: any free one
    data: str  # folder of the streams and of pushed accounts
    identity: str = IDENTITY  # relative to the configuration file, as `include` wants it
    websocket_port: int = 0  # 0: none; -1: any free one
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
    websocket_port=8080,
    monitor_port=8222,
)
DEPLOY = Path("deploy") / "nats.conf"


def render(listen: Listen) -> str:
    """The configuration file's text."""
    websocket = monitor = cluster = tls = ""
    if listen.tls:
        files = f'cert_file: "{listen.tls.cert}", key_file: "{listen.tls.key}", min_version: "1.2"'
        tls = (
            "\n# Ours begin with TLS at once, so that nobody between can talk them out of it; others after INFO.\n"
            f'tls {{ {files}, handshake_first: "auto" }}\n'
        )
    if listen.websocket_port:
        place = f'host: "{listen.host}", port: {listen.websocket_port}'
        if listen.tls:
            websocket = f"\n# Agents in browsers.\nwebsocket {{ {place}, tls {{ {files} }} }}\n"
        else:
            websocket = (
                "\n# Agents in browsers. No TLS here: put a proxy with a certificate in front of it.\n"
                f"websocket {{ {place}, no_tls: true }}\n"
            )
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
