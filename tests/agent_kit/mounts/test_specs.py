"""Mounts named on the command line, with their arguments."""

import sys
from typing import Any

import pytest

from agent_kit import MountFailed
from agent_kit.__main__ import main
from agent_kit.extras import need
from agent_kit.specs import load
from tests.agent_kit.mounts.conftest import House
from tests.agent_kit.mounts.stub_model import StubModel
from tests.agent_kit.mounts.test_lines import EXAMPLE
from tests.conftest import Find


@pytest.mark.parametrize(
    ("spec", "arguments", "said"),
    [
        ("uci:stockfish", {"depth": "5"}, "uci has no argument 'depth'; known: seconds, settings, processes"),
        ("uci:stockfish", {"seconds": "soon"}, "uci's seconds: Expected `float`, got `str`"),
        ("uci:stockfish", {"settings": "[1]"}, r"uci's settings: Expected `object \| null`, got `array`"),
        ("gtp:gnugo", {"processes": "1.5"}, "gtp's processes: Expected `int`, got `float`"),
        ("mine.py:policy", {"seconds": "1"}, "'mine.py:policy' takes no arguments; those are for gtp, lines, llm"),
    ],
)
def test_arguments_that_are_wrong_are_named(spec: str, arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        load(spec, arguments)


def test_arguments_come_in_the_types_that_a_mount_wants(program: Find) -> None:
    policy = load(f"uci:{program('stockfish')}", {"seconds": "0.5", "settings": '{"Hash": 16}', "processes": "1"})
    assert policy.games == ("chess",)
    policy.close()


def test_the_command_line_says_what_cannot_play(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    assert main(["run", "gtp:no-such-engine --mode gtp", "--creds", "nowhere.creds"]) == 1
    assert "there is no program 'no-such-engine' here" in caplog.text
    assert main(["run", "gtp:gnugo", "--with", "komi"]) == 2
    assert "expected --with NAME=VALUE, got 'komi'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("spec", "program_", "arguments", "game"),
    [
        ("uci:{}", "stockfish", ["--with", "seconds=0.02", "--with", "processes=1"], "chess"),
        ("gtp:{} --mode gtp --level 1", "gnugo", ["--with", "processes=1"], "go_9x9"),
        ("openspiel:mcts", "", ["--with", "simulations=20", "--games", "tictactoe"], "tictactoe"),
        (f"lines:bash {EXAMPLE}", "", ["--games", "tictactoe"], "tictactoe"),
    ],
)
async def test_a_command_plays_a_ranked_match(
    house: House, program: Find, spec: str, program_: str, arguments: list[str], game: str
) -> None:
    played = await house.meet_command(spec.format(program(program_) if program_ else ""), *arguments, game=game)
    assert played.faults == []


async def test_a_model_is_asked_by_a_command(house: House) -> None:
    with StubModel().serving() as stub:
        played = await house.meet_command(
            "llm:tiny", "--with", f"url={stub.url}", "--games", "tictactoe", game="tictactoe"
        )
    assert played.faults == []
    assert len(stub.asked) >= 2


def test_a_missing_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "chess.engine", None)
    with pytest.raises(MountFailed, match=r"this needs the package chess.engine: pip install 'arena-platform\[uci\]'"):
        load("uci:stockfish")
    assert need("sys", "uci") is sys
