"""The lobby's bookkeeping: slots are never given twice, and come back when a match is over."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from arena.core.rating import MU, STALE_MS, Rating, believed
from arena.matchmaker import histories
from arena.matchmaker.histories import Histories
from arena.matchmaker.lobby import HOUSE_KEPT, INSTANCES_PER_AGENT_MAX, Lobby
from arena.wire.events import Ended, Reseated, Seat
from arena.wire.faults import EndCause
from arena.wire.lobby import Hello, Opponents
from arena.wire.registry import AgentRecord, Quarantine, RatingRecord

GAMES = ["chess", "go"]


def hello(
    instance: str = "i", slots: int = 2, session: str = "s", games: list[str] | None = None, stateless: bool = False
) -> Hello:
    return Hello(instance=instance, games=games or GAMES, slots=slots, session=session, stateless=stateless)


def lobby_with(*agents: str) -> Lobby:
    lobby = Lobby(1_000)
    for agent in agents:
        lobby.agents[agent] = AgentRecord(owner=f"of-{agent}", name=agent)
        lobby.arrive(agent, hello(), GAMES, 0)
    return lobby


def seats(*agents: str, stateless: bool = False) -> list[Seat]:
    return [Seat(agent=agent, owner=f"of-{agent}", version=1, instance="i", stateless=stateless) for agent in agents]


def test_slots_are_taken_and_come_back() -> None:
    lobby = lobby_with("a", "b")
    assert len(lobby.waiting("chess", 0)) == 4
    lobby.begun("chess", "m", 0, seats("a", "b"), 0)
    lobby.begun("chess", "m", 7, seats("a", "b"), 0)  # heard from the log as well
    assert len(lobby.waiting("chess", 0)) == len(lobby.waiting("go", 0)) == 2
    assert lobby.first_running_seq(99) == 7
    lobby.over("m", 5_000)
    lobby.over("m", 6_000)
    assert sorted(slot.since_ms for slot in lobby.waiting("chess", 0)) == [0, 0, 5_000, 5_000]
    assert lobby.first_running_seq(99) == 99


def test_who_waits_longest_keeps_its_place_through_a_repeated_hello() -> None:
    lobby = lobby_with("a")
    lobby.arrive("a", hello(slots=3), GAMES, 4_000)
    assert [slot.since_ms for slot in lobby.waiting("go", 0)] == [0, 0, 4_000]


def test_the_silent_and_the_departed_wait_no_more() -> None:
    lobby = lobby_with("a", "b", "c")
    assert lobby.heard("a", "i", "s", 3_500)
    assert lobby.depart("b", "i", "s") == []
    assert [it.agent for it in lobby.forget_silent(3_600)] == ["c"]
    assert {slot.agent for slot in lobby.waiting("chess", 0)} == {"a"}
    assert not lobby.heard("c", "i", "s", 3_700)


def test_a_leave_names_the_matches_still_to_be_played() -> None:
    lobby = lobby_with("a", "b")
    lobby.begun("chess", "m", 1, seats("a", "b"), 0)
    assert lobby.depart("a", "i", "s") == ["m"]
    assert lobby.depart("a", "i", "another session") == ["m"]
    assert {slot.agent for slot in lobby.waiting("chess", 0)} == {"b"}


def test_an_instance_name_is_taken_while_its_process_lives() -> None:
    lobby = lobby_with("a")
    assert lobby.taken("a", hello(session="t"), 1_000)
    assert not lobby.taken("a", hello(session="s"), 1_000)
    assert not lobby.taken("a", hello(session="t"), 2_500)
    assert not lobby.taken("a", hello(session=""), 1_000)


def test_a_name_is_free_when_the_connection_ended_and_its_process_was_not_heard_since() -> None:
    lobby = lobby_with("a")
    lobby.doubt("a")
    assert not lobby.taken("a", hello(session="t"), 1_000)
    assert lobby.heard("a", "i", "t", 1_100)  # a beat of the other process says nothing of this one
    assert not lobby.taken("a", hello(session="t"), 1_200)
    assert lobby.heard("a", "i", "s", 1_300)
    assert lobby.taken("a", hello(session="t"), 1_400)
    lobby.excuse(300, 1_500)  # its end would not have been heard
    assert not lobby.taken("a", hello(session="t"), 1_500)


def test_a_new_version_is_less_sure_from_the_moment_it_is_made() -> None:
    lobby = lobby_with("a")
    lobby.models = {"chess": "openskill", "go": "score"}
    for game in GAMES:
        lobby.ratings[f"{game}.a"] = RatingRecord(mu=30.0, sigma=1.0, played=9, seq=1, version=1)
    before = {game: lobby.seat(lobby.waiting(game, 0)[0], game, 0) for game in GAMES}
    assert {(seat.version, seat.mu, seat.sigma) for seat in before.values()} == {(1, 30.0, 1.0)}
    lobby.agents["a"] = AgentRecord(owner="of-a", name="a", version=2)
    slot = lobby.waiting("chess", 0)[0]
    widened = believed("openskill", Rating(mu=30.0, sigma=1.0, played=9, version=1), 2, 0)  # as the recorder will
    seat = lobby.seat(slot, "chess", 0)
    assert (slot.mu, slot.sigma) == (seat.mu, seat.sigma) == (30.0, widened.sigma)
    assert slot.sigma > 4
    assert lobby.waiting("go", 0)[0].sigma == 1.0  # measured, not believed
    lobby.ratings["chess.a"] = RatingRecord(mu=31.0, sigma=3.9, played=10, seq=2, version=2)
    assert lobby.waiting("chess", 0)[0].sigma == 3.9
    lobby.ratings["chess.a"] = RatingRecord(mu=31.0, sigma=3.9, played=10, seq=2)  # of an older recorder
    assert lobby.waiting("chess", 0)[0].sigma == 3.9


def test_who_was_away_is_met_as_somebody_less_known() -> None:
    lobby = lobby_with("a")
    lobby.models = {"chess": "openskill", "go": "score"}
    for game in GAMES:
        lobby.ratings[f"{game}.a"] = RatingRecord(mu=30.0, sigma=1.0, played=9, seq=1, version=1, rated_ms=1_000)
    now_ms = 1_000 + STALE_MS // 2
    as_recorded = Rating(mu=30.0, sigma=1.0, played=9, version=1, rated_ms=1_000)
    slot = lobby.waiting("chess", now_ms)[0]
    seat = lobby.seat(slot, "chess", now_ms)
    assert slot.sigma == seat.sigma == believed("openskill", as_recorded, 1, now_ms).sigma > 3
    assert lobby.waiting("chess", 1_000)[0].sigma == lobby.waiting("go", now_ms)[0].sigma == 1.0


def test_who_is_not_on_the_ladder_is_there_for_requests_alone() -> None:
    lobby = lobby_with("a")
    lobby.agents["p"] = AgentRecord(owner="of-p", name="p")
    lobby.arrive("p", Hello(instance="tab", games=GAMES, ladder=False), GAMES, 0)
    assert {slot.agent for slot in lobby.waiting("chess", 0)} == {"a"}
    assert {(slot.agent, slot.ladder) for slot in lobby.askable("chess", 0)} == {("a", True), ("p", False)}
    lobby.depart("a", "i", "s")
    assert lobby.games() == set()


def test_an_agent_says_which_ratings_it_wants_to_meet() -> None:
    lobby = lobby_with("a")
    lobby.ratings["chess.a"] = RatingRecord(mu=30.0, sigma=1.0, played=9, seq=1, version=1)
    assert (lobby.waiting("chess", 0)[0].mu_min, lobby.waiting("chess", 0)[0].mu_max) == (-math.inf, math.inf)
    wanted = Opponents(within=5.0, mu_max=33.0)
    lobby.arrive("a", Hello(instance="i", games=GAMES, opponents=wanted), GAMES, 0)
    (chess,), (go,) = lobby.waiting("chess", 0), lobby.waiting("go", 0)
    assert (chess.mu_min, chess.mu_max) == (25.0, 33.0)
    assert (go.mu_min, go.mu_max) == (MU - 5.0, MU + 5.0)
    with pytest.raises(ValueError, match=r"expected opponents\.mu_min <= opponents\.mu_max, got 3 > 2"):
        Opponents(mu_min=3.0, mu_max=2.0)


def ended(at_ms: int, lags_ms: list[float]) -> Ended:
    return Ended(at_ms=at_ms, results=[], cause=EndCause.FINISHED, plies=0, digest="", lags_ms=lags_ms)


def test_how_long_a_game_s_matches_usually_last_is_learnt_on_the_ladder() -> None:
    lobby = lobby_with("a", "b")
    assert lobby.usual_match_ms("chess") is None
    for number, (length_ms, requested) in enumerate([(1_000, False), (3_000, False), (90_000, True)]):
        lobby.begun("chess", f"m{number}", number + 1, seats("a", "b"), 500, requested=requested)
        lobby.over(f"m{number}", 99_000, ended(500 + length_ms, []))
    lobby.begun("chess", "void", 9, seats("a", "b"), 0)
    lobby.over("void", 70_000)
    assert lobby.usual_match_ms("chess") == 1_100
    assert lobby.usual_match_ms("go") is None


def test_an_agent_s_usual_lag_is_what_runners_measured() -> None:
    lobby = lobby_with("a", "b")
    for number, lag_ms in enumerate((80.0, 80.0, 160.0)):
        lobby.begun("chess", f"m{number}", number + 1, seats("a", "b"), 0)
        lobby.over(f"m{number}", 0, ended(0, [lag_ms, 0.0]))
    lobby.begun("go", "m", 9, seats("a", "b"), 0)
    lobby.over("m", 0)  # voided: nothing was measured
    lags = {slot.agent: slot.lag_ms for slot in lobby.waiting("go", 0)}
    assert lags == {"a": 100.0, "b": 0.0}


def test_a_house_bot_keeps_slots_that_the_ladder_does_not_get() -> None:
    lobby = Lobby(1_000)
    for agent, house in (("h", True), ("a", False)):
        lobby.agents[agent] = AgentRecord(owner=f"of-{agent}", name=agent, house=house)
        lobby.arrive(agent, hello(slots=HOUSE_KEPT), GAMES, 0)
    for number in range(HOUSE_KEPT - 1):
        lobby.begun("chess", f"m{number}", number + 1, seats("h", "a"), 0)
    assert [slot.agent for slot in lobby.waiting("chess", 0)] == ["a"]
    assert {slot.agent for slot in lobby.askable("chess", 0)} == {"a", "h"}
    lobby.over("m0", 1_000)
    assert [slot.agent for slot in lobby.waiting("chess", 0)].count("h") == 1


def test_an_agent_with_a_bound_waits_for_its_next_match_with_one_slot() -> None:
    lobby = lobby_with("a", "b")
    lobby.agents["a"] = AgentRecord(owner="of-a", name="a", hourly_max=60)
    lobby.arrive("a", hello("j"), GAMES, 5)
    assert [slot.slot for slot in lobby.waiting("chess", 10) if slot.agent == "a"] == ["a/i/0"]
    lobby.begun("chess", "m", 1, seats("a", "b"), 10)
    lobby.begun("chess", "m", 1, seats("a", "b"), 10)  # heard from the log as well
    lobby.over("m", 1_000)
    for now_ms, waits in ((1_000, False), (60_009, False), (60_010, True)):
        slots = [slot for game in GAMES for slot in lobby.askable(game, now_ms) if slot.agent == "a"]
        assert bool(slots) is waits
    assert {slot.since_ms for slot in slots} == {60_010}  # the pause is no wait: nobody's limits widen by it
    assert len(lobby.waiting("chess", 1_000)) == 2


def test_the_platform_s_bound_is_for_users_agents_and_the_lower_one_counts() -> None:
    lobby = Lobby(1_000, hourly_max=30)
    for agent, house, hourly_max in (("h", True, 0), ("a", False, 0), ("b", False, 60), ("c", False, 6)):
        lobby.agents[agent] = AgentRecord(owner="u", name=agent, house=house, hourly_max=hourly_max)
    assert [lobby.hourly_max(agent) for agent in "habc"] == [0, 30, 30, 6]
    assert lobby.hourly_max("unknown") == 0


def test_paused_agents_do_not_wait() -> None:
    lobby = lobby_with("a")
    lobby.agents["a"] = AgentRecord(owner="u", name="a", paused=True)
    assert lobby.waiting("chess", 0) == []


def test_house_bots_among_themselves_play_now_and_then() -> None:
    lobby = lobby_with("a", "b")
    for agent in "ab":
        lobby.agents[agent] = AgentRecord(owner="house", name=agent, house=True)
    assert lobby.house_matches("chess", 1, 20_000, 0) == 1
    lobby.begun("chess", "m", 1, seats("a", "b"), 1_000)
    assert lobby.house_matches("chess", 2, 0, 1_000) == 1
    lobby.over("m", 2_000)
    assert lobby.house_matches("chess", 1, 20_000, 20_999) == 0
    assert lobby.house_matches("chess", 1, 20_000, 21_000) == 1
    assert lobby.house_matches("go", 1, 20_000, 0) == 1


def test_a_late_beat_lists_nobody_again() -> None:
    lobby = lobby_with("a", "b", "c")
    lobby.begun("chess", "m", 1, seats("a", "b"), 0)
    lobby.depart("a", "i", "s")
    assert lobby.heard("a", "i", "s", 100)  # it plays on, and is not asked for a hello
    lobby.lose(lobby.instances["b", "i"])
    assert not lobby.heard("b", "i", "s", 100)  # to be listed again it must say hello
    lobby.depart("c", "i", "s")
    lobby.forget_silent(200)
    assert not lobby.heard("c", "i", "s", 300)
    assert lobby.waiting("chess", 0) == []
    assert not lobby.taken("b", hello(session="t"), 300)


def test_time_in_which_nobody_could_be_heard_is_no_silence() -> None:
    lobby = lobby_with("a", "b")
    lobby.heard("b", "i", "s", 9_900)
    lobby.excuse(8_000, 10_000)
    assert [it.heard_ms for it in lobby.instances.values()] == [8_000, 10_000]
    assert lobby.forget_silent(11_000) == []
    assert [it.agent for it in lobby.forget_silent(11_001)] == ["a"]


def test_what_is_quarantined_does_not_wait() -> None:
    lobby = lobby_with("a", "b")
    held = Quarantine(game="chess", why="", matches=[], since_ms=0, until_ms=1)
    lobby.quarantined = {"chess.a": held}
    assert {slot.agent for slot in lobby.waiting("chess", 0)} == {"b"}
    assert {slot.agent for slot in lobby.waiting("go", 0)} == {"a", "b"}
    lobby.quarantined = {"chess": held}
    assert lobby.waiting("chess", 0) == []


def test_a_successor_is_here_stateless_and_plays_the_same_games() -> None:
    lobby = lobby_with("b")
    lobby.agents["a"] = AgentRecord(owner="u", name="a")
    for name, games, stateless in (
        ("i", GAMES, True),
        ("busy", GAMES, True),
        ("free", GAMES, True),
        ("else", ["go"], True),
        ("keeps", GAMES, False),
        ("away", GAMES, True),
    ):
        lobby.arrive("a", hello(name, stateless=stateless), games, 0)
    assert lobby.seat(next(it for it in lobby.waiting("go", 0) if it.slot.startswith("a/busy")), "go", 0).stateless
    (sat,) = seats("a", stateless=True)
    lobby.begun("go", "other", 1, [Seat(agent="a", owner="u", version=1, instance="busy")], 0)
    assert lobby.successor("a", "i") is None  # it sits nowhere
    lobby.begun("chess", "m", 2, [sat, *seats("b")], 0)
    assert lobby.orphans("a") == []
    lobby.lose(lobby.instances["a", "i"])
    lobby.lose(lobby.instances["a", "away"])
    assert lobby.orphans("a") == ["i"]
    found = lobby.successor("a", "i")
    assert found is not None
    assert found.name == "free"
    lobby.lose(found)
    assert (by := lobby.successor("a", "i")) is not None
    assert by.name == "busy"
    lobby.reseated("m", Reseated(at_ms=1, seat=0, instance="busy", encoding="msgpack"), 1)
    assert lobby.running["m"].seats[0] == Seat(
        agent="a", owner="of-a", version=1, instance="busy", encoding="msgpack", stateless=True
    )
    assert lobby.busy(("a", "busy")) == 2
    assert lobby.orphans("a") == []
    assert lobby.depart("a", "busy", "s") == ["other", "m"]
    lobby.begun("chess", "fixed", 3, [Seat(agent="a", owner="u", version=1, instance="gone"), *seats("b")], 0)
    assert lobby.orphans("a") == ["busy"]  # who took leave may be gone; the other one's seat is not stateless


def test_instances_of_an_agent_are_counted() -> None:
    lobby = lobby_with("b")
    lobby.agents["a"] = AgentRecord(owner="u", name="a")
    for number in range(INSTANCES_PER_AGENT_MAX):
        assert not lobby.full("a", f"i{number}")
        lobby.arrive("a", hello(f"i{number}"), GAMES, 0)
    assert lobby.full("a", "one more")
    assert not lobby.full("a", "i3")
    assert not lobby.full("b", "one more")
    lobby.depart("a", "i3", "s")
    assert not lobby.full("a", "one more")


def test_what_is_remembered_of_who_played_is_bounded() -> None:
    found = Histories()
    for number in range(histories.HISTORIES_MAX + 10):
        found.note("go", seats(f"a{number}"))
    assert found.of("go", "a9") == histories.NOTHING == histories.History()
    assert found.of("go", "a10").seat_counts == [1]


class Bookkeeping(RuleBasedStateMachine):
    """Any order of arrivals, matches, takeovers, ends, losses and departures."""

    def __init__(self) -> None:
        super().__init__()
        self.lobby = lobby_with("a", "b", "c")
        self.now = 0
        self.matches = 0

    @rule(agent=st.sampled_from("abc"), instance=st.sampled_from("ij"), slots=st.integers(1, 4))
    def arrive(self, agent: str, instance: str, slots: int) -> None:
        self.now += 1
        self.lobby.arrive(agent, hello(instance, slots=slots, stateless=True), GAMES, self.now)

    @rule(game=st.sampled_from(GAMES))
    def match(self, game: str) -> None:
        slots = {slot.agent: slot for slot in self.lobby.waiting(game, 0)}
        if len(slots) >= 2:
            self.matches += 1
            taken = [self.lobby.seat(slot, game, 0) for slot in list(slots.values())[:2]]
            self.lobby.begun(game, f"m{self.matches}", self.matches, taken, self.now)

    @rule(number=st.integers(1, 30), seat=st.integers(0, 2), instance=st.sampled_from("ijk"))
    def reseat(self, number: int, seat: int, instance: str) -> None:
        self.now += 1
        self.lobby.reseated(f"m{number}", Reseated(at_ms=self.now, seat=seat, instance=instance), self.now)

    @rule(number=st.integers(1, 30))
    def over(self, number: int) -> None:
        self.now += 1
        self.lobby.over(f"m{number}", self.now)

    @rule(agent=st.sampled_from("abc"), instance=st.sampled_from("ij"))
    def depart(self, agent: str, instance: str) -> None:
        self.lobby.depart(agent, instance, "s")

    @rule(agent=st.sampled_from("abc"), instance=st.sampled_from("ijk"))
    def lose(self, agent: str, instance: str) -> None:
        self.lobby.lose(self.lobby.instances.get((agent, instance)) or self.lobby.missing(agent, instance))

    @rule()
    def sweep(self) -> None:
        self.lobby.forget_silent(self.now)

    @invariant()
    def free_and_busy_never_exceed_the_slots(self) -> None:
        sat = [(seat.agent, seat.instance) for match in self.lobby.running.values() for seat in match.seats]
        for key, instance in self.lobby.instances.items():
            assert self.lobby.busy(key) == sat.count(key)
            assert len(instance.free_since_ms) == max(instance.slots - sat.count(key), 0)

    @invariant()
    def nobody_plays_on_for_itself_or_from_afar(self) -> None:
        for agent in "abc":
            for name in self.lobby.orphans(agent):
                by = self.lobby.successor(agent, name)
                assert by is None or (by.here and by.name != name)
            assert {it.name for it in self.lobby.of(agent)} == {
                name for of, name in self.lobby.instances if of == agent
            }


TestBookkeeping = Bookkeeping.TestCase


@given(st.lists(st.sampled_from("ab"), max_size=20))
def test_seat_counts_follow_the_matches(firsts: list[str]) -> None:
    lobby = lobby_with("a", "b")
    for number, first in enumerate(firsts):
        lobby.begun("chess", f"m{number}", number + 1, seats(*(first, "b" if first == "a" else "a")), number)
        lobby.over(f"m{number}", number)
    for slot in lobby.waiting("chess", 0):
        assert sum(slot.seat_counts) == len(firsts)
        if firsts:
            assert slot.seat_counts[0] == firsts.count(slot.agent)
