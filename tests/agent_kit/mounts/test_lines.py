"""Programs that speak JSON lines: in a match, in many at once, and when they die or talk nonsense."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from agent_kit import MountFailed, Turn
from agent_kit.mounts import lines
from tests.agent_kit.mounts.conftest import House
from tests.agent_kit.readings.test_readings import turns

EXAMPLE = Path(__file__).parent.parent.parent.parent / "examples" / "random_agent.sh"

# It writes down what it hears, and answers turns one way or another.
PROGRAM = """
import json, os, sys
log = open(sys.argv[1], "a")
print("begin", os.getpid(), file=log, flush=True)
held = []
for line in sys.stdin:
    message = json.loads(line)
    print(line.strip(), file=log, flush=True)
    if message["type"] != "turn":
        continue
    answer = {"action": message["legal"][0]}
    if sys.argv[2] == "dies once" and open(sys.argv[1]).read().count("begin") == 1:
        sys.exit(4)
    if sys.argv[2] == "dies":
        sys.exit(5)
    if sys.argv[2] == "chats":
        print("thinking...")
        print(json.dumps({"match": "another", "ply": 1, "action": 0}))
    if sys.argv[2] == "late":  # two at a time, the last one first
        held.append({"match": message["match"], "ply": message["ply"], **answer})
        if len(held) == 2:
            print("\\n".join(map(json.dumps, reversed(held))), flush=True)
            held = []
        continue
    print(json.dumps(answer), flush=True)
print("end", file=log, flush=True)
"""


def program(tmp_path: Path, how: str) -> list[str]:
    (tmp_path / "program.py").write_text(PROGRAM)
    return [sys.executable, str(tmp_path / "program.py"), str(tmp_path / "heard"), how]


def heard(tmp_path: Path) -> list[str]:
    return (tmp_path / "heard").read_text().splitlines()


def turn_of(match: str) -> Turn:
    turn, _, _ = next(turns("tictactoe", 1))
    turn.match = match
    return turn


async def test_one_program_plays_ranked_matches(house: House, tmp_path: Path) -> None:
    policy = lines.mount(program(tmp_path, "plays"))
    played = await house.meet(policy, game="tictactoe", games=["tictactoe"], matches=2, slots=2)
    assert played.faults == []
    begun, hello, *messages, ended = heard(tmp_path)
    assert (begun.split()[0], ended) == ("begin", "end")
    assert json.loads(hello) == {"type": "hello", "protocol": 1}
    kinds = [json.loads(message)["type"] for message in messages]
    assert (set(kinds), kinds.count("over")) == ({"turn", "over"}, 2)
    first = json.loads(messages[0])
    assert (first["game"], first["left_ms"] > 0, first["actions"]) == ("tictactoe", True, [0, 9])
    assert first["observation"][0][0] in ([0, 0], [0, 1])


async def test_each_match_has_a_program_of_its_own_which_ends_with_it(house: House, tmp_path: Path) -> None:
    policy = lines.mount(program(tmp_path, "plays"), per_match=True)
    played = await house.meet(policy, game="tictactoe", games=["tictactoe"], matches=2, slots=2)
    assert played.faults == []
    said = heard(tmp_path)
    assert len([line for line in said if line.startswith("begin")]) == 2
    assert said.count("end") == 2


async def test_answers_find_their_turns_in_any_order(tmp_path: Path) -> None:
    policy = lines.mount(program(tmp_path, "late"))
    first, second = turn_of("a"), turn_of("b")
    second.legal = [7, 8]
    try:
        assert await asyncio.gather(policy.turn(first), policy.turn(second)) == [0, 7]
    finally:
        policy.close()


async def test_a_program_that_dies_is_started_and_asked_again(tmp_path: Path) -> None:
    policy = lines.mount(program(tmp_path, "dies once"))
    try:
        assert await asyncio.gather(policy.turn(turn_of("a")), policy.turn(turn_of("b"))) == [0, 0]
    finally:
        policy.close()
    said = [line for line in heard(tmp_path) if not line.startswith('{"type":"hello"')]
    assert [line[:5] for line in said if line.startswith("begin")] == ["begin", "begin"]


async def test_a_program_that_always_dies_is_an_error_with_its_exit_code(tmp_path: Path) -> None:
    policy = lines.mount(program(tmp_path, "dies"))
    try:
        with pytest.raises(MountFailed, match=r"program\.py.* dies ended 3 times without an answer, exit code 5"):
            await policy.turn(turn_of("a"))
    finally:
        policy.close()


async def test_what_is_no_answer_is_shown_and_ignored(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    policy = lines.mount(program(tmp_path, "chats"))
    try:
        assert await policy.turn(turn_of("a")) == 0
    finally:
        policy.close()
    assert "the program said 'thinking...', which is ignored" in caplog.text
    assert "answered ply 1 of match another, which nobody asks for" in caplog.text


async def test_the_example_in_shell_plays_ranked_matches(house: House) -> None:
    policy = lines.mount(["bash", str(EXAMPLE)])
    played = await house.meet(policy, game="tictactoe", games=["tictactoe"], matches=2, slots=2)
    assert played.faults == []
    assert len(EXAMPLE.read_text().splitlines()) <= 20
