"""Three servers that keep one log: any one of them may die, and nothing acknowledged is lost."""

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from arena.bus import Bus, connect
from arena.bus.journal import Journal
from arena.bus.kv import put
from arena.bus.provision import provision
from arena.bus.pull import Delivery, Follower
from arena.bus.rewind import read_events, read_match
from arena.bus.stream import replication, state
from arena.credentials import Keyring, claims, issue_agent, write_identity
from arena.settings import Settings
from arena.stack.doctor import examine
from arena.stack.embedded import EmbeddedCluster, EmbeddedNats
from arena.wire.registry import AgentRecord
from arena.wire.subjects import AGENTS_BUCKET, EVENTS_ALL, EVENTS_STREAM, MATCHMAKER, REGISTRAR, RUNNER, inbox
from tests.browser import Denied, browsing
from tests.bus.test_follower import Reader
from tests.core import matchlog
from tests.eventually import DEADLINE_S, eventually, within

MATCHES = 8


class Fleet:
    """A cluster with its streams, and connections to it."""

    def __init__(self, cluster: EmbeddedCluster, stack: contextlib.AsyncExitStack) -> None:
        self.cluster = cluster
        self._stack = stack

    async def bus(self, role: str, url: str = "") -> Bus:
        creds = self.cluster.home / "creds" / f"{role}.creds"
        bus = await connect(url or self.cluster.url, creds, name=f"test-{role}", inbox=inbox(role), timeout_s=20)
        self._stack.push_async_callback(bus.close)
        return bus


@pytest.fixture
async def fleet() -> AsyncIterator[Fleet]:
    home = Path(tempfile.mkdtemp(prefix="arena-"))
    write_identity(Keyring.create(home))
    cluster = EmbeddedCluster(home)
    await cluster.start()
    async with contextlib.AsyncExitStack() as stack:
        fleet = Fleet(cluster, stack)
        await provision(await fleet.bus(REGISTRAR), ["connect_four"], claim_lease_ms=2000, replicas=3)
        yield fleet
    await cluster.stop()
    shutil.rmtree(home)


async def leader(fleet: Fleet, bus: Bus) -> EmbeddedNats:
    """Who leads the log, once somebody does."""
    found: EmbeddedNats = await eventually(lambda: fleet.cluster.leader(bus, EVENTS_STREAM), DEADLINE_S)
    return found


async def until_all_are_current(bus: Bus) -> None:
    async def all_are() -> bool:
        with contextlib.suppress(Exception):
            replicas = (await replication(bus, EVENTS_STREAM)).replicas
            return len(replicas) == 2 and all(peer.current and not peer.lag and not peer.offline for peer in replicas)
        return False

    await eventually(all_are, DEADLINE_S)


class Writers:
    """Matches that are appended to, one event after the other, until told to stop; and what was acknowledged."""

    def __init__(self, journal: Journal, began: dict[str, int]) -> None:
        self.acknowledged = {match: [seq] for match, seq in began.items()}
        self._stopped = False
        self._more = asyncio.Event()
        self._tasks = [asyncio.create_task(self._write(journal, match)) for match in began]

    async def _write(self, journal: Journal, match: str) -> None:
        seqs = self.acknowledged[match]
        while not self._stopped:
            _, payload = matchlog.moved(match, len(seqs) - 1)
            msg_id = f"{match}.{len(seqs)}"
            seq = await journal.append("connect_four", match, "moved", payload, after=seqs[-1], msg_id=msg_id)
            seqs.append(seq)
            self._more.set()

    async def progress(self, events: int) -> None:
        """Wait until every match has this many events more than now."""
        goal = {match: len(seqs) + events for match, seqs in self.acknowledged.items()}
        async with asyncio.timeout(DEADLINE_S):
            while any(len(self.acknowledged[match]) < wanted for match, wanted in goal.items()):
                self._more.clear()
                await self._more.wait()
                for task in self._tasks:
                    if task.done():
                        task.result()

    async def stop(self) -> None:
        self._stopped = True
        async with asyncio.timeout(DEADLINE_S):
            await asyncio.gather(*self._tasks)


async def begun(fleet: Fleet) -> tuple[Writers, Journal]:
    matchmaker, runner = await fleet.bus(MATCHMAKER), await fleet.bus(RUNNER)
    offers, journal = Journal(matchmaker), Journal(runner)
    await offers.start()
    await journal.start()
    began = {}
    for number in range(MATCHES):
        _, payload = matchlog.created(f"m{number}", ["a", "b"])
        began[f"m{number}"] = await offers.append(
            "connect_four", f"m{number}", "created", payload, after=0, msg_id=f"c{number}"
        )
    offers.stop()
    return Writers(journal, began), journal


async def test_appends_and_readers_go_on_when_the_logs_leader_is_killed_and_nothing_is_lost(fleet: Fleet) -> None:
    registrar = await fleet.bus(REGISTRAR)
    writers, journal = await begun(fleet)
    reader = Reader()
    follower = Follower(await fleet.bus(MATCHMAKER), EVENTS_STREAM, [EVENTS_ALL], reader)
    follower.start()
    await writers.progress(20)
    for _ in range(2):  # the leader, and its successor
        killed = await leader(fleet, registrar)
        await killed.kill()
        await writers.progress(20)
        assert (await leader(fleet, registrar)).name != killed.name
        await killed.start()
        await until_all_are_current(registrar)
    await writers.progress(20)
    await writers.stop()
    journal.stop()
    last = max(seqs[-1] for seqs in writers.acknowledged.values())
    await reader.until(last)
    await follower.stop()
    assert reader.seqs == list(range(1, last + 1))
    runner = await fleet.bus(RUNNER)
    for match, seqs in writers.acknowledged.items():
        assert [event.seq for event in await read_match(runner, "connect_four", match)] == seqs
    assert (await state(registrar, EVENTS_STREAM)).last_seq == last
    assert sum(map(len, writers.acknowledged.values())) == last


