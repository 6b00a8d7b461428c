"""The warden: finds agents that flood the server, warns them, ends their connections, and then bars them.

nats-server limits payload and subscriptions of a user, but neither messages nor connections (docs/decisions/0013). So
every API process has a warden, and the one that holds the lease counts: it asks the servers every EVERY_S what each
connection has sent. Runs here because the API has what a bar needs: the registrar, and the system account's creds.

    a round above the rate       what happens
    first                        a Notice TOO_FAST to the agent
    second to fourth in WINDOW_S its connections are ended; a client comes back by itself
    fifth                        its credentials in use are revoked and it is paused: its owner sees both, mends the
                                 agent, resumes it and issues a credential. No timer lets a broken program in again.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any

import msgspec
import structlog
from prometheus_client import Counter, Gauge

from arena.api.acceptable import RegistrarError
from arena.api.registrar import Registrar
from arena.bus import Bus, BusError
from arena.bus.lease import Leadership
from arena.service import steady_ms
from arena.store.database import StoreError
from arena.wire import ids, presence, subjects
from arena.wire.faults import NoticeCode
from arena.wire.lobby import Notice

EVERY_S = 2.0
WINDOW_S = 60.0
WARN, KICK, BAR = "warn", "kick", "bar"
KICKS_MAX = 3  # in WINDOW_S; then it is barred
PAGE = 500  # connections in one answer, about 1.5 KB each
ANSWERS_S = 0.5  # how long servers of a cluster may take to answer
LEASE = "warden"

STEPS = Counter("arena_warden_steps", "Measures against agents that sent too much.", ["step"])
FASTEST = Gauge("arena_warden_fastest", "Messages a second of the agent that sends most.")

Open = Callable[[], AbstractAsyncContextManager[Bus]]


class Connection(msgspec.Struct, frozen=True):
    """One connection, as CONNZ tells."""

    cid: int
    name: str = ""
    in_msgs: int = 0  # sent by the client since it connected, refused ones too
    in_bytes: int = 0
    authorized_user: str = ""  # the public key of its credential
    jwt: str = ""


class _Page(msgspec.Struct, frozen=True):
    total: int = 0
    connections: list[Connection] = []


class _Server(msgspec.Struct, frozen=True):
    id: str


class _Answer(msgspec.Struct, frozen=True):
    server: _Server
    data: _Page = _Page()


class Verdict(msgspec.Struct, frozen=True):
    """What is to be done about one agent, and why."""

    agent: str
    step: str
    messages_s: float
    bytes_s: float
    connections: tuple[tuple[str, Connection], ...]  # with their server's id


class Watch:
    """Pure: what the servers counted, round by round -> verdicts. Rates are of an agent, over all its connections."""

    def __init__(self, messages_s_max: int, bytes_s_max: int) -> None:
        self._max = (messages_s_max, bytes_s_max)
        self._seen: dict[tuple[str, int], tuple[int, int]] | None = None
        self._at_s = 0.0
        self._strikes: dict[str, deque[float]] = {}
        self.fastest = 0.0

    def judge(self, found: Iterable[tuple[str, Connection]], now_s: float) -> list[Verdict]:
        """One round. A connection that was not there in the last one has sent all it sent since then."""
        seen: dict[tuple[str, int], tuple[int, int]] = {}
        sent: dict[str, list[int]] = {}
        theirs: dict[str, list[tuple[str, Connection]]] = {}
        for server, connection in found:
            agent = presence.user(presence.ClientEvent(presence.Client(jwt=connection.jwt)))
            if not ids.is_id(agent):
                continue  # a service of ours
            key = (server, connection.cid)
            seen[key] = (connection.in_msgs, connection.in_bytes)
            before = (0, 0) if self._seen is None else self._seen.get(key, (0, 0))
            total = sent.setdefault(agent, [0, 0])
            total[0] += connection.in_msgs - before[0]
            total[1] += connection.in_bytes - before[1]
            theirs.setdefault(agent, []).append((server, connection))
        first, passed_s = self._seen is None, now_s - self._at_s
        self._seen, self._at_s = seen, now_s
        if first or passed_s <= 0:
            return []
        rates = {agent: (messages / passed_s, size / passed_s) for agent, (messages, size) in sent.items()}
        self.fastest = max((messages for messages, _ in rates.values()), default=0.0)
        self._forget(now_s)
        return [
            Verdict(agent, self._step(agent, now_s), *rate, tuple(theirs[agent]))
            for agent, rate in rates.items()
            if rate[0] > self._max[0] or rate[1] > self._max[1]
        ]

    def _step(self, agent: str, now_s: float) -> str:
        strikes = self._strikes.setdefault(agent, deque(maxlen=KICKS_MAX + 2))
        strikes.append(now_s)
        return WARN if len(strikes) == 1 else KICK if len(strikes) <= KICKS_MAX + 1 else BAR

    def _forget(self, now_s: float) -> None:
        for agent, strikes in list(self._strikes.items()):
            while strikes and now_s - strikes[0] > WINDOW_S:
                strikes.popleft()
            if not strikes:
                del self._strikes[agent]


class Warden:
    """Watches while it holds the lease. `start` and `stop` it."""

    def __init__(self, registrar: Registrar, system: Open, watch: Watch, lease: Leadership, log: Any = None) -> None:
        self._registrar = registrar
        self._system = system
        self._watch = watch
        self._lease = lease
        self._log = log or structlog.get_logger("warden")
        self._stopped = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, in a task of its own."""
        self._lease.start()
        self._task = asyncio.create_task(self._run(), name="warden")

    async def stop(self) -> None:
        """Give the lease back: another API process goes on."""
        self._stopped = True  # nats-py may swallow the cancellation
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._lease.stop()

    async def _run(self) -> None:
        while not self._stopped:
            await self._lease.held.wait()
            try:
                async with self._system() as system:
                    while self._lease.valid and not system.closed.is_set():
                        await self._round(system)
                        await asyncio.sleep(EVERY_S)
            except Exception as error:  # noqa: BLE001 - whatever it is: without a warden nobody notices a flood
                self._log.warning("the servers' connections cannot be counted", error=str(error) or repr(error))
            await asyncio.sleep(EVERY_S)

    async def _round(self, system: Bus) -> None:
        verdicts = self._watch.judge(await connections(system, self._registrar.keyring.account), steady_ms() / 1000)
        FASTEST.set(self._watch.fastest)
        for verdict in verdicts:
            STEPS.labels(verdict.step).inc()
            rate = f"{verdict.messages_s:,.0f} messages and {verdict.bytes_s:,.0f} bytes a second"
            self._log.warning("an agent sends too much", agent=verdict.agent, step=verdict.step, rate=rate)
            await self._carry_out(system, verdict, rate)

    async def _carry_out(self, system: Bus, verdict: Verdict, rate: str) -> None:
        if verdict.step == BAR:
            await self._bar(verdict)
        if verdict.step == WARN:
            text = f"you send {rate}: send less, or your connections are ended, and then your credential revoked"
            payload = msgspec.json.encode(Notice(code=NoticeCode.TOO_FAST, message=text))
            for instance in {_instance(connection) for _, connection in verdict.connections}:
                subject = subjects.NOTICE.at(agent=verdict.agent, instance=instance)
                await self._registrar.bus.publish(subject, payload)
            return
        for server, connection in verdict.connections:
            body = msgspec.json.encode({"cid": connection.cid})
            with contextlib.suppress(BusError):  # it is gone already
                await system.request(f"$SYS.REQ.SERVER.{server}.KICK", body, timeout_s=ANSWERS_S)

    async def _bar(self, verdict: Verdict) -> None:
        try:
            agent = await self._registrar.agent(verdict.agent)
            await self._registrar.change_agent(agent, paused=True)
            for key in {connection.authorized_user for _, connection in verdict.connections}:
                await self._registrar.revoke(agent, key)
        except (RegistrarError, StoreError, BusError) as error:
            self._log.error("an agent that floods could not be barred", agent=verdict.agent, error=str(error))


