"""docs/protocol.md is written by hand: what it shows and lists must be what there is."""

import json
import re
from enum import StrEnum
from pathlib import Path

import pytest

from arena.credentials import roles
from arena.wire import events, lobby
from arena.wire.faults import AgentFault, NoticeCode, RefusalCode
from tools import golden

PAGE = (Path(__file__).parent.parent.parent / "docs" / "protocol.md").read_text()
EXAMPLES = re.findall(r"^```json\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
GOLDEN = [json.loads(path.read_text()) for path in golden.FOLDER.glob("*.json")]


def listed(table: str) -> set[str]:
    """The codes in the first column of a table."""
    rows = PAGE.partition(f"| {table} |")[2].partition("\n\n")[0]
    return set(re.findall(r"^\| `(\w+)` \|", rows, re.MULTILINE))


@pytest.mark.parametrize(("table", "codes"), [("refusal", RefusalCode), ("notice", NoticeCode), ("fault", AgentFault)])
def test_every_code_is_explained_and_no_other(table: str, codes: type[StrEnum]) -> None:
    assert listed(table) == set(codes)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_a_golden_message(example: str) -> None:
    assert json.loads(example) in GOLDEN


def test_there_is_an_example_of_every_message() -> None:
    assert len(EXAMPLES) == 8


def test_the_limits_are_the_servers() -> None:
    assert f"{roles.AGENT_SUBSCRIPTIONS_MAX} subscriptions" in PAGE
    assert f"{roles.AGENT_PAYLOAD_BYTES_MAX // 1024} KiB a message" in PAGE
    assert f"not this platform's ({lobby.PROTOCOL})" in PAGE


def test_the_bounds_are_the_defaults() -> None:
    text = " ".join(PAGE.split())
    assert f"up to {events.ClockRule().lag_ms_max} ms" in text
    assert f"after {events.FaultRule().gone_grace_ms // 1000} s without you" in text
    assert events.FaultRule().strikes_max == 2
    assert "after two, the next one forfeits" in text
