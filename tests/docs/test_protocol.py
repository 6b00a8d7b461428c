"""docs/protocol.md is written by hand: what it shows and lists must be what there is."""

import json
import re
from enum import StrEnum
from pathlib import Path

import pytest

from arena.core import conduct
from arena.credentials import roles
from arena.matchmaker import lobby as matchmaking
from arena.settings import Settings
from arena.wire import events, lobby, play
from arena.wire.faults import AgentFault, Connection, NoticeCode, RefusalCode
from tools import golden

PAGE = (Path(__file__).parent.parent.parent / "docs" / "protocol.md").read_text()
EXAMPLES = re.findall(r"^```json\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
GOLDEN = [json.loads(path.read_text()) for path in golden.FOLDER.glob("*.json")]


def listed(table: str) -> set[str]:
    """The codes in the first column of a table."""
    rows = PAGE.partition(f"| {table} |")[2].partition("\n\n")[0]
    return set(re.findall(r"^\| `(\w+)` \|", rows, re.MULTILINE))


@pytest.mark.parametrize(
    ("table", "codes"),
    [("refusal", RefusalCode), ("notice", NoticeCode), ("connection", Connection), ("fault", AgentFault)],
)
def test_every_code_is_explained_and_no_other(table: str, codes: type[StrEnum]) -> None:
    assert listed(table) == set(codes)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_a_golden_message(example: str) -> None:
    assert json.loads(example) in GOLDEN


def test_there_is_an_example_of_every_message() -> None:
    assert len(EXAMPLES) == 13


def test_the_limits_are_the_servers() -> None:
    assert f"{roles.AGENT_SUBSCRIPTIONS_MAX} subscriptions" in PAGE
    assert f"{roles.AGENT_PAYLOAD_BYTES_MAX // 1024} KiB a message" in PAGE
    assert f"not this platform's ({lobby.PROTOCOL})" in PAGE


def test_the_bounds_are_the_defaults() -> None:
    text = " ".join(PAGE.split())
    assert f"up to {events.ClockRule().lag_ms_max} ms" in text
    assert f"after {events.FaultRule().gone_grace_ms // 1000} s without you" in text
    assert f"{matchmaking.INSTANCES_PER_AGENT_MAX} instances at once" in text
    assert f"has {matchmaking.INSTANCES_PER_AGENT_MAX} instances here already" in text
    assert f"fit into {play.HISTORY_BYTES_MAX // 1024} KiB" in text
    silent_s = matchmaking.MISSED_BEATS_MAX * Settings().beat_ms // 1000
    assert (matchmaking.MISSED_BEATS_MAX, f"| {silent_s} s with" in text) == (3, True)
    assert events.FaultRule().strikes_max == 2
    assert "after two, the next one forfeits" in text


def test_quarantine_is_as_decided() -> None:
    assert (conduct.FORFEITS_MAX, conduct.AGENT_MS_FIRST, conduct.AGENT_MS_MAX) == (5, 60_000, 3_600_000)
    assert (conduct.VOIDS_MAX, conduct.RECENT_MATCHES, conduct.ROW_MAX) == (3, 20, 3)
