"""A line that can be cut: what an agent meets when its network, or the server, is gone for a while."""

import asyncio


class Cable:
    """A TCP line to a server on this machine. While `down` is set, new calls are hung up at once."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._writers: set[asyncio.StreamWriter] = set()
        self.calls = 0  # connections that were tried
        self.down = False
        self.refused = asyncio.Event()  # somebody called while it was down

    async def open(self) -> str:
        """Begin to listen; returns the address to give to an agent."""
        self._server = await asyncio.start_server(self._on_call, "127.0.0.1", 0)
        return f"nats://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def cut(self, *, down: bool = False) -> None:
        """Reset every connection."""
        self.down = down
        self.refused.clear()
        for writer in self._writers:
            writer.transport.abort()

    async def close(self) -> None:
        """Cut, and stop listening."""
        self._server.close()
        self.cut(down=True)

    async def _on_call(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.calls += 1
        if self.down:
            writer.transport.abort()
            self.refused.set()
            return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
        ends = {writer, far_writer}
        self._writers |= ends
        await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer), return_exceptions=True)
        self._writers -= ends


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(64 * 1024):
            writer.write(data)
            await writer.drain()
    finally:
        writer.transport.abort()
