"""A flood is measured, warned of, ended, and barred; nobody else notices. Its own rules first, then the real server."""

import asyncio
import contextlib
import time

import msgspec
import pytest

from arena.api.propagation import system_connection
from arena.api.registrar import Registrar
from arena.api.warden import BAR, KICK, KICKS_MAX, LEASE, WARN, WINDOW_S, Connection, Warden, Watch, connections
from arena.bus import connect, kv
from arena.bus.lease import Leadership
from arena.bus.provision import provision
from arena.credentials import issue_service, revoked_now, write_secret
from arena.store import accounts
from arena.store.database import Database
from arena.wire import subjects
from arena.wire.faults import NoticeCode
from arena.wire.lobby import Notice
from arena.wire.registry import AgentRecord
from arena.wire.subjects import API, MATCHMAKER, REGISTRAR, RUNNER
from tests.conftest import with_database
from tests.eventually import eventually

DEADLINE_S = 60


def sent(agent_jwt, cid, messages, size=0):
    return "S", Connection(cid, in_msgs=messages, in_bytes=size, jwt=agent_jwt, authorized_user="U")


@pytest.fixture
def token(keyring):
    """Makes the JWT of an agent's credential, which CONNZ shows."""
    from arena.credentials import issue_agent

    def make(letter):
        return issue_agent(keyring, letter * 26, url="nats://x").jwt

    return make


def test_a_rate_counts_all_of_an_agents_connections_and_new_ones_whole(token):
    watch, one, two = Watch(100, 10_000), token("a"), token("b")
    assert watch.judge([sent(one, 1, 1_000_000), sent(two, 2, 0)], 10) == []  # long before we began to count
    assert watch.judge([sent(one, 1, 1_000_100), sent(one, 3, 100), sent(two, 2, 200)], 12) == []
    (verdict,) = watch.judge([sent(one, 1, 1_000_250), sent(one, 4, 100), sent(two, 2, 300)], 14)
    assert (verdict.agent, verdict.step, verdict.messages_s) == ("a" * 26, WARN, 125)
    assert {connection.cid for _, connection in verdict.connections} == {1, 4}


def test_few_big_messages_are_a_flood_too(token):
    watch, one = Watch(100, 10_000), token("a")
    watch.judge([sent(one, 1, 0)], 0)
    (verdict,) = watch.judge([sent(one, 1, 2, 65_536)], 2)
    assert verdict.bytes_s == 32_768


def test_steps_go_up_and_are_forgotten(token):
    watch, one, steps = Watch(100, 10_000), token("a"), []
    watch.judge([], 0)
    for number in range(1, KICKS_MAX + 3):
        steps += [verdict.step for verdict in watch.judge([sent(one, number, 1_000)], number)]
    assert steps == [WARN, *[KICK] * KICKS_MAX, BAR]
    later = WINDOW_S * 2
    assert watch.judge([sent(one, 99, 1)], later) == []
    assert [verdict.step for verdict in watch.judge([sent(one, 100, 1_000)], later + 1)] == [WARN]


def test_services_of_ours_are_not_judged(keyring):
    watch = Watch(1, 1)
    jwt = issue_service(keyring, RUNNER).splitlines()[1]
    watch.judge([], 0)
    assert watch.judge([sent(jwt, 1, 1_000_000)], 1) == []


@pytest.fixture
async def registrar(settings, migrated, bus_for, keyring):
    api = await bus_for(API)
    await provision(await bus_for(REGISTRAR), ["tictactoe"], claim_lease_ms=2_000)
    database = Database(with_database(settings, migrated).database_url, pool_size=2)
    yield Registrar(database, api, keyring, settings.public_nats, system_connection(settings))
    await database.close()


async def wardens(registrar, settings, holder):
    lease = Leadership(registrar.bus, LEASE, holder, 1_000)
    warden = Warden(registrar, system_connection(settings), Watch(2_000, 1_000_000), lease)
    warden.start()
    return warden, lease


