"""What NATS has to know of the tables: agents' records in bucket AGENTS, and whose credentials are revoked.

PostgreSQL comes first, NATS follows. Several processes do so at once, and what one has read may be older than what
another has told meanwhile: so each looks again when it has told something, until that is what stands. Whoever tells
last looks last, and the bucket ends up as the table is. `sync` repeats what a crash, or a server that was away, left
out.
"""

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from arena.api.acceptable import Unpushed
from arena.api.stamps import now_ms
from arena.bus import Bus, BusError, connect, kv
from arena.credentials import AccountError, Keyring, KeyringError, push_account
from arena.settings import Settings
from arena.store import accounts
from arena.store.agent_records import agent_records, agents_of
from arena.store.database import Database
from arena.wire.registry import AgentRecord
from arena.wire.subjects import AGENTS_BUCKET, inbox

SystemConnection = Callable[[], AbstractAsyncContextManager[Bus]]


class Propagation:
    """Tells NATS. bus: with rights on bucket AGENTS; system: opens a connection that may push the account."""

    def __init__(self, database: Database, bus: Bus, keyring: Keyring, system: SystemConnection) -> None:
        self._database = database
        self._bus = bus
        self._keyring = keyring
        self._system = system

    async def tell_of(self, agents: Collection[str]) -> None:
        """Make these agents' records what the table says, or remove them. Raises Unpushed."""
        try:
            await self._tell_of(agents)
        except BusError as error:
            raise Unpushed(f"it is written, but the matchmaker does not know yet: {error}") from error

    async def follow(self, owner: str) -> None:
        """A user was locked or unlocked: revocations first, then the agents' records. Raises Unpushed."""
        async with self._database.begin() as connection:
            agents = await agents_of(connection, owner)
        try:
            await self.push_revocations()
        finally:
            await self.tell_of(agents)

    async def push_revocations(self) -> None:
        """Tell the server whose credentials are revoked: it drops their connections. Raises Unpushed."""
        async with self._database.begin() as connection:
            revoked = await accounts.revoked(connection, now_ms())
        try:
            async with self._system() as system:
                await push_account(system, self._keyring, {key: at_ms // 1000 for key, at_ms in revoked.items()})
        except (BusError, AccountError, KeyringError) as error:
            raise Unpushed(f"revoked, but the NATS server does not know yet: {error}") from error

    async def sync(self) -> int:
        """Make bucket AGENTS what the table is; returns how many records differed. Raises BusError."""
        known = await kv.contents(self._bus, AGENTS_BUCKET, AgentRecord)
        async with self._database.begin() as connection:  # behind the bucket: an agent made meanwhile is no stranger
            stand = await agent_records(connection)
        differ = [id_ for id_ in {*stand, *known} if stand.get(id_) != known.get(id_)]
        await self._tell_of(differ)
        return len(differ)

    async def _tell_of(self, agents: Collection[str]) -> None:
        told: dict[str, AgentRecord | None] = {}
        while True:
            async with self._database.begin() as connection:
                stand = await agent_records(connection, agents)
            differ = {id_: stand.get(id_) for id_ in agents if id_ not in told or told[id_] != stand.get(id_)}
            if not differ:
                return
            for id_, record in differ.items():
                if record is None:
                    await kv.delete(self._bus, AGENTS_BUCKET, id_)
                else:
                    await kv.put(self._bus, AGENTS_BUCKET, id_, record)
            told |= differ


def system_connection(settings: Settings) -> SystemConnection:
    """Opens a connection of the system account, which lasts for one push."""

    @asynccontextmanager
    async def open_system() -> AsyncIterator[Bus]:
        creds = settings.home / "creds" / "system.creds"
        bus = await connect(settings.nats, creds, name="arena-system", inbox=inbox("system"))
        try:
            yield bus
        finally:
            await bus.close()

    return open_system
