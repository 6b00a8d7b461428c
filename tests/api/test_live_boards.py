"""Boards of running matches over a real WebSocket, drawn by real children."""

import asyncio
import socket as socket_
from pathlib import Path
from typing import Any

import msgspec
import pytest

from arena.api import boards, drawers, sockets
from arena.api.boards import Boards, Over, Shown
from arena.api.passwords import Busy
from arena.api.replays import Unshowable
from arena.games import load_catalogue
from arena.store.database import Database
from arena.store.running import Watchable, find_watchable
from tests.api.conftest import Recorded, Web
from tests.api.test_live_sockets import hear, say, socket
from tests.api.test_replays import lines
from tests.core import matchlog
from tests.eventually import eventually
from tests.recorder.conftest import Log
from tests.review.test_review import played

CATALOGUE = load_catalogue()


async def until(client: Any, op: str) -> list[dict[str, Any]]:
    """Everything up to the first message of this kind."""
    heard = await hear(client)
    while heard[-1]["op"] != op:
        heard += await hear(client)
    return heard


async def shown(client: Any, ply: int) -> dict[str, Any]:
    """The first frame of this ply or a later one."""
    while True:
        (message,) = await hear(client)
        assert message["op"] == "frame", message
        if message["frame"]["ply"] >= ply:
            return message


async def test_a_board_begins_with_its_newest_position_and_follows_to_the_end(web: Web, recorded: Recorded) -> None:
    log = lines("b1", "tictactoe")
    begun, rest = log[:4], log[4:]
    last = await recorded.write(begun)  # created, claimed, two moves
    frames = (await web.ask("/api/matches/b1/frames"))["frames"]
    async with socket(web) as client:
        await say(client, op="subscribe", id="b", board="b1")
        subscribed, first = await hear(client, 2)
        assert subscribed == {"op": "subscribed", "id": "b", "match": "b1"}
        stored_ms = (await web.ask("/api/matches/b1/events"))["items"][-1]["stored_ms"]
        where = {"game": "tictactoe", "match": "b1", "seq": last, "at_ms": stored_ms}
        assert first == {"op": "frame", "id": "b", **where, "frame": frames[2]}
        for number, line in enumerate(rest[:-1], 3):
            seq = await recorded.log.write([line])
            message = await shown(client, number)
            assert (message["frame"]["ply"], message["seq"]) == (number, seq)
        over = await recorded.write(rest[-1:])
        ended = (await until(client, "ended"))[-1]
        assert ended.pop("at_ms") >= stored_ms
        assert ended == {"op": "ended", "id": "b", "match": "b1", "kind": "ended", "seq": over}
        await say(client, op="subscribe", id="b", board="b1")  # the id is free again
        (refused,) = await hear(client)
        assert "over: its frames are at /api/matches/b1/frames" in refused["detail"]


async def test_moves_that_come_at_once_are_one_frame_and_the_end_comes_behind_the_last(
    web: Web, recorded: Recorded
) -> None:
    log = lines("c1", "connect_four")
    await recorded.write(log[:2])
    async with socket(web) as client:
        await say(client, op="subscribe", id="b", board="c1")
        await hear(client, 2)
        await recorded.write(log[2:])
        heard = await until(client, "ended")
    plies = [message["frame"]["ply"] for message in heard[:-1]]
    assert plies == sorted(set(plies))
    assert plies[-1] == len(log) - 3
    assert len(plies) < len(log) - 3


