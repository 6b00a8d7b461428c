"""Quarantine: each rule by example, and for any log what must never happen."""

from collections.abc import Sequence

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.core import conduct
from arena.core.conduct import Conduct, lasts_ms
from arena.wire.events import ClockRule, Created, Ended, Faulted, FaultRule, MatchEvent, Seat, Voided
from arena.wire.faults import AgentFault, EndCause, PlatformFault, Verdict
from arena.wire.registry import Counts, Quarantine

START_MS = 1_800_000_000_000  # 08:00 UTC
GAME = "connect_four"


def events(
    agents: Sequence[str],
    forfeits: Sequence[str] = (),
    void: PlatformFault | None = None,
    cause: AgentFault = AgentFault.TIMEOUT,
) -> list[MatchEvent]:
    """A whole match."""
    seats = [Seat(agent=agent, owner=f"u-{agent}", version=1, instance="main") for agent in agents]
    found: list[MatchEvent] = [Created(at_ms=0, seed=1, seats=seats, clock=ClockRule(), faults=FaultRule())]
    for agent in forfeits:
        seat = agents.index(agent)
        verdict = Verdict.FORFEITED
        found.append(Faulted(at_ms=0, seat=seat, ply=0, cause=cause, verdict=verdict, expected="an answer"))
    if void:
        return [*found, Voided(at_ms=0, cause=void)]
    return [*found, Ended(at_ms=0, results=[], cause=EndCause.FINISHED, plies=1, digest="")]


class Log:
    """Whole matches, one after the other, a second each."""

    def __init__(self, house: Sequence[str] = ()) -> None:
        self.conduct = Conduct(lambda agent: agent in house)
        self.at_ms = START_MS
        self.matches = 0

    def play(
        self,
        *agents: str,
        forfeits: Sequence[str] = (),
        void: PlatformFault | None = None,
        cause: AgentFault = AgentFault.TIMEOUT,
        game: str = GAME,
    ) -> list[Quarantine]:
        self.matches += 1
        found = []
        for event in events(agents, forfeits, void, cause):
            found += self.conduct.see(game, f"m{self.matches}", event, self.at_ms)
        self.at_ms += 1_000
        return found

    def wait(self, quarantine: Quarantine) -> None:
        self.at_ms = max(self.at_ms, quarantine.until_ms)
        self.conduct.released(quarantine.game, quarantine.agent)


def minutes(quarantine: Quarantine) -> float:
    return (quarantine.until_ms - quarantine.since_ms) / 60_000


def test_five_forfeits_in_a_row_and_the_owner_can_read_why() -> None:
    log = Log()
    causes = [AgentFault.TIMEOUT, AgentFault.TIMEOUT, AgentFault.GONE, AgentFault.TIMEOUT]
    assert [log.play("a", "b", forfeits="a", cause=cause) for cause in causes] == [[]] * 4
    (found,) = log.play("a", "b", forfeits="a")
    assert (found.game, found.agent, found.times, minutes(found)) == (GAME, "a", 1, 1)
    assert found.matches == ["m1", "m2", "m3", "m4", "m5"]
    expected = "your last 5 matches of connect_four were forfeited: timeout, gone; no new ones until 08:01 UTC; "
    assert found.why.startswith(expected)


def test_a_match_without_a_forfeit_of_its_own_begins_the_count_anew() -> None:
    log = Log()
    for _ in range(4):
        assert log.play("a", "b", forfeits="a") == []
    assert log.play("a", "b", forfeits="b") == []
    for _ in range(4):
        assert log.play("a", "b", forfeits="a") == []
    assert len(log.play("a", "b", forfeits="a")) == 1


def test_other_games_do_not_count() -> None:
    log = Log()
    for number in range(8):
        assert log.play("a", "b", forfeits="a", game=f"game{number % 2}") == []


