"""What an agent's author meets before any server: credentials, policies named on the command line, arrays."""

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest

from agent_kit import Agent, CredentialsError
from agent_kit.__main__ import main
from agent_kit.credentials import DEFAULT_URL, read
from agent_kit.specs import load
from arena.wire import ids

AGENT = ids.make(1, bytes(10))


def creds(claims: object, comment: str = "") -> str:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"{comment}-----BEGIN NATS USER JWT-----\nhead.{body}.sign\n------END NATS USER JWT------\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hello", "is no NATS credentials file"),
        ("-----BEGIN NATS USER JWT-----\nonly\n------END NATS USER JWT------\n", "cannot be read"),
        ("-----BEGIN NATS USER JWT-----\na.!!!.c\n------END NATS USER JWT------\n", "cannot be read"),
        (creds({"sub": "U"}), "cannot be read"),
        (creds(["name"]), "cannot be read"),
        (creds({"name": "runner"}), "is for 'runner', not for an agent"),
        (creds({"name": "*"}), r"is for '\*', not for an agent"),
    ],
)
def test_credentials_that_are_none_are_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "my.creds").write_text(text)
    with pytest.raises(CredentialsError, match=rf"my\.creds.*{said}"):
        read(tmp_path / "my.creds")


def test_missing_credentials_say_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ARENA_CREDS", raising=False)
    with pytest.raises(CredentialsError, match="set ARENA_CREDS"):
        read()
    with pytest.raises(CredentialsError, match=r"cannot read credentials .*nothing\.creds"):
        read(tmp_path / "nothing.creds")
    (tmp_path / "binary.creds").write_bytes(b"\xff\xfe")
    with pytest.raises(CredentialsError, match="cannot read"):
        read(tmp_path / "binary.creds")


def test_the_address_is_the_one_given_then_the_environments_then_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ARENA_NATS_URL", raising=False)
    (tmp_path / "a.creds").write_text(creds({"name": AGENT}, "# arena-url: nats://file:1\n"))
    (tmp_path / "b.creds").write_text(creds({"name": AGENT}))
    assert read(tmp_path / "a.creds") == (AGENT, "nats://file:1", tmp_path / "a.creds")
    assert read(tmp_path / "b.creds").url == DEFAULT_URL
    monkeypatch.setenv("ARENA_NATS_URL", "nats://environment:2")
    assert read(tmp_path / "a.creds").url == "nats://environment:2"
    assert read(tmp_path / "a.creds", "nats://given:3").url == "nats://given:3"


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("policy", r"expected module:name or file.py:name \(or gtp:.*uci:...\), got 'policy'"),
        ("nothing.py:policy", r"cannot read .*nothing\.py"),
        ("bots.py:nobody", r"bots\.py has no 'nobody'"),
        ("no_such_module:policy", "no_such_module"),
    ],
)
def test_a_policy_that_is_not_there_is_named(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    spec: str,
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "bots.py").write_text("def first(turn):\n    return turn.legal[0]\n")
    with pytest.raises((ValueError, ImportError), match=said):
        load(spec)
    assert main(["run", spec]) == 2
    assert "agent-kit" in capsys.readouterr().err


def test_policies_of_files_and_classes_are_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    text = "from agent_kit import Agent\ndef first(turn):\n    return 7\nclass Mine(Agent):\n    pass\n"
    (tmp_path / "bots.py").write_text(text)
    assert load(f"{tmp_path}/bots.py:first")(None) == 7
    assert isinstance(load(f"{tmp_path}/bots.py:Mine"), Agent)


def test_a_turns_history_comes_as_its_observation_does() -> None:
    import numpy as np

    from agent_kit import Past, Turn
    from arena.wire import codec, play

    seen, did = np.arange(4, dtype="int16").reshape(2, 2), np.array([0.5], "float32")
    pasts = [
        play.Past(ply=2, observation={"board": seen}, action=did, reward=1.0),
        play.Past(ply=4, observation=0, action=1),
    ]
    wire = play.Turn(match="m", game="g", seat=0, ply=6, observation=seen, left_ms=1, history=pasts)
    packed = Turn(codec.MSGPACK.turn(codec.MSGPACK.encode(wire))).history
    assert packed[1] == Past(ply=4, observation=0, action=1, reward=0.0)
    assert (packed[0].ply, packed[0].reward) == (2, 1.0)
    assert (packed[0].observation["board"].dtype, packed[0].action.dtype) == ("int16", "float32")
    assert np.array_equal(packed[0].observation["board"], seen)
    plain = Turn(codec.JSON.turn(codec.JSON.encode(wire))).history
    assert plain[0] == Past(ply=2, observation={"board": [[0, 1], [2, 3]]}, action=[0.5], reward=1.0)
    assert Turn(play.Turn(match="m", game="g", seat=0, ply=0, observation=seen, left_ms=1)).history == ()


WITHOUT_NUMPY = """
import sys
sys.modules["numpy"] = None
from agent_kit.turn import Turn
from arena.wire import codec
for line in sys.stdin:
    turn = Turn(codec.MSGPACK.turn(bytes.fromhex(line)))
    print(turn.observation, turn.mask)
"""


def test_without_numpy_arrays_are_nested_lists() -> None:
    import numpy as np

    from arena.wire import codec
    from arena.wire.play import Turn

    observations = [
        np.arange(6, dtype="int8").reshape(2, 3),
        {"a": np.array([0.5, -1.0], "float32"), "b": [np.array([True])]},
        np.zeros((0, 3)),
        np.array([[2**63]], "uint64"),
    ]
    lines = [
        codec.MSGPACK.encode(
            Turn(match="m", game="g", seat=0, ply=0, observation=observation, legal=[2, 4], left_ms=1, actions=(2, 3))
        ).hex()
        for observation in observations
    ]
    said = subprocess.run(  # noqa: S603
        [sys.executable, "-c", WITHOUT_NUMPY], input="\n".join(lines), capture_output=True, text=True, check=True
    ).stdout
    assert said.splitlines() == [
        "[[0, 1, 2], [3, 4, 5]] [1, 0, 1]",
        "{'a': [0.5, -1.0], 'b': [[True]]} [1, 0, 1]",
        "[] [1, 0, 1]",
        f"[[{2**63}]] [1, 0, 1]",
    ]
