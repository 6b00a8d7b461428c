"""Matches without a server: the platform's rules, for policies of every kind."""

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from agent_kit import Agent, Batch, MountFailed, Over, PolicyError, Processes, Turn, testing
from agent_kit.testing.rows import row
from arena.wire.events import ClockRule
from arena.wire.faults import EndCause
from tests.agent_kit.process_policy import Where

PROGRAM = """
import json, sys
for line in sys.stdin:
    if (turn := json.loads(line))["type"] == "turn":
        print(json.dumps({"action": turn["legal"][0]}), flush=True)
"""


def lowest(turn: Turn) -> int:
    return min(turn.legal or turn.actions)


async def highest(turn: Turn) -> int:
    return max(turn.legal or turn.actions)


class Notes(Agent):
    """Plays the lowest action, and notes what it is told."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def start(self, turn: Turn) -> None:
        self.heard.append(("start", turn.ply))

    def turn(self, turn: Turn) -> int:
        return lowest(turn)

    async def over(self, over: Over) -> None:
        self.heard.append(over)

    def notice(self, code: str, message: str, match: str | None) -> None:
        self.heard.append((code, message))


def test_a_match_has_placements_scores_moves_and_a_text() -> None:
    result = testing.play("tictactoe", lowest, highest, seed=5)
    assert [(move.seat, move.action) for move in result.moves] == [(0, 0), (1, 8), (0, 1), (1, 7), (0, 2)]
    assert (result.placements, result.scores, result.plies) == ((1, 2), (1.0, -1.0), 5)
    assert (result.cause, result.faults, result.seed) == (EndCause.FINISHED, ((), ()), 5)
    text = result.text()
    assert "ply 3: seat 1 7" in text
    assert text.endswith("finished: seat 0 placed 1 with 1, seat 1 placed 2 with -1")


@pytest.mark.parametrize("game", ["rock_paper_scissors", "leduc_holdem", "lowest_unique", "cartpole"])
def test_the_same_seed_is_the_same_match(game: str) -> None:
    first, again = (testing.play(game, seed=11) for _ in range(2))
    assert first.moves
    assert [move[:3] for move in first.moves] == [move[:3] for move in again.moves]
    assert first.events[-1].digest == again.events[-1].digest  # type: ignore[union-attr]
    assert [testing.play(game, seed=seed).moves for seed in (1, 2, 3)] != [first.moves] * 3


def test_policies_of_every_kind_play(tmp_path: Path) -> None:
    def together(turns: Sequence[Turn]) -> list[int]:
        return [lowest(turn) for turn in turns]

    processes, batch = Processes(Where(), count=1), Batch(together)
    (file := tmp_path / "bot.py").write_text("def policy(turn):\n    return turn.legal[-1]\n")
    (program := tmp_path / "program.py").write_text(PROGRAM)
    try:
        for player in (lowest, highest, batch, Notes, Notes(), f"{file}:policy", f"lines:{sys.executable} {program}"):
            assert testing.play("connect_four", player, seed=1).faults == ((), ())
        assert testing.play("connect_four", batch, batch, seed=1).placements == (1, 2)  # once more, and in another loop
        assert {move.action for move in testing.play("rock_paper_scissors", processes).moves if move.seat == 0} == {1}
    finally:
        processes.close()
        batch.close()


def test_hooks_hear_of_the_start_the_end_and_faults() -> None:
    notes = Notes()
    result = testing.play("tictactoe", highest, notes, seed=2)
    first, over = notes.heard
    assert first == ("start", 1)
    assert (over.placement, over.seat, over.plies) == (result.placements[1], 1, result.plies)


def test_an_illegal_action_is_warned_twice_and_then_forfeits() -> None:
    seen: list[tuple[int, bool]] = []

    class Wrong(Notes):
        def turn(self, turn: Turn) -> int:
            seen.append((turn.strikes, 0 < turn.left_ms <= row(turn.game).clock.move_ms))
            return 0

    wrong = Wrong()
    result = testing.play("tictactoe", lowest, wrong, seed=1)
    assert seen == [(0, True), (1, True), (2, True)]
    assert (result.placements, result.cause, result.plies) == ((1, 2), EndCause.FORFEIT, 1)
    assert [fault.partition(";")[0] for fault in result.faults[1]] == [
        "ply 1: illegal (warned)",
        "ply 1: illegal (warned)",
        "ply 1: illegal (forfeited)",
    ]
    told = [said for said in wrong.heard if isinstance(said, tuple)]
    assert [code for code, _ in told] == ["start", *["fault"] * 3]


def test_what_is_no_action_is_malformed() -> None:
    result = testing.play("tictactoe", lambda _: "corner", lowest)
    assert result.faults[0][0] == "ply 0: malformed (warned); expected an integer from 0 to 8, not 'corner'"


def hurried(game: str, move_ms: int = 200, **clock: int) -> Any:
    return msgspec.structs.replace(row(game), clock=ClockRule(move_ms=move_ms, **clock))


async def test_a_policy_that_never_answers_loses_by_its_clock() -> None:
    async def never(_: Turn) -> int:
        return await asyncio.Event().wait()  # type: ignore[return-value]

    began = time.monotonic()
    result = await testing.play_async(hurried("tictactoe"), lowest, never)
    assert time.monotonic() - began > 0.2
    assert result.placements == (1, 2)
    assert result.faults[1] == ("ply 1: timeout (forfeited); expected a reply within 200 ms",)


def test_a_late_answer_is_a_timeout_too() -> None:
    def slow(turn: Turn) -> int:
        until = time.monotonic() + 0.25  # more than the move's time, less than with the lag that is allowed
        while time.monotonic() < until:
            pass
        return lowest(turn)

    result = testing.play(hurried("tictactoe", move_ms=100, lag_ms_max=5_000), slow)
    assert result.faults[0] == ("ply 0: timeout (forfeited); expected a reply within 100 ms",)


async def test_progress_earns_time_where_the_clock_says_so() -> None:
    async def reports(turn: Turn) -> int:
        if turn.ply == 0:
            for _ in range(6):
                turn.progress(0.5)
                await asyncio.wait([asyncio.ensure_future(asyncio.Event().wait())], timeout=0.1)
        return lowest(turn)

    game = hurried("tictactoe", move_ms=300, lag_ms_max=0, progress_ms=60_000)
    assert (await testing.play_async(game, reports)).faults[0] == ()


def test_in_games_that_play_on_the_platform_moves_for_who_is_out() -> None:
    result = testing.play("texas_holdem_4", lambda _: "nothing", seed=4)
    assert result.cause == EndCause.FINISHED
    assert result.placements[0] == 4
    assert all(move.by_platform for move in result.moves if move.seat == 0)


def test_what_a_policy_raises_is_told_with_its_turn() -> None:
    def fails(_: Turn) -> int:
        raise LookupError("no such opening")

    class FailsLate(Notes):
        async def over(self, over: Over) -> None:
            raise LookupError(over.match)

    with pytest.raises(PolicyError, match=r"LookupError at Turn\(game='tictactoe'.*ply=1\): no such opening"):
        testing.play("tictactoe", lowest, fails)
    with pytest.raises(PolicyError, match=r"LookupError at Over\("):
        testing.play("tictactoe", FailsLate)


def test_stateless_policies_get_their_history() -> None:
    pasts: list[int] = []

    def policy(turn: Turn) -> int:
        pasts.append(len(turn.history))
        return random.choice(turn.legal or turn.actions)

    testing.play("rock_paper_scissors", policy, stateless=True)
    assert pasts == list(range(len(pasts)))
    assert len(pasts) > 1
    assert all(not turn.history for turn in testing.turns("rock_paper_scissors", 1))


def test_turns_are_those_of_a_match_at_random() -> None:
    turns = testing.turns("connect_four", seed=3)
    assert [turn.ply for turn in turns] == list(range(len(turns)))
    assert [turn.seat for turn in turns[:4]] == [0, 1, 0, 1]
    assert turns[0].legal == list(range(7))
    assert turns[0].observation.shape == (6, 7, 2)
    assert lowest(turns[-1]) in turns[-1].legal


def test_a_game_that_is_not_there_is_named() -> None:
    with pytest.raises(MountFailed, match=r"there is no game 'ludo_9'; known: .*connect_four"):
        testing.play("ludo_9", lowest)
    with pytest.raises(MountFailed, match="tictactoe has 2 seats, and 3 policies were given"):
        testing.play("tictactoe", lowest, lowest, lowest)


@pytest.mark.parametrize("missing", ["gymnasium", "pettingzoo"])
def test_without_the_games_it_says_what_to_install(missing: str) -> None:
    code = f"import sys; sys.modules['{missing}'] = None\nfrom agent_kit import testing\ntesting.play('tictactoe')"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)  # noqa: S603
    assert f"MountFailed: this needs the package {missing}: pip install 'arena-platform[games]'" in ended.stderr
