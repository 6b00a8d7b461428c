"""The permission matrix: every role against every subject of the table and every one of NATS itself, on a real server.

What is expected is read from the table and the grants; what happens is the server's own answer, -ERR or silence.
"""

import asyncio
import contextlib
import secrets
import time
from dataclasses import dataclass, field

import pytest
from nats.aio.client import Client

from arena.bus import connect
from arena.credentials import Keyring, issue_agent, roles, write_identity, write_secret
from arena.stack.embedded import EmbeddedNats
from arena.wire import ids, subjects
from arena.wire.subjects import AGENT, MATCHMAKER, REGISTRAR, RUNNER, Role
from tests.eventually import DEADLINE_S, eventually

TOKENS = {"instance": "i", "runner": "r", "match": "m", "seat": "0", "sending": "0", "game": "tictactoe", "kind": "k"}
NATS_OWN = (  # what a thief would try first, whoever may do it
    "$JS.API.INFO",
    "$JS.API.STREAM.CREATE.X",
    "$JS.API.STREAM.DELETE.EVENTS",
    "$JS.API.STREAM.PURGE.EVENTS",
    "$JS.API.STREAM.UPDATE.EVENTS",
    "$JS.API.STREAM.MSG.DELETE.EVENTS",
    "$JS.API.CONSUMER.DELETE.EVENTS.recorder",
    "$JS.API.DIRECT.GET.KV_AGENTS",
    "$JS.ACK.EVENTS.recorder.1.1.1.1.0",
    "$KV.AGENTS.a",
    "$KV.RATINGS.tictactoe.a",
    "$KV.LEASES.matchmaker",
    "$KV.QUARANTINE.tictactoe",
    "$SYS.REQ.SERVER.PING.CONNZ",
    "$SYS.REQ.CLAIMS.UPDATE",
    "$SYS.REQ.USER.AUTH",
    "$SRV.PING",
    "arena",
    "arena.something.else",
    "elsewhere",
)
WIDE = (">", "*", "*.>", "arena.>", "arena.agent.>", "arena.agent.*.>", "arena.*.*.hello", "arena.event.>")
WIDE_OF_NATS = ("$JS.>", "$JS.API.>", "$JS.ACK.>", "$KV.>", "$KV.AGENTS.>", "$SYS.>", "$SYS.ACCOUNT.*.>", "$SRV.>")
INBOXES = ("_INBOX.>", "_INBOX.*", "_INBOX.*.>", "_INBOX.*.x")


