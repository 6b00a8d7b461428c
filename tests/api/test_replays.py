"""Matches that were really played, seen again over HTTP: frames, pictures, verification."""

import struct
import zlib
from pathlib import Path

import pytest

from arena.api import replays
from arena.api.passwords import Busy
from arena.api.replays import Replays, Unshowable
from arena.games import load_catalogue
from arena.wire import codec, events, subjects
from tests.api.conftest import Recorded, Web
from tests.core import matchlog
from tests.review.test_review import played

CATALOGUE = load_catalogue()


def lines(match: str, game: str, log: list[events.MatchEvent] | None = None) -> list[matchlog.Line]:
    found = log or played(CATALOGUE[game])
    return [(subjects.event(game, match, events.kind(event)), codec.encode_json(event)) for event in found]


async def test_a_match_is_seen_again_frame_by_frame(web: Web, recorded: Recorded) -> None:
    await recorded.write(lines("v1", "tictactoe"))
    plies = (await web.ask("/api/matches/v1"))["plies"]
    answer = await web.client.get("/api/matches/v1/frames")
    assert "immutable" in answer.headers["cache-control"]
    shown = answer.json()
    assert [frame["ply"] for frame in shown["frames"]] == list(range(plies + 1))
    assert (shown["plies"], shown["next"]) == (plies, None)
    start, first, end = shown["frames"][0], shown["frames"][1], shown["frames"][-1]
    assert (start["moves"], start["text"].split("\n")[0], start["to_act"]) == ([], "0 3 6", [0])
    assert start["views"][0]["legal"] == list(range(9))
    assert first["moves"][0]["action"] == 0
    assert first["text"].startswith("X 3 6")
    assert (end["to_act"], end["views"]) == ([], [])
    assert sorted(end["scores"]) == [-1.0, 1.0]
    part = await web.ask("/api/matches/v1/frames", **{"from": 2, "count": 3})
    assert (part["frames"], part["next"]) == (shown["frames"][2:5], 5)
    assert (await web.ask("/api/matches/v1/frames", **{"from": 500}))["frames"] == []
    again = await web.client.get("/api/matches/v1/frames", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


def size(png: bytes) -> tuple[int, int]:
    """Width and height of a PNG whose pixels can be unpacked."""
    width, height = struct.unpack(">II", png[16:24])
    length = int.from_bytes(png[33:37])
    assert len(zlib.decompress(png[41 : 41 + length])) == height * (1 + 3 * width)
    return width, height


async def test_pictures(web: Web, recorded: Recorded) -> None:
    await recorded.write([*lines("w1", "connect_four"), *lines("w2", "lowest_unique")])
    answer = await web.client.get("/api/matches/w1/image", params={"ply": 3, "format": "png"})
    assert answer.headers["content-type"] == "image/png"
    assert size(answer.content) == (891, 774)
    other = await web.client.get("/api/matches/w1/image", params={"ply": 4, "format": "png"})
    assert other.content != answer.content
    answer = await web.client.get("/api/matches/w1/image", params={"ply": 3})  # what is drawn of its board
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.text.startswith("<svg")
    assert answer.text.count("<circle") == 3
    answer = await web.client.get("/api/matches/w2/image")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert "round 0 of 20" in answer.text
    refused = await web.client.get("/api/matches/w2/image", params={"format": "png"})
    assert refused.status_code == 404
    assert "format=svg" in refused.json()["detail"]
    refused = await web.client.get("/api/matches/w1/image", params={"ply": 999})
    assert refused.status_code == 404
    assert "no ply 999" in refused.json()["detail"]


async def test_a_match_is_verified_and_a_forged_one_is_not(web: Web, recorded: Recorded) -> None:
    log = played(CATALOGUE["tictactoe"])
    await recorded.write(lines("x1", "tictactoe", log))
    answer = await web.client.get("/api/matches/x1/verify")
    assert answer.json()["ok"]
    assert answer.json()["plies"] == len([event for event in log if isinstance(event, events.Moved)])
    assert "immutable" in answer.headers["cache-control"]
    again = await web.client.get("/api/matches/x1/verify", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    await recorded.write(lines("x2", "tictactoe", [*log[:3], *log[4:]]))
    forged = await web.client.get("/api/matches/x2/verify")
    assert not forged.json()["ok"]
    assert "waits for" in forged.json()["problem"]
    assert forged.headers["cache-control"] == "private, no-cache"
    refused = await web.client.get("/api/matches/x2/frames")
    assert refused.status_code == 422
    assert "waits for" in refused.json()["detail"]


async def test_a_running_match_is_shown_where_everything_is_open(web: Web, recorded: Recorded) -> None:
    await recorded.write([*lines("y1", "connect_four")[:5], *lines("y2", "leduc_holdem")[:3]])
    answer = await web.client.get("/api/matches/y1/frames")
    assert answer.headers["cache-control"] == "private, no-cache"
    frames = answer.json()["frames"]
    assert len(frames) == 4
    for ply, frame in enumerate(frames):
        (grid,) = frame["board"]["parts"]
        assert [len(row) for row in grid["cells"]] == [7] * 6
        marks = [cell for row in grid["cells"] for cell in row]
        assert (marks.count("X"), marks.count("O")) == ((ply + 1) // 2, ply // 2)
    for path in ("y2/frames", "y2/image", "y1/verify"):
        refused = await web.client.get(f"/api/matches/{path}")
        assert refused.status_code == 409, path
        assert "over" in refused.json()["detail"]
    assert (await web.client.get("/api/matches/none/frames")).status_code == 404


@pytest.fixture
def strange(tmp_path: Path) -> Path:
    """Games that hang, and that end their process."""
    file = tmp_path / "games.toml"
    rows = [("hanging", "subprocess:run", '{ args = ["sleep", "1000"] }'), ("dying", "os:_exit", "{ status = 3 }")]
    file.write_text(
        "".join(
            f'[[game]]\nname = "{name}"\ntitle = "T"\nkind = "aec"\nseats = 2\npackages = ["pettingzoo"]\n'
            f'environment = "{path}"\narguments = {arguments}\n'
            for name, path, arguments in rows
        )
    )
    return file


async def test_an_environment_that_hangs_or_dies_costs_its_child_only(
    strange: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = Replays(strange)
    try:
        with pytest.raises(Unshowable, match="ended its process"):
            await pool.ask("spaces", "dying", [])
        monkeypatch.setattr(replays, "REPLAY_S_MAX", 20.0)
        assert b"Discrete(9)" in await pool.ask("spaces", "tictactoe", [], key=("t",))
        assert pool.known(("t",)) is not None
        with pytest.raises(Unshowable, match="not in this platform"):
            await pool.ask("spaces", "none", [])
        monkeypatch.setattr(replays, "REPLAY_S_MAX", 0.2)
        with pytest.raises(Unshowable, match="takes longer"):
            await pool.ask("spaces", "hanging", [])
        monkeypatch.setattr(replays, "WAITING_MAX", 0)
        with pytest.raises(Busy):
            await pool.ask("spaces", "tictactoe", [])
    finally:
        await pool.stop()
