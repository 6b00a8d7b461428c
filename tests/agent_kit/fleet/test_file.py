"""agents.toml: what is wrong in it is named by agent and key, with what was expected."""

from pathlib import Path

import pytest

from agent_kit.__main__ import main
from agent_kit.fleet import FleetError, read_file

AGENT = '[[agent]]\nname = "first"\npolicy = "a.py:p"\ncreds = "first.creds"\n'


def test_a_file_says_who_plays_what_and_how(tmp_path: Path) -> None:
    file = tmp_path / "agents.toml"
    file.write_text(
        'processes = false\nlogs = "l"\napi = "http://127.0.0.1:8000"\nurl = "nats://one:1"\n'
        f'{AGENT}games = ["chess"]\nslots = 3\ninstances = 2\nwith = {{ seconds = 0.5 }}\n'
        '[[agent]]\nname = "second"\npolicy = "uci:stockfish"\ncreds = "second.creds"\nurl = "nats://two:2"\n'
    )
    fleet = read_file(file)
    first, second = fleet.agents
    assert (fleet.processes, fleet.logs, fleet.api) == (False, "l", "http://127.0.0.1:8000")
    assert (first.games, first.slots, first.instances, first.arguments) == (["chess"], 3, 2, {"seconds": 0.5})
    assert (first.url, second.url) == ("nats://one:1", "nats://two:2")
    assert (second.games, second.slots, second.instances, second.stateless) == (None, 1, 1, False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected at least one table [[agent]] with name, policy and creds"),
        ("x = [", "not valid TOML: "),
        (AGENT + "slot = 4\n", "agent 'first': slot: there is no such key; expected one of creds, encoding, games"),
        (AGENT + 'slots = "4"\n', "agent 'first': slots: Expected `int`, got `str`"),
        (AGENT + "slots = 0\n", "agent 'first': slots: Expected `int` >= 1"),
        (AGENT + 'games = ["a b"]\n', "agent 'first': games[0]: Expected `str` matching regex"),
        (AGENT + "instances = 65\n", "agent 'first': instances: Expected `int` <= 64"),
        ('[[agent]]\nname = "first"\npolicy = "p"\n', "agent 'first': Object missing required field `creds`"),
        ('[[agent]]\npolicy = "p"\n', "agent 1: Object missing required field `name`"),
        ('[[agent]]\nname = "a/b"\npolicy = "p"\ncreds = "c"\n', "agent 'a/b': name: Expected `str` matching regex"),
        (AGENT * 2, "agent 'first': name: expected each name once, it is there 2x"),
        ("proceses = true\n" + AGENT, "proceses: there is no such key; expected one of api, logs, processes, url"),
        ('api = "arena"\n' + AGENT, "api: expected an address like https://arena.example.org, got 'arena'"),
    ],
)
def test_a_wrong_file_names_the_key_and_what_was_expected(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    file = tmp_path / "agents.toml"
    file.write_text(text)
    with pytest.raises(FleetError) as raised:
        read_file(file)
    assert str(raised.value).startswith(f"{file}: {said}")
    assert main(["fleet", str(file)]) == 2
    assert said in capsys.readouterr().err


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FleetError, match=r"nowhere\.toml: cannot be read: No such file"):
        read_file(tmp_path / "nowhere.toml")