def test_each_time_is_twice_as_long_up_to_an_hour_and_a_good_match_forgives() -> None:
    log = Log()
    lengths = []
    for _ in range(8):
        for _ in range(4):
            assert log.play("a", "b", forfeits="a") == []
        (found,) = log.play("a", "b", forfeits="a")
        assert log.play("a", "b", forfeits="a") == []  # one that ran already is not counted
        lengths.append(minutes(found))
        log.wait(found)
    assert lengths == [1, 2, 4, 8, 16, 32, 60, 60]
    log.play("a", "b")
    for _ in range(4):
        assert log.play("a", "b", forfeits="a") == []
    (found,) = log.play("a", "b", forfeits="a")
    assert (found.times, minutes(found)) == (1, 1)


def test_a_game_that_breaks_whoever_plays_it_is_quarantined() -> None:
    log = Log()
    assert log.play("a", "b", void=PlatformFault.CRASHED) == []
    assert log.play("c", "d", void=PlatformFault.DIVERGED) == []
    (found,) = log.play("a", "e", void=PlatformFault.UNPLAYABLE)
    assert (found.game, found.agent, minutes(found)) == (GAME, "", 10)
    assert found.matches == ["m1", "m2", "m3"]
    assert "crashed, diverged, unplayable" in found.why
    lengths = []
    for _ in range(7):
        log.wait(found)
        for number in range(2):
            log.play(f"x{number}", f"y{number}", void=PlatformFault.CRASHED)
        (found,) = [it for it in log.play("x2", "y2", void=PlatformFault.CRASHED) if not it.agent]
        lengths.append(minutes(found))
    assert lengths == [20, 40, 80, 160, 320, 360, 360]


def test_a_match_that_did_not_break_begins_the_games_row_anew() -> None:
    log = Log()
    for number in range(12):
        if number % 3 == 2:
            assert log.play("x", "y") == []
        else:
            assert log.play(f"a{number}", f"b{number}", void=PlatformFault.CRASHED) == []


def test_what_operators_cancel_and_no_runner_takes_says_nothing_of_anybody() -> None:
    log = Log()
    for number in range(30):
        for cause in (PlatformFault.CANCELLED, PlatformFault.ABANDONED):
            assert log.play("a", f"b{number}", void=cause) == []


def test_breaking_matches_does_not_pay() -> None:
    log = Log()
    assert log.play("a", "b", void=PlatformFault.CRASHED) == []
    for _ in range(5):
        assert log.play("a", "b") == []
    assert log.play("a", "c", void=PlatformFault.CRASHED) == []
    assert log.play("a", "b") == []
    (found,) = log.play("a", "b", void=PlatformFault.CRASHED)
    assert (found.agent, minutes(found), found.matches) == ("a", 1, ["m1", "m7", "m9"])
    assert found.why.startswith(
        "3 of your last 9 matches of connect_four were voided because the game broke (crashed), and you alone sat in"
    )
    log.wait(found)
    for opponent in "bc":
        assert log.play("a", opponent, void=PlatformFault.CRASHED) == []
        assert log.play("a", "d") == []  # winning now and then does not make it a first time again
    (found,) = log.play("a", "d", void=PlatformFault.CRASHED)
    assert (found.agent, minutes(found)) == ("a", 2)


