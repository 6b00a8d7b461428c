"""`agent-kit check`: each check finds what it is for, and says what to do; a policy that is fit passes all."""

import asyncio
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from agent_kit import Agent, Batch, MountFailed, Over, Turn
from agent_kit.__main__ import main
from agent_kit.testing.checks import CHECKS, Finding, Maker, Trial, Verdict, examine, suite
from agent_kit.testing.rows import row
from arena.wire.events import ClockRule
from tests.eventually import DEADLINE_S


def lowest(turn: Turn) -> int:
    return min(turn.legal or turn.actions)


def compute(for_s: float) -> None:
    until_s = time.monotonic() + for_s
    while time.monotonic() < until_s:
        pass


def anything(turn: Turn) -> int:
    return random.choice(turn.legal or turn.actions)


async def found(make: Callable[[], Any], *checks: str, game: Any = "tictactoe", **options: Any) -> dict[str, Finding]:
    maker = Maker(make)
    try:
        trial = Trial(make=maker, checks=checks or CHECKS, **options)
        return {finding.check: finding async for finding in examine(trial, game)}
    finally:
        maker.close()


class Counting(Agent):
    """Counts its calls in each match; knows nothing of matches that it has not seen begin."""

    def __init__(self) -> None:
        self.calls: dict[str, int] = {}

    def start(self, turn: Turn) -> None:
        if turn.ply < 2:
            self.calls[turn.match] = 0

    def turn(self, turn: Turn) -> int:
        self.calls[turn.match] += 1
        return turn.legal[self.calls[turn.match] % len(turn.legal)]

    def over(self, over: Over) -> None:
        del self.calls[over.match]


async def test_a_policy_that_is_fit_passes_all() -> None:
    findings = await found(lambda: lowest)
    assert set(findings) == set(CHECKS) - {"blocking", "hooks"}
    assert {finding.verdict for finding in findings.values()} == {Verdict.OK}
    assert findings["exceptions"].found == "4 matches, 12 turns"
    assert findings["determinism"].found == "the same 3 actions twice, in the same game"
    assert "the clock allows 30,000 ms a move" in findings["deadline"].found


async def test_a_batch_of_a_module_is_used_again_and_again() -> None:
    batch = Batch(lambda turns: [lowest(turn) for turn in turns], wait_ms=0)
    findings = await found(lambda: batch)
    assert set(findings) == set(CHECKS) - {"hooks"}
    assert {finding.verdict for finding in findings.values()} == {Verdict.OK}


async def test_who_draws_is_told_that_it_is_not_deterministic_and_that_this_is_no_fault() -> None:
    findings = await found(lambda: anything, "determinism", "reconnect", game="rock_paper_scissors")
    assert [finding.verdict for finding in findings.values()] == [Verdict.NOTE, Verdict.NOTE]
    assert "in the same game its turn" in findings["determinism"].found
    assert "turns that came twice were answered in another way, and legally" in findings["reconnect"].found


async def test_illegal_actions_are_quoted() -> None:
    findings = await found(lambda: lambda _: 4, "legality", "reconnect")
    assert set(findings) == {"legality"}  # the others would find the same once more
    assert findings["legality"].verdict is Verdict.FAILED
    assert "the first: seat 0, ply 2: illegal (warned); expected one of the legal actions" in findings["legality"].found
    assert findings["legality"].advice.startswith("choose from turn.legal; 2 faults are warned")
    nonsense = await found(lambda: lambda _: "x", "legality")
    assert nonsense["legality"].advice.startswith("return an element of the action space")


async def test_what_it_raises_ends_the_examination() -> None:
    def fails(turn: Turn) -> int:
        return {0: 1, 1: 2}[turn.ply]

    class FailsAtTheEnd(Counting):
        def over(self, over: Over) -> None:
            raise LookupError("no such match")

    (finding,) = (await found(lambda: fails)).values()
    assert (finding.check, finding.verdict) == ("exceptions", Verdict.FAILED)
    assert "KeyError at Turn(game='tictactoe'" in finding.found
    (finding,) = (await found(FailsAtTheEnd)).values()
    assert (finding.check, finding.verdict) == ("hooks", Verdict.FAILED)
    assert "no such match" in finding.found


async def test_who_is_late_is_told_what_the_clock_allows() -> None:
    def slow(turn: Turn) -> int:
        compute(0.11)
        return lowest(turn)

    quick = msgspec.structs.replace(row("tictactoe"), clock=ClockRule(move_ms=100, lag_ms_max=10_000))
    finding = (await found(lambda: slow, "deadline", game=quick))["deadline"]
    assert finding.verdict is Verdict.FAILED
    assert finding.found.startswith("seat 0, ply 0: timeout (forfeited); expected a reply within 100 ms; p50 1")
    assert finding.found.endswith("the clock allows 100 ms a move")
    less = msgspec.structs.replace(quick, clock=ClockRule(bank_ms=150, increment_ms=10_000, lag_ms_max=10_000))
    finding = (await found(lambda: slow, "deadline", game=less))["deadline"]
    assert finding.verdict in {Verdict.NOTE, Verdict.FAILED}  # on a busy machine
    assert "150 ms a match (+10,000 ms a move)" in finding.found


async def test_an_async_policy_that_computes_is_told_that_it_blocks() -> None:
    async def blocks(turn: Turn) -> int:
        compute(1.01 if turn.ply == 0 else 0)
        return lowest(turn)

    async def waits(turn: Turn) -> int:
        if turn.ply == 0:
            await asyncio.wait([asyncio.ensure_future(asyncio.Event().wait())], timeout=1.01)
        return lowest(turn)

    finding = (await found(lambda: blocks, "blocking", matches=1))["blocking"]
    assert finding.verdict is Verdict.FAILED
    assert "asyncio.to_thread" in finding.advice
    assert (await found(lambda: waits, "blocking", matches=1))["blocking"].verdict is Verdict.OK


