"""docs/mounts.md: its code says what the mounts take, and its limits are those of the code."""

import ast
import importlib
import inspect
import re
from pathlib import Path

import pytest

from agent_kit.mounts import lines, llm, positions, uci
from agent_kit.readings import go
from agent_kit.specs import SCHEMES

PAGE = (Path(__file__).parent.parent.parent / "docs" / "mounts.md").read_text()
CODE = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
COMMANDS = re.findall(r"^agent-kit run (.+)$", PAGE, re.MULTILINE)


@pytest.mark.parametrize("code", CODE, ids=[code.splitlines()[-1][:40] for code in CODE])
def test_the_code_calls_what_there_is(code: str) -> None:
    mounted = [
        call
        for call in ast.walk(ast.parse(code))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "mount"
    ]
    assert len(mounted) == 1
    function = mounted[0].func
    assert isinstance(function, ast.Attribute)
    assert isinstance(function.value, ast.Name)
    mount = importlib.import_module(f"agent_kit.mounts.{function.value.id}").mount
    inspect.signature(mount).bind(*mounted[0].args, **{word.arg or "": word.value for word in mounted[0].keywords})


def test_every_mount_has_its_row_and_its_section() -> None:
    assert sorted(re.findall(r"^\| `(\w+):", PAGE, re.MULTILINE)) == sorted(SCHEMES)
    called = [re.search(r"(\w+)\.mount\(", code) for code in CODE]
    assert {found[1] for found in called if found} == set(SCHEMES)
    assert len(COMMANDS) == 2


def test_the_bounds_are_those_of_the_code() -> None:
    text = " ".join(PAGE.split())
    assert f"({positions.TRIED_MAX:,} states, or {positions.SHARE:.0%}".replace("30%", "30 %") in text
    assert f"at most `tries={llm.TRIES}`" in text
    assert (lines.DEATHS_MAX, "after three ends" in text) == (3, True)
    assert (uci.SHARE, "never more than half" in text) == (0.5, True)
    assert (go.BOARDS - 1, "plays the last seven moves" in text) == (7, True)
