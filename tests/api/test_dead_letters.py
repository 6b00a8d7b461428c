import asyncio
import secrets

import msgspec

from arena.bus import Bus
from arena.bus.pull import Delivery, Follower, Pull
from arena.wire.subjects import CREATED, DEAD_ALL, DEAD_STREAM, EVENTS_STREAM, REGISTRAR
from tests.api.conftest import Recorded, Web
from tests.conftest import BusFor
from tests.core import matchlog
from tests.recorder.conftest import DEADLINE_S


async def deliver_too_often(bus: Bus, match: str, letters: int) -> None:
    """Claim a match and say nothing, until the server gives it up: by one consumer after the other."""
    dead: list[Delivery] = []
    changed = asyncio.Event()
    follower = Follower(bus, DEAD_STREAM, [DEAD_ALL], lambda letter: (dead.append(letter), changed.set())[1])
    follower.start()
    await follower.caught_up.wait()
    before = len(dead)
    for _ in range(letters):
        name = f"runner-{secrets.token_hex(4)}"
        filter_ = CREATED.any(game="connect_four", match=match)
        config = {"durable_name": name, "ack_policy": "explicit", "ack_wait": int(1e8), "max_deliver": 1}
        request = msgspec.json.encode({"stream_name": EVENTS_STREAM, "config": config | {"filter_subject": filter_}})
        await bus.request(f"$JS.API.CONSUMER.CREATE.{EVENTS_STREAM}.{name}.{filter_}", request)
        pull = Pull(bus, EVENTS_STREAM, name, lambda _: None, lambda *_: None)
        await pull.start()
        await pull.ask(1)
        async with asyncio.timeout(DEADLINE_S):
            while len(dead) == before:
                changed.clear()
                await changed.wait()
        before = len(dead)
        await pull.stop()
        await bus.request(f"$JS.API.CONSUMER.DELETE.{EVENTS_STREAM}.{name}")
    await follower.stop()


async def test_what_could_not_be_dealt_with_is_listed_in_pages(web: Web, recorded: Recorded, bus_for: BusFor) -> None:
    operator, stranger = await web.operator(), await web.register()
    begin = [matchlog.created("w1", ["a", "b"]), matchlog.claimed("w1")]
    first = await recorded.write([*begin, ("arena.event.connect_four.w1.claimed", b'{"kind":"exploded","at_ms":1}')])
    last = await recorded.write([("arena.event.connect_four.w1.moved", b"\xff" + b"x" * 1_000)])
    page = (await operator.get("/api/dead-letters", params={"limit": 1})).json()
    (newest,) = page["events"]["items"]
    assert (newest["seq"], newest["match"], newest["bytes"]) == (last, "w1", 1_001)
    assert newest["error"]
    assert newest["beginning"] == "\ufffd" + "x" * 199
    page = (await operator.get("/api/dead-letters", params={"events_before": page["events"]["next"]})).json()
    assert [(one["seq"], one["subject"]) for one in page["events"]["items"]] == [
        (first, "arena.event.connect_four.w1.claimed")
    ]
    assert page["events"]["next"] is None
    assert page["claims"] == {"items": [], "next": None}
    assert (await web.ask("/api/matches/w1"))["unprojected"] == [first, last]

    await deliver_too_often(await bus_for(REGISTRAR), "w1", 3)
    seen = []
    before = None
    while True:
        query = {"limit": 2, **({"claims_before": before} if before else {})}
        page = (await operator.get("/api/dead-letters", params=query)).json()["claims"]
        seen += page["items"]
        before = page["next"]
        if before is None:
            break
    assert [(one["match"], one["deliveries"], one["stream_seq"]) for one in seen] == [("w1", 1, first - 2)] * 3
    assert [one["seq"] for one in seen] == [3, 2, 1]
    assert (await stranger.get("/api/dead-letters")).status_code == 403
    assert (await web.client.get("/api/dead-letters")).status_code == 401
    assert (await operator.get("/api/dead-letters", params={"limit": 101})).status_code == 400