async def test_a_takeover_fails_only_who_says_stateless() -> None:
    findings = await found(Counting, "takeover", "hooks", game="connect_four")
    assert findings["hooks"].found == "start was called 4 times, over 4 times"
    assert (findings["takeover"].verdict, "KeyError" in findings["takeover"].found) == (Verdict.NOTE, True)
    stateless = (await found(Counting, "takeover", game="connect_four", stateless=True))["takeover"]
    assert stateless.verdict is Verdict.FAILED
    assert "turn.history" in stateless.advice


async def test_the_history_lets_another_instance_go_on() -> None:
    class Remembers(Agent):
        """Plays each of its own actions once more than the last time; knows its past from the turn alone."""

        def turn(self, turn: Turn) -> int:
            assert [past.ply for past in turn.history] == list(range(turn.ply))
            return len(turn.history) % 3

    finding = (await found(Remembers, "takeover", game="rock_paper_scissors", stateless=True))["takeover"]
    assert finding.verdict is Verdict.OK
    assert "went on after turn 2" in finding.found


async def test_a_turn_that_comes_twice_must_be_answered_legally_twice() -> None:
    class Once(Agent):
        """Hands every turn's legal actions out one after the other, and then has none."""

        def __init__(self) -> None:
            self.left: dict[tuple[str, int], list[int]] = {}

        def turn(self, turn: Turn) -> Any:
            left = self.left.setdefault((turn.match, turn.ply), turn.legal[:1])
            return left.pop() if left else None

    finding = (await found(Once, "reconnect"))["reconnect"]
    assert finding.verdict is Verdict.FAILED
    assert finding.found.startswith("a turn that came twice was answered wrongly: ply 0: malformed")


async def test_memory_that_grows_with_each_match_is_measured() -> None:
    class Keeps(Agent):
        def __init__(self, size: int) -> None:
            self.kept: list[bytearray] = []
            self._size = size

        def turn(self, turn: Turn) -> int:
            return lowest(turn)

        def over(self, over: Over) -> None:
            self.kept.append(bytearray(self._size))

    much = (await found(lambda: Keeps(300 * 1024), "memory"))["memory"]
    assert much.verdict is Verdict.FAILED
    assert 300 <= int(much.found.partition(" KiB more after each match: ")[0]) < 400
    assert much.found.endswith("GiB after 10,000")
    some = (await found(lambda: Keeps(40 * 1024), "memory"))["memory"]
    assert some.verdict is Verdict.NOTE


async def test_a_game_that_takes_too_long_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suite, "MEMORY_S_MAX", 0.0)
    finding = (await found(lambda: lowest, "memory"))["memory"]
    assert (finding.verdict, finding.found[:12]) == (Verdict.NOTE, "not measured")


def test_the_command_says_all_that_and_its_exit_code_tells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bots.py"
    file.write_text("def good(turn):\n    return turn.legal[0]\n\n\ndef bad(turn):\n    return 'x'\n")
    command = ["check", f"{file}:good", "--games", "tictactoe,connect_four", "--matches", "2"]
    assert main([*command, "--only", "legality,exceptions"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "ok      tictactoe  exceptions: 2 matches, 6 turns",
        "ok      tictactoe  legality: every action was legal",
        "ok      connect_four  exceptions: 2 matches, 8 turns",
        "ok      connect_four  legality: every action was legal",
    ]
    assert main(["check", f"{file}:bad", "--games", "tictactoe", "--only", "legality", "--json"]) == 1
    (line,) = capsys.readouterr().out.splitlines()
    said = json.loads(line)
    assert (said["check"], said["game"], said["verdict"]) == ("legality", "tictactoe", "failed")


def test_a_policy_that_never_answers_does_not_keep_the_command_from_ending(tmp_path: Path) -> None:
    (tmp_path / "games.toml").write_text('[[game]]\nname = "tictactoe"\nclock = { move_ms = 100 }\n')
    (tmp_path / "bots.py").write_text("import threading\n\n\ndef never(turn):\n    threading.Event().wait()\n")
    ended = subprocess.run(
        [sys.executable, "-m", "agent_kit", "check", "bots.py:never", "--games", "tictactoe"],
        cwd=tmp_path,
        env={**os.environ, "ARENA_GAMES_FILE": str(tmp_path / "games.toml")},
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE_S,
    )
    assert ended.returncode == 1
    assert "deadline: seat 0, ply 0: timeout (forfeited); expected a reply within 100 ms" in ended.stdout
    assert "the policy still thinks" in ended.stderr


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ([], "which games? Give --games NAME,NAME"),
        (["--games", "ludo_9"], "there is no game 'ludo_9'; known:"),
        (["--games", "tictactoe", "--only", "luck"], "no such check: luck; known: exceptions,"),
        (["--with", "x=1"], "takes no arguments"),
    ],
)
def test_wrong_usage_is_explained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], said: str
) -> None:
    (tmp_path / "bots.py").write_text("def good(turn):\n    return turn.legal[0]\n")
    assert main(["check", f"{tmp_path}/bots.py:good", *more]) == 2
    assert f"agent-kit check: error: {said}" in capsys.readouterr().err.replace(f"'{tmp_path}/bots.py:good' ", "")


async def test_a_game_must_be_there() -> None:
    with pytest.raises(MountFailed, match="there is no game 'ludo_9'"):
        await found(lambda: lowest, game="ludo_9")
