import asyncio

import pytest

from arena.bus import Bus, Fenced, TooLarge
from arena.bus.journal import Journal
from arena.bus.rewind import read_match
from arena.bus.stream import stored
from arena.wire import subjects
from arena.wire.subjects import EVENTS_STREAM, RUNNER
from tests.conftest import BusFor
from tests.core import matchlog
from tests.eventually import DEADLINE_S
from tests.recorder.conftest import Log, log  # noqa: F401 - a fixture

GAME, MATCH = "connect_four", "m"


class Outcomes:
    """What `done` was called with, in order."""

    def __init__(self) -> None:
        self.all: list[int | Fenced] = []
        self._more = asyncio.Event()

    def __call__(self, outcome: int | Fenced) -> None:
        self.all.append(outcome)
        self._more.set()

    async def until(self, number: int) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while len(self.all) < number:
                self._more.clear()
                await self._more.wait()


async def journal_of(bus: Bus) -> Journal:
    journal = Journal(bus)
    await journal.start()
    return journal


async def test_appends_are_fenced_over_all_kinds_of_a_match(bus_for: BusFor, log: Log) -> None:  # noqa: F811
    one, two = await journal_of(await bus_for(RUNNER)), await journal_of(await bus_for(RUNNER))
    created = await log.write([matchlog.created(MATCH, ["a", "b"])])
    first = await one.append(GAME, MATCH, "claimed", b"{}", after=created, msg_id="one.1")
    assert first == created + 1
    with pytest.raises(Fenced, match="another writer was first"):
        await two.append(GAME, MATCH, "moved", b"{}", after=created, msg_id="two.1")
    other = await log.write([matchlog.created("other", ["a", "b"])])  # another match is another fence
    assert await one.append(GAME, MATCH, "moved", b"{}", after=first, msg_id="one.2") == other + 1
    assert one.idle.is_set()
    assert (one.waiting, two.waiting) == (0, 0)
    for journal in (one, two):
        journal.stop()


async def test_an_append_whose_acknowledgement_was_lost_is_known_as_ours(
    bus_for: BusFor,
    log: Log,  # noqa: F811
) -> None:
    bus = await bus_for(RUNNER)
    journal, outcomes = await journal_of(bus), Outcomes()
    created = await log.write([matchlog.created(MATCH, ["a", "b"])])
    for _ in range(2):  # the second try of the same event
        journal.send(GAME, MATCH, "claimed", b"{}", after=created, msg_id="x", done=outcomes)
    await outcomes.until(2)
    assert outcomes.all == [created + 1] * 2
    assert len(await read_match(bus, GAME, MATCH)) == 2
    journal.send(GAME, MATCH, "moved", b"{}", after=created, msg_id="y", done=outcomes)
    await outcomes.until(3)
    assert isinstance(outcomes.all[2], Fenced)
    journal.stop()


async def test_what_is_appended_while_the_connection_is_lost_arrives_once(
    bus_for: BusFor,
    log: Log,  # noqa: F811
) -> None:
    bus = await bus_for(RUNNER)
    journal, outcomes = await journal_of(bus), Outcomes()
    seqs = {}
    for number in range(40):
        seqs[f"m{number}"] = await log.write([matchlog.created(f"m{number}", ["a", "b"])])
    down = asyncio.Event()
    bus.on_down.append(down.set)
    bus.client._transport.close()
    await down.wait()
    for match, after in seqs.items():
        payload = b'"' + b"x" * 4096 + b'"'  # together more than the client buffers: some can only be sent again
        journal.send(GAME, match, "claimed", payload, after=after, msg_id=match, done=outcomes)
    assert not journal.idle.is_set()
    await outcomes.until(len(seqs))
    assert journal.idle.is_set()
    assert all(isinstance(outcome, int) for outcome in outcomes.all)
    for match in seqs:
        assert [event.subject.rpartition(".")[2] for event in await read_match(bus, GAME, match)] == [
            "created",
            "claimed",
        ]
    journal.stop()


async def test_an_event_larger_than_the_server_takes_is_refused_at_once(
    bus_for: BusFor,
    log: Log,  # noqa: F811
) -> None:
    journal = await journal_of(await bus_for(RUNNER))
    with pytest.raises(TooLarge, match=r"1,100,000 bytes for .*moved; expected 1,048,576"):
        await journal.append(GAME, MATCH, "moved", b"x" * 1_100_000, after=0, msg_id="big")
    assert journal.waiting == 0
    assert journal.idle.is_set()
    journal.stop()


async def test_a_match_of_more_events_than_one_answer_holds_is_read_whole(
    bus_for: BusFor,
    log: Log,  # noqa: F811
) -> None:
    bus = await bus_for(RUNNER)
    assert await read_match(bus, GAME, "nobody") == []
    assert await stored(bus, EVENTS_STREAM, last_by=subjects.match_events(GAME, "nobody")) is None
    lines = [matchlog.created(MATCH, ["a", "b"]), *(matchlog.moved(MATCH, ply) for ply in range(1_200))]
    await log.write([matchlog.created("before", ["a", "b"])])
    await log.write(lines)
    await log.write([matchlog.created("after", ["a", "b"])])
    found = await read_match(bus, GAME, MATCH)
    assert [(event.subject, event.payload) for event in found] == lines
    assert [event.seq for event in found] == list(range(2, len(lines) + 2))
    last = await stored(bus, EVENTS_STREAM, last_by=subjects.match_events(GAME, MATCH))
    assert last is not None
    assert last.seq == len(lines) + 1