async def test_a_follower_notices_a_dead_servers_consumer_within_seconds(fleet: Fleet) -> None:
    """Its own connection is to another server, so that only the silence says so."""
    registrar = await fleet.bus(REGISTRAR)
    follows = await leader(fleet, registrar)
    writers, journal = await begun(fleet)
    arrived = asyncio.Event()
    opened: list[str] = []

    class Watched(Follower):
        async def _open(self):  # type: ignore[no-untyped-def]
            pull = await super()._open()
            opened.append(pull._next.rpartition(".")[2])
            arrived.set()
            return pull

    api = await fleet.bus("api", follows.url)
    follower = Watched(api, EVENTS_STREAM, [EVENTS_ALL], lambda _: None)
    follower.start()
    await arrived.wait()
    down = asyncio.Event()
    api.on_down.append(down.set)
    killed: list[EmbeddedNats] = []

    async def noticed() -> float:
        for server in killed:  # by the try before
            await server.start()
            await until_all_are_current(registrar)
        for _ in range(20):  # consumers are placed at random: until it is another server's than our connection's
            answer = await registrar.request(f"$JS.API.CONSUMER.INFO.{EVENTS_STREAM}.{opened[-1]}")
            home = next(one for one in fleet.cluster.servers if f'"leader":"{one.name}"'.encode() in answer.data)
            if home is not follows:
                break
            arrived.clear()
            follower._on_down()
            await arrived.wait()
        assert home is not follows
        arrived.clear()
        began_s = asyncio.get_running_loop().time()
        killed[:] = [home]
        await home.kill()
        async with asyncio.timeout(DEADLINE_S):
            await arrived.wait()
        assert not down.is_set()
        return asyncio.get_running_loop().time() - began_s

    await within(5.5, noticed)  # 3.5 for the silence, the rest for the way there
    await writers.progress(5)
    await writers.stop()
    journal.stop()
    await follower.stop()


async def test_what_a_lagging_server_answers_is_not_the_end(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only direct gets may come from a follower: here each first one misses what the leader has."""
    from arena.bus import rewind

    writers, journal = await begun(fleet)
    await writers.progress(10)
    await writers.stop()
    journal.stop()
    runner, recorder = await fleet.bus(RUNNER), await fleet.bus("recorder")
    ask = rewind._batch
    lagging: list[str] = []

    async def behind(bus: Bus, subject: str, after: int) -> list[rewind.StoredEvent]:
        found = await ask(bus, subject, after)
        if len(lagging) % 2 == 0:
            found = found[: len(found) // 2]
        lagging.append(subject)
        return found

    monkeypatch.setattr(rewind, "_batch", behind)
    for match, seqs in writers.acknowledged.items():
        assert [event.seq for event in await read_match(runner, "connect_four", match)] == seqs
    last = max(seqs[-1] for seqs in writers.acknowledged.values())
    found: list[int] = []
    while more := await read_events(recorder, found[-1] if found else 0):
        found += [event.seq for event in more]
    assert found == list(range(1, last + 1))
    assert len(lagging) > MATCHES


async def test_buckets_and_streams_are_kept_by_all_and_a_member_that_was_away_catches_up(fleet: Fleet) -> None:
    registrar = await fleet.bus(REGISTRAR)
    first = await leader(fleet, registrar)
    away = next(server for server in fleet.cluster.servers if server is not first)
    await away.kill()
    for number in range(50):
        await put(registrar, AGENTS_BUCKET, f"a{number}", AgentRecord(owner="u", name="n"))
    await away.start()
    await until_all_are_current(registrar)
    heard: list[Delivery] = []
    follower = Follower(
        await fleet.bus(MATCHMAKER, away.url), f"KV_{AGENTS_BUCKET}", [f"$KV.{AGENTS_BUCKET}.>"], heard.append
    )
    follower.start()
    async with asyncio.timeout(DEADLINE_S):
        await follower.caught_up.wait()
    await follower.stop()
    assert len(heard) == 50


async def test_every_member_takes_browsers_too(fleet: Fleet) -> None:
    pair = claims.new_key(claims.USER)
    issued = issue_agent(Keyring.load(fleet.cluster.home), "a" * 26, public_key=claims.public(pair), url="")
    urls = fleet.cluster.websocket_url.split(",")
    assert len({*urls}) == 3
    for url in urls:
        async with browsing(url, issued.jwt, claims.seed(pair)) as browser:
            await browser.subscribe(">")
            with pytest.raises(Denied, match="Permissions Violation"):  # it has let us in, as who we are
                await browser.next()


async def test_the_doctor_names_a_member_that_is_away(fleet: Fleet) -> None:
    registrar = await fleet.bus(REGISTRAR)
    await until_all_are_current(registrar)
    settings = Settings(home=fleet.cluster.home, nats_url=fleet.cluster.url)

    async def says(text: str) -> bool:
        found = [finding async for finding in examine(settings) if finding.check == "replicas"]  # none: no connection
        return bool(found) and text in found[0].detail

    await eventually(lambda: says("3 of each stream, all current"), DEADLINE_S)  # some are new
    first = await leader(fleet, registrar)
    away = next(server for server in fleet.cluster.servers if server is not first)
    await away.kill()
    await eventually(lambda: says(f"{away.name} ("), DEADLINE_S)  # when the leaders have noticed
