import copy
import itertools
import math
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.core import projection, rating
from arena.core.records import Entry, Match, RatingKey
from arena.wire import events
from tests.core import matchlog
from tests.core.matchlog import Line


class Tables:
    """The tables in memory, and a batch written to them as the recorder does it."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        self.turns: list[Any] = []
        self.faults: list[Any] = []
        self.history: list[Any] = []
        self.matches: dict[str, Match] = {}
        self.ratings: dict[RatingKey, rating.Rating] = {}

    def write(self, entries: list[Entry]) -> None:
        decoded = projection.decode(entries)
        named = [self.matches[id_] for id_ in decoded.matches if id_ in self.matches]
        blocks = decoded.blocks | {match.block for match in named if match.block}
        matches = {
            id_: copy.deepcopy(match)
            for id_, match in self.matches.items()
            if id_ in decoded.matches or match.block in blocks
        }
        needed = projection.rated(decoded, matches)
        ratings = {key: self.ratings[key] for key in needed if key in self.ratings}
        rows = projection.fold(decoded, matches, ratings, {})
        assert rows.ratings.keys() <= needed
        self.events += rows.events
        self.turns += [(*row[:3], bytes(row[3]), *row[4:]) for row in rows.turns]
        self.faults += rows.faults
        self.history += rows.history
        self.matches |= rows.created | rows.changed
        self.ratings |= {key: value for key, (value, _) in rows.ratings.items()}


def entries(lines: list[Line]) -> list[Entry]:
    return [Entry(seq, subject, matchlog.NOW_MS + seq, payload) for seq, (subject, payload) in enumerate(lines, 1)]


def tables(lines: list[Line]) -> Tables:
    found = Tables()
    found.write(entries(lines))
    return found


def errors(found: Tables) -> list[str]:
    return [row[5] for row in found.events if row[5] is not None]


names = st.sampled_from(["m1", "m2", "m3"])
lines = st.one_of(
    st.builds(matchlog.created, names, st.just(["a", "b"]), rated=st.booleans()),
    st.builds(matchlog.created, names, st.just(["b", "c", "a"])),
    st.builds(matchlog.created, names, st.permutations(["a", "b"]), block=st.sampled_from(["m1", "m2"])),
    st.builds(matchlog.created, names, st.just(["a", "b"]), versions=st.tuples(st.integers(1, 4), st.integers(1, 4))),
    st.builds(matchlog.created, names, st.just(["a", "b", "c"]), teams=st.just((0, 1, 1))),
    st.builds(matchlog.claimed, names, st.integers(1, 3)),
    st.builds(matchlog.moved, names, st.integers(0, 4)),
    st.builds(matchlog.faulted, names, st.integers(0, 2)),
    st.builds(matchlog.late, names, st.integers(0, 2)),
    st.builds(matchlog.reseated, names, st.integers(0, 2), st.sampled_from(["main", "other"])),
    st.builds(matchlog.ended, names, st.sampled_from([[1, 2], [2, 1], [1, 1], [1, 2, 2]])),
    st.builds(matchlog.voided, names),
    st.tuples(st.sampled_from(["arena.event.g.m1.moved", "arena.event.g", "elsewhere"]), st.binary(max_size=20)),
)


@given(st.lists(lines, max_size=40), st.lists(st.integers(0, 40), max_size=6))
def test_batches_do_not_matter(log: list[Line], cuts: list[int]) -> None:
    all_entries = entries(log)
    at_once, in_pieces = Tables(), Tables()
    at_once.write(all_entries)
    bounds = [0, *sorted(cuts), len(all_entries)]
    for begin, end in itertools.pairwise(bounds):
        in_pieces.write(all_entries[begin:end])
    assert vars(at_once) == vars(in_pieces)


def test_a_match_from_its_creation_to_its_result() -> None:
    found = tables([*matchlog.whole("m1", ["a", "b"], [1, 2]), matchlog.created("m2", ["a", "b"])])
    match = found.matches["m1"]
    assert (match.status, match.cause, match.plies, match.runner) == ("ended", "finished", 3, "runner-1")
    assert [seat.placement for seat in match.seats] == [1, 2]
    assert found.matches["m2"].status == "created"
    assert [row[:3] for row in found.turns] == [("m1", 0, 0), ("m1", 1, 1), ("m1", 2, 0)]
    assert found.ratings["connect_four", "a"].mu > found.ratings["connect_four", "b"].mu
    assert match.seats[0].mu_after == found.ratings["connect_four", "a"].mu
    assert not errors(found)


@pytest.mark.parametrize("end", [matchlog.ended("m1", [1, 2]), matchlog.voided("m1")])
def test_unrated_and_voided_matches_change_no_rating(end: Line) -> None:
    rated = end[0].endswith("voided")
    found = tables([matchlog.created("m1", ["a", "b"], rated=rated), matchlog.claimed("m1"), end])
    assert not found.ratings
    assert found.matches["m1"].seats[0].mu_before is None


def test_a_team_is_rated_as_one_however_the_log_is_cut() -> None:
    log = entries(
        [
            matchlog.created("m1", ["a", "b", "c", "d"], teams=(0, 1, 0, 1)),
            matchlog.claimed("m1"),
            matchlog.ended("m1", [1, 2, 1, 2]),
        ]
    )
    found = Tables()
    for entry in log:
        found.write([entry])
    won = {
        agent: (found.ratings["connect_four", agent].won, found.ratings["connect_four", agent].mu) for agent in "abcd"
    }
    assert won["a"] == won["c"] == (1, won["a"][1])
    assert won["b"] == won["d"] == (0, won["b"][1])
    assert won["a"][1] > rating.MU > won["b"][1]
    assert [seat.team for seat in found.matches["m1"].seats] == [0, 1, 0, 1]


def test_games_of_one_seat_are_rated_by_score() -> None:
    found = tables([matchlog.created("m1", ["a"]), matchlog.claimed("m1"), matchlog.ended("m1", [1])])
    assert found.ratings["connect_four", "a"].mu == 1.0


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (matchlog.ended("m9", [1, 2]), "no created event"),
        (matchlog.created("m1", ["c", "d"]), "created before"),
        (matchlog.ended("m1", [1, 2, 3]), "one result for each of 2 seats"),
        (matchlog.faulted("m1", 5), "seat below 2"),
        (matchlog.reseated("m1", 2), "seat below 2"),
        (matchlog.reseated("m9", 0), "no created event"),
        (("arena.event.connect_four.m1.moved", b"{"), "Input data was truncated"),
        (("arena.event.connect_four.m1.exploded", b'{"kind":"exploded","at_ms":1}'), "exploded"),
        (("arena.event.connect_four.m1.ended", matchlog.voided("m1")[1]), "expected an event of kind ended"),
        (("arena.event.short", b"{}"), "unpack"),
        (matchlog.created("m5", ["a", "b"], seed=1 << 64), "64 bits"),
        (("arena.event.connect_four.m1.moved", b"\xff\xfe"), ""),
    ],
)
def test_what_makes_no_sense_is_kept_raw_and_changes_nothing_else(wrong: Line, error: str) -> None:
    before, after = matchlog.whole("m1", ["a", "b"], [1, 2])[:3], matchlog.whole("m1", ["a", "b"], [1, 2])[3:]
    right, both = tables([*before, *after]), tables([*before, wrong, *after])
    assert len(errors(both)) == 1
    assert error in errors(both)[0]
    assert right.matches == both.matches
    assert right.ratings == both.ratings
    assert right.turns == both.turns


def versioned(number: int, version: int, opponent: str = "b") -> list[Line]:
    """A match that `a` wins with this version of it."""
    created = matchlog.created(f"v{number}", ["a", opponent], versions=(version, 1))
    return [created, *matchlog.whole(f"v{number}", ["a", opponent], [1, 2])[1:]]


def test_a_new_version_inherits_mu_and_is_less_sure() -> None:
    old = [line for number in range(20) for line in versioned(number, 1)]
    before = tables(old).ratings["connect_four", "a"]
    found = tables([*old, *versioned(20, 2)])
    seat = found.matches["v20"].seats[0]
    assert seat.mu_before == before.mu
    assert seat.sigma_before == pytest.approx(math.hypot(before.sigma, rating.VERSION_SIGMA))
    same = tables([*old, *versioned(20, 1)]).matches["v20"].seats[0]
    assert same.sigma_before == before.sigma
    assert (found.ratings["connect_four", "a"].version, found.ratings["connect_four", "b"].version) == (2, 1)
    assert found.matches["v20"].seats[1].sigma_before == tables(old).ratings["connect_four", "b"].sigma


def test_a_match_of_an_older_version_that_ends_later_widens_nothing_again() -> None:
    found = tables([*versioned(0, 1), *versioned(1, 2), *versioned(2, 1), *versioned(3, 2)])
    befores = [found.matches[f"v{number}"].seats[0].sigma_before for number in range(4)]
    afters = [found.matches[f"v{number}"].seats[0].sigma_after for number in range(4)]
    assert befores[2:] == afters[1:3]
    assert found.ratings["connect_four", "a"].version == 2


versioned_matches = st.lists(st.tuples(st.integers(1, 5), st.sampled_from(["b", "c"])), min_size=1, max_size=25)


@given(versioned_matches, st.lists(st.integers(0, 120), max_size=6))
def test_widening_follows_the_log_and_not_how_it_was_cut(played: list[tuple[int, str]], cuts: list[int]) -> None:
    log = [line for number, (version, other) in enumerate(played) for line in versioned(number, version, other)]
    at_once, in_pieces = tables(log), Tables()
    bounds = [0, *sorted(cuts), len(log)]
    for begin, end in itertools.pairwise(bounds):
        in_pieces.write(entries(log)[begin:end])
    assert vars(at_once) == vars(in_pieces)
    newest, sigma = 0, rating.SIGMA
    for number, (version, _) in enumerate(played):
        seat = at_once.matches[f"v{number}"].seats[0]
        assert seat.sigma_before is not None
        assert seat.sigma_after is not None
        widened = number > 0 and version > newest
        wide = min(math.hypot(sigma, rating.VERSION_SIGMA), rating.SIGMA)
        assert seat.sigma_before == (pytest.approx(wide) if widened else sigma)
        newest, sigma = max(newest, version), seat.sigma_after
    assert at_once.ratings["connect_four", "a"].version == newest


def test_who_did_not_play_for_long_is_less_sure_before_the_next_match_and_its_opponent_is_not() -> None:
    idle_ms = rating.STALE_MS // 3
    log = [
        *matchlog.whole("m1", ["a", "b"], [1, 2]),
        *matchlog.later(matchlog.whole("m2", ["b", "c"], [1, 2]), idle_ms),
        *matchlog.later(matchlog.whole("m3", ["a", "b"], [1, 2]), idle_ms + 100),  # created when m2 ended
    ]
    found = tables(log)
    first, last = found.matches["m1"].seats[0], found.matches["m3"].seats[0]
    assert (last.mu_before, first.sigma_after) == (first.mu_after, first.sigma_after)
    once = rating.Rating(mu=first.mu_after or 0, sigma=first.sigma_after or 0, played=1, version=1, rated_ms=1)
    assert last.sigma_before == rating.believed("openskill", once, 1, 1 + idle_ms).sigma > (first.sigma_after or 0)
    assert found.matches["m3"].seats[1].sigma_before == found.matches["m2"].seats[0].sigma_after
    assert found.ratings["connect_four", "a"].rated_ms == matchlog.NOW_MS + idle_ms + 200
    in_pieces = Tables()
    for entry in entries(log):
        in_pieces.write([entry])
    assert vars(found) == vars(in_pieces)


def test_nothing_follows_an_end() -> None:
    found = tables([*matchlog.whole("m1", ["a", "b"], [1, 2]), matchlog.claimed("m1", 2), matchlog.voided("m1")])
    assert errors(found) == ["the match was ended before"] * 2
    assert found.matches["m1"].status == "ended"


def test_a_seat_that_is_taken_over_stays_its_agents_and_names_the_last_instance() -> None:
    log = matchlog.whole("m1", ["a", "b"], [1, 2])
    found = tables([*log[:3], matchlog.reseated("m1", 1, "second"), matchlog.reseated("m1", 1, "third"), *log[3:]])
    seats = found.matches["m1"].seats
    assert [(seat.agent, seat.instance, seat.takeovers) for seat in seats] == [("a", "main", 0), ("b", "third", 2)]
    assert found.ratings["connect_four", "b"].lost == 1
    assert not errors(found)


def test_evidence_and_forgiven_time_are_kept() -> None:
    move = events.Move(seat=0, action=1, think_ms=5.0, forgiven_ms=750.0)
    moved = events.Moved(at_ms=1, ply=0, moves=[move], rewards=[0.0, 0.0], digest="")
    found = tables([matchlog.created("m1", ["a", "b"]), matchlog.line("m1", moved), matchlog.late("m1", 1)])
    assert found.turns[0][-1] == 750.0
    assert found.faults[0][-5:] == (1_200.0, 2, matchlog.NOW_MS + 4_300, 12, "returned")


def test_rewards_must_cover_the_seats() -> None:
    event = events.Moved(at_ms=1, ply=0, moves=[events.Move(seat=3, action=1)], rewards=[0.0], digest="")
    found = tables([matchlog.created("m1", ["a", "b"]), matchlog.line("m1", event)])
    assert len(errors(found)) == 1
    assert not found.turns


def test_nul_characters_are_replaced_because_postgresql_has_none() -> None:
    found = tables(
        [
            matchlog.created("m1", ["a", "b"]),
            matchlog.moved("m1", 0, action={"say\0": ["a\0b", 1]}),
            matchlog.faulted("m1", 0, evidence="\0\0"),
        ]
    )
    assert msgspec.json.decode(found.turns[0][3]) == {"say\ufffd": ["a\ufffdb", 1]}
    assert found.faults[0][7] == "\ufffd\ufffd"
    assert not errors(found)


def test_actions_travel_unparsed() -> None:
    found = tables([matchlog.created("m1", ["a", "b"]), matchlog.moved("m1", 0, action=[1.0, {"x": None}])])
    assert found.turns[0][3] == b'[1.0,{"x":null}]'


@pytest.mark.parametrize(("mine", "wire"), [(projection._Move, events.Move), (projection._Moved, events.Moved)])
def test_the_fast_decoder_has_the_fields_of_the_event(mine: type, wire: type) -> None:
    def fields(kind: type) -> dict[str, Any]:
        return {field.name: field.default for field in msgspec.structs.fields(kind)}

    assert fields(mine) == fields(wire)