def new_id():
    return ids.make(time.time_ns() // 1_000_000, secrets.token_bytes(ids.ENTROPY_BYTES))


def covers(pattern: str, subject: str) -> bool:
    """Whether everything `subject` stands for (it may have wildcards) is among what `pattern` stands for."""
    wanted, got = pattern.split("."), subject.split(".")
    for place, token in enumerate(wanted):
        if token == ">":
            return len(got) > place
        if place >= len(got) or got[place] == ">" or (token != "*" and token != got[place]):
            return False
    return len(wanted) == len(got)


@dataclass
class Party:
    """One connection, and what the server reproached it with."""

    role: Role
    name: str
    client: Client = field(default_factory=Client)
    errors: list[str] = field(default_factory=list)

    def may(self, verb: str, subject: str) -> bool:
        """What the table and the grants say."""
        own = {"agent": self.name} if self.role is AGENT else {}
        grants = [grant for grant in roles.GRANTS if self.role in grant.roles]
        if verb == "publish":
            open_ = [row.any(**own) for row in subjects.TABLE if self.role in row.publishers and row.kind != "reply"]
            open_ += [one for grant in grants for one in grant.publish]
            closed = [one for grant in grants for one in grant.deny_publish]
        else:
            rows = [row for row in subjects.TABLE if self.role in row.subscribers]
            open_ = [subjects.said_to(self.name)] if self.role is AGENT else [row.any() for row in rows]
            open_ += [one for grant in grants for one in grant.subscribe]
            closed = []
        named = [one.replace(roles.NAME, self.name) for one in open_]
        return any(covers(one, subject) for one in named) and not any(covers(one, subject) for one in closed)

    async def settle(self) -> None:
        """Wait until the server has judged all that was sent."""
        await self.client.flush(timeout=DEADLINE_S)
        await self.client.flush(timeout=DEADLINE_S)

    async def denied(self, verb: str, tried: list[str]) -> set[str]:
        """Which of these the server refuses."""
        self.errors.clear()
        for subject in tried:
            if verb == "publish":
                await self.client.publish(subject, b"")
            else:
                subscription = await self.client.subscribe(subject, cb=_ignore)
                await subscription.unsubscribe()
        await self.settle()
        word = "publish" if verb == "publish" else "subscription"
        said = {error for error in self.errors if f"permissions violation for {word} to" in error}
        assert len(said) == len(set(self.errors)), f"something else than a denial: {set(self.errors) - said}"
        return {subject for subject in tried if any(f'"{subject.lower()}"' in error for error in said)}


async def _ignore(_message):
    """A subscription that is only tried."""


@pytest.fixture
async def party(home, nats_server, keyring):
    """Connect as a role (an agent: a new one)."""
    async with contextlib.AsyncExitStack() as stack:

        async def join(role):
            name = new_id() if role is AGENT else str(role)
            path = home / "creds" / f"{name}.creds"
            if role is AGENT:
                write_secret(path, issue_agent(keyring, name, url=nats_server.url).creds)
            party = Party(role, name)

            async def on_error(error):
                party.errors.append(str(error))

            await party.client.connect(
                nats_server.url,
                user_credentials=str(path),
                inbox_prefix=subjects.inbox(name).encode(),
                error_cb=on_error,
                allow_reconnect=False,
            )
            stack.push_async_callback(party.client.close)
            return party

        yield join


def concrete(own: str, other: str, verb: str) -> list[str]:
    """Every row's subject, once as one's own and once as another's; every grant's; and all that is tempting."""
    found = set(NATS_OWN)
    for row in subjects.TABLE:
        for agent in (own, other):
            found.add(row.at(**{name: {**TOKENS, "agent": agent}[name] for name in row.parameters}))
    found |= {f"_INBOX.{name}.x" for name in (own, other, *Role, "system")}
    for grant in roles.GRANTS:
        for pattern in (*grant.publish, *grant.subscribe, *grant.deny_publish):
            found.add(pattern.replace(roles.NAME, other).replace("*", "x").replace(">", "x"))
    if verb == "subscribe":
        found |= {*WIDE, *WIDE_OF_NATS, *INBOXES, f"arena.agent.{own}.>", f"arena.agent.{other}.>"}
        found |= {row.any() for row in subjects.TABLE}
    return sorted(found)


def test_the_matchers_own_rules():
    assert covers("a.*.>", "a.b.c.d")
    assert covers("a.>", "a.*.c")
    assert covers("a.*", "a.*")
    assert not covers("a.>", "a")
    assert not covers("a.*", "a.>")
    assert not covers("a.b", "a.*")
    assert not covers("a.*.c", "a.b.c.d")


@pytest.mark.parametrize("verb", ["publish", "subscribe"])
@pytest.mark.parametrize("role", list(Role))
async def test_a_role_may_what_the_table_and_the_grants_say_and_no_more(party, role, verb):
    who = await party(role)
    tried = concrete(who.name, new_id(), verb)
    denied = await who.denied(verb, tried)
    expected = {subject for subject in tried if not who.may(verb, subject)}
    assert denied == expected
    assert len(expected) > len(tried) / 4  # a matrix that denies next to nothing would prove nothing


@pytest.mark.parametrize("role", list(Role))
async def test_no_role_reads_anothers_inbox_or_the_whole_account(party, role):
    who = await party(role)
    tried = [*INBOXES, *(f"_INBOX.{name}.x" for name in Role if name != role), ">", "*.>", "$SYS.>", "$KV.>", "$JS.>"]
    assert await who.denied("subscribe", tried) == set(tried)


@pytest.mark.parametrize("role", [role for role in Role if role is not REGISTRAR])
async def test_only_the_operators_commands_change_streams(party, role):
    who = await party(role)
    tried = [
        f"$JS.API.{verb}.{stream}"
        for verb in ("STREAM.CREATE", "STREAM.UPDATE", "STREAM.DELETE", "STREAM.PURGE", "STREAM.MSG.DELETE")
        for stream in ("EVENTS", "KV_AGENTS", "KV_RATINGS", "KV_LEASES", "DEAD", "X")
    ]
    assert await who.denied("publish", tried) == set(tried)


async def test_an_agent_of_one_user_against_anothers(party):
    mine, theirs = await party(AGENT), await party(AGENT)
    heard = asyncio.Queue()
    await theirs.client.subscribe(subjects.said_to(theirs.name), cb=heard.put)
    await theirs.settle()
    row = {"agent": theirs.name, "instance": "i"}
    said_to_it = [one.at(**row) for one in (subjects.TURN, subjects.OVER, subjects.NOTICE)]
    in_its_name = [one.at(agent=theirs.name) for one in (subjects.HELLO, subjects.BEAT, subjects.LEAVE)]
    into_its_inbox = [f"_INBOX.{theirs.name}.x"]
    tried = [*said_to_it, *in_its_name, *into_its_inbox]
    assert await mine.denied("publish", tried) == set(tried)
    assert await mine.denied("subscribe", [*said_to_it, *into_its_inbox]) == {*said_to_it, *into_its_inbox}
    await theirs.settle()
    assert heard.empty()


async def test_a_queue_group_opens_nothing(party):
    who, other = await party(AGENT), new_id()
    for subject in (f"arena.agent.{other}.>", "_INBOX.>", subjects.HELLO.any()):
        who.errors.clear()
        await who.client.subscribe(subject, queue="q", cb=_ignore)
        await who.settle()
        assert "permissions violation for subscription" in who.errors[-1]


async def test_an_answer_needs_a_request_and_comes_once_and_from_the_one_that_was_asked(party):
    runner, asked, other = await party(RUNNER), await party(AGENT), await party(AGENT)
    turns, moves = asyncio.Queue(), asyncio.Queue()
    await asked.client.subscribe(subjects.said_to(asked.name), cb=turns.put)
    await runner.client.subscribe(subjects.MOVE.any(runner="r"), cb=moves.put)
    for who in (asked, runner):
        await who.settle()
    reply = subjects.MOVE.at(runner="r", match="m", seat=0, sending=0)
    neighbour = subjects.MOVE.at(runner="r", match="m", seat=1, sending=0)
    assert await asked.denied("publish", [reply]) == {reply}  # without a request
    turn = subjects.TURN.at(agent=asked.name, instance="i")
    await runner.client.publish(turn, b"", reply=reply)
    await runner.settle()
    async with asyncio.timeout(DEADLINE_S):
        await turns.get()
    assert await other.denied("publish", [reply]) == {reply}  # forged: by one that was not asked
    assert await asked.denied("publish", [neighbour]) == {neighbour}  # forged: for another seat
    assert await asked.denied("publish", [reply]) == set()
    assert await asked.denied("publish", [reply]) == {reply}  # a second one
    await runner.settle()
    async with asyncio.timeout(DEADLINE_S):
        await moves.get()
    assert moves.empty()


async def test_an_answer_on_another_connection_of_the_same_agent_is_refused(party, nats_server, home):
    runner, asked = await party(RUNNER), await party(AGENT)
    turns = asyncio.Queue()
    await asked.client.subscribe(subjects.said_to(asked.name), cb=turns.put)
    await asked.settle()
    reply = subjects.MOVE.at(runner="r", match="m2", seat=0, sending=0)
    await runner.client.publish(subjects.TURN.at(agent=asked.name, instance="i"), b"", reply=reply)
    async with asyncio.timeout(DEADLINE_S):
        await turns.get()
    creds = home / "creds" / f"{asked.name}.creds"
    second = await connect(nats_server.url, creds, name="second", inbox=subjects.inbox(asked.name))
    await second.publish(reply, b"")
    await second.barrier()
    assert "permissions violation for publish" in str(second.last_error)
    await second.close()


async def test_an_answer_after_its_time_is_refused(tmp_path_factory, monkeypatch):
    monkeypatch.setattr(roles, "AGENT_REPLY_TTL_S", 1)
    folder = tmp_path_factory.mktemp("ttl")
    keyring = Keyring.create(folder)
    write_identity(keyring)
    server = EmbeddedNats(folder)
    await server.start()
    me = new_id()
    write_secret(folder / "agent.creds", issue_agent(keyring, me, url=server.url).creds)
    agent = await connect(server.url, folder / "agent.creds", name="agent", inbox=subjects.inbox(me))
    runner = await connect(server.url, folder / "creds" / "runner.creds", name="runner", inbox="_INBOX.runner")
    waiting = []
    await agent.subscribe(subjects.said_to(me), waiting.append)
    await agent.barrier()
    for seat in range(200):  # all asked at once, and answered one after another until it is too late
        reply = subjects.MOVE.at(runner="r", match="m", seat=seat, sending=0)
        await runner.publish(subjects.TURN.at(agent=me, instance="i"), b"", reply=reply)
    await eventually(lambda: len(waiting) == 200, DEADLINE_S)

    async def refused():
        await agent.publish(waiting.pop().reply, b"")
        await agent.barrier()
        return agent.errors

    assert not await refused()  # the first is in time
    await eventually(refused, DEADLINE_S)
    assert "permissions violation for publish" in str(agent.last_error)
    await agent.close()
    await runner.close()
    await server.stop()


async def test_more_subscriptions_than_allowed_end_the_connection(bus_for):
    me = new_id()
    agent = await bus_for(me)
    for number in range(roles.AGENT_SUBSCRIPTIONS_MAX + 1):
        await agent.client.subscribe(f"arena.agent.{me}.i{number}.>", cb=_ignore)
    async with asyncio.timeout(DEADLINE_S):
        await agent.closed.wait()
    assert "maximum subscriptions exceeded" in str(agent.last_error).lower()


async def test_a_bigger_payload_than_allowed_ends_the_connection_and_is_not_delivered(bus_for):
    me = new_id()
    agent, matchmaker = await bus_for(me), await bus_for(MATCHMAKER)
    heard = asyncio.Queue()
    await matchmaker.subscribe(subjects.BEAT.any(), heard.put_nowait)
    await matchmaker.barrier()
    subject = subjects.BEAT.at(agent=me)
    await agent.publish(subject, b"x" * (roles.AGENT_PAYLOAD_BYTES_MAX + 1))
    async with asyncio.timeout(DEADLINE_S):
        await agent.closed.wait()
    await matchmaker.barrier()
    assert heard.empty()


async def test_without_credentials_or_with_an_unsigned_one_nobody_connects(nats_server, tmp_path, keyring):
    from arena.bus import Unreachable

    stranger = Keyring.create(tmp_path)
    forged = tmp_path / "forged.creds"
    write_secret(forged, issue_agent(stranger, new_id(), url=nats_server.url).creds)
    for creds in (None, forged):
        with pytest.raises(Unreachable):
            await connect(nats_server.url, creds, name="nobody", inbox="_INBOX.x", timeout_s=3)