async def test_viewers_of_one_match_share_it_and_the_last_one_closes_it(web: Web, recorded: Recorded, log: Log) -> None:
    lines_ = lines("d1", "tictactoe")
    await recorded.write(lines_[:3])
    async with socket(web) as one:
        await say(one, op="subscribe", id="x", board="d1")
        await shown_after_subscribing(one)
        async with socket(web) as two:
            await say(two, op="subscribe", id="y", board="d1")
            await say(two, op="subscribe", id="z", board="d1")
            for _ in range(2):
                await shown_after_subscribing(two)
            assert watched(web) == 1
            await say(two, op="unsubscribe", id="z")
            assert (await hear(two))[0] == {"op": "unsubscribed", "id": "z"}
            await log.write(lines_[3:4])
            assert (await shown(one, 2))["id"] == "x"
            assert (await shown(two, 2))["id"] == "y"
        await say(one, op="unsubscribe", id="x")
        await hear(one)
        await eventually(lambda: watched(web) == 0)
        await say(one, op="subscribe", id="x", board="d1")
        assert (await shown_after_subscribing(one))["frame"]["ply"] == 2


async def shown_after_subscribing(client: Any) -> dict[str, Any]:
    answer, frame = await hear(client, 2)
    assert (answer["op"], frame["op"]) == ("subscribed", "frame")
    return frame


def watched(web: Web) -> int:
    return int(boards.WATCHED._value.get())


