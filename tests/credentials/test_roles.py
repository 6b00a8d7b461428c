"""What the roles' templates open and keep closed, on a real server."""

import asyncio
import secrets
import time

import msgspec
import pytest

from arena.bus import kv
from arena.bus.journal import Journal
from arena.bus.lease import Leadership
from arena.bus.micro import announce, services
from arena.bus.provision import provision
from arena.bus.pull import Follower, Pull
from arena.bus.rewind import read_match
from arena.bus.stream import stored
from arena.credentials import roles
from arena.wire import ids, subjects
from arena.wire.registry import AgentRecord, RatingRecord
from arena.wire.subjects import AGENT, API, BOTS, MATCHMAKER, RECORDER, REGISTRAR, RUNNER, SERVICES, Role
from tests.eventually import DEADLINE_S, eventually

GAME = "tictactoe"


def new_id():
    return ids.make(time.time_ns() // 1_000_000, secrets.token_bytes(ids.ENTROPY_BYTES))


@pytest.fixture(scope="module", autouse=True)
async def provisioned(home, nats_server):
    from arena.bus import connect

    bus = await connect(nats_server.url, home / "creds" / "registrar.creds", name="t", inbox="_INBOX.registrar")
    await provision(bus, [GAME], claim_lease_ms=2000)
    await bus.close()


async def refused(bus, operation):
    """Whether the server says that this is not permitted."""
    before = bus.errors
    await operation
    await bus.barrier()
    said = bus.errors > before
    assert not said or "permissions violation" in str(bus.last_error).lower()
    return said


async def heard(bus, subject):
    """Messages on `subject`, as they come."""
    queue = asyncio.Queue()
    await bus.subscribe(subject, queue.put_nowait)
    await bus.barrier()
    return queue


async def soon(queue):
    async with asyncio.timeout(DEADLINE_S):
        return await queue.get()


def test_every_row_of_the_table_is_in_its_roles_templates():
    for row in subjects.TABLE:
        for role in set(row.publishers) - {AGENT}:
            assert row.any() in roles.template(role)["pub"]["allow"]
        for role in set(row.subscribers) - {AGENT}:
            assert row.any() in roles.template(role)["sub"]["allow"]
        if AGENT in row.subscribers:
            assert row.template.startswith("arena.agent.{agent}.")
        if AGENT in row.publishers and row.kind != "reply":
            assert row.template.startswith(("arena.lobby.{agent}.", "arena.say.{agent}."))


def test_an_agents_template_names_the_agent_everywhere():
    template = roles.template(AGENT)
    assert all(roles.NAME in subject for part in ("pub", "sub") for subject in template[part]["allow"])
    assert template["resp"] == {"max": 1, "ttl": 3_600_000_000_000}
    assert (template["subs"], template["payload"]) == (8, 65536)


@pytest.mark.parametrize("subject", [">", "arena.>", "arena.agent.*.>", "arena.event.>", "_INBOX.>", "$SRV.>", "$JS.>"])
async def test_an_agent_cannot_listen_elsewhere(bus_for, subject):
    agent = await bus_for(new_id())
    assert await refused(agent, agent.subscribe(subject, lambda _: None))


async def test_an_agent_cannot_listen_to_another_agent(bus_for):
    me, other = new_id(), new_id()
    agent = await bus_for(me)
    assert not await refused(agent, agent.subscribe(f"arena.agent.{me}.>", lambda _: None))
    assert await refused(agent, agent.subscribe(f"arena.agent.{other}.>", lambda _: None))
    assert await refused(agent, agent.subscribe(f"_INBOX.{other}.>", lambda _: None))


async def test_an_agent_cannot_speak_for_another_or_to_anybody_else(bus_for):
    me, other = new_id(), new_id()
    agent = await bus_for(me)
    assert not await refused(agent, agent.publish(f"arena.lobby.{me}.beat", b"{}"))
    for subject in (
        f"arena.lobby.{other}.beat",
        f"arena.agent.{other}.i.turn",
        f"arena.agent.{me}.i.turn",
        f"arena.event.{GAME}.m.moved",
        "arena.move.runner.match.0",
        f"_INBOX.{other}.x",
        f"$KV.AGENTS.{me}",
        "$JS.API.STREAM.NAMES",
        "$JS.API.STREAM.DELETE.EVENTS",
        "$SRV.PING",
        "$SYS.REQ.CLAIMS.UPDATE",
    ):
        assert await refused(agent, agent.publish(subject, b"{}")), subject


async def test_an_agent_answers_a_turn_once_and_only_there(bus_for):
    me = new_id()
    runner, agent = await bus_for(RUNNER), await bus_for(me)
    moves = await heard(runner, subjects.MOVE.any(runner="r1"))
    turns = await heard(agent, f"arena.agent.{me}.>")
    mine = subjects.MOVE.at(runner="r1", match="m", seat=0, sending=0)
    assert await refused(agent, agent.publish(mine, b"before it was asked"))
    await runner.publish(subjects.TURN.at(agent=me, instance="i"), b"turn", reply=mine)
    turn = await soon(turns)
    another = subjects.MOVE.at(runner="r1", match="m", seat=1, sending=0)
    assert await refused(agent, agent.publish(another, b"another seat"))
    assert not await refused(agent, agent.publish(turn.reply, b"first"))
    assert await refused(agent, agent.publish(turn.reply, b"second"))
    await runner.barrier()
    assert (await soon(moves)).data == b"first"
    assert moves.empty()


async def test_an_agents_message_may_not_be_longer_than_its_limit(bus_for):
    me = new_id()
    agent = await bus_for(me)
    await agent.publish(f"arena.lobby.{me}.beat", b"x" * roles.AGENT_PAYLOAD_BYTES_MAX)
    await agent.barrier()
    await agent.publish(f"arena.lobby.{me}.beat", b"x" * (roles.AGENT_PAYLOAD_BYTES_MAX + 1))
    async with asyncio.timeout(DEADLINE_S):
        await agent.closed.wait()


async def test_a_whole_match_with_the_services_own_rights(bus_for):
    matchmaker, runner, recorder, api = [await bus_for(role) for role in (MATCHMAKER, RUNNER, RECORDER, API)]
    match = new_id()
    arrived = asyncio.Queue()
    live = Follower(api, subjects.EVENTS_STREAM, [subjects.EVENTS_ALL], arrived.put_nowait)
    live.start()
    offers, claims_journal = Journal(matchmaker), Journal(runner)
    await offers.start()
    await claims_journal.start()
    created = await offers.append(GAME, match, "created", b"{}", after=0, msg_id=f"{match}-0")

    claimed = asyncio.Queue()
    consumer = subjects.runner_consumer(GAME)
    pull = Pull(runner, subjects.EVENTS_STREAM, consumer, claimed.put_nowait, lambda *_: None)
    await pull.start()
    await pull.ask(1)
    claim = await soon(claimed)
    assert claim.seq == created
    await claims_journal.append(GAME, match, "claimed", b"{}", after=created, msg_id=f"{match}-1")
    assert [event.subject.rpartition(".")[2] for event in await read_match(runner, GAME, match)] == [
        "created",
        "claimed",
    ]
    last = await stored(matchmaker, subjects.EVENTS_STREAM, last_by=subjects.match_events(GAME, match))
    assert last.seq == created + 1
    await pull.ack(claim.reply)

    recorded = asyncio.Queue()
    tail = Pull(recorder, subjects.EVENTS_STREAM, subjects.RECORDER_CONSUMER, recorded.put_nowait, lambda *_: None)
    await tail.start()
    await tail.ask(2)
    await soon(recorded)
    await tail.ack((await soon(recorded)).reply)
    info = await recorder.request(f"$JS.API.CONSUMER.INFO.EVENTS.{subjects.RECORDER_CONSUMER}")
    assert "error" not in msgspec.json.decode(info.data)
    assert [(await soon(arrived)).seq, (await soon(arrived)).seq] == [created, created + 1]
    await live.stop()
    offers.stop()
    claims_journal.stop()
    assert [bus.errors for bus in (matchmaker, runner, recorder, api)] == [0, 0, 0, 0]


async def test_the_buckets_with_the_services_own_rights(bus_for):
    matchmaker, recorder, api, registrar = [await bus_for(role) for role in (MATCHMAKER, RECORDER, API, REGISTRAR)]
    me = new_id()
    agents = kv.Mirror(matchmaker, subjects.AGENTS_BUCKET, AgentRecord)
    ratings = kv.Mirror(matchmaker, subjects.RATINGS_BUCKET, RatingRecord)
    await kv.put(api, subjects.AGENTS_BUCKET, me, AgentRecord(owner="o", name="n"))
    await kv.put(registrar, subjects.AGENTS_BUCKET, new_id(), AgentRecord(owner="o", name="n"))
    await kv.put(recorder, subjects.RATINGS_BUCKET, f"{GAME}.{me}", RatingRecord(mu=25, sigma=8, played=0, seq=1))
    await agents.start()
    await ratings.start()
    assert me in agents.records
    assert f"{GAME}.{me}" in ratings.records
    for mirror in (agents, ratings):
        await mirror.stop()
    lease = Leadership(matchmaker, "matchmaker", "me", 1000)
    lease.start()
    async with asyncio.timeout(DEADLINE_S):
        await lease.held.wait()
    await lease.stop()
    assert [bus.errors for bus in (matchmaker, recorder, api, registrar)] == [0, 0, 0, 0]


@pytest.mark.parametrize("role", SERVICES)
async def test_every_service_is_found_by_the_api(bus_for, role):
    bus, api = await bus_for(role), await bus_for(API)
    micro = await announce(bus, f"arena-{role}", "0.1.0", {"metrics": "here"}, lambda: {"x": 1.0})
    found = await eventually(lambda: services(api, f"arena-{role}", 0.2))
    assert [(one.id, one.metadata) for one in found] == [(micro.id, {"metrics": "here"})]
    stats = msgspec.json.decode((await api.request(f"$SRV.STATS.arena-{role}.{micro.id}")).data)
    assert stats["endpoints"][0]["data"] == {"x": 1.0}
    assert bus.errors == 0


@pytest.mark.parametrize(
    ("role", "subject"),
    [
        (RUNNER, f"arena.event.{GAME}.m.created"),
        (RUNNER, "$KV.RATINGS.tictactoe.a"),
        (RUNNER, "$KV.AGENTS.a"),
        (RUNNER, "$KV.LEASES.matchmaker"),
        (RUNNER, "$JS.API.CONSUMER.MSG.NEXT.EVENTS.recorder"),
        (RUNNER, "$JS.ACK.EVENTS.recorder.1.1.1.1.0"),
        (RUNNER, "$JS.API.CONSUMER.DELETE.EVENTS.recorder"),
        (MATCHMAKER, f"arena.event.{GAME}.m.moved"),
        (MATCHMAKER, f"arena.event.{GAME}.m.ended"),
        (MATCHMAKER, "arena.agent.a.i.turn"),
        (MATCHMAKER, "$KV.RATINGS.tictactoe.a"),
        (MATCHMAKER, "$JS.API.CONSUMER.CREATE.EVENTS.recorder"),
        (RECORDER, f"arena.event.{GAME}.m.ended"),
        (RECORDER, "$KV.AGENTS.a"),
        (RECORDER, "$KV.LEASES.matchmaker"),
        (RECORDER, "$JS.API.STREAM.PURGE.EVENTS"),
        (API, f"arena.event.{GAME}.m.created"),
        (API, "arena.agent.a.i.turn"),
        (API, "$KV.RATINGS.tictactoe.a"),
        (API, "$JS.API.STREAM.DELETE.EVENTS"),
        (BOTS, "arena.lobby.a.hello"),
        (BOTS, "$JS.API.STREAM.NAMES"),
        (REGISTRAR, f"arena.event.{GAME}.m.created"),
    ],
)
async def test_a_service_cannot_do_anothers_work(bus_for, role, subject):
    bus = await bus_for(role)
    assert await refused(bus, bus.publish(subject, b"{}"))


@pytest.mark.parametrize("role", [*SERVICES, REGISTRAR])
async def test_no_service_reads_anothers_answers(bus_for, role):
    bus = await bus_for(role)
    for subject in ("_INBOX.>", "_INBOX.*.>", ">", "arena.>"):
        assert await refused(bus, bus.subscribe(subject, lambda _: None))


def test_templates_of_all_roles_differ():
    assert len({msgspec.json.encode(roles.template(role)) for role in Role}) == len(Role)
