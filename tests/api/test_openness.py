"""While a match of a game that hides something is played, nobody is told what was done; afterwards everybody."""

from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from arena.api.live import told
from arena.api.openness import discreet_event, discreet_fault
from arena.store.reading import Fault
from arena.wire import events
from tests.api.conftest import Recorded, Web
from tests.api.test_replays import lines

MOVED = 3  # events until the first move: created, claimed, moved


async def asked(web: Web, match: str) -> tuple[list[Any], list[Any], bytes]:
    moved = [event["payload"] for event in (await web.ask(f"/api/matches/{match}/events"))["items"]]
    turns = (await web.ask(f"/api/matches/{match}/turns"))["items"]
    return (
        [event for event in moved if event["kind"] == "moved"],
        turns,
        (await web.client.get(f"/api/matches/{match}/download")).content,
    )


async def test_actions_are_kept_back_until_the_end(web: Web, recorded: Recorded) -> None:
    await recorded.write([*lines("h1", "leduc_holdem")[:MOVED], *lines("h2", "connect_four")[:MOVED]])
    (moved,), (turn,), whole = await asked(web, "h1")
    assert not {"seed", "digest"} & set(moved)
    assert "action" not in moved["moves"][0]
    assert turn["action"] is None
    assert b'"action"' not in whole
    (moved,), (turn,), whole = await asked(web, "h2")
    assert moved["digest"]
    assert (moved["moves"][0]["action"], turn["action"]) == (0, 0)
    assert b'"action"' in whole

    await recorded.write(lines("h3", "leduc_holdem"))
    moved_all, turns, whole = await asked(web, "h3")
    assert all("action" in event["moves"][0] and event["digest"] for event in moved_all)
    assert all(turn["action"] is not None for turn in turns)
    assert b'"seed"' in whole


@pytest.mark.parametrize("of_open_game", [False, True])
def test_the_live_stream_is_as_discreet(of_open_game: bool) -> None:
    moved = events.Moved(at_ms=1, ply=0, moves=[events.Move(seat=0, action="[3]")], rewards=[0.0], digest="ab")
    subject = "arena" + ".event.mafia.m1.moved"
    delivery: Any = SimpleNamespace(subject=subject, payload=msgspec.json.encode(moved), seq=1, at_ms=1)
    data, kind = told(delivery, of_open_game=of_open_game)
    assert kind == "moved"
    assert ("action" in data["event"]["moves"][0]) is of_open_game
    assert ("digest" in data["event"]) is of_open_game
    assert data["event"]["rewards"] == [0.0]


def test_a_fault_does_not_quote_what_was_sent() -> None:
    quoted = {"kind": "faulted", "cause": "illegal", "expected": "one of 3, 4", "evidence": '{"action": 7}'}
    assert discreet_event(quoted, of_open_game=False) == {"kind": "faulted", "cause": "illegal"}
    assert discreet_event({**quoted, "seed": 4}, of_open_game=True) == quoted
    assert discreet_event("not an event", of_open_game=False) == "not an event"
    numbers = dict.fromkeys(("seq", "seat", "ply", "asked_ms", "elapsed_ms", "at_ms", "forgiven_ms", "sent"), 0)
    words = {"match": "m", "cause": "illegal", "verdict": "warned", "expected": "one of 3", "evidence": "7"}
    fault = Fault(**numbers, **words, replied_ms=0, reply_bytes=1, connection=None)  # type: ignore[arg-type]
    assert (discreet_fault(fault).expected, discreet_fault(fault).evidence) == ("", "")