async def test_what_cannot_be_watched_is_refused(web: Web, recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    await recorded.write(
        [*lines("e1", "leduc_holdem")[:3], *lines("e2", "tictactoe")[:3], *lines("e3", "connect_four")[:3]]
    )
    wrong = [matchlog.created("e4", ["ann", "bob"]), matchlog.claimed("e4"), matchlog.moved("e4", 0)]
    await recorded.write(wrong)
    hidden = (await web.client.get("/api/matches/e1/frames")).json()["detail"]
    async with socket(web) as client:
        requests: list[tuple[dict[str, Any], str]] = [
            ({"board": "none"}, "no match"),
            ({"board": "e1"}, hidden),
            ({"board": "e2", "after": 3}, "no `after`"),
            ({"board": "e2", "kinds": ["moved"]}, "no `kinds`"),
            ({"board": "e2", "said": "e2"}, "one of them at most"),
        ]
        for request, expected in requests:
            await say(client, op="subscribe", id="b", **request)
            (answer,) = await hear(client)
            assert (answer["op"], answer["id"]) == ("refused", "b")
            assert expected in answer["detail"]
        await say(client, op="subscribe", id="b", board="e4")
        refused = (await until(client, "refused"))[-1]
        assert "played with" in refused["detail"]
        await say(client, op="subscribe", id="b", board="e4")  # remembered: no environment is set up for it again
        assert await hear(client) == [refused]
        monkeypatch.setattr(boards, "ADDRESS_WATCHED_MAX", 1)
        await say(client, op="subscribe", id="b", board="e2")
        await shown_after_subscribing(client)
        await say(client, op="subscribe", id="c", board="e3")
        assert "from your address" in (await hear(client))[0]["detail"]
        monkeypatch.setattr(boards, "WATCHED_MAX", 1)
        await say(client, op="subscribe", id="c", board="e3")
        assert "watched in this process" in (await hear(client))[0]["detail"]
        await say(client, op="subscribe", id="c", board="e2")
        await shown_after_subscribing(client)


async def test_a_slow_browser_gets_only_the_newest_frame(
    web: Web, recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sending stands still while positions come."""
    monkeypatch.setattr(boards, "FRAME_GAP_S", 0.0)
    log = lines("f1", "tictactoe")
    await recorded.write(log[:2])
    narrow = socket_.socket()
    narrow.setsockopt(socket_.SOL_SOCKET, socket_.SO_RCVBUF, 4_096)
    narrow.setblocking(False)
    await asyncio.get_running_loop().sock_connect(narrow, ("127.0.0.1", web.settings.api_port))
    going = asyncio.Event()
    send = sockets.Session._send_waiting

    async def held(session: sockets.Session) -> None:
        await going.wait()
        await send(session)

    monkeypatch.setattr(sockets.Session, "_send_waiting", held)
    async with socket(web, sock=narrow) as client:
        await say(client, op="subscribe", id="b", board="f1")
        await eventually(lambda: watched(web) == 1)
        await recorded.write(log[2:])
        await eventually(lambda: watched(web) == 0)  # it was drawn to its end
        going.set()
        heard = await until(client, "ended")
    assert [message["op"] for message in heard] == ["subscribed", "frame", "ended"]
    assert heard[1]["frame"]["ply"] == len(log) - 3
    assert heard[1]["frame"]["to_act"] == []


class Seen:
    """A viewer who writes down what it is told."""

    def __init__(self) -> None:
        self.plies: list[int] = []
        self.over: list[Over] = []
        self.problems: list[str] = []

    def show(self, shown: Shown) -> None:
        self.plies.append(msgspec.json.decode(shown.frame)["ply"])

    def end(self, over: Over) -> None:
        self.over.append(over)

    def refuse(self, detail: str) -> None:
        self.problems.append(detail)


STRANGE = """
import itertools, os, signal
from pettingzoo.classic import tictactoe_v3

def env(what, **options):
    made = tictactoe_v3.env(**options)
    count, inner = itertools.count(1), made.unwrapped.step
    def step(action):
        if next(count) == 3 and "STRANGE" in os.environ:
            os._exit(3) if what == "dies" else signal.pause()
        inner(action)
    made.unwrapped.step = step
    return made
"""


@pytest.fixture
def strange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Games that hang, and that end their process, in the third step."""
    (tmp_path / "strange_game.py").write_text(STRANGE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.syspath_prepend(str(tmp_path))
    file = tmp_path / "games.toml"
    file.write_text(
        "".join(
            f'[[game]]\nname = "{what}"\ntitle = "T"\nkind = "aec"\nseats = 2\npackages = ["pettingzoo"]\n'
            f'environment = "strange_game:env"\narguments = {{ what = "{what}" }}\n'
            for what in ("hangs", "dies")
        )
    )
    return file


async def test_an_environment_that_hangs_or_dies_is_refused_and_others_go_on(
    web: Web, recorded: Recorded, log: Log, strange: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boards, "DRAWERS", 1)
    own = Boards(web.bus, strange)
    games = load_catalogue(strange)
    good, bad = lines("g1", "tictactoe"), {}
    for what in ("hangs", "dies"):
        bad[what] = lines(f"g-{what}", what, played(games[what]))
    monkeypatch.setenv("STRANGE", "1")  # from now on, in children
    await recorded.write([*good[:3], *bad["hangs"][:2], *bad["dies"][:2]])
    try:
        innocent = Seen()
        own.watch(await match(web, "g1"), innocent, "a")
        await eventually(lambda: innocent.plies == [1])
        await fails(own, web, log, bad["dies"], "ended its process")
        await log.write(good[3:4])
        await eventually(lambda: innocent.plies[-1] == 2)
        await fails(own, web, log, bad["hangs"], "takes longer than")
        await log.write(good[4:])
        await eventually(lambda: bool(innocent.over))
        assert innocent.plies[-1] == len(good) - 3
        assert not innocent.problems
        monkeypatch.setattr(boards, "WATCHED_MAX", 0)
        with pytest.raises(Busy):
            own.check_room("g1", "a")
    finally:
        await own.stop()


async def fails(own: Boards, web: Web, log: Log, events: list[matchlog.Line], expected: str) -> None:
    """Watch a match up to the step that fails."""
    seen = Seen()
    id_ = events[0][0].split(".")[3]
    own.watch(await match(web, id_), seen, "a")
    await eventually(lambda: bool(seen.plies))
    with pytest.MonkeyPatch.context() as patched:
        if "longer" in expected:
            patched.setattr(drawers, "ANSWER_S_MAX", 0.5)
        await log.write(events[2:5])
        await eventually(lambda: bool(seen.problems))
    assert expected in seen.problems[0]
    with pytest.raises(Unshowable, match=expected):
        own.check_room(id_, "a")


async def match(web: Web, id_: str) -> Watchable:
    database = Database(web.settings.database_url, pool_size=1)
    async with database.begin() as connection:
        found = await find_watchable(connection, id_)
    await database.close()
    assert found is not None
    return found
