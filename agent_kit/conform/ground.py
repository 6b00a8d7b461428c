"""What a trial is played on: a nats-server of its own with the platform's own permissions, and nothing else."""

import asyncio
import contextlib
import secrets
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import nkeys

from arena.bus import Bus, connect
from arena.credentials import Keyring, claims, issue_agent, push_account, write_identity, write_secret
from arena.credentials.issue import creds_text
from arena.credentials.keyring import FOLDER
from arena.stack.embedded_nats import EmbeddedNats
from arena.wire import ids

UNLIMITED = "unlimited"


class Subject(NamedTuple):
    """An agent that is tried: its id, its credentials, and their public key."""

    agent: str
    creds: Path
    public_key: str


class Ground:
    """A server, its keys, and a connection that may say anything. Made by `open_ground`."""

    def __init__(self, home: Path, keyring: Keyring, server: EmbeddedNats, bus: Bus) -> None:
        self.home = home
        self.keyring = keyring
        self.server = server
        self.bus = bus

    def agent(self, url: str) -> Subject:
        """A new agent, which connects to `url`."""
        agent = ids.make(time.time_ns() // 1_000_000, secrets.token_bytes(10))
        issued = issue_agent(self.keyring, agent, url=url)
        path = self.home / "agents" / f"{agent}.creds"
        path.parent.mkdir(exist_ok=True)
        write_secret(path, issued.creds or "")
        return Subject(agent, path, issued.public_key)

    async def revoke(self, subject: Subject) -> None:
        """End its credentials; the server drops its connections at once."""
        system = await connect(self.server.url, self.home / "creds" / "system.creds", name="c", inbox="_INBOX.system")
        try:
            await push_account(system, self.keyring, {subject.public_key: int(time.time())})
        finally:
            await system.close()

    def violations(self, subject: Subject) -> list[str]:
        """What the server denied this agent, in the words of its log."""
        lines = self.server.log.read_text(errors="replace").splitlines()
        return [line.partition(f'{subject.public_key}" - ')[2] for line in lines if _denied(line, subject)]


@contextlib.asynccontextmanager
async def open_ground() -> AsyncIterator[Ground]:
    """A ground, until the end of the block. Raises ServerError or Unreachable."""
    home = Path(tempfile.mkdtemp(prefix="arena-conform-"))
    try:
        keyring = await asyncio.to_thread(Keyring.create, home)
        await asyncio.to_thread(write_identity, keyring)
        server = EmbeddedNats(home)
        await server.start()
        try:
            bus = await connect(server.url, unlimited(keyring), name="conform", inbox=f"_INBOX.{UNLIMITED}")
            try:
                yield Ground(home, keyring, server, bus)
            finally:
                await bus.close()
        finally:
            await server.stop()
    finally:
        await asyncio.to_thread(shutil.rmtree, home)


def _denied(line: str, subject: Subject) -> bool:
    return subject.public_key in line and any(word in line for word in ("Violation", "maximum"))


def unlimited(keyring: Keyring) -> Path:
    """Credentials with which anything may be said, as the services of a platform to come might say it."""
    pair = claims.new_key(claims.USER)
    all_of_it = {"allow": [">"]}
    user = {"type": "user", "version": 2, "pub": all_of_it, "sub": all_of_it, "subs": -1, "data": -1, "payload": -1}
    body = {"iat": int(time.time()), "name": UNLIMITED, "sub": claims.public(pair), "nats": user}
    account = nkeys.from_seed((keyring.home / FOLDER / "account.nk").read_bytes().strip())
    path = keyring.home / f"{UNLIMITED}.creds"
    write_secret(path, creds_text(claims.sign(body, account), claims.seed(pair)))
    return path
