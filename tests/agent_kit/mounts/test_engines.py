"""Chess and go engines of Debian's play ranked matches; engines that break, hang or are none at all."""

import sys
from pathlib import Path

import pytest

from agent_kit import MountFailed, Turn
from agent_kit.mounts import gtp, uci
from tests.agent_kit.mounts.conftest import House
from tests.agent_kit.readings.test_readings import turns
from tests.conftest import Find


async def test_a_uci_engine_beats_a_house_bot_twice(house: House, program: Find) -> None:
    policy = uci.mount(program("stockfish"), seconds=0.02, settings={"Hash": 16}, processes=1)
    played = await house.meet(policy, game="chess", matches=2, slots=2)
    assert played.placements == [1, 1]
    assert played.faults == []


async def test_a_gtp_engine_beats_a_house_bot_twice(house: House, program: Find) -> None:
    policy = gtp.mount([program("gnugo"), "--mode", "gtp", "--chinese-rules", "--level", "1"], processes=1)
    played = await house.meet(policy, game="go_9x9", matches=2, slots=2)
    assert played.placements == [1, 1]
    assert played.faults == []


# An engine that knows the words, and breaks as its arguments say: by dying, hanging, or answering nonsense, once or
# always. It notes each start in a file.
BROKEN = """
import pathlib, sys, threading
starts, how, always = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3] == "always"
starts.write_text((starts.read_text() if starts.exists() else "") + "s")
if how == "mute":
    threading.Event().wait()
for line in sys.stdin:
    if line.startswith("genmove") and (always or len(starts.read_text()) <= 2):  # the first start was mount's look
        if how == "die":
            sys.exit(3)
        if how == "hang":
            threading.Event().wait()
    answers = {"list_commands": "undo\\nkgs-genmove_cleanup", "kgs-genmove_cleanup": "C3"}
    answers["genmove"] = how if how in ("resign", "pass", "A0", "Q7") else "C3"
    print("= " + answers.get(line.split()[0], "") + "\\n")
    print(flush=True)
"""


def broken(tmp_path: Path, how: str, often: str = "once") -> list[str]:
    (tmp_path / "engine.py").write_text(BROKEN)
    return [sys.executable, str(tmp_path / "engine.py"), str(tmp_path / "starts"), how, often]


def go_turn(left_ms: int = 20_000) -> Turn:
    turn, _, _ = next(turns("go_9x9", 1))
    turn.left_ms = left_ms
    return turn


@pytest.mark.parametrize(
    ("how", "action", "starts"),
    [("die", 6 * 9 + 2, 3), ("resign", 81, 2), ("pass", 6 * 9 + 2, 2)],
)
async def test_an_engine_is_asked_again_where_it_died_or_would_pass(
    tmp_path: Path, how: str, action: int, starts: int
) -> None:
    policy = gtp.mount(broken(tmp_path, how), processes=1)
    try:
        assert await policy.turn(go_turn()) == action  # C3, or a pass for who resigns
        assert len((tmp_path / "starts").read_text()) == starts
    finally:
        policy.close()


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("die", r"the engine ended at `genmove black` with exit code 3, 2 times at one turn"),
        ("A0", r"answered `genmove` with 'A0', 2 times"),
        ("Q7", r"answered `genmove` with 'Q7', 2 times"),
    ],
)
async def test_an_engine_that_always_breaks_is_an_error_that_says_how(tmp_path: Path, how: str, said: str) -> None:
    policy = gtp.mount(broken(tmp_path, how, "always"), processes=1)
    try:
        with pytest.raises(MountFailed, match=said):
            await policy.turn(go_turn())
    finally:
        policy.close()


async def test_where_an_engine_hangs_chance_moves_in_time(tmp_path: Path) -> None:
    policy = gtp.mount(broken(tmp_path, "hang", "always"), processes=1)
    try:
        turn = go_turn(left_ms=1_000)
        assert await policy.turn(turn) in (turn.legal or ())
    finally:
        policy.close()


def test_what_is_no_engine_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = sys.executable
    for mount in (uci.mount, gtp.mount):
        with pytest.raises(MountFailed, match=r"there is no program 'no-such-engine' here: install it, or give its"):
            mount("no-such-engine --mode gtp")
        with pytest.raises(MountFailed, match="expected a command, got nothing"):
            mount("")
    with pytest.raises(MountFailed, match=r"python.* is no UCI engine: engine process died"):
        uci.mount([python, "-c", "pass"])
    with pytest.raises(MountFailed, match=r"does not speak GTP: .*ended at .protocol_version. with exit code 0"):
        gtp.mount([python, "-c", "input()"])
    monkeypatch.setattr(gtp, "START_S", 0.5)
    with pytest.raises(MountFailed, match=r"python.* does not speak GTP: no answer to .protocol_version. in time"):
        gtp.mount(broken(tmp_path, "mute"))


def test_settings_that_an_engine_does_not_take_are_named(program: Find) -> None:
    with pytest.raises(MountFailed, match=r"stockfish does not take these settings: .*Cleverness"):
        uci.mount(program("stockfish"), settings={"Cleverness": 11})


async def test_an_engine_of_another_game_says_which_it_plays(program: Find) -> None:
    policies = uci.mount(program("stockfish"), processes=1), gtp.mount([program("gnugo"), "--mode", "gtp"])
    turn, _, _ = next(turns("tictactoe", 1))
    for policy, game in zip(policies, ("chess", "go_9x9"), strict=True):
        assert tuple(policy.games) == (game,)
        with pytest.raises(MountFailed, match=rf"not tictactoe: mount it with games=\['{game}'\]"):
            await policy.turn(turn)
        policy.close()