async def test_every_connection_is_counted_page_by_page(registrar, settings, keyring, bus_for, monkeypatch):
    monkeypatch.setattr("arena.api.warden.PAGE", 2)
    for role in (MATCHMAKER, RUNNER):
        await bus_for(role)
    system = await bus_for("system")
    found = await connections(system, keyring.account)
    assert {one.name for _, one in found} >= {"test-api", "test-registrar", "test-matchmaker", "test-runner"}
    assert len({one.cid for _, one in found}) == len(found)


async def test_a_flooder_is_warned_kicked_and_barred_and_others_play_on(
    registrar, settings, bus_for, tmp_path, monkeypatch
):
    monkeypatch.setattr("arena.api.warden.EVERY_S", 0.5)
    owner = await registrar.create_user("owner", None)
    bad, good = [await registrar.create_agent(owner, name) for name in ("bad", "good")]
    paths = {}
    for agent in (bad, good):
        paths[agent.id] = tmp_path / f"{agent.id}.creds"
        write_secret(paths[agent.id], (await registrar.issue(agent)).creds)
    flooder = await connect(settings.nats_url, paths[bad.id], name=f"{bad.id}/i1", inbox=subjects.inbox(bad.id))
    other = await connect(settings.nats_url, paths[good.id], name=f"{good.id}/i1", inbox=subjects.inbox(good.id))
    notices, downs = asyncio.Queue(), []
    await flooder.subscribe(subjects.said_to(bad.id), notices.put_nowait)
    flooder.on_down.append(lambda: downs.append(time.monotonic()))
    runner = await bus_for(RUNNER)

    async def play(message):
        await other.publish(message.reply, b"{}")

    await other.subscribe(subjects.said_to(good.id), play)
    await other.barrier()
    first, _ = await wardens(registrar, settings, "one")
    second, standby = await wardens(registrar, settings, "two")
    flooding = asyncio.create_task(flood(flooder, bad.id))
    async with asyncio.timeout(DEADLINE_S):
        while not flooder.closed.is_set():
            await asked(runner, good.id)  # how long it takes: benchmarks.flood
            await asyncio.wait({flooding}, timeout=0.02)
        await flooding
    notice = msgspec.json.decode(notices.get_nowait().data, type=Notice)
    assert notice.code is NoticeCode.TOO_FAST
    assert 1 <= len(downs) <= KICKS_MAX + 2
    mirror = kv.Mirror(registrar.bus, subjects.AGENTS_BUCKET, AgentRecord)
    await mirror.start()
    await eventually(lambda: mirror.records[bad.id].paused)
    await mirror.stop()
    assert not mirror.records[good.id].paused
    assert len(revoked_now(registrar.keyring)) == 1
    async with registrar.database.begin() as connection:
        assert [one.revoked_ms is None for one in await accounts.list_credentials(connection, bad.id)] == [False]
    assert other.connected
    assert other.errors == 0
    assert not standby.held.is_set()
    for closing in (first, second):
        await closing.stop()
    for bus in (flooder, other):
        await bus.close()


async def flood(bus, agent):
    """As fast as it goes, until nothing goes any more. Beats: it may publish them, and they cost the server work."""
    subject = subjects.BEAT.at(agent=agent)
    while not bus.closed.is_set():
        with contextlib.suppress(Exception):
            for _ in range(200):
                await bus.publish(subject, b"x" * 100)
        await asyncio.wait({asyncio.create_task(bus.closed.wait())}, timeout=0.01)


async def asked(runner, agent):
    """Until this agent has answered a turn."""
    inbox = runner.new_inbox()
    answered = asyncio.Event()
    subscription = await runner.subscribe(inbox, lambda _: answered.set())
    await runner.publish(subjects.TURN.at(agent=agent, instance="i1"), b"{}", reply=inbox)
    async with asyncio.timeout(DEADLINE_S):
        await answered.wait()
    await subscription.unsubscribe()


async def test_when_the_wardens_process_ends_another_one_goes_on(registrar, settings):
    first, held = await wardens(registrar, settings, "one")
    async with asyncio.timeout(DEADLINE_S):
        await held.held.wait()
    second, waiting = await wardens(registrar, settings, "two")
    assert not waiting.held.is_set()
    await first.stop()
    async with asyncio.timeout(DEADLINE_S):
        await waiting.held.wait()
    await second.stop()
