"""A network between one party and one server, that can be cut, slowed down or made a black hole.

Bytes are held, never dropped: as on a real network, a connection either delivers them in order or breaks.
"""

import asyncio
import contextlib
import socket
import struct
from collections import deque
from typing import cast

HELD_BYTES_MAX = 256 * 1024  # then the sender is made to wait, as by full socket buffers
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER with no time to linger: closing sends RST


class Proxy:
    """Listens at `url` for clients of the server at host:port. The modes may be combined and hold for all connections.

    delay_s: every chunk comes that much later, in both directions. bytes_per_s: throughput of one direction of one
    connection, 0 for any. `blackhole(True)`: nothing goes through, and nobody is told. `refuse(True)`: nobody gets in.
    """

    def __init__(self, host: str, port: int) -> None:
        self.target = (host, port)
        self.port = 0
        self.delay_s = 0.0
        self.bytes_per_s = 0.0
        self.holding = False
        self.refusing = False
        self.ends: set[End] = set()
        self.opening: set[asyncio.Task[None]] = set()
        self.healed = asyncio.Event()
        self.healed.set()
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"nats://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen on a free port."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: End(self, None), "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close all."""
        self.healed.set()
        if self._server:
            self._server.close()
        self.cut()
        await asyncio.gather(*self.opening, return_exceptions=True)

    def cut(self) -> None:
        """Break all connections (RST)."""
        for end in list(self.ends):
            end.reset()

    def refuse(self, on: bool) -> None:
        """Break all connections and let nobody in, or let them in again."""
        self.refusing = on
        if on:
            self.cut()

    def blackhole(self, on: bool) -> None:
        """Let nothing through while every socket stays open, or let go what was held."""
        self.holding = on
        (self.healed.clear if on else self.healed.set)()
        for end in list(self.ends):
            end.heed()

    def heal(self) -> None:
        """Back to a plain network; what was held back leaves at once."""
        self.delay_s = self.bytes_per_s = 0.0
        for end in list(self.ends):
            end.hurry()
        self.refuse(False)
        self.blackhole(False)


class End(asyncio.Protocol):
    """One end of a connection; what it receives leaves by its peer."""

    def __init__(self, proxy: Proxy, peer: "End | None") -> None:
        self._proxy = proxy
        self._peer = peer
        self._transport: asyncio.Transport | None = None
        self._queue: deque[tuple[float, bytes]] = deque()  # what is to leave by us, and when
        self._queued = 0
        self._free_s = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._closing = False
        self._full = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client arrived, or its server answered."""
        self._transport = cast("asyncio.Transport", transport)
        raw = self._transport.get_extra_info("socket")
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._proxy.ends.add(self)
        if self._proxy.refusing:
            self.reset()
        elif self._peer is None:
            self._transport.pause_reading()
            task = asyncio.get_running_loop().create_task(self._open())
            self._proxy.opening.add(task)
            task.add_done_callback(self._proxy.opening.discard)
        else:
            self.heed()

    async def _open(self) -> None:
        """Connect to the server on the client's behalf."""
        await self._proxy.healed.wait()
        loop = asyncio.get_running_loop()
        try:
            _, peer = await loop.create_connection(lambda: End(self._proxy, self), *self._proxy.target)
        except OSError:
            self.reset()
            return
        self._peer = peer
        if self not in self._proxy.ends:  # the client went meanwhile
            peer.reset()
        self.heed()

    def heed(self) -> None:
        """Read or not, as the network and the other side's buffer allow."""
        if self._transport is None or self._transport.is_closing():
            return
        open_ = not self._proxy.holding and self._peer is not None and not self._peer._full
        with contextlib.suppress(RuntimeError):  # it reads, or does not, already
            (self._transport.resume_reading if open_ else self._transport.pause_reading)()
        if not self._proxy.holding:
            self._leave()

    def data_received(self, data: bytes) -> None:
        """Hand it to the other side."""
        if self._peer:
            self._peer.send(data)

    def hurry(self) -> None:
        """All that waits is due now."""
        self._free_s = 0.0
        self._queue = deque((0.0, data) for _, data in self._queue)

    def send(self, data: bytes) -> None:
        """Let it leave by us, when the network says so."""
        if self._transport is None or self._transport.is_closing():
            return
        proxy = self._proxy
        now = asyncio.get_running_loop().time()
        if not (self._queue or proxy.delay_s or proxy.bytes_per_s or proxy.holding):
            self._transport.write(data)
            return
        if proxy.bytes_per_s:
            self._free_s = max(self._free_s, now) + len(data) / proxy.bytes_per_s
        self._queue.append((max(now, self._free_s) + proxy.delay_s, data))
        self._queued += len(data)
        self._leave()

    def _leave(self) -> None:
        """Send what is due, and come back for the rest."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self._transport is None or self._transport.is_closing():
            return
        loop = asyncio.get_running_loop()
        while self._queue and not self._proxy.holding:
            due_s, data = self._queue[0]
            if due_s > loop.time():
                self._timer = loop.call_at(due_s, self._leave)
                break
            self._queue.popleft()
            self._queued -= len(data)
            self._transport.write(data)
        if self._full is not (self._queued > HELD_BYTES_MAX):
            self._full = not self._full
            if self._peer:
                self._peer.heed()
        if self._closing and not self._queue and not self._proxy.holding:
            self._transport.close()

    def close(self) -> None:
        """Close in order once all that was sent is out."""
        self._closing = True
        self._leave()

    def reset(self) -> None:
        """Break it."""
        if self._transport and not self._transport.is_closing():
            raw = self._transport.get_extra_info("socket")
            with contextlib.suppress(OSError):
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self._transport.abort()

    def connection_lost(self, error: Exception | None) -> None:
        """Take the other side along."""
        self._proxy.ends.discard(self)
        if self._timer:
            self._timer.cancel()
        if self._peer:
            (self._peer.close if error is None else self._peer.reset)()
