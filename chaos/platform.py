"""What is under test: real servers, services as processes behind proxies of their own, and agents in processes."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec
import psutil

from arena.api.registrar import Registrar
from arena.bus import Bus, connect
from arena.credentials import Keyring, write_identity, write_secret
from arena.settings import Settings
from arena.stack import ports
from arena.stack.embedded import EmbeddedNats, EmbeddedPostgres
from arena.stack.embedded_cluster import EmbeddedCluster
from arena.stack.health import wait_healthy
from arena.stack.provision import provision
from arena.stack.supervisor import Child, Supervisor, child_environ
from arena.wire import subjects
from chaos.launch import set_offset
from chaos.proxy import Proxy

SERVICES = ("runner-1", "runner-2", "runner-3", "matchmaker-1", "matchmaker-2", "recorder-1", "recorder-2", "api-1")
STOP_ORDER = ("agent", "matchmaker", "runner", "recorder", "api")
STORE_BYTES = 256 * 1024 * 1024  # of the small file system that can be filled
LEAVE_S = 100.0  # an honest agent: longer than anybody's clock and grace time
BAD_LEAVE_S = 5.0

Say = Callable[[str], None]


class Part(NamedTuple):
    """What an agent is to do."""

    name: str
    behaviour: str
    slots: int
    honest: bool
    linked: bool = False  # behind proxies that can be cut


class Party(msgspec.Struct, kw_only=True):
    """One process under the suite's influence: a service, or an agent's."""

    name: str
    role: str  # of a service; "agent"
    child: Child
    links: list[Proxy]  # one for each server; none: it is connected directly
    clock: Path | None = None
    id: str = ""  # an agent's; a service's stands in its log
    honest: bool = False  # an agent that must never be charged

    @property
    def pid(self) -> int:
        """Of the process that runs now, or ran last."""
        return self.child.process.pid if self.child.process else 0

    def signal(self, number: signal.Signals) -> bool:
        """Send it; False if there is no process now."""
        process = self.child.process
        if process is None or process.returncode is not None:
            return False
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)
            return True
        return False

    def service_id(self) -> str:
        """How this process calls itself in the log of events; empty while it has not said so."""
        pid = self.pid
        for line in reversed(self.child.log.read_text(errors="replace").splitlines()):
            if '"started"' in line and f'"pid":{pid}' in line.replace(" ", ""):
                return str(msgspec.json.decode(line, type=dict[str, Any]).get("id", ""))
        return ""


class Platform:
    """One platform in a folder of its own. `open_platform` makes it and takes it down."""

    def __init__(self, home: Path, servers: int, say: Say) -> None:
        self.home = home
        self.say = say
        self.servers: list[EmbeddedNats] = []
        self.count = servers
        self.postgres = EmbeddedPostgres(home)
        self.settings = Settings(home=home)
        self.parties: dict[str, Party] = {}
        self.supervisor = Supervisor(home, {}, self._note)
        self.bus: Bus
        self.keyring = Keyring.create(home)
        self.records = home / "records"
        self.store: Path | None = None  # a small file system that holds the streams, where we may mount one
        self.ended_badly: list[str] = []  # services that ended by themselves

    def _note(self, text: str) -> None:
        """What the keeper says of its children. Kills are ours; an exit code of a service is not."""
        if "exit code" in text and "exit code 0" not in text and not text.startswith("agent"):
            self.ended_badly.append(text)
        self.say(text)

    @property
    def services(self) -> list[Party]:
        """All but agents."""
        return [party for party in self.parties.values() if party.role != "agent"]

    @property
    def agents(self) -> list[Party]:
        """Agents' processes."""
        return [party for party in self.parties.values() if party.role == "agent"]

    async def open_servers(self, stack: contextlib.AsyncExitStack) -> None:
        """nats-server(s) and PostgreSQL, with all that `arena provision` makes in them."""
        write_identity(self.keyring)
        self.records.mkdir()
        await self._open_nats(stack)
        await self.postgres.start()
        stack.push_async_callback(self.postgres.stop)
        await self.postgres.create("arena")
        urls = ",".join(server.url for server in self.servers)
        self.settings = msgspec.structs.replace(
            self.settings,
            nats_url=urls,
            database_url=self.postgres.url(),
            nats_replicas=self.count,
            api_port=ports.free(),
        )
        await provision(self.settings, self.keyring)
        creds = self.settings.creds(subjects.REGISTRAR)
        self.bus = await connect(urls, creds, name="chaos", inbox=subjects.inbox(subjects.REGISTRAR))
        stack.push_async_callback(self.bus.close)

    async def _open_nats(self, stack: contextlib.AsyncExitStack) -> None:
        if self.count > 1:
            cluster = EmbeddedCluster(self.home, size=self.count)
            await cluster.start()
            stack.push_async_callback(cluster.stop)
            self.servers = cluster.servers
            return
        server = EmbeddedNats(self.home, port=ports.free())
        self.store = mount_small(server.folder / "jetstream")
        if self.store:
            stack.push_async_callback(unmount, self.store)
        await server.start()
        stack.push_async_callback(server.stop)
        self.servers = [server]

    async def open_services(self, stack: contextlib.AsyncExitStack, environ: dict[str, str]) -> None:
        """Start all services, each behind proxies and a clock of its own, and wait until all answer."""
        links_of = {name: await self._links(stack) for name in SERVICES}
        stack.push_async_callback(self.supervisor.stop, STOP_ORDER)  # before its network goes
        for name, links in links_of.items():
            role = name.partition("-")[0]
            clock = self.home / "run" / f"{name}.clock"
            set_offset(clock, 0)
            environment = child_environ(
                {
                    "ARENA_HOME": str(self.home),
                    "ARENA_NATS_URL": ",".join(link.url for link in links),
                    "ARENA_DATABASE_URL": self.settings.database_url,
                    "ARENA_API_PORT": str(self.settings.api_port),
                    "ARENA_NATS_REPLICAS": str(self.count),
                    "CHAOS_CLOCK": str(clock),
                }
                | environ
            )
            child = Child(name, ["chaos.launch", role], environment, self.home, self._note)
            await self._adopt(Party(name=name, role=role, child=child, links=links, clock=clock))
        wanted: dict[str, int] = {}
        for party in self.services:
            wanted[party.role] = wanted.get(party.role, 0) + 1
        await wait_healthy(self.bus, self.supervisor, wanted)

    async def _adopt(self, party: Party) -> None:
        self.supervisor.children[party.name] = party.child
        self.parties[party.name] = party
        await party.child.start()

    async def _links(self, stack: contextlib.AsyncExitStack) -> list[Proxy]:
        links = []
        for server in self.servers:
            address = urlsplit(server.url)
            link = Proxy(str(address.hostname), int(address.port or 0))
            await link.start()
            stack.push_async_callback(link.stop)
            links.append(link)
        return links

    async def add_agent(
        self, stack: contextlib.AsyncExitStack, registrar: Registrar, part: Part, games: str, seed: int
    ) -> Party:
        """A new agent of an owner of its own, in a process of its own."""
        owner = await registrar.create_user(part.name, None)
        agent = await registrar.create_agent(owner, part.name)
        creds = self.home / "agents" / f"{agent.id}.creds"
        creds.parent.mkdir(exist_ok=True)
        write_secret(creds, (await registrar.issue(agent)).creds or "")
        links = await self._links(stack) if part.linked else []
        url = ",".join(link.url for link in links) or self.settings.nats
        options = {
            "creds": creds,
            "url": url,
            "games": games,
            "slots": part.slots,
            "behaviour": part.behaviour,
            "seed": seed,
            "records": self.records,
            "name": part.name,
        }
        arguments = ["chaos.agents", *(f"--{option}={value}" for option, value in options.items())]
        child = Child(part.name, arguments, child_environ({}), self.home, self._note)
        party = Party(name=part.name, role="agent", child=child, links=links, id=agent.id, honest=part.honest)
        await self._adopt(party)
        return party

    async def dismiss_agents(self) -> None:
        """Let all agents leave; who stays too long is killed. The honest play their last matches to the end."""
        for party in self.agents:
            self.supervisor.children.pop(party.name, None)
        await asyncio.gather(*(self._dismiss(party) for party in self.agents))

    async def _dismiss(self, party: Party) -> None:
        process = party.child.process
        if party.signal(signal.SIGTERM) and process:
            try:
                async with asyncio.timeout(LEAVE_S if party.honest else BAD_LEAVE_S):
                    await process.wait()
            except TimeoutError:
                party.signal(signal.SIGKILL)
        await party.child.stop()  # at once: it would be started again


