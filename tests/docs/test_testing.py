"""docs/testing.md: its code runs as it stands, its table names the checks there are, its agents.toml is one."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from agent_kit.fleet import Entry, read_file
from agent_kit.testing.checks import CHECKS

PAGE = (Path(__file__).parent.parent.parent / "docs" / "testing.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("code", blocks("python"))
def test_its_code_runs(tmp_path: Path, code: str) -> None:
    ended = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    if "result" in code:
        assert re.search(r"finished: seat 0 placed \d with", ended.stdout)


def test_it_explains_every_check_and_no_other() -> None:
    rows = PAGE.partition("| check | tries |")[2].partition("\n\n")[0]
    assert tuple(re.findall(r"^\| `(\w+)` \|", rows, re.MULTILINE)) == CHECKS


def test_its_file_is_read_and_all_keys_are_named(tmp_path: Path) -> None:
    (example,) = blocks("toml")
    (tmp_path / "agents.toml").write_text(example)
    fleet = read_file(tmp_path / "agents.toml")
    assert [agent.name for agent in fleet.agents] == ["first", "fish"]
    named = set(re.findall(r"^(\w+) =", example, re.MULTILINE)) | set(re.findall(r"`(\w+)`", PAGE))
    assert set(Entry.__struct_encode_fields__) <= named
