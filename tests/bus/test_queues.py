"""Queues of a connection are bounded: what does not fit is dropped, counted, said once, and read again by followers."""

import asyncio

import prometheus_client
import pytest
import structlog

from arena.bus import Bus, Unreachable, connection
from arena.bus.pull import Follower
from arena.wire.subjects import API, EVENTS_ALL, EVENTS_STREAM, REGISTRAR, RUNNER
from tests.bus.test_follower import Reader
from tests.conftest import BusFor
from tests.core import matchlog
from tests.eventually import DEADLINE_S, eventually
from tests.recorder.conftest import Log, log  # noqa: F401 - a fixture


def dropped() -> float:
    return prometheus_client.REGISTRY.get_sample_value("arena_bus_dropped_total") or 0.0


async def test_a_full_queue_drops_counts_and_says_so_once(bus_for: BusFor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "PENDING_MESSAGES_MAX", 10)
    bus = await bus_for(REGISTRAR)
    go_on, heard = asyncio.Event(), asyncio.Semaphore(0)

    async def slow(_: object) -> None:
        await go_on.wait()
        heard.release()

    before = dropped()
    inbox = bus.new_inbox()
    await bus.subscribe(inbox, slow)
    with structlog.testing.capture_logs() as logged:
        for _ in range(50):  # each is answered to the inbox
            await bus.publish("$JS.API.INFO", b"", reply=inbox)
        await eventually(lambda: dropped() >= before + 39)  # one is being handled, ten wait
    assert [entry["error"].partition(",")[0] for entry in logged] == ["a queue is full"]
    go_on.set()
    async with asyncio.timeout(DEADLINE_S):
        for _ in range(10):
            await heard.acquire()
    await bus.request("$JS.API.INFO")  # the connection lives


async def test_a_follower_reads_again_what_its_full_queue_dropped(
    bus_for: BusFor,
    log: Log,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "PENDING_MESSAGES_MAX", 40)
    last = await log.write([matchlog.created(f"m{number}", ["a", "b"]) for number in range(300)])
    before = dropped()
    reader = Reader()
    follower = Follower(await bus_for(API), EVENTS_STREAM, [EVENTS_ALL], reader)
    follower.start()
    await reader.until(last)
    await follower.stop()
    assert dropped() > before
    assert reader.seqs == list(range(1, last + 1))


async def fill(bus: Bus) -> None:
    for _ in range(100):
        await bus.publish("arena.lobby.x.beat", b"x" * 1024)


async def test_what_cannot_be_sent_is_refused_beyond_a_bound(bus_for: BusFor) -> None:
    bus = await bus_for(RUNNER)
    down = asyncio.Event()
    bus.on_down.append(down.set)
    bus.client._transport.close()
    await down.wait()
    with pytest.raises(Unreachable, match="cannot publish"):
        await fill(bus)
    assert bus.client.pending_data_size <= connection.OFFLINE_BYTES_MAX + 2048


async def test_a_burst_goes_out_before_it_ends(bus_for: BusFor) -> None:
    bus = await bus_for(RUNNER)
    await bus.barrier()
    while bus.client.pending_data_size <= connection.BURST_BYTES:
        await bus.give_way()  # what is little waits for more
        bus.post("arena.lobby.x.beat", b"x" * 1024)
    await bus.give_way()
    assert bus.client.pending_data_size == 0
    await bus.barrier()


async def test_a_server_that_takes_nothing_is_no_bottomless_pit(
    bus_for: BusFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    bus = await bus_for(RUNNER)
    monkeypatch.setattr(connection, "UNSENT_BYTES_MAX", 4096)
    bus.client._pending_data_size = 5000  # as nats-py counts what the socket has not taken
    with pytest.raises(Unreachable, match="the server takes nothing"):
        await bus.publish("arena.lobby.x.beat", b"x")
    bus.client._pending_data_size = 0