@contextlib.asynccontextmanager
async def open_platform(home: Path, servers: int, say: Say, environ: dict[str, str]) -> AsyncIterator[Platform]:
    """A platform with all services healthy and no agents. Everything it starts ends with it."""
    async with contextlib.AsyncExitStack() as stack:
        platform = Platform(home, servers, say)
        await platform.open_servers(stack)
        await platform.open_services(stack, environ)
        platform_stack = stack.pop_all()
    try:
        yield platform
    finally:
        await platform_stack.aclose()


def mount_small(folder: Path) -> Path | None:
    """Mount a small file system there, that can be filled without harm to anybody else; None where we may not."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0:
        return None
    import subprocess

    command = ["mount", "-t", "tmpfs", "-o", f"size={STORE_BYTES}", "chaos", str(folder)]
    done = subprocess.run(command, check=False, capture_output=True)  # noqa: S603
    return folder if done.returncode == 0 else None


async def unmount(folder: Path) -> None:
    """Take it away again, and what is in it."""
    process = await asyncio.create_subprocess_exec("umount", "--lazy", str(folder))
    await process.wait()


def memory_mib(pid: int) -> float:
    """Resident memory of a process and its children."""
    try:
        process = psutil.Process(pid)
        return float(sum(one.memory_info().rss for one in [process, *process.children(recursive=True)])) / 2**20
    except psutil.NoSuchProcess:
        return 0.0
