"""A connection to PostgreSQL that can go dead: nothing comes through any more, and nobody says so."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory

SOCKET = ".s.PGSQL.5432"


class Hole:
    """Between a client and a server's Unix socket. `swallow` lets the connections there are go dead; new ones pass."""

    def __init__(self, url: str, folder: Path) -> None:
        self._server_socket = str(Path(url.rpartition("host=")[2]) / SOCKET)
        self._socket = folder / SOCKET
        self.url = f"{url.rpartition('host=')[0]}host={folder}"
        self._open: list[asyncio.Event] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def swallow(self) -> int:
        """How many went dead."""
        for passing in self._open:
            passing.clear()
        return len(self._open)

    async def serve(self) -> asyncio.Server:
        return await asyncio.start_unix_server(self._connected, self._socket)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_unix_connection(self._server_socket)
        passing = asyncio.Event()
        passing.set()
        self._open.append(passing)
        for source, sink in ((reader, there_writer), (there_reader, writer)):
            task = asyncio.create_task(self._pass(source, sink, passing))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    @staticmethod
    async def _pass(source: asyncio.StreamReader, sink: asyncio.StreamWriter, passing: asyncio.Event) -> None:
        try:
            while data := await source.read(65536):
                await passing.wait()
                sink.write(data)
                await sink.drain()
        except ConnectionError:
            pass
        finally:
            sink.close()


@contextlib.asynccontextmanager
async def open_hole(url: str) -> AsyncIterator[Hole]:
    """url: of the server, as its own socket has it; `hole.url` is what the client takes."""
    with TemporaryDirectory(prefix="arena-") as folder:
        hole = Hole(url, Path(folder))
        server = await hole.serve()
        try:
            yield hole
        finally:
            server.close()
            await hole.close()
