"""Ratings on their way to the matchmaker."""

import asyncio

import msgspec
import pytest
import structlog

from arena.bus import Bus, Unanswered, kv
from arena.core.rating import Rating
from arena.core.records import Rows
from arena.recorder.feed import Feed
from arena.wire.registry import RatingRecord
from arena.wire.subjects import RECORDER
from tests.conftest import BusFor


async def test_no_try_outlives_its_round_or_an_old_rating_would_cover_a_newer_one(
    bus_for: BusFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused, lingers, stored = asyncio.Event(), asyncio.Event(), []

    async def put(_bus: Bus, _bucket: str, key: str, record: msgspec.Struct) -> int:
        assert isinstance(record, RatingRecord)
        if key == "go.bob" and not refused.is_set():
            refused.set()
            raise Unanswered("no answer")
        if key == "go.ann" and record.played == 1:
            await lingers.wait()  # as long as a stream without a leader is waited for
        stored.append((key, record.played))
        return 1

    monkeypatch.setattr(kv, "put", put)
    feed = Feed(await bus_for(RECORDER), structlog.get_logger())
    first = Rating(mu=25.0, sigma=8.0, played=1)
    feed.add([Rows(events=[], turns=[], faults=[], ratings={("go", who): (first, 1) for who in ("ann", "bob")})])
    flushing = asyncio.create_task(feed.flush())
    await refused.wait()
    second = Rating(mu=26.0, sigma=7.0, played=2)
    feed.add([Rows(events=[], turns=[], faults=[], ratings={("go", "ann"): (second, 2)})])
    await asyncio.wait({flushing}, timeout=0.05)  # one was refused, and it still waits for the others
    assert not flushing.done()
    lingers.set()
    with pytest.raises(Unanswered):
        await flushing
    await feed.flush()
    assert stored == [("go.ann", 1), ("go.ann", 2), ("go.bob", 1)]