def test_voids_long_ago_are_forgotten() -> None:
    log = Log()
    for opponent in ("b", "c", "d", "e", "f"):
        assert log.play("a", opponent, void=PlatformFault.CRASHED) == []
        for _ in range(conduct.RECENT_MATCHES // 2):
            assert log.play("a", "z") == []


def test_two_that_always_break_it_together_are_told_apart_or_both_stopped() -> None:
    log = Log()
    for _ in range(5):
        assert log.play("a", "b", void=PlatformFault.CRASHED) == []
    assert [it.agent for it in log.play("a", "b", void=PlatformFault.CRASHED)] == ["a", "b"]
    log = Log()
    for _ in range(3):
        assert log.play("a", "b", void=PlatformFault.CRASHED) == []
    assert [it.agent for it in log.play("a", "c", void=PlatformFault.CRASHED)] == ["a"]


def test_a_bot_of_the_house_takes_no_blame_beside_a_user() -> None:
    log = Log(house="h")
    assert log.play("a", "h", void=PlatformFault.CRASHED) == []
    assert log.play("a", "h", void=PlatformFault.CRASHED) == []
    assert [it.agent for it in log.play("a", "h", void=PlatformFault.CRASHED)] == ["a"]
    log = Log(house="h")
    for user in "ab":
        assert log.play(user, "h", void=PlatformFault.CRASHED) == []
    assert [it.agent for it in log.play("c", "h", void=PlatformFault.CRASHED)] == ["h"]  # nobody else is common


def test_how_often_goes_on_from_a_record_that_was_found_after_a_restart() -> None:
    log = Log()
    found = Quarantine(game=GAME, agent="a", why="", matches=[], times=3, since_ms=START_MS, until_ms=START_MS + 9_000)
    log.conduct.begun(found)
    for _ in range(8):  # while it lasts nothing counts
        assert log.play("a", "b", forfeits="a") == []
    log.wait(found)
    for _ in range(4):
        assert log.play("a", "b", forfeits="a") == []
    (again,) = log.play("a", "b", forfeits="a")
    assert (again.times, minutes(again)) == (4, 8)
    game = Quarantine(game=GAME, why="", matches=[], times=2, since_ms=START_MS, until_ms=START_MS + 1)
    log.conduct.begun(game)
    for number in range(2):
        log.play(f"x{number}", f"y{number}", void=PlatformFault.CRASHED)
    (again,) = log.play("x2", "y2", void=PlatformFault.CRASHED)
    assert (again.agent, again.times) == ("", 3)


def test_what_is_remembered_is_bounded() -> None:
    log = Log()
    for number in range(conduct.AGENTS_MAX + 10):
        log.play(f"a{number}", game=f"g{number % (conduct.GAMES_MAX + 5)}")
    assert len(log.conduct) == conduct.AGENTS_MAX + conduct.GAMES_MAX
    log.at_ms += conduct.IDLE_MS + 10
    log.play("one", "two")
    assert len(log.conduct) == 3
    before = len(log.conduct)
    seats = [Seat(agent="a", owner="u", version=1, instance="main")]
    created = Created(at_ms=0, seed=1, seats=seats, clock=ClockRule(), faults=FaultRule())
    for number in range(conduct.MATCHES_MAX + 10):
        log.conduct.see(GAME, f"running{number}", created, log.at_ms)
    assert len(log.conduct) == before + conduct.MATCHES_MAX


_ENDS = st.sampled_from(["won", "one forfeits", "all forfeit", *PlatformFault])
_PLAYED = st.tuples(st.lists(st.sampled_from("abch"), min_size=1, max_size=3, unique=True), _ENDS)


@given(st.lists(_PLAYED, max_size=80), st.booleans())
@settings(max_examples=200)
def test_for_any_log(played: list[tuple[list[str], str]], released: bool) -> None:
    log, again = Log(house="h"), Log(house="h")
    bad: dict[str, list[str]] = {}  # by agent: its matches since its last quarantine that spoke against it
    ended: dict[str, frozenset[str]] = {}
    until: dict[str, int] = {}
    for agents, end in played:
        void = PlatformFault(end) if end in list(PlatformFault) else None
        forfeits = {"one forfeits": agents[:1], "all forfeit": agents}.get(end, [])
        at_ms = log.at_ms
        found = log.play(*agents, forfeits=forfeits, void=void)
        assert again.play(*agents, forfeits=forfeits, void=void) == found  # it is a function of the log
        match = f"m{log.matches}"
        ended[match] = frozenset(agents)
        for agent in agents:
            if agent in forfeits or void in conduct.BREAKING:
                bad.setdefault(agent, []).append(match)
        for quarantine in found:
            who = quarantine.agent
            assert until.get(who, 0) <= at_ms  # never twice at once
            until[who] = quarantine.until_ms
            most_ms = conduct.AGENT_MS_MAX if who else conduct.GAME_MS_MAX
            assert quarantine.since_ms == at_ms
            assert 60_000 <= quarantine.until_ms - at_ms <= most_ms
            assert quarantine.matches[-1] == match
            assert f"of {GAME} " in quarantine.why
            if who:  # only for matches that speak against it, and enough of them
                assert set(quarantine.matches) <= set(bad[who])
                assert len(quarantine.matches) >= conduct.VOIDS_MAX
                bad[who] = []
                if who == "h" and void:
                    assert not frozenset.intersection(*(ended[it] for it in quarantine.matches)) - {"h"}
            else:
                assert void in conduct.BREAKING
                assert not frozenset.intersection(*(ended[it] for it in quarantine.matches))
            if released:
                log.wait(quarantine)
                again.wait(quarantine)
                until[who] = 0


@given(st.lists(st.tuples(_PLAYED, st.integers(0, 4)), min_size=1, max_size=60), st.data())
@settings(max_examples=200)
def test_whoever_begins_anew_from_the_counts_decides_the_same(
    played: list[tuple[tuple[list[str], str], int]], data: st.DataObject
) -> None:
    log: list[tuple[int, str, MatchEvent]] = []  # each event where it comes; matches overlap
    for number, ((agents, end), lasts) in enumerate(played):
        void = PlatformFault(end) if end in list(PlatformFault) else None
        forfeits = {"one forfeits": agents[:1], "all forfeit": agents}.get(end, [])
        created, *rest = events(agents, forfeits, void)
        log += [(number, f"m{number}", created), *((number + lasts, f"m{number}", event) for event in rest)]
    log.sort(key=lambda row: row[0])
    cut = data.draw(st.integers(0, len(log)))
    whole = Conduct(lambda agent: agent == "h")
    for at, match, event in log[:cut]:
        whole.see(GAME, match, event, START_MS + at * 1_000)
    stored = msgspec.json.encode(whole.counts(cut))
    anew = Conduct(lambda agent: agent == "h")
    anew.restore(msgspec.json.decode(stored, type=Counts))
    for _, match, event in log[:cut]:
        anew.recall(match, event)
    for at, match, event in log[cut:]:
        expected = whole.see(GAME, match, event, START_MS + at * 1_000)
        found = anew.see(GAME, match, event, START_MS + at * 1_000)
        assert [msgspec.structs.replace(it, why="") for it in found] == [  # it says of how many matches in all
            msgspec.structs.replace(it, why="") for it in expected
        ]
        for quarantine in expected:
            if data.draw(st.booleans()):
                whole.released(quarantine.game, quarantine.agent)
                anew.released(quarantine.game, quarantine.agent)


def test_what_is_carried_over_is_bounded_and_the_longest_unseen_are_left_out() -> None:
    log = Log()
    many = conduct.COUNTS_BYTES_MAX // 100
    for number in range(many):
        log.play(f"agent-{number:06}", forfeits=[f"agent-{number:06}"])
        log.at_ms -= 1_000
    counts = log.conduct.counts(7)
    assert len(msgspec.json.encode(counts)) < conduct.COUNTS_BYTES_MAX * 1.1
    assert counts.seq == 7
    assert 0 < len(counts.agents) < many
    assert counts.agents[-1].agent == f"agent-{many - 1:06}"


def test_who_was_released_long_ago_is_not_forgiven_twice() -> None:
    log = Log()
    for _ in range(4):
        assert log.play("a", "b", forfeits="a") == []
    log.conduct.released(GAME, "a")  # as a matchmaker says that begins anew, and finds an old release
    assert len(log.play("a", "b", forfeits="a")) == 1


@given(st.integers(1, 10_000))
def test_lengths_only_grow_up_to_a_bound(times: int) -> None:
    length = lasts_ms(conduct.AGENT_MS_FIRST, conduct.AGENT_MS_MAX, times)
    assert conduct.AGENT_MS_FIRST <= length <= lasts_ms(conduct.AGENT_MS_FIRST, conduct.AGENT_MS_MAX, times + 1)
    assert length <= conduct.AGENT_MS_MAX
