import re
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.wire import events, subjects
from arena.wire.subjects import AGENT, RUNNER, TABLE, Subject

rows = st.sampled_from(TABLE)
tokens = st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True)


def fill(row: Subject, data: st.DataObject) -> dict[str, str]:
    return {name: data.draw(tokens) for name in row.parameters}


def matches(pattern: str, subject: str) -> bool:
    """NATS matching, for patterns with `*` only."""
    wanted, got = pattern.split("."), subject.split(".")
    return len(wanted) == len(got) and all(a in {"*", b} for a, b in zip(wanted, got, strict=True))


@given(rows, st.data())
def test_parse_undoes_at(row: Subject, data: st.DataObject) -> None:
    parameters = fill(row, data)
    assert row.parse(row.at(**parameters)) == parameters


@given(rows, st.data())
def test_any_matches_every_subject_of_its_row(row: Subject, data: st.DataObject) -> None:
    parameters = fill(row, data)
    fixed = {name: token for name, token in parameters.items() if data.draw(st.booleans())}
    assert matches(row.any(**fixed), row.at(**parameters))
    assert row.any(**parameters) == row.at(**parameters)


@given(rows, rows, st.data())
def test_no_subject_belongs_to_two_rows(row: Subject, other: Subject, data: st.DataObject) -> None:
    if row is not other:
        subject = row.at(**fill(row, data))
        assert not matches(other.any(), subject)
        with pytest.raises(ValueError, match="is not of the form"):
            other.parse(subject)


def test_no_two_rows_overlap_whatever_their_parameters() -> None:
    for one, other in combinations(TABLE, 2):
        pairs = zip(one.any().split("."), other.any().split("."), strict=False)
        same_length = one.template.count(".") == other.template.count(".")
        assert not (same_length and all(a == b or "*" in {a, b} for a, b in pairs)), (one.name, other.name)


@pytest.mark.parametrize("token", ["*", ">", "", "a.b", "a b", "a\n"])
def test_at_refuses_what_would_reach_other_subjects(token: str) -> None:
    with pytest.raises(ValueError, match="cannot stand in a subject"):
        subjects.TURN.at(agent=token, instance="laptop")


def test_at_misses_a_parameter() -> None:
    with pytest.raises(KeyError):
        subjects.TURN.at(agent="a")


def test_numbers_are_tokens() -> None:
    assert subjects.MOVE.at(runner="r", match="m", seat=3, sending=0) == "arena.move.r.m.3.0"


@pytest.mark.parametrize(
    "row", [row for row in TABLE if AGENT in (*row.publishers, *row.subscribers)], ids=lambda r: r.name
)
def test_whatever_an_agent_says_or_hears_names_the_agent(row: Subject) -> None:
    if row.kind == "reply":  # the one exception: the server lets it answer what it was asked, once
        assert row.publishers == (AGENT,)
        assert row.subscribers == (RUNNER,)
    else:
        sides = ("lobby", "say") if AGENT in row.publishers else ("agent",)
        assert row.template.startswith(tuple(f"arena.{side}.{{agent}}." for side in sides))


def test_one_subscription_hears_all_that_is_said_to_an_agent() -> None:
    prefix = subjects.said_to("a").removesuffix(">")
    for row in TABLE:
        if AGENT in row.subscribers:
            assert row.any(agent="a").startswith(prefix)
            assert not row.any(agent="b").startswith(prefix)


def test_agents_never_say_what_agents_hear() -> None:
    assert not [row for row in TABLE if AGENT in row.publishers and AGENT in row.subscribers]


def test_names_and_templates_are_unique_and_every_row_has_a_reason() -> None:
    assert len({row.name for row in TABLE}) == len(TABLE)
    assert len({row.template for row in TABLE}) == len(TABLE)
    for row in TABLE:
        assert row.why.endswith(".")
        assert row.payload
        assert row.publishers or row.template.startswith("arena.server.")  # those NATS itself publishes
        assert row.subscribers
        assert (row.kind == "request") == bool(row.reply)
        assert re.fullmatch(r"[a-z_]+", row.name)


def test_every_declared_row_is_in_the_table() -> None:
    declared = [value for value in vars(subjects).values() if isinstance(value, Subject)]
    assert declared == list(TABLE)


def test_events_have_a_row_for_each_kind() -> None:
    rows = [row for row in TABLE if row.kind == "event"]
    assert tuple(row.name for row in rows) == events.KINDS
    for row in rows:
        (payload,) = row.payload
        assert payload.__struct_config__.tag == row.name
        assert row.at(game="g", match="m") == subjects.event("g", "m", row.name)
        assert matches(subjects.match_events("g", "m"), row.at(game="g", match="m"))
        assert subjects.split_event(row.at(game="g", match="m")) == ("g", "m", row.name)
        assert row.template.startswith(subjects.EVENTS_ALL.removesuffix(">"))


@pytest.mark.parametrize(
    "subject", ["arena.lobby.a.b.hello", "arena.event.g.m", "arena.event.g.m.moved.x", "x.event.g.m.k"]
)
def test_split_event_refuses_other_subjects(subject: str) -> None:
    with pytest.raises(ValueError, match=r"no event's subject|unpack"):
        subjects.split_event(subject)
