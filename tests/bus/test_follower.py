import asyncio

from arena.bus.pull import Delivery, Follower
from arena.wire.subjects import API, CREATED, DEAD_ALL, DEAD_STREAM, EVENTS_ALL, EVENTS_STREAM, MATCHMAKER
from tests.conftest import BusFor
from tests.core import matchlog
from tests.recorder.conftest import DEADLINE_S, Log, log  # noqa: F401 - a fixture


class Reader:
    """Everything a follower hands on, and somebody to wait for it."""

    def __init__(self) -> None:
        self.seqs: list[int] = []
        self.more = asyncio.Event()

    def __call__(self, delivery: Delivery) -> None:
        self.seqs.append(delivery.seq)
        self.more.set()

    async def until(self, seq: int) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while not self.seqs or self.seqs[-1] < seq:
                self.more.clear()
                await self.more.wait()


async def test_a_message_lost_on_its_way_is_read_again(bus_for: BusFor, log: Log) -> None:  # noqa: F811
    reader = Reader()
    follower = Follower(await bus_for(MATCHMAKER), EVENTS_STREAM, [EVENTS_ALL], reader)
    handed_on = follower._on_message
    lost: list[int] = []

    def lossy(delivery: Delivery) -> None:
        if delivery.seq == 5 and not lost:
            lost.append(delivery.seq)  # as with a connection that broke at this very moment
        else:
            handed_on(delivery)

    follower._on_message = lossy  # type: ignore[method-assign]
    follower.start()
    last = await log.write([matchlog.created(f"m{number}", ["a", "b"]) for number in range(20)])
    await reader.until(last)
    await follower.stop()
    assert lost == [5]
    assert reader.seqs == list(range(1, last + 1))


async def test_reading_goes_on_over_a_lost_connection(bus_for: BusFor, log: Log) -> None:  # noqa: F811
    reader = Reader()
    bus = await bus_for(API)
    follower = Follower(bus, EVENTS_STREAM, [CREATED.any()], reader)
    follower.start()
    await reader.until(await log.write([matchlog.created("m1", ["a", "b"])]))
    up = asyncio.Event()
    bus.on_up.append(up.set)
    bus.client._transport.close()
    last = await log.write([matchlog.created(f"n{number}", ["a", "b"]) for number in range(1500)])
    await up.wait()
    await reader.until(last)
    await follower.stop()
    assert reader.seqs == list(range(1, last + 1))


async def test_what_was_last_at_first_may_be_deleted_before_it_is_read(bus_for: BusFor, log: Log) -> None:  # noqa: F811
    reader = Reader()
    last = await log.write([matchlog.created("d1", ["a", "b"])])
    follower = Follower(await bus_for(MATCHMAKER), EVENTS_STREAM, [EVENTS_ALL], reader)
    follower._goal = last + 1  # as the leader answered before the deletion
    follower.start()
    async with asyncio.timeout(DEADLINE_S):
        await follower.caught_up.wait()
    await follower.stop()
    assert reader.seqs[-1] == last


async def test_an_empty_stream_is_caught_up_with_at_once(bus_for: BusFor) -> None:
    reader = Reader()
    follower = Follower(await bus_for(API), DEAD_STREAM, [DEAD_ALL], reader)
    follower.start()
    async with asyncio.timeout(DEADLINE_S):
        await follower.caught_up.wait()
    await follower.stop()
    assert reader.seqs == []
