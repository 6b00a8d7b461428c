"""An agent as a browser mounts it: NATS over WebSocket, with a key of its own, and nothing of agent_kit.

The protocol is NATS' own (https://docs.nats.io/reference/reference-protocols/nats-protocol), in binary frames.
"""

import asyncio
import base64
import contextlib
import itertools
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import msgspec
import nkeys
from websockets.asyncio.client import ClientConnection, connect

from arena.credentials import claims
from tests.eventually import DEADLINE_S


class Message(NamedTuple):
    """What came on a subject."""

    subject: str
    reply: str
    data: Any  # JSON, decoded


class Denied(Exception):
    """The server's `-ERR`."""


class Browser:
    """One connection. `heard` has what came and was not taken yet."""

    def __init__(self, socket: ClientConnection, agent: str) -> None:
        self.agent = agent
        self._socket = socket
        self._rest = b""
        self._sids = itertools.count(1)
        self._heard: asyncio.Queue[Message | Denied] = asyncio.Queue()

    async def subscribe(self, subject: str) -> None:
        """Listen; what the server says against it comes later, as of any client."""
        await self._send(f"SUB {subject} {next(self._sids)}\r\n".encode())

    async def publish(self, subject: str, message: Any, reply: str = "") -> None:
        """Say it as JSON."""
        payload = msgspec.json.encode(message)
        await self._send(f"PUB {subject} {reply} {len(payload)}\r\n".encode() + payload + b"\r\n")

    async def next(self) -> Message:
        """What comes next on any subscription. Raises Denied."""
        async with asyncio.timeout(DEADLINE_S):
            found = await self._heard.get()
        if isinstance(found, Denied):
            raise found
        return found

    async def request(self, subject: str, message: Any) -> Any:
        """The first answer; asked again until there is one."""
        inbox = f"_INBOX.{self.agent}.{next(self._sids)}"
        await self.subscribe(inbox)
        await self.publish(subject, message, inbox)
        while (found := await self.next()).subject != inbox or found.data is None:
            if found.subject == inbox:  # nobody listens yet: "no responders"
                await self.publish(subject, message, inbox)
        return found.data

    async def read(self) -> None:
        """Take what comes, until the connection ends."""
        async for frame in self._socket:
            assert isinstance(frame, bytes)
            self._rest += frame
            while (message := self._one()) is not None:
                if isinstance(message, bytes):
                    await self._send(message)
                else:
                    self._heard.put_nowait(message)

    def _one(self) -> Message | Denied | bytes | None:
        """The next of what came: something for us, something to be answered (b"": with nothing), or nothing yet."""
        line, ends, rest = self._rest.partition(b"\r\n")
        if not ends:
            return None
        verb, *words = line.decode().split()
        size = int(words[-1]) if verb in {"MSG", "HMSG"} else -2
        if len(rest) < size + 2:
            return None
        self._rest = rest[size + 2 :]
        if verb == "-ERR":
            return Denied(line.decode())
        if verb == "PING":
            return b"PONG\r\n"
        if size < 0:
            return b""  # INFO, PONG, +OK
        head = int(words[-2]) if verb == "HMSG" else 0
        reply = words[2] if len(words) == (5 if verb == "HMSG" else 4) else ""
        return Message(words[0], reply, msgspec.json.decode(rest[head:size]) if size > head else None)

    async def _send(self, frame: bytes) -> None:
        if frame:
            await self._socket.send(frame)


@contextlib.asynccontextmanager
async def browsing(url: str, jwt: str, seed: str, *, origin: str | None = None) -> AsyncIterator[Browser]:
    """A page at this origin connects as the agent of this JWT, whose key's seed it has."""
    agent = claims.read(jwt)["name"]
    async with connect(url, origin=origin, compression=None, proxy=None, open_timeout=DEADLINE_S) as socket:
        info = msgspec.json.decode((await socket.recv()).partition(b" ")[2])  # type: ignore[union-attr]
        signature = base64.urlsafe_b64encode(nkeys.from_seed(seed.encode()).sign(info["nonce"].encode())).decode()
        options = {"jwt": jwt, "sig": signature.rstrip("="), "headers": True, "no_responders": True, "verbose": False}
        await socket.send(b"CONNECT " + msgspec.json.encode({**options, "lang": "browser", "protocol": 1}) + b"\r\n")
        browser = Browser(socket, agent)
        reading = asyncio.create_task(browser.read())
        try:
            yield browser
        finally:
            reading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await reading
