"""A cluster of nats-servers on one machine, for one home folder: for tests, for `make chaos`, and to try it out.

It survives the death of servers, not of the machine: production runs each member on a machine of its own.
"""

import asyncio
from pathlib import Path

from arena.bus import Bus, BusError, connect
from arena.bus.stream import call, replication
from arena.credentials.account import FOLDER
from arena.stack import ports
from arena.stack.embedded_nats import EmbeddedNats
from arena.stack.nats_config import Cluster, Websocket
from arena.stack.processes import ServerError, tail, together
from arena.wire.subjects import REGISTRAR, inbox

READY_S = 30.0
TRY_S = 1.0


class EmbeddedCluster:
    """Servers that keep one log together, each with its own data. `start` before use.

    home: of the keyring, with {home}/nats/identity.conf. size: 3 survive the loss of one, 5 of two.
    """

    def __init__(self, home: Path, *, size: int = 3, sync_interval: str = "1s") -> None:
        self.home = home
        routes = [ports.free() for _ in range(size)]
        urls = tuple(f"nats://127.0.0.1:{port}" for port in routes)
        self.servers = [
            EmbeddedNats(
                home,
                port=ports.free(),  # a fixed one: it must be found again after a restart
                websocket=Websocket(port=-1),
                sync_interval=sync_interval,
                name=f"n{number}",
                cluster=Cluster(port=port, routes=urls),
            )
            for number, port in enumerate(routes, 1)
        ]

    @property
    def url(self) -> str:
        """All members' addresses, joined by commas: what `arena.bus.connect` and ARENA_NATS_URL take."""
        return ",".join(server.url for server in self.servers)

    @property
    def websocket_url(self) -> str:
        """The same for browsers: what ARENA_NATS_WEBSOCKET_URL takes."""
        return ",".join(server.websocket_url for server in self.servers)

    async def start(self) -> None:
        """Start all members and wait until they have elected who places streams. Raises ServerError."""
        await together(*(server.start() for server in self.servers))
        await self.ready()

    async def stop(self) -> None:
        """Stop all members that run, and wait until they are gone."""
        await together(*(server.stop() for server in self.servers))

    async def ready(self) -> None:
        """Wait until JetStream has a leader, as after a start or a loss. Raises ServerError."""
        last: Exception = TimeoutError()
        try:
            async with asyncio.timeout(READY_S):
                while True:
                    try:
                        return await self._ask()
                    except BusError as error:
                        last = error
                    await asyncio.sleep(0.05)
        except TimeoutError as error:
            await self.stop()
            log = self.servers[0].log
            raise ServerError(f"no JetStream in {self.home / FOLDER}: {last}; {log} ends:\n{tail(log)}") from error

    async def leader(self, bus: Bus, stream: str) -> EmbeddedNats | None:
        """The member that leads a stream now; None while one is elected. bus: may ask STREAM.INFO. Raises BusError."""
        name = (await replication(bus, stream)).leader
        return next((server for server in self.servers if server.name == name), None)

    async def _ask(self) -> None:
        creds = self.home / "creds" / f"{REGISTRAR}.creds"
        bus = await connect(self.url, creds, name="arena-cluster", inbox=inbox(REGISTRAR), timeout_s=TRY_S)
        try:
            await call(bus, "INFO", timeout_s=TRY_S)  # only a leader answers
        finally:
            await bus.close()