async def connections(system: Bus, account: str) -> list[tuple[str, Connection]]:
    """Every connection of the account on every server, with its server's id. Raises BusError."""
    found: list[tuple[str, Connection]] = []
    offset, total = 0, 1
    while offset < total:
        wanted = {"auth": True, "acc": account, "sort": "cid", "offset": offset, "limit": PAGE}
        total = 0
        for answer in await _ask_all(system, msgspec.json.encode(wanted)):
            found += [(answer.server.id, connection) for connection in answer.data.connections]
            total = max(total, answer.data.total)
        offset += PAGE
    return found


async def _ask_all(system: Bus, payload: bytes) -> list[_Answer]:
    """Every server's answer: nobody knows how many there are, so all that come in time count."""
    answers: list[_Answer] = []
    inbox = system.new_inbox()
    came = asyncio.Event()

    def take(message: Any) -> None:
        answers.append(msgspec.json.decode(message.data, type=_Answer))
        came.set()

    subscription = await system.subscribe(inbox, take)
    try:
        await system.publish("$SYS.REQ.SERVER.PING.CONNZ", payload, reply=inbox)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ANSWERS_S):
                while True:
                    await came.wait()
                    came.clear()
    finally:
        await subscription.unsubscribe()
    return answers


def _instance(connection: Connection) -> str:
    """The instance that agent_kit writes into its connection's name, or anything that can stand in a subject."""
    instance = connection.name.rpartition("/")[2]
    return instance if ids.is_token(instance) else "unknown"
