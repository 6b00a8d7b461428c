"""Records outlive their process: a torn last line is left out, and cut off by the next process of that name."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from chaos.records import Witness, read


def test_what_was_noted_is_read_in_its_order(tmp_path: Path) -> None:
    with Witness(tmp_path, "b", "agent") as witness:
        witness.note("turn", match="m", ply=0, seat=1)
        witness.note("answer", match="m", ply=0, seat=1, action=np.int64(3), think_ms=1.5)
        witness.note("bye", instance="other")
    with Witness(tmp_path, "a", "agent", "i") as witness:
        witness.note("hello")
    found = read(tmp_path)
    assert [(one.what, one.instance) for one in found] == [
        ("hello", "i"),
        ("turn", "b"),
        ("answer", "b"),
        ("bye", "other"),
    ]
    assert found[2].action == 3


def test_a_torn_last_line_is_left_out_and_cut_off(tmp_path: Path) -> None:
    with Witness(tmp_path, "a", "agent") as witness:
        witness.note("hello")
    path = tmp_path / "a.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"at_ms":17')
    assert [one.what for one in read(tmp_path)] == ["hello"]
    with Witness(tmp_path, "a", "agent") as witness:
        witness.note("bye")
    assert [one.what for one in read(tmp_path)] == ["hello", "bye"]
    path.write_bytes(whole + b'{"at_ms":17\n' + whole)
    with pytest.raises(msgspec.DecodeError):
        read(tmp_path)
