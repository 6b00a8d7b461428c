"""Buckets, the lease and the connection itself, on a real server."""

import asyncio
from pathlib import Path

import pytest

from arena.bus import Bus, Unanswered, Unreachable, connect
from arena.bus.kv import Mirror, delete, put
from arena.bus.lease import Leadership
from arena.bus.provision import provision
from arena.credentials import Keyring, write_identity
from arena.stack.embedded import EmbeddedNats
from arena.stack.ports import free as free_port
from arena.wire.registry import AgentRecord, Lease
from arena.wire.subjects import AGENTS_BUCKET, LEASES_BUCKET, MATCHMAKER, REGISTRAR, inbox
from tests.conftest import BusFor
from tests.eventually import DEADLINE_S, eventually

ANN = AgentRecord(owner="u", name="ann")


async def provisioned(bus_for: BusFor) -> Bus:
    registrar = await bus_for(REGISTRAR)
    await provision(registrar, ["connect_four"], claim_lease_ms=2000)
    return registrar


async def test_a_mirror_follows_its_bucket(bus_for: BusFor) -> None:
    registrar = await provisioned(bus_for)
    await put(registrar, AGENTS_BUCKET, "a", ANN)
    changes: asyncio.Queue[tuple[str, AgentRecord | None]] = asyncio.Queue()
    mirror = Mirror(await bus_for(MATCHMAKER), AGENTS_BUCKET, AgentRecord, lambda *change: changes.put_nowait(change))
    await mirror.start()
    assert mirror.records == {"a": ANN}
    async with asyncio.timeout(DEADLINE_S):
        assert await changes.get() == ("a", ANN)
        await put(registrar, AGENTS_BUCKET, "b", ANN)
        assert await changes.get() == ("b", ANN)
        await registrar.client.jetstream().publish(f"$KV.{AGENTS_BUCKET}.b", b'{"owner": 7}')
        await delete(registrar, AGENTS_BUCKET, "a")
        assert await changes.get() == ("a", None)
    assert mirror.records == {"b": ANN}  # the old one is better than none
    assert mirror.undecodable == 1
    await mirror.stop()


async def until_valid(lease: Leadership) -> None:
    async with asyncio.timeout(DEADLINE_S):
        await lease.held.wait()
    assert lease.valid


async def test_a_lease_has_one_holder_and_is_handed_back(bus_for: BusFor) -> None:
    await provisioned(bus_for)
    one, two = [Leadership(await bus_for(MATCHMAKER), "x", holder, 1_000) for holder in ("one", "two")]
    one.start()
    await until_valid(one)
    two.start()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1.5):  # renewed for longer than its length
            await two.held.wait()
    assert one.valid
    await one.stop()
    assert not one.valid
    await until_valid(two)
    await two.stop()


class Steady(asyncio.Event):
    """Counts how often it was taken back."""

    cleared = 0

    def clear(self) -> None:
        self.cleared += self.is_set()
        super().clear()


async def test_a_renewal_whose_acknowledgement_was_lost_costs_no_lease(bus_for: BusFor) -> None:
    await provisioned(bus_for)
    bus = await bus_for(MATCHMAKER)
    one, two = Leadership(bus, "z", "one", 1_000), Leadership(await bus_for(MATCHMAKER), "z", "two", 1_000)
    one.held = Steady()
    one.start()
    await until_valid(one)
    two.start()
    revision = await put(bus, LEASES_BUCKET, "z", Lease(holder="one", since_ms=1), {"Nats-TTL": "1s"})  # it never heard
    await eventually(lambda: (one._revision or 0) > revision)
    assert one.valid
    assert one.held.cleared == 0
    assert not two.held.is_set()
    await one.stop()
    await two.stop()


async def test_a_dead_holders_lease_runs_out_and_a_sleeper_notices(bus_for: BusFor) -> None:
    await provisioned(bus_for)
    sleeper, standby = [Leadership(await bus_for(MATCHMAKER), "y", holder, 1_000) for holder in ("one", "two")]
    sleeper.start()
    await until_valid(sleeper)
    assert sleeper._task is not None
    sleeper._task.cancel()  # asleep: it renews no more
    standby.start()
    await until_valid(standby)
    assert not sleeper.valid  # by its own clock
    sleeper.start()  # awake again, with the revision it had
    await eventually(lambda: not sleeper.held.is_set())
    assert standby.valid
    await sleeper.stop()
    assert standby.valid
    await standby.stop()


async def test_a_connection_that_cannot_be_made_says_why(nats_server: EmbeddedNats, tmp_path: Path) -> None:
    nowhere = f"nats://127.0.0.1:{free_port()}"
    with pytest.raises(Unreachable, match=f"cannot connect to NATS at {nowhere}: .*Connect call failed"):
        await connect(nowhere, None, name="t", inbox="_INBOX.t", timeout_s=1)
    write_identity(Keyring.create(tmp_path))
    foreign = tmp_path / "creds" / "runner.creds"
    with pytest.raises(Unreachable, match="Authorization Violation"):
        await connect(nats_server.url, foreign, name="t", inbox=inbox("runner"), timeout_s=3)


async def test_a_closed_connection_is_closed_for_good_and_refuses_politely(bus_for: BusFor) -> None:
    bus = await bus_for(MATCHMAKER)
    assert bus.connected
    await bus.close()
    assert bus.closed.is_set()
    with pytest.raises(Unreachable, match=r"cannot publish: .+"):
        await bus.publish("x", b"")
    with pytest.raises(Unanswered):
        await bus.request("x", timeout_s=0.1)
    await bus.close()


async def test_a_handler_that_raises_ends_nothing(bus_for: BusFor) -> None:
    bus = await bus_for(REGISTRAR)
    heard: asyncio.Queue[object] = asyncio.Queue()

    def handler(message: object) -> None:
        heard.put_nowait(message)
        if heard.qsize() == 1:
            raise LookupError

    inbox_of_ours = bus.new_inbox()
    await bus.subscribe(inbox_of_ours, handler)
    for _ in range(2):  # the server answers there
        await bus.publish("$JS.API.INFO", b"", reply=inbox_of_ours)
        await bus.barrier()
    async with asyncio.timeout(DEADLINE_S):
        await heard.get()
        await heard.get()
    assert isinstance(bus.last_error, LookupError)
