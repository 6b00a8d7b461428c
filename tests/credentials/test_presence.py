"""The server's word on who connects: heard by those who may, forged by nobody, also in homes that are older than it."""

import asyncio
import secrets
import time

import msgspec
import pytest

from arena.bus import connect, kv
from arena.bus.provision import provision
from arena.bus.pull import Follower, Pull
from arena.credentials import Keyring, account, issue_agent, push_account, write_identity, write_secret
from arena.stack.embedded import EmbeddedNats
from arena.wire import ids, presence, registry, subjects
from arena.wire.subjects import (
    API,
    CONNECTED,
    DISCONNECTED,
    INQUIRY_AGENT,
    INQUIRY_QUEUE,
    MATCHMAKER,
    REGISTRAR,
    RUNNER,
    SERVICES,
    SILENT,
    SUCCESSOR,
    inbox,
)
from tests.credentials.test_roles import heard, new_id, refused, soon
from tests.eventually import DEADLINE_S, within

decode = msgspec.json.Decoder(presence.ClientEvent).decode
GAME = "tictactoe"


async def until_user(queue, who):
    """The next event of this user's connections."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            event = decode((await queue.get()).data)
            if presence.user(event) == who:
                return event


@pytest.mark.parametrize("role", [RUNNER, MATCHMAKER])
async def test_an_agents_connection_and_its_end_are_heard_with_the_agents_id(bus_for, role):
    bus = await bus_for(role)
    came, went = await heard(bus, CONNECTED.at()), await heard(bus, DISCONNECTED.at())

    async def comes_and_goes():
        me = new_id()
        agent = await bus_for(me)
        event = await until_user(came, me)
        began = time.monotonic()
        agent.client._transport.close()  # as when its process is killed
        gone = await until_user(went, me)
        assert event.client.id == gone.client.id
        assert gone.reason
        return time.monotonic() - began

    await within(1, comes_and_goes)
    assert bus.errors == 0


async def test_an_agent_hears_and_says_nothing_of_presence(bus_for):
    me = new_id()
    agent = await bus_for(me)
    for subject in (
        "arena.server.>",
        "arena.server.*",
        CONNECTED.at(),
        DISCONNECTED.at(),
        "arena.presence.>",
        "arena.inquiry.>",
    ):
        assert await refused(agent, agent.subscribe(subject, lambda _: None)), subject
    for subject in (
        CONNECTED.at(),
        DISCONNECTED.at(),
        SILENT.at(agent=me),
        SUCCESSOR.at(agent=me),
        f"$SYS.ACCOUNT.{'A' * 56}.DISCONNECT",
    ):
        assert await refused(agent, agent.publish(subject, b"{}")), subject


@pytest.mark.parametrize("role", [*SERVICES, REGISTRAR])
async def test_nobody_but_the_server_says_who_is_connected(bus_for, role):
    bus = await bus_for(role)
    for subject in (CONNECTED.at(), DISCONNECTED.at(), f"$SYS.ACCOUNT.{'A' * 56}.DISCONNECT"):
        assert await refused(bus, bus.publish(subject, b"{}")), subject


@pytest.mark.parametrize("role", [*SERVICES, REGISTRAR])
async def test_only_those_of_the_table_hear_it(bus_for, role):
    bus = await bus_for(role)
    assert await refused(bus, bus.subscribe(CONNECTED.at(), lambda _: None)) == (role not in (RUNNER, MATCHMAKER, API))
    assert await refused(bus, bus.subscribe(DISCONNECTED.at(), lambda _: None)) == (role not in (RUNNER, MATCHMAKER))


@pytest.mark.parametrize("role", [*SERVICES, REGISTRAR])
async def test_the_api_asks_and_the_matchmaker_answers(bus_for, role):
    bus = await bus_for(role)
    for row in (INQUIRY_QUEUE.at(), INQUIRY_AGENT.at(agent=new_id())):
        assert await refused(bus, bus.publish(row, b"{}")) == (role is not API), row
        assert await refused(bus, bus.subscribe(row, lambda _: None)) == (role is not MATCHMAKER), row


@pytest.mark.parametrize("row", [SILENT, SUCCESSOR])
async def test_the_matchmaker_tells_the_runner_of_silence_and_successors(bus_for, row):
    runner, matchmaker, me = await bus_for(RUNNER), await bus_for(MATCHMAKER), new_id()
    queue = await heard(runner, row.any())
    assert not await refused(matchmaker, matchmaker.publish(row.at(agent=me), b"{}"))
    assert (await soon(queue)).subject == row.at(agent=me)
    assert await refused(runner, runner.publish(row.at(agent=me), b"{}"))


async def test_quarantines_are_made_seen_released_and_run_out(bus_for):
    registrar, matchmaker, api, runner = [await bus_for(role) for role in (REGISTRAR, MATCHMAKER, API, RUNNER)]
    await provision(registrar, [GAME], claim_lease_ms=2000)
    me, other, now = new_id(), new_id(), int(time.time() * 1000)
    record = registry.Quarantine(game=GAME, agent=me, why="crashes", matches=["m"], since_ms=now, until_ms=now + 1000)
    changes = {bus: asyncio.Queue() for bus in (matchmaker, api)}
    mirrors = [
        kv.Mirror(
            bus,
            subjects.QUARANTINE_BUCKET,
            registry.Quarantine,
            lambda *change, queue=queue: queue.put_nowait(change),
        )
        for bus, queue in changes.items()
    ]
    for mirror in mirrors:
        await mirror.start()
    await kv.put(matchmaker, subjects.QUARANTINE_BUCKET, f"{GAME}.{me}", record, {"Nats-TTL": "1h"})
    await kv.put(matchmaker, subjects.QUARANTINE_BUCKET, f"{GAME}.{other}", record, {"Nats-TTL": "1s"})
    for queue in changes.values():
        assert [await soon(queue), await soon(queue)] == [(f"{GAME}.{me}", record), (f"{GAME}.{other}", record)]
    await kv.delete(api, subjects.QUARANTINE_BUCKET, f"{GAME}.{me}")
    for queue in changes.values():
        assert await soon(queue) == (f"{GAME}.{me}", None)
        assert await soon(queue) == (f"{GAME}.{other}", None)  # by itself
    for mirror in mirrors:
        await mirror.stop()
    assert await refused(runner, runner.publish(f"$KV.{subjects.QUARANTINE_BUCKET}.{GAME}", b"{}"))
    agent = await bus_for(me)
    assert await refused(agent, agent.publish(f"$KV.{subjects.QUARANTINE_BUCKET}.{GAME}.{me}", b""))
    assert [bus.errors for bus in (matchmaker, api)] == [0, 0]


async def test_a_claim_delivered_too_often_becomes_a_dead_letter_that_matchmaker_and_api_read(bus_for, monkeypatch):
    from arena.bus import provision as provisioning

    registrar, matchmaker, api, runner = [await bus_for(role) for role in (REGISTRAR, MATCHMAKER, API, RUNNER)]
    monkeypatch.setattr(provisioning, "DELIVERIES_MAX", 2)
    await provision(registrar, ["poisonous"], claim_lease_ms=200)
    from arena.bus.stream import append

    match = ids.make(int(time.time() * 1000), secrets.token_bytes(ids.ENTROPY_BYTES))
    created = await append(matchmaker, subjects.event("poisonous", match, "created"), b"{}")
    letters = asyncio.Queue()
    followers = [
        Follower(bus, subjects.DEAD_STREAM, [subjects.DEAD_ALL], letters.put_nowait) for bus in (matchmaker, api)
    ]
    for follower in followers:
        follower.start()
    claims = asyncio.Queue()
    consumer = subjects.runner_consumer("poisonous")
    pull = Pull(runner, subjects.EVENTS_STREAM, consumer, claims.put_nowait, lambda *_: None)
    await pull.start()
    await pull.ask(5)
    for attempt in (1, 2):
        assert (await soon(claims)).attempt == attempt
    for _ in followers:
        letter = msgspec.json.decode((await soon(letters)).payload, type=registry.DeadLetter)
        assert (letter.consumer, letter.stream_seq, letter.deliveries) == (consumer, created, 2)
    for follower in followers:
        await follower.stop()
    await pull.stop()
    assert [bus.errors for bus in (matchmaker, api, runner)] == [0, 0, 0]


def older(monkeypatch):
    """Identities are made as by a version that knew nothing of presence."""
    accounts, system = Keyring.account_jwt, Keyring.system_jwt

    def without(token, key, *names):
        body = account.claims.read(token)
        for name in names:
            body["nats"].pop(name, None)
        body["iat"] -= 3600
        return account.claims.sign(body, key)

    monkeypatch.setattr(
        Keyring, "account_jwt", lambda self, gone: without(accounts(self, gone), self.operator, "imports")
    )
    monkeypatch.setattr(Keyring, "system_jwt", lambda self: without(system(self), self.operator, "exports"))


async def hears_presence(server, home, keyring):
    """Whether a runner hears an agent come, on this server."""
    me = new_id()
    write_secret(home / "creds" / f"{me}.creds", issue_agent(keyring, me, url=server.url).creds)
    runner = await connect(server.url, home / "creds" / "runner.creds", name="t", inbox=inbox(RUNNER))
    came = await heard(runner, CONNECTED.at())
    agent = await connect(server.url, home / "creds" / f"{me}.creds", name="t", inbox=f"_INBOX.{me}")
    try:
        async with asyncio.timeout(2):
            await until_user(came, me)
        return True
    except TimeoutError:
        return False
    finally:
        await agent.close()
        await runner.close()


@pytest.mark.parametrize("restarted", [True, False], ids=["arena up", "arena provision"])
async def test_a_home_made_by_an_older_version_learns_of_presence(tmp_path, monkeypatch, restarted):
    keyring = Keyring.create(tmp_path)
    with monkeypatch.context() as past:
        older(past)
        write_identity(keyring)
        server = EmbeddedNats(tmp_path)
        await server.start()
        system = await connect(server.url, tmp_path / "creds" / "system.creds", name="t", inbox="_INBOX.system")
        await push_account(system, keyring, {})  # as provision does: the server keeps a copy
        assert not await hears_presence(server, tmp_path, keyring)
    assert write_identity(keyring)
    if restarted:
        await system.close()
        await server.stop()
        await server.start()
        system = await connect(server.url, tmp_path / "creds" / "system.creds", name="t", inbox="_INBOX.system")
    await account.push_system(system, keyring)
    await push_account(system, keyring, {})
    assert await hears_presence(server, tmp_path, keyring)
    await system.close()
    await server.stop()
