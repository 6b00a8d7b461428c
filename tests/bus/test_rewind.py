import asyncio

import pytest

from arena.bus.pull import Delivery, Pull
from arena.bus.rewind import BATCH, read_events, rewind
from arena.bus.stream import milliseconds
from arena.wire.subjects import EVENTS_STREAM, RECORDER, RECORDER_CONSUMER, REGISTRAR
from tests.conftest import BusFor
from tests.core import matchlog
from tests.eventually import DEADLINE_S
from tests.recorder.conftest import Log, log  # noqa: F401 - a fixture


@pytest.mark.parametrize(
    ("stamp", "ms"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("2023-11-14T22:13:20.1Z", 1_700_000_000_100),
        ("2023-11-14T22:13:20.123999999Z", 1_700_000_000_123),
        ("2023-11-14T22:13:20.000001Z", 1_700_000_000_000),
    ],
)
def test_times_are_cut_to_milliseconds(stamp: str, ms: int) -> None:
    assert milliseconds(stamp) == ms


async def test_the_whole_log_is_read_in_pieces_with_the_times_that_consumers_see(
    bus_for: BusFor,
    log: Log,  # noqa: F811
) -> None:
    registrar = await bus_for(REGISTRAR)
    assert await read_events(registrar, 0) == []
    lines = [matchlog.created(f"m{number}", ["a", "b"]) for number in range(BATCH + 5)]
    last = await log.write(lines)
    first = await read_events(registrar, 0)
    rest = await read_events(registrar, first[-1].seq)
    assert [(event.subject, event.payload) for event in first + rest] == lines
    assert [event.seq for event in first + rest] == list(range(1, last + 1))
    assert await read_events(registrar, last) == []

    seen: list[Delivery] = []
    enough = asyncio.Event()

    def on_message(delivery: Delivery) -> None:
        seen.append(delivery)
        if len(seen) == wanted:
            enough.set()

    recorder = await bus_for(RECORDER)
    pull = Pull(recorder, EVENTS_STREAM, RECORDER_CONSUMER, on_message, lambda *_: None)
    await pull.start()
    wanted = 10
    await pull.ask(wanted)
    async with asyncio.timeout(DEADLINE_S):
        await enough.wait()
    assert [(one.seq, one.at_ms, one.order) for one in seen[:5]] == [
        (event.seq, event.at_ms, order) for order, event in enumerate(first[:5], 1)
    ]
    await rewind(recorder, RECORDER_CONSUMER, 3)
    seen.clear()
    enough.clear()
    wanted = 2
    await pull.ask(wanted)
    async with asyncio.timeout(DEADLINE_S):
        await enough.wait()
    assert seen[0].seq == 3
